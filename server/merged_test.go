package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/wire"
)

// janesLetter is the ticket that is there from the start and is Jane's; the other
// one is Lena's.
func (s *stage) janesLetter() gorgias.Ticket { return s.world.Gorgias.Tickets()[1] }

// deaf keeps the helpdesk's calls from arriving.
func (s *stage) deaf() {
	s.t.Helper()
	for _, i := range s.world.Gorgias.Integrations() {
		if i.HTTP != nil {
			s.adminPut(fmt.Sprint("integrations/", i.ID), `{"deactivated_datetime":"2026-12-01T09:00:00"}`)
		}
	}
}

// TestMergedTickets: an agent merges the ticket into another, the shopper's own
// or somebody else's. That one is the conversation's from then on, whatever meets
// the merger first.
func TestMergedTickets(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		into  int // which of the letters
		deaf  bool
		first func(*stage, *caller, gorgias.Ticket)
	}{
		"into the shopper's own, called": {into: 1, first: func(*stage, *caller, gorgias.Ticket) {}},
		"into the shopper's own, next text": {into: 1, deaf: true, first: func(s *stage, _ *caller, _ gorgias.Ticket) {
			s.text(jane, "it is so loud")
		}},
		"into another's, next text": {into: 0, first: func(s *stage, _ *caller, _ gorgias.Ticket) { s.text(jane, "it is so loud") }},
		"sign-in": {into: 0, deaf: true, first: func(s *stage, c *caller, k gorgias.Ticket) {
			var told struct{ Challenge string }
			token, err := s.server.launcher.Token(s.shop.ID, s.conversation(jane).Conversation.ID, time.Now())
			must(s.t, err)
			if got := c.call("POST", "/api/code", map[string]string{"token": token, "ticket": fmt.Sprint(k.ID), "agent": s.agents()["Ben Okafor"]}, &told); got != 202 {
				s.t.Errorf("the code: %d", got)
			}
			into := s.world.Gorgias.Tickets()[0]
			until(s.t, "the code on the remaining ticket", func() bool { return len(s.codes(into)) == 1 })
			code := s.codes(into)[0]
			s.log.private(told.Challenge, code)
			if got := c.call("POST", "/api/session", map[string]string{"challenge": told.Challenge, "code": code}, nil); got != 200 {
				s.t.Errorf("signing in: %d", got)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.text(jane, "my grinder is loud")
			old := s.ticketOf(jane)
			s.settled()
			into := s.world.Gorgias.Tickets()[test.into]
			if test.deaf {
				s.deaf()
			}
			must(t, s.world.Gorgias.Merge(old.ID, into.ID, 0))
			test.first(s, s.caller(), old)
			sight := s.until(jane, "the merger is noted", happened(chat.TicketMerged))
			if sight.Ticket.Remote != fmt.Sprint(into.ID) || count(sight.Entries, chat.TicketLost) != 0 {
				t.Errorf("the ticket is %+v", sight.Ticket)
			}
			s.text(jane, "now it smokes")
			until(t, "the text in the remaining ticket", func() bool { return strings.Contains(all(s.ticket(into)), "now it smokes") })
			s.settled()
			if n := len(s.world.Gorgias.Tickets()); n != 2 {
				t.Errorf("there are %d tickets", n)
			}
			if got := fmt.Sprint(tagsOf(s.ticket(into))); !strings.Contains(got, "RechargeSMS sms-not-understood") {
				t.Errorf("tagged %s", got)
			}
			// The pop-up names the remaining ticket, from either link.
			token, err := s.server.launcher.Token(s.shop.ID, sight.Conversation.ID, time.Now())
			must(t, err)
			for _, ticket := range []int64{old.ID, into.ID} {
				var out launchAnswer
				s.caller().call("POST", "/api/launch", map[string]string{"token": token, "ticket": fmt.Sprint(ticket)}, &out)
				if out.Ticket == nil || out.Ticket.ID != fmt.Sprint(into.ID) {
					t.Errorf("beside #%d the pop-up names %+v", ticket, out.Ticket)
				}
			}
		})
	}
}

