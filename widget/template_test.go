package widget_test

import (
	"encoding/json"
	"strings"
	"testing"

	"sidetext/widget"
)

// TestTemplateShowsAllFields: the template has exactly the fields of Card.
func TestTemplateShowsAllFields(t *testing.T) {
	t.Parallel()
	d := newFakeHelpdesk(t)
	install(t, d, plan())
	var bar struct {
		Template struct {
			Widgets []struct {
				Widgets []struct{ Path, Type string }
			}
		}
	}
	json.Unmarshal([]byte(d.object("widgets/4")), &bar)
	data, _ := widget.Card{Name: "a", Phone: "b", Email: "i", Consent: "c", Wants: "d", LastText: "e", LastTextAt: noon, State: "f",
		FailedCharge: "g", NextCharge: "h", Subscriptions: "j", LastOrder: "k", Tracking: "l", TrackingURL: "https://m.example", Shared: "n", Marketing: "o"}.JSON()
	fields := map[string]string{}
	json.Unmarshal(data, &fields)
	for _, f := range bar.Template.Widgets[0].Widgets {
		if fields[f.Path] == "" || (f.Type == "date") != (f.Path == "last_text_at") || (f.Type == "url") != (f.Path == "tracking_url") {
			t.Errorf("unexpected field %+v", f)
		}
		delete(fields, f.Path)
	}
	if len(fields) > 0 {
		t.Errorf("fields not shown: %v", fields)
	}
}

// TestCardTitle: another title changes the installed card.
func TestCardTitle(t *testing.T) {
	t.Parallel()
	d := newFakeHelpdesk(t)
	made := install(t, d, plan())
	for title, want := range map[string]string{"Recharge widget": "Recharge widget", " SMS \n": "SMS", "": "RechargeSMS", "{{ticket.subject}}": "((ticket.subject))"} {
		p := plan()
		p.Title, p.Known = title, made
		again := install(t, d, p)
		if bar := d.object("widgets/4"); !strings.Contains(bar, `"title":"`+want+`","type":"card"`) || again.Widget != 4 {
			t.Errorf("%q: the card is %s", title, bar)
		}
		before, _ := plan().Version()
		if now, err := p.Version(); err != nil || (now != before) != (want != "RechargeSMS") {
			t.Errorf("%q: version %s, was %s: %v", title, now, before, err)
		}
	}
}
