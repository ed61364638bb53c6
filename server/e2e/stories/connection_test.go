package stories

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/wire"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
)

// TestQuotationMarksInNames: the helpdesk puts names into an event without
// escaping. The event must arrive all the same.
func TestQuotationMarksInNames(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	s.WaitUntilIdle()
	for _, name := range []string{`Jane "JJ" Doe`, `Jane \`, "Jane\nDoe", `{"id":1}`, `O'Doe & Söhne`} {
		s.PutInHelpdesk(fmt.Sprint("customers/", k.Customer.ID), fmt.Sprintf(`{"name":%q}`, name))
		stage.Must(t, s.World.Gorgias.SetStatus(k.ID, 0, "closed"))
		s.WaitForConversation(stage.Jane, "closed, with the name "+name, func(snapshot chat.Snapshot) bool { return !snapshot.Ticket.Open })
		stage.Must(t, s.World.Gorgias.SetStatus(k.ID, 0, "open"))
		s.WaitForConversation(stage.Jane, "open, with the name "+name, func(snapshot chat.Snapshot) bool { return snapshot.Ticket.Open })
	}
	s.WaitUntilIdle()
	for _, c := range s.World.Gorgias.Calls() {
		if c.Problem != "" {
			t.Errorf("a call failed: %s %s: %s", c.URL, c.Sent, c.Problem)
		}
	}
}

// TestDisconnectAlwaysEnds: whatever Gorgias refuses or does not answer.
func TestDisconnectAlwaysEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*stage.Stage)
		want    []string
		left    int // integrations of ours
		off     bool
	}{
		"nothing in the way": {func(*stage.Stage) {}, []string{"Removed. The tag stays"}, 0, false},
		"a rule uses one": {func(s *stage.Stage) { stage.Must(s.T, s.World.Gorgias.SetRule("VIP", "Sidetext events")) },
			[]string{"“Sidetext events”", "used by the rule VIP", "switched off", "Sidetext is disconnected."}, 1, true},
		"rules use both": {func(s *stage.Stage) {
			stage.Must(s.T, s.World.Gorgias.SetRule("VIP", "Sidetext events"))
			stage.Must(s.T, s.World.Gorgias.SetRule("Card", "Sidetext card"))
		}, []string{"“Sidetext card” and “Sidetext events” while", "They are switched off"}, 2, true},
		"no answer": {func(s *stage.Stage) { s.World.Gorgias.Faults.Add(wire.Fault{Act: wire.Answer, Status: 503}) },
			[]string{"Gorgias did not answer. Sidetext is disconnected; these may still be there, please delete them in Gorgias: “the card in the sidebar”, “Sidetext card” and “Sidetext events”."}, 2, false},
		"the answer is lost": {func(s *stage.Stage) { s.World.Gorgias.Faults.Add(wire.Fault{Act: wire.Reset}) },
			[]string{"Gorgias did not answer. Sidetext is disconnected"}, 2, false},
		"locked out": {func(s *stage.Stage) { s.World.Gorgias.Faults.Add(wire.Fault{Act: wire.Answer, Status: 401}) },
			[]string{"Gorgias refuses the API key"}, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stage.New(t)
			test.prepare(s)
			ctx := context.Background()
			stage.Must(t, s.App.Onboarding.DisconnectGorgias(ctx, s.Shop.ID))
			s.App.Jobs.Wait()
			p, err := s.App.Store.Setup(ctx, s.Shop.ID, onboarding.GorgiasDisconnect)
			stage.Must(t, err)
			for _, want := range test.want {
				if p.State != "done" || strings.Contains(string(p.Steps), "try again") || !strings.Contains(string(p.Steps), want) {
					t.Errorf("%s, without %q: %s", p.State, want, p.Steps)
				}
			}
			if _, err := s.App.Store.Helpdesk(ctx, s.Shop.ID); err == nil {
				t.Error("it is still connected")
			}
			n := 0
			for _, i := range s.World.Gorgias.Integrations() {
				if i.HTTP != nil {
					n++
					if (i.Deactivated != nil) != test.off {
						t.Errorf("%s is off: %v", i.Name, i.Deactivated != nil)
					}
				}
			}
			if n != test.left || test.left < 2 && len(s.World.Gorgias.Widgets()) != 0 {
				t.Errorf("%d integrations and %d widgets are left", n, len(s.World.Gorgias.Widgets()))
			}
			// Connecting again reuses what is left.
			s.World.Gorgias.Faults.Clear()
			s.ConnectAgain()
			if n := len(s.World.Gorgias.Widgets()); n != 1 {
				t.Errorf("after connecting again there are %d widgets", n)
			}
		})
	}
}