// TestCallsAfterAMerger: calls about the old ticket and about the remaining one
// find the conversation, and the remaining one's state is its state.
func TestCallsAfterAMerger(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	old, into := s.ticketOf(jane), s.janesLetter()
	s.settled()
	must(t, s.world.Gorgias.Merge(old.ID, into.ID, 0))
	s.until(jane, "the merger is noted", happened(chat.TicketMerged))
	s.settled()
	h := s.helpdesk()
	for _, ticket := range []int64{old.ID, into.ID} {
		about, err := s.server.store.TicketConversations(context.Background(), s.shop.ID, fmt.Sprint(ticket), "")
		if err != nil || len(about) != 1 || about[0] != s.conversation(jane).Conversation.ID {
			t.Errorf("#%d is about %v, %v", ticket, about, err)
		}
		got := s.ask("GET", fmt.Sprintf("/hooks/gorgias/%s/card?ticket=%d&customer=", h.Endpoint, ticket), string(h.Secret), nil)
		if !strings.Contains(got.Body, "my grinder is loud") {
			t.Errorf("the card beside #%d is %+v", ticket, got)
		}
	}
	agent := s.world.Gorgias.Users()[1].ID
	_, err := s.world.Gorgias.Reply(into.ID, agent, "Have you tried oil?")
	must(t, err)
	s.until(jane, "the answer is noted", happened(chat.RepliedByMail))
	must(t, s.world.Gorgias.SetStatus(into.ID, agent, "closed"))
	sight := s.until(jane, "automation has it again", happened(chat.HandedBack))
	if count(sight.Entries, chat.RepliedByMail) != 1 || sight.Ticket.Open {
		t.Errorf("after closing: %+v", sight)
	}
	// A call about the old id, as one that was on its way.
	must(t, s.world.Gorgias.SetStatus(into.ID, agent, "open"))
	s.until(jane, "a person has it again", happened(chat.TicketReopened))
	if got := s.ask("POST", "/hooks/gorgias/"+h.Endpoint+"/event", string(h.Secret), map[string]any{"ticket_id": old.ID}); got.Status != 200 {
		t.Errorf("got %+v", got)
	}
	s.settled()
}

// TestTwoShoppersInOneTicket: when it is closed, both conversations hear of it.
func TestTwoShoppersInOneTicket(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	s.text(miguel, "mine too")
	hers, his := s.ticketOf(jane), s.ticketOf(miguel)
	s.settled()
	must(t, s.world.Gorgias.Merge(his.ID, hers.ID, 0))
	s.text(miguel, "are you there?")
	s.until(miguel, "the merger is noted", happened(chat.TicketMerged))
	s.settled()
	must(t, s.world.Gorgias.SetStatus(hers.ID, 0, "closed"))
	s.until(jane, "her ticket is closed", happened(chat.TicketClosed))
	s.until(miguel, "his ticket is closed", happened(chat.TicketClosed))
}

// TestQuotationMarksInNames: the helpdesk puts values into a call as they are. A
// person's name must not lose the call.
func TestQuotationMarksInNames(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	s.settled()
	for _, name := range []string{`Jane "JJ" Doe`, `Jane \`, "Jane\nDoe", `{"id":1}`, `O'Doe & Söhne`} {
		s.adminPut(fmt.Sprint("customers/", k.Customer.ID), fmt.Sprintf(`{"name":%q}`, name))
		must(t, s.world.Gorgias.SetStatus(k.ID, 0, "closed"))
		s.until(jane, "closed, with the name "+name, func(sight chat.Snapshot) bool { return !sight.Ticket.Open })
		must(t, s.world.Gorgias.SetStatus(k.ID, 0, "open"))
		s.until(jane, "open, with the name "+name, func(sight chat.Snapshot) bool { return sight.Ticket.Open })
	}
	s.settled()
	for _, c := range s.world.Gorgias.Calls() {
		if c.Problem != "" {
			t.Errorf("a call failed: %s %s: %s", c.URL, c.Sent, c.Problem)
		}
	}
}

