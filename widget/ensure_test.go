package widget_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"sidetext/widget"
)

func TestInstallIsIdempotent(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*fakeHelpdesk, *widget.Plan, widget.Installation){
		"known":   func(_ *fakeHelpdesk, p *widget.Plan, m widget.Installation) { p.Known = m },
		"unknown": func(*fakeHelpdesk, *widget.Plan, widget.Installation) {},
		"known, wrong ids": func(_ *fakeHelpdesk, p *widget.Plan, m widget.Installation) {
			p.Known = widget.Installation{Account: "acme", Card: 77, Events: 78, Widget: 79}
		},
		"known in another helpdesk": func(_ *fakeHelpdesk, p *widget.Plan, m widget.Installation) {
			p.Known = widget.Installation{Account: "other", Card: 3, Events: 2, Widget: 1}
		},
		"moved": func(_ *fakeHelpdesk, p *widget.Plan, m widget.Installation) {
			p.Known, p.CardURL, p.EventURL = m, "https://new.example.com/card", "https://new.example.com/events"
		},
		"moved and unknown": func(_ *fakeHelpdesk, p *widget.Plan, m widget.Installation) {
			p.CardURL, p.EventURL = "https://new.example.com/card", "https://new.example.com/events"
		},
		"renamed by the merchant": func(d *fakeHelpdesk, _ *widget.Plan, _ widget.Installation) {
			d.objects["integrations/2"]["name"], d.objects["integrations/2"]["description"] = "Texts", nil
		},
		"switched off": func(d *fakeHelpdesk, p *widget.Plan, m widget.Installation) {
			p.Known = m
			d.objects["integrations/2"]["deactivated_datetime"] = "2026-11-22T10:00:00"
			d.objects["widgets/4"]["deactivated_datetime"] = "2026-11-22T10:00:00"
		},
		"duplicates": func(d *fakeHelpdesk, p *widget.Plan, m widget.Installation) {
			p.Known = m
			d.last = 10
			d.put("integrations", 8, []byte(`{"name":"Sidetext card","type":"http","http":{"url":"https://sms.example.com/hooks/gorgias/e1/card?x"}}`))
			d.put("widgets", 9, []byte(`{"type":"http","context":"ticket","integration_id":8}`))
			d.put("widgets", 10, []byte(`{"type":"http","context":"ticket","integration_id":2}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, p := newFakeHelpdesk(t), plan()
			first := install(t, d, p)
			d.update(func() { change(d, &p, first) })
			again := install(t, d, p)
			if got := d.names(); !slices.Equal(got, all) {
				t.Errorf("objects: %q", got)
			}
			again.Found, first.Found = widget.CheckResult{}, widget.CheckResult{}
			if !reflect.DeepEqual(again, first) {
				t.Errorf("first %+v, then %+v", first, again)
			}
			if !strings.Contains(d.object("integrations/2"), p.CardURL+"?ticket={{ticket.id}}") {
				t.Errorf("wrong card URL: %s", d.object("integrations/2"))
			}
			if all := d.object("integrations/2") + d.object("widgets/4"); strings.Contains(all, `_datetime":"`) {
				t.Errorf("still off: %s", all)
			}
		})
	}
}

func TestInstallLeavesOtherObjectsAlone(t *testing.T) {
	t.Parallel()
	d := newFakeHelpdesk(t)
	mine := install(t, d, plan())
	other := plan()
	other.Shop, other.CardURL, other.EventURL = "shop2", "https://sms.example.com/hooks/gorgias/e2/card", "https://sms.example.com/hooks/gorgias/e2/events"
	d.update(func() {
		d.last = 30
		d.put("integrations", 20, []byte(`{"name":"Backoffice","type":"http","http":{"url":"https://backoffice.example.com/","form":{"a":{"b":1}}}}`))
		d.put("widgets", 21, []byte(`{"type":"http","context":"customer","integration_id":2}`))
	})
	before := []string{d.object("integrations/2"), d.object("integrations/3"), d.object("widgets/4"), d.object("integrations/20"), d.object("widgets/21")}
	theirs := install(t, d, other)
	after := []string{d.object("integrations/2"), d.object("integrations/3"), d.object("widgets/4"), d.object("integrations/20"), d.object("widgets/21")}
	if !slices.Equal(before, after) || theirs.Card == mine.Card || theirs.Widget == mine.Widget {
		t.Errorf("the second shop changed\n%q to\n%q (%+v)", before, after, theirs)
	}
	p := plan()
	p.Known = mine
	d.update(func() { d.objects["widgets/4"]["order"] = 55 })
	install(t, d, p)
	if !strings.Contains(d.object("widgets/4"), `"order":55`) || d.object("widgets/21") != before[4] {
		t.Errorf("a merchant's changes are lost: %s, %s", d.object("widgets/4"), d.object("widgets/21"))
	}
}

// TestListsWithoutIntegrationID: installing again never adds a card, and never deletes
// one that may not be ours.
func TestListsWithoutIntegrationID(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*fakeHelpdesk, *widget.Plan, widget.Installation)
		want   []string
	}{
		"known":           {func(_ *fakeHelpdesk, p *widget.Plan, m widget.Installation) { p.Known = m }, []string{"widgets/4 http"}},
		"unknown":         {func(*fakeHelpdesk, *widget.Plan, widget.Installation) {}, []string{"widgets/4 http"}},
		"not in the list": {func(d *fakeHelpdesk, p *widget.Plan, m widget.Installation) { p.Known, d.hideWidgets = m, true }, []string{"widgets/4 http"}},
		"edited by a merchant": {func(d *fakeHelpdesk, p *widget.Plan, m widget.Installation) {
			p.Known = m
			d.objects["widgets/4"]["template"] = map[string]any{"type": "wrapper", "widgets": []any{}}
		}, []string{"widgets/4 http"}},
		"two of ours": {func(d *fakeHelpdesk, p *widget.Plan, m widget.Installation) {
			p.Known = m
			d.put("widgets", 30, []byte(`{"type":"http","context":"ticket","integration_id":2,"template":{"url":"/popup#t={{launch}}"}}`))
		}, []string{"widgets/4 http"}},
		"one of the same integration": {func(d *fakeHelpdesk, p *widget.Plan, m widget.Installation) {
			p.Known = m
			d.put("widgets", 30, []byte(`{"type":"http","context":"ticket","integration_id":2,"template":{"type":"wrapper"}}`))
		}, []string{"widgets/30 http", "widgets/4 http"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newFakeHelpdesk(t)
			made := install(t, d, plan())
			p := plan()
			d.update(func() { d.omitID = true; test.change(d, &p, made) })
			for range 3 {
				again := install(t, d, p)
				if again.Widget != made.Widget {
					t.Errorf("widget id %v, was %v", again.Widget, made.Widget)
				}
			}
			var got []string
			for _, name := range d.names() {
				if strings.HasPrefix(name, "widgets/") {
					got = append(got, name)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("objects: %q", got)
			}
			if bar := d.object("widgets/4"); !strings.Contains(bar, "{{launch}}") {
				t.Errorf("the card has no launch link: %s", bar)
			}
		})
	}
}
