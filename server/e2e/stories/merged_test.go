package stories

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
	"sidetext/server/e2e/stage"
)

// TestMergedTickets: an agent merges the ticket into another one, the shopper's
// or another customer's. The conversation continues in that one, whatever
// notices the merge first.
func TestMergedTickets(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		into       int // which of the letters
		dropEvents bool
		first      func(*stage.Stage, *stage.Client, gorgias.Ticket)
	}{
		"into the shopper's own, called": {into: 1, first: func(*stage.Stage, *stage.Client, gorgias.Ticket) {}},
		"into the shopper's own, next text": {into: 1, dropEvents: true, first: func(s *stage.Stage, _ *stage.Client, _ gorgias.Ticket) {
			s.SendText(stage.Jane, "it is so loud")
		}},
		"into another's, next text": {into: 0, first: func(s *stage.Stage, _ *stage.Client, _ gorgias.Ticket) { s.SendText(stage.Jane, "it is so loud") }},
		"sign-in": {into: 0, dropEvents: true, first: func(s *stage.Stage, c *stage.Client, k gorgias.Ticket) {
			var answer struct{ Challenge string }
			token, err := s.App.Launcher.Token(s.Shop.ID, s.Conversation(stage.Jane).Conversation.ID, time.Now())
			stage.Must(s.T, err)
			if got := c.Call("POST", "/api/code", map[string]string{"token": token, "ticket": fmt.Sprint(k.ID), "agent": s.Agents()["Ben Okafor"]}, &answer); got != 202 {
				s.T.Errorf("the code: %d", got)
			}
			into := s.World.Gorgias.Tickets()[0]
			stage.Until(s.T, "the code on the remaining ticket", func() bool { return len(s.Codes(into)) == 1 })
			code := s.Codes(into)[0]
			s.Log.AddSecrets(answer.Challenge, code)
			if got := c.Call("POST", "/api/session", map[string]string{"challenge": answer.Challenge, "code": code}, nil); got != 200 {
				s.T.Errorf("signing in: %d", got)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stage.New(t)
			s.SendText(stage.Jane, "my grinder is loud")
			old := s.WaitForTicket(stage.Jane)
			s.WaitUntilIdle()
			into := s.World.Gorgias.Tickets()[test.into]
			if test.dropEvents {
				s.DropHelpdeskEvents()
			}
			stage.Must(t, s.World.Gorgias.Merge(old.ID, into.ID, 0))
			test.first(s, s.Client(), old)
			snapshot := s.WaitForConversation(stage.Jane, "the merger is noted", stage.HasEvent(chat.TicketMerged))
			if snapshot.Ticket.Remote != fmt.Sprint(into.ID) || stage.CountEvents(snapshot.Entries, chat.TicketLost) != 0 {
				t.Errorf("the ticket is %+v", snapshot.Ticket)
			}
			s.SendText(stage.Jane, "now it smokes")
			stage.Until(t, "the text in the remaining ticket", func() bool { return strings.Contains(stage.TicketText(s.Ticket(into)), "now it smokes") })
			s.WaitUntilIdle()
			if n := len(s.World.Gorgias.Tickets()); n != 2 {
				t.Errorf("there are %d tickets", n)
			}
			if got := fmt.Sprint(stage.TagsOf(s.Ticket(into))); !strings.Contains(got, "RechargeSMS sms-not-understood") {
				t.Errorf("tagged %s", got)
			}
			// The pop-up names the remaining ticket, from either link.
			token, err := s.App.Launcher.Token(s.Shop.ID, snapshot.Conversation.ID, time.Now())
			stage.Must(t, err)
			for _, ticket := range []int64{old.ID, into.ID} {
				var out stage.LaunchAnswer
				s.Client().Call("POST", "/api/launch", map[string]string{"token": token, "ticket": fmt.Sprint(ticket)}, &out)
				if out.Ticket == nil || out.Ticket.ID != fmt.Sprint(into.ID) {
					t.Errorf("beside #%d the pop-up names %+v", ticket, out.Ticket)
				}
			}
		})
	}
}