// TestDisconnectingAlwaysEnds: whatever Gorgias refuses or does not answer.
func TestDisconnectingAlwaysEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stand func(*stage)
		says  []string
		left  int // integrations of ours
		off   bool
	}{
		"nothing in the way": {func(*stage) {}, []string{"They are gone."}, 0, false},
		"a rule uses one": {func(s *stage) { must(s.t, s.world.Gorgias.SetRule("VIP", "Sidetext events")) },
			[]string{"“Sidetext events”", "used by the rule VIP", "switched off", "Sidetext is disconnected."}, 1, true},
		"rules use both": {func(s *stage) {
			must(s.t, s.world.Gorgias.SetRule("VIP", "Sidetext events"))
			must(s.t, s.world.Gorgias.SetRule("Card", "Sidetext card"))
		}, []string{"“Sidetext card” and “Sidetext events” while", "They are switched off"}, 2, true},
		"no answer": {func(s *stage) { s.world.Gorgias.Faults.Ask(wire.Fault{Act: wire.Answer, Status: 503}) },
			[]string{"Gorgias did not answer. Sidetext is disconnected; these may still be there, please delete them in Gorgias: “the card in the sidebar”, “Sidetext card” and “Sidetext events”."}, 2, false},
		"the answer is lost": {func(s *stage) { s.world.Gorgias.Faults.Ask(wire.Fault{Act: wire.Reset}) },
			[]string{"Gorgias did not answer. Sidetext is disconnected"}, 2, false},
		"locked out": {func(s *stage) { s.world.Gorgias.Faults.Ask(wire.Fault{Act: wire.Answer, Status: 401}) },
			[]string{"does not let us in any more"}, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			test.stand(s)
			ctx := context.Background()
			must(t, s.server.disconnectGorgias(ctx, s.shop.ID))
			s.server.setups.wait()
			p, err := s.server.store.Setup(ctx, s.shop.ID, setupDisconnect)
			must(t, err)
			for _, want := range test.says {
				if p.State != "done" || strings.Contains(string(p.Steps), "try again") || !strings.Contains(string(p.Steps), want) {
					t.Errorf("%s, without %q: %s", p.State, want, p.Steps)
				}
			}
			if _, err := s.server.store.Helpdesk(ctx, s.shop.ID); err == nil {
				t.Error("it is still connected")
			}
			n := 0
			for _, i := range s.world.Gorgias.Integrations() {
				if i.HTTP != nil {
					n++
					if (i.Deactivated != nil) != test.off {
						t.Errorf("%s is off: %v", i.Name, i.Deactivated != nil)
					}
				}
			}
			if n != test.left || test.left < 2 && len(s.world.Gorgias.Widgets()) != 0 {
				t.Errorf("%d integrations and %d widgets are left", n, len(s.world.Gorgias.Widgets()))
			}
			// Connecting again takes up what is left.
			s.world.Gorgias.Faults.Clear()
			s.connectAgain()
			if n := len(s.world.Gorgias.Widgets()); n != 1 {
				t.Errorf("after connecting again there are %d widgets", n)
			}
		})
	}
}

func (s *stage) connectAgain() {
	s.t.Helper()
	ctx := context.Background()
	must(s.t, s.server.connectGorgias(ctx, s.shop.ID, demoDesk, demoOwner, demoKey))
	s.server.setups.wait()
	p, err := s.server.store.Setup(ctx, s.shop.ID, setupGorgias)
	must(s.t, err)
	if p.State != "done" {
		s.t.Fatalf("connecting again: %s", p.Steps)
	}
}

// TestReconnected: open tickets get their card at once, and agents who were
// signed out are told why.
func TestReconnected(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ben, _, k := s.agent()
	s.text(miguel, "and mine is gone")
	his := s.ticketOf(miguel)
	s.settled()
	must(t, s.world.Gorgias.SetStatus(his.ID, 0, "closed"))
	s.until(miguel, "his ticket is closed", happened(chat.TicketClosed))
	ctx := context.Background()
	must(t, s.server.disconnectGorgias(ctx, s.shop.ID))
	s.server.setups.wait()
	if cards := s.world.Gorgias.Sidebar(k.ID, 0); len(cards) != 0 {
		t.Fatalf("disconnected, and there are cards: %+v", cards)
	}
	token, err := s.server.launcher.Token(s.shop.ID, s.conversation(jane).Conversation.ID, time.Now())
	must(t, err)
	s.log.private(token)
	var told refusal
	if got := ben.call("POST", "/api/launch", map[string]string{"token": token}, &told); got != 409 || !strings.Contains(told.Text, "Gorgias is not connected") {
		t.Errorf("while it is disconnected: %d %+v", got, told)
	}
	s.connectAgain()
	until(t, "the card beside the open ticket", func() bool { return len(s.world.Gorgias.Sidebar(k.ID, 0)) == 1 })
	s.settled()
	if strings.Contains(all(s.ticket(his)), "Sidetext is connected") {
		t.Error("a closed ticket got a note")
	}
	for name, test := range map[string]struct {
		who *caller
		why string
	}{"who was signed out": {ben, "because Gorgias was disconnected"}, "who never was signed in": {s.caller(), ""}} {
		var out launchAnswer
		if got := test.who.call("POST", "/api/launch", map[string]string{"token": token}, &out); got != 200 || out.SignedIn ||
			(out.SignedOut == "") != (test.why == "") || !strings.Contains(out.SignedOut, test.why) {
			t.Errorf("%s: %d %+v", name, got, out)
		}
	}
	// A repair finds the card where it is, and writes nothing on tickets.
	notes := strings.Count(all(s.ticket(k)), "Sidetext is connected")
	s.connectAgain()
	s.settled()
	if n := strings.Count(all(s.ticket(k)), "Sidetext is connected"); n != notes || notes != 1 {
		t.Errorf("%d notes, then %d", notes, n)
	}
	// Who is no agent any more is told so.
	ben.signIn(k, "Ben Okafor")
	must(t, s.server.store.SaveAgents(ctx, s.helpdesk(), nil, time.Now()))
	var out launchAnswer
	if ben.call("POST", "/api/launch", map[string]string{"token": token}, &out); !strings.Contains(out.SignedOut, "no longer lists you") {
		t.Errorf("who is no agent any more: %+v", out)
	}
}

