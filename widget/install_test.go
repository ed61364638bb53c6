package widget_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/widget"
)

var all = []string{"integrations/2 Sidetext card", "integrations/3 Sidetext events", "tags/1 RechargeSMS", "widgets/4 http"}

func install(t *testing.T, d *fakeHelpdesk, p widget.Plan) widget.Installation {
	t.Helper()
	made, err := widget.Install(t.Context(), d.client(t), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestInstall(t *testing.T) {
	t.Parallel()
	d := newFakeHelpdesk(t)
	var steps []widget.Step
	made, err := widget.Install(t.Context(), d.client(t), plan(), func(s widget.Step) { steps = append(steps, s) })
	if err != nil {
		t.Fatal(err)
	}
	if made.Account != "acme" || made.Tag != 1 || made.Card != 2 || made.Events != 3 || made.Widget != 4 ||
		made.Found.Me.ID != 3 || len(made.Found.Agents) != 1 || made.Found.Agents[0].Name != "Ann" {
		t.Errorf("got %+v", made)
	}
	if got := d.names(); !slices.Equal(got, all) {
		t.Errorf("objects: %q", got)
	}
	card, events, bar := d.object("integrations/2"), d.object("integrations/3"), d.object("widgets/4")
	for _, want := range []string{
		`"url":"https://sms.example.com/hooks/gorgias/e1/card?ticket={{ticket.id}}&customer={{ticket.customer.id}}&status={{ticket.status}}&via={{message.via}}&channel={{message.channel}}&agent={{message.from_agent}}&public={{message.public}}&sender={{message.sender.id}}"`,
		`"method":"GET"`, `"form":null`, `"headers":{"X-Sidetext-Secret":"0123456789abcdef"}`, `"type":"http"`,
		`"triggers":{"ticket-created":true,"ticket-message-created":true,"ticket-status-updated":true,"ticket-updated":true}`,
		`"request_content_type":"application/json"`, `"response_content_type":"application/json"`,
	} {
		if !strings.Contains(card, want) {
			t.Errorf("missing %s in %s", want, card)
		}
	}
	for _, want := range []string{
		`"url":"https://sms.example.com/hooks/gorgias/e1/events"`, `"method":"POST"`, `"headers":{"X-Sidetext-Secret":"0123456789abcdef"}`,
		`"ticket_id":"{{ticket.id}}"`, `"customer_id":"{{ticket.customer.id}}"`, `"message_from_agent":"{{message.from_agent}}"`,
		`"triggers":{"ticket-message-created":true,"ticket-status-updated":true,"ticket-updated":true}`,
	} {
		if !strings.Contains(events, want) {
			t.Errorf("missing %s in %s", want, events)
		}
	}
	for _, want := range []string{
		`"label":"Text via SMS","url":"https://sms.example.com/popup#t={{launch}}&ticket={{ticket.id}}"`,
		`"context":"ticket"`, `"integration_id":2`, `"type":"wrapper"`, `"displayCard":true`, `"path":"","title":"RechargeSMS","type":"card"`,
	} {
		if !strings.Contains(bar, want) {
			t.Errorf("missing %s in %s", want, bar)
		}
	}
	checkSteps(t, steps)
}

// checkSteps checks that each step is reported as waiting, doing and done, one after the
// other.
func checkSteps(t *testing.T, steps []widget.Step) {
	t.Helper()
	var got []string
	for _, s := range steps {
		got = append(got, s.ID+" "+string(s.State))
		if s.Name == "" || (s.State == widget.Done || s.State == widget.Warned) != (s.Detail != "") {
			t.Errorf("step %+v", s)
		}
	}
	ids := []string{"account", "key", "role", "agents", "tag", "card", "events", "widget"}
	var want []string
	for _, id := range ids {
		want = append(want, id+" waiting")
	}
	for _, id := range ids {
		outcome := " done"
		if id == "key" { // the key belongs to a person
			outcome = " warned"
		}
		want = append(want, id+" doing", id+outcome)
	}
	if !slices.Equal(got, want) {
		t.Errorf("steps %q", got)
	}
	if link := steps[len(steps)-3].Link; !strings.HasSuffix(link, "/app/settings/integrations/http/3") {
		t.Errorf("the link of the events integration is %q", link)
	}
}

// TestInstallContinuesAfterFailure: after any failure a retry creates the rest.
func TestInstallContinuesAfterFailure(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"POST /tags", "POST /integrations", "POST /widgets", "GET /users", "GET /widgets"} {
		for _, lost := range []bool{false, true} {
			if lost && strings.HasPrefix(call, "GET") {
				continue
			}
			t.Run(fmt.Sprint(call, lost), func(t *testing.T) {
				t.Parallel()
				d, p := newFakeHelpdesk(t), plan()
				d.update(func() {
					if lost {
						d.lost[call] = true
					} else {
						d.fail[call] = func(w http.ResponseWriter) { w.WriteHeader(502) }
					}
				})
				var last widget.Step
				made, err := widget.Install(t.Context(), d.client(t), p, func(s widget.Step) { last = s })
				var plain *chat.Error
				if !errors.As(err, &plain) || last.State != widget.Failed || last.Detail != plain.Text {
					t.Fatalf("got %v, last step %+v", err, last)
				}
				d.update(func() { delete(d.fail, call) })
				p.Known = made
				install(t, d, p)
				if got := d.names(); len(got) != 4 {
					t.Errorf("objects: %q", got)
				}
			})
		}
	}
}

func TestInvalidPlans(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*widget.Plan){
		"no card":        func(p *widget.Plan) { p.CardURL = "" },
		"a query":        func(p *widget.Plan) { p.CardURL += "?a=1" },
		"a template":     func(p *widget.Plan) { p.EventURL += "/{{ticket.id}}" },
		"no scheme":      func(p *widget.Plan) { p.PublicURL = "sms.example.com" },
		"script":         func(p *widget.Plan) { p.PublicURL = "javascript://x/" },
		"same addresses": func(p *widget.Plan) { p.EventURL = p.CardURL },
		"no secret":      func(p *widget.Plan) { p.Secret = "" },
		"no tag":         func(p *widget.Plan) { p.Tag = "" },
		"no shop":        func(p *widget.Plan) { p.Shop = "" },
	} {
		d, p := newFakeHelpdesk(t), plan()
		change(&p)
		if _, err := widget.Install(t.Context(), d.client(t), p, nil); err == nil || strings.Contains(err.Error(), "0123456789abcdef") {
			t.Errorf("%s: %v", name, err)
		}
		if len(d.names()) > 0 {
			t.Errorf("%s: there are %q", name, d.names())
		}
	}
}
