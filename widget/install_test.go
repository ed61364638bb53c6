package widget_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/gorgias"
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
	data, _ := widget.Card{Name: "a", Phone: "b", Email: "i", Consent: "c", Wants: "d", LastText: "e", LastTextAt: noon, State: "f", NextOrder: "g"}.JSON()
	fields := map[string]string{}
	json.Unmarshal(data, &fields)
	for _, f := range bar.Template.Widgets[0].Widgets {
		if fields[f.Path] == "" || (f.Type == "date") != (f.Path == "last_text_at") {
			t.Errorf("unexpected field %+v", f)
		}
		delete(fields, f.Path)
	}
	if len(fields) > 0 {
		t.Errorf("fields not shown: %v", fields)
	}
}

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
			d.kept["integrations/2"]["name"], d.kept["integrations/2"]["description"] = "Texts", nil
		},
		"switched off": func(d *fakeHelpdesk, p *widget.Plan, m widget.Installation) {
			p.Known = m
			d.kept["integrations/2"]["deactivated_datetime"] = "2026-11-22T10:00:00"
			d.kept["widgets/4"]["deactivated_datetime"] = "2026-11-22T10:00:00"
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
			d.do(func() { change(d, &p, first) })
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
	d.do(func() {
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
	d.do(func() { d.kept["widgets/4"]["order"] = 55 })
	install(t, d, p)
	if !strings.Contains(d.object("widgets/4"), `"order":55`) || d.object("widgets/21") != before[4] {
		t.Errorf("a merchant's changes are lost: %s, %s", d.object("widgets/4"), d.object("widgets/21"))
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
				d.do(func() {
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
				d.do(func() { delete(d.fail, call) })
				p.Known = made
				install(t, d, p)
				if got := d.names(); len(got) != 4 {
					t.Errorf("objects: %q", got)
				}
			})
		}
	}
}

func TestCheckErrors(t *testing.T) {
	t.Parallel()
	reply := func(status int, body string, pairs ...string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			for i := 0; i < len(pairs); i += 2 {
				w.Header().Set(pairs[i], pairs[i+1])
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	for name, test := range map[string]struct {
		change     func(*fakeHelpdesk)
		step, code string
		text       string
	}{
		"unknown account": {func(d *fakeHelpdesk) { d.fail["GET /account"] = reply(404, "<html>") }, "account", "no_account", "no helpdesk at acme.gorgias.com"},
		"switched off": {func(d *fakeHelpdesk) {
			d.fail["GET /account"] = reply(200, `{"domain":"acme","deactivated_datetime":"2026-01-01T00:00:00"}`)
		}, "account", "deactivated", "switched off"},
		"wrong key":    {func(d *fakeHelpdesk) { d.fail["GET /account"] = reply(401, `{"error":{"msg":"Unauthorized."}}`) }, "key", "bad_key", "refused the key"},
		"other's key":  {func(d *fakeHelpdesk) { d.email = "bob@acme.com" }, "key", "wrong_email", "doesn't belong to this key"},
		"no admin":     {func(d *fakeHelpdesk) { d.role = "lite-agent" }, "role", "not_admin", "Ann is not an admin"},
		"may not":      {func(d *fakeHelpdesk) { d.fail["GET /users"] = reply(403, `{"error":{"msg":"no"}}`) }, "agents", "forbidden", "isn't allowed"},
		"too many":     {func(d *fakeHelpdesk) { d.fail["GET /users/0"] = reply(429, ``, "Retry-After", "7") }, "key", "busy", "in 7 seconds"},
		"trouble":      {func(d *fakeHelpdesk) { d.fail["GET /account"] = reply(502, ``) }, "account", "helpdesk_trouble", "has problems"},
		"moved":        {func(d *fakeHelpdesk) { d.fail["GET /account"] = reply(302, ``) }, "account", "moved", "has moved"},
		"network down": {func(d *fakeHelpdesk) { d.url = "http://127.0.0.1:1" }, "account", "unreachable", "can't reach acme.gorgias.com"},
		"odd":          {func(d *fakeHelpdesk) { d.fail["GET /account"] = reply(418, ``) }, "account", "refused", "(418)"},
		"plan is empty": {func(d *fakeHelpdesk) {
			d.fail["GET /users"] = reply(403, `{"error":{"msg":"Messaging quota exceeded."}}`)
		}, "agents", "quota", "plan is used up"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newFakeHelpdesk(t)
			d.do(func() { test.change(d) })
			var last widget.Step
			_, err := widget.Check(t.Context(), d.client(t), func(s widget.Step) { last = s })
			var plain *chat.Error
			if !errors.As(err, &plain) || plain.Code != test.code || !strings.Contains(plain.Text, test.text) {
				t.Errorf("got %#v (%v)", plain, err)
			}
			if last.ID != test.step || last.State != widget.Failed || plain != nil && last.Detail != plain.Text {
				t.Errorf("failed at %+v", last)
			}
			if got := d.written(); len(got) > 0 {
				t.Errorf("Check changed %q", got)
			}
		})
	}
	d := newFakeHelpdesk(t)
	if found, err := widget.Check(t.Context(), d.client(t), nil); err != nil || found.Me.ID != 3 || len(d.written()) > 0 {
		t.Errorf("got %+v, %v", found, err)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	d := newFakeHelpdesk(t)
	made := install(t, d, plan())
	d.do(func() {
		d.put("widgets", 21, []byte(`{"type":"http","context":"customer","integration_id":2}`))
		d.put("integrations", 20, []byte(`{"name":"Backoffice","type":"http"}`))
		d.writes = nil
	})
	for range 2 {
		if left, err := widget.Remove(t.Context(), d.client(t), made); err != nil || len(left) > 0 {
			t.Fatalf("left %+v, %v", left, err)
		}
		if got, want := d.names(), []string{"integrations/20 Backoffice", "tags/1 RechargeSMS"}; !slices.Equal(got, want) {
			t.Errorf("objects: %q", got)
		}
	}
	if want := []string{"DELETE widgets/4", "DELETE widgets/21", "DELETE integrations/2", "DELETE integrations/3"}; !slices.Equal(d.written()[:4], want) {
		t.Errorf("wrong order: %q", d.written())
	}
	made.Account = "other"
	if _, err := widget.Remove(t.Context(), d.client(t), made); err == nil {
		t.Error("removed ids of another helpdesk")
	}
}

func TestRemoveContinuesAfterFailure(t *testing.T) {
	t.Parallel()
	d := newFakeHelpdesk(t)
	made := install(t, d, plan())
	d.do(func() { d.fail["DELETE /widgets"] = func(w http.ResponseWriter) { w.WriteHeader(503) } })
	left, err := widget.Remove(t.Context(), d.client(t), made)
	if err != nil || len(left) != 1 || left[0].Off || widget.DescribeLeftovers(left) != "Gorgias did not answer. Sidetext is disconnected; these may still be there, please delete them in Gorgias: “the card in the sidebar”." {
		t.Fatalf("left %+v, %v", left, err)
	}
	var plain *chat.Error
	var cause *gorgias.Error
	if !errors.As(left[0].Err(), &plain) || !errors.As(left[0].Err(), &cause) || cause.Status != 503 {
		t.Errorf("got %v", left[0].Err())
	}
	if got, want := d.names(), []string{"tags/1 RechargeSMS", "widgets/4 http"}; !slices.Equal(got, want) {
		t.Errorf("objects: %q", got)
	}
}

// TestRemoveIntegrationInUse: an integration that can't be deleted is switched off, and
// the rest is deleted.
func TestRemoveIntegrationInUse(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"bad request": 400, "forbidden": 403, "conflict": 409, "unprocessable": 422} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newFakeHelpdesk(t)
			made := install(t, d, plan())
			d.do(func() {
				d.fail["DELETE /integrations"] = func(w http.ResponseWriter) {
					answer(w, status, map[string]any{"error": map[string]string{"msg": "Used by the rule VIP."}})
				}
			})
			left, err := widget.Remove(t.Context(), d.client(t), made)
			if err != nil || len(left) != 2 {
				t.Fatalf("left %+v, %v", left, err)
			}
			text := widget.DescribeLeftovers(left)
			if strings.Count(text, "Used by the rule VIP.") != 1 || strings.Count(text, "switched off") != 1 {
				t.Errorf("duplicate sentences: %s", text)
			}
			for i, name := range []string{"Sidetext card", "Sidetext events"} {
				if !left[i].Off || !strings.Contains(text, name) {
					t.Errorf("left %+v: %s", left[i], text)
				}
				if !strings.Contains(d.object(fmt.Sprint("integrations/", i+2)), `"deactivated_datetime":"20`) {
					t.Errorf("%s is still on", name)
				}
			}
			if got, want := d.names(), []string{"integrations/2 Sidetext card", "integrations/3 Sidetext events", "tags/1 RechargeSMS"}; !slices.Equal(got, want) {
				t.Errorf("objects: %q", got)
			}
			// A new installation uses the existing objects.
			d.do(func() { clear(d.fail) })
			install(t, d, plan())
			if got := d.names(); len(got) != 4 {
				t.Errorf("after installing again: %q", got)
			}
		})
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
			d.kept["widgets/4"]["template"] = map[string]any{"type": "wrapper", "widgets": []any{}}
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
			d.do(func() { d.omitID = true; test.change(d, &p, made) })
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

// TestAdviceForOwnUser: a key of a user named Sidetext needs no advice.
func TestAdviceForOwnUser(t *testing.T) {
	t.Parallel()
	for name, advised := range map[string]bool{"Sidetext": false, "sidetext bot": false, "Ann": true, "SMS": true} {
		d := newFakeHelpdesk(t)
		d.name = name
		var key widget.Step
		_, err := widget.Check(t.Context(), d.client(t), func(s widget.Step) {
			if s.ID == "key" {
				key = s
			}
		})
		if err != nil || (key.State == widget.Warned) != advised || strings.Contains(key.Detail, "named Sidetext") != advised || !strings.Contains(key.Detail, name) {
			t.Errorf("%s: %+v, %v", name, key, err)
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