// TestSharedTicketIsNotedOnce: two conversations may have one ticket, as after a
// merge in the helpdesk.
func TestSharedTicketIsNotedOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	hers := s.ticketOf(jane)
	s.text(miguel, "and mine is gone")
	his := s.ticketOf(miguel)
	s.settled()
	ctx := context.Background()
	must(t, s.server.disconnectGorgias(ctx, s.shop.ID))
	s.server.setups.wait()
	s.execute(fmt.Sprintf("UPDATE tickets SET remote = '%d' WHERE remote = '%d'", hers.ID, his.ID))
	s.connectAgain()
	s.settled()
	if n := strings.Count(all(s.ticket(hers)), "Sidetext is connected"); n != 1 {
		t.Errorf("the shared ticket has %d notes", n)
	}
}

// TestOldInstallations are brought up to date by themselves.
func TestOldInstallations(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ctx := context.Background()
	title := func() string {
		s.text(jane, "my grinder is loud")
		k := s.ticketOf(jane)
		s.launch(k)
		return s.world.Gorgias.Sidebar(k.ID, 0)[0].Title
	}
	if got := title(); got != "RechargeSMS" {
		t.Errorf("the card is called %q", got)
	}
	must(t, s.server.store.ChangeShop(ctx, s.shop.ID, func(shop *chat.Shop) { shop.Settings.CardTitle = "Texts" }))
	must(t, s.server.refresh(ctx))
	if got := title(); got != "Texts" {
		t.Errorf("the card is called %q", got)
	}
	s.settled()
	before := len(s.world.Gorgias.Requests())
	must(t, s.server.refresh(ctx))
	for _, r := range s.world.Gorgias.Requests()[before:] {
		if r.Method != "GET" {
			t.Errorf("what is up to date is changed: %s %s", r.Method, r.Path)
		}
	}
}

// TestTitleOfTheCardInTheConsole changes the installed card.
func TestTitleOfTheCardInTheConsole(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := &booth{server: s.server, t: t, mine: s.shop}
	g := b.merchant(b.mine)
	status, page := g.get("/connect/gorgias")
	g.wants(status, page, 200, `value="RechargeSMS"`, "user named <strong>Sidetext</strong>", "carry the name of Anna Berg")
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	s.launch(k)
	for title, saved := range map[string]bool{"": false, "{{ticket.id}}": false, strings.Repeat("x", 41): false, "Recharge widget": true} {
		status, to := g.post("/connect/gorgias/card", map[string][]string{"title": {title}})
		g.wants(status, to, 303, map[bool]string{true: "/connect/gorgias/progress", false: "m=card"}[saved])
		s.server.setups.wait()
		if got := s.world.Gorgias.Sidebar(k.ID, 0)[0].Title; saved && got != title {
			t.Errorf("the card is called %q", got)
		}
	}
	status, page = g.get("/connect/gorgias/progress")
	g.wants(status, page, 200, "Gorgias is connected", "The key belongs to Anna Berg, so notes from Sidetext will look as if")
}