// TestEventsAfterMerge: events of the old ticket and of the remaining one find
// the conversation, and the remaining one's state counts.
func TestEventsAfterMerge(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	old, into := s.WaitForTicket(stage.Jane), s.JanesEmailTicket()
	s.WaitUntilIdle()
	stage.Must(t, s.World.Gorgias.Merge(old.ID, into.ID, 0))
	s.WaitForConversation(stage.Jane, "the merger is noted", stage.HasEvent(chat.TicketMerged))
	s.WaitUntilIdle()
	h := s.Helpdesk()
	for _, ticket := range []int64{old.ID, into.ID} {
		about, err := s.App.Store.TicketConversations(context.Background(), s.Shop.ID, fmt.Sprint(ticket), "")
		if err != nil || len(about) != 1 || about[0] != s.Conversation(stage.Jane).Conversation.ID {
			t.Errorf("#%d is about %v, %v", ticket, about, err)
		}
		got := s.HelpdeskRequest("GET", fmt.Sprintf("/hooks/gorgias/%s/card?ticket=%d&customer=", h.Endpoint, ticket), string(h.Secret), nil)
		if !strings.Contains(got.Body, "my grinder is loud") {
			t.Errorf("the card beside #%d is %+v", ticket, got)
		}
	}
	agent := s.World.Gorgias.Users()[1].ID
	_, err := s.World.Gorgias.Reply(into.ID, agent, "Have you tried oil?")
	stage.Must(t, err)
	s.WaitForConversation(stage.Jane, "the answer is noted", stage.HasEvent(chat.RepliedByMail))
	stage.Must(t, s.World.Gorgias.SetStatus(into.ID, agent, "closed"))
	snapshot := s.WaitForConversation(stage.Jane, "automation has it again", stage.HasEvent(chat.HandedBack))
	if stage.CountEvents(snapshot.Entries, chat.RepliedByMail) != 1 || snapshot.Ticket.Open {
		t.Errorf("after closing: %+v", snapshot)
	}
	// A call about the old id, as one that was on its way.
	stage.Must(t, s.World.Gorgias.SetStatus(into.ID, agent, "open"))
	s.WaitForConversation(stage.Jane, "a person has it again", stage.HasEvent(chat.TicketReopened))
	if got := s.HelpdeskRequest("POST", "/hooks/gorgias/"+h.Endpoint+"/event", string(h.Secret), map[string]any{"ticket_id": old.ID}); got.Status != 200 {
		t.Errorf("got %+v", got)
	}
	s.WaitUntilIdle()
}

// TestTicketOfTwoConversations: closing the ticket ends the escalations of both
// conversations.
func TestTicketOfTwoConversations(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	s.SendText(stage.Miguel, "mine too")
	hers, his := s.WaitForTicket(stage.Jane), s.WaitForTicket(stage.Miguel)
	s.WaitUntilIdle()
	stage.Must(t, s.World.Gorgias.Merge(his.ID, hers.ID, 0))
	s.SendText(stage.Miguel, "are you there?")
	s.WaitForConversation(stage.Miguel, "the merger is noted", stage.HasEvent(chat.TicketMerged))
	s.WaitUntilIdle()
	stage.Must(t, s.World.Gorgias.SetStatus(hers.ID, 0, "closed"))
	s.WaitForConversation(stage.Jane, "her ticket is closed", stage.HasEvent(chat.TicketClosed))
	s.WaitForConversation(stage.Miguel, "his ticket is closed", stage.HasEvent(chat.TicketClosed))
}

// TestSharedTicketGetsOneNote: two conversations may share a ticket, as after a
// merge in the helpdesk.
func TestSharedTicketGetsOneNote(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	hers := s.WaitForTicket(stage.Jane)
	s.SendText(stage.Miguel, "and mine is gone")
	his := s.WaitForTicket(stage.Miguel)
	s.WaitUntilIdle()
	ctx := context.Background()
	stage.Must(t, s.App.Onboarding.DisconnectGorgias(ctx, s.Shop.ID))
	s.App.Jobs.Wait()
	s.ExecSQL(fmt.Sprintf("UPDATE tickets SET remote = '%d' WHERE remote = '%d'", hers.ID, his.ID))
	s.ConnectAgain()
	s.WaitUntilIdle()
	if n := strings.Count(stage.TicketText(s.Ticket(hers)), "Sidetext is connected"); n != 1 {
		t.Errorf("the shared ticket has %d notes", n)
	}
}