// TestReconnectShowsCards: open tickets get their card at once, and agents who
// were signed out learn why.
func TestReconnectShowsCards(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	ben, _, k := s.SignedInAgent()
	s.SendText(stage.Miguel, "and mine is gone")
	his := s.WaitForTicket(stage.Miguel)
	s.WaitUntilIdle()
	stage.Must(t, s.World.Gorgias.SetStatus(his.ID, 0, "closed"))
	s.WaitForConversation(stage.Miguel, "his ticket is closed", stage.HasEvent(chat.TicketClosed))
	ctx := context.Background()
	stage.Must(t, s.App.Onboarding.DisconnectGorgias(ctx, s.Shop.ID))
	s.App.Jobs.Wait()
	if cards := s.World.Gorgias.Sidebar(k.ID, 0); len(cards) != 0 {
		t.Fatalf("disconnected, and there are cards: %+v", cards)
	}
	token, err := s.App.Launcher.Token(s.Shop.ID, s.Conversation(stage.Jane).Conversation.ID, time.Now())
	stage.Must(t, err)
	s.Log.AddSecrets(token)
	var answer stage.Refusal
	if got := ben.Call("POST", "/api/launch", map[string]string{"token": token}, &answer); got != 409 || !strings.Contains(answer.Text, "Gorgias is not connected") {
		t.Errorf("while it is disconnected: %d %+v", got, answer)
	}
	s.ConnectAgain()
	stage.Until(t, "the card beside the open ticket", func() bool { return len(s.World.Gorgias.Sidebar(k.ID, 0)) == 1 })
	s.WaitUntilIdle()
	if strings.Contains(stage.TicketText(s.Ticket(his)), "Sidetext is connected") {
		t.Error("a closed ticket got a note")
	}
	for name, test := range map[string]struct {
		who *stage.Client
		why string
	}{"who was signed out": {ben, "because Gorgias was disconnected"}, "who never was signed in": {s.Client(), ""}} {
		var out stage.LaunchAnswer
		if got := test.who.Call("POST", "/api/launch", map[string]string{"token": token}, &out); got != 200 || out.SignedIn ||
			(out.SignedOut == "") != (test.why == "") || !strings.Contains(out.SignedOut, test.why) {
			t.Errorf("%s: %d %+v", name, got, out)
		}
	}
	// A repair finds the card where it is, and writes nothing on tickets.
	notes := strings.Count(stage.TicketText(s.Ticket(k)), "Sidetext is connected")
	s.ConnectAgain()
	s.WaitUntilIdle()
	if n := strings.Count(stage.TicketText(s.Ticket(k)), "Sidetext is connected"); n != notes || notes != 1 {
		t.Errorf("%d notes, then %d", notes, n)
	}
	// A person who is no agent any more reads why.
	ben.SignIn(k, "Ben Okafor")
	stage.Must(t, s.App.Store.SaveAgents(ctx, s.Helpdesk(), nil, time.Now()))
	var out stage.LaunchAnswer
	if ben.Call("POST", "/api/launch", map[string]string{"token": token}, &out); !strings.Contains(out.SignedOut, "no longer lists you") {
		t.Errorf("who is no agent any more: %+v", out)
	}
}

// TestOldInstallationIsUpdated: an installation of an older release is updated
// by the maintenance.
func TestOldInstallationIsUpdated(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	ctx := context.Background()
	title := func() string {
		s.SendText(stage.Jane, "my grinder is loud")
		k := s.WaitForTicket(stage.Jane)
		s.LaunchLink(k)
		return s.World.Gorgias.Sidebar(k.ID, 0)[0].Title
	}
	if got := title(); got != "RechargeSMS" {
		t.Errorf("the card is called %q", got)
	}
	stage.Must(t, s.App.Store.ChangeShop(ctx, s.Shop.ID, func(shop *chat.Shop) { shop.Settings.CardTitle = "Texts" }))
	stage.Must(t, s.App.Onboarding.Refresh(ctx))
	if got := title(); got != "Texts" {
		t.Errorf("the card is called %q", got)
	}
	s.WaitUntilIdle()
	before := len(s.World.Gorgias.Requests())
	stage.Must(t, s.App.Onboarding.Refresh(ctx))
	for _, r := range s.World.Gorgias.Requests()[before:] {
		if r.Method != "GET" {
			t.Errorf("what is up to date is changed: %s %s", r.Method, r.Path)
		}
	}
}

// TestCardTitle: a new title changes the installed card.
func TestCardTitle(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	b := &stage.Offline{App: s.App, T: t, Mine: s.Shop}
	g := b.Merchant(b.Mine)
	status, page := g.Get("/connect/gorgias")
	g.Expect(status, page, 200, `value="RechargeSMS"`, "admin named <strong>Sidetext</strong>", "have Anna Berg as their author")
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	s.LaunchLink(k)
	for title, saved := range map[string]bool{"": false, "{{ticket.id}}": false, strings.Repeat("x", 41): false, "Recharge widget": true} {
		status, to := g.Post("/connect/gorgias/card", map[string][]string{"title": {title}})
		g.Expect(status, to, 303, map[bool]string{true: "/connect/gorgias/progress", false: "m=card"}[saved])
		s.App.Jobs.Wait()
		if got := s.World.Gorgias.Sidebar(k.ID, 0)[0].Title; saved && got != title {
			t.Errorf("the card is called %q", got)
		}
	}
	status, page = g.Get("/connect/gorgias/progress")
	g.Expect(status, page, 200, "Gorgias is connected", "The key belongs to Anna Berg, so notes from Sidetext will look as if")
}
