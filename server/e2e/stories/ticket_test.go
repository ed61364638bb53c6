package stories

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
)

// TestTicketQuotesDialogue: later texts quote the dialogue, agents' texts are
// notes, and what came before the escalation is left out.
func TestTicketQuotesDialogue(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	s.SendAsAgent(stage.Jane, "Have you tried oil?").WaitForState(chat.Delivered)
	stage.Until(t, "a note", func() bool { return strings.Contains(stage.TicketText(s.Ticket(k)), "Have you tried oil?") })
	s.SendText(stage.Jane, "no, only <b>water</b>")
	stage.Until(t, "the second text", func() bool { return strings.Contains(stage.TicketText(s.Ticket(k)), "water") })
	messages := s.Ticket(k).Messages
	last, note := messages[len(messages)-1], messages[len(messages)-2]
	if note.Channel != "internal-note" || !note.FromAgent || note.Public || stage.BodyText(note) != "Ben Okafor texted by SMS: Have you tried oil?" {
		t.Errorf("the note is %+v: %s", note, stage.BodyText(note))
	}
	if last.Channel != "email" || last.FromAgent || *last.StrippedText != "no, only <b>water</b>" ||
		!strings.Contains(stage.BodyText(last), "> Jane Doe, ") || !strings.Contains(stage.BodyText(last), "my grinder is loud") || !strings.Contains(stage.BodyText(last), "Ben Okafor (Willow & Oak)") {
		t.Errorf("the text is %+v: %s", last, stage.BodyText(last))
	}
	if strings.Contains(*last.BodyHTML, "<b>") {
		t.Errorf("the shopper's markup got through: %s", *last.BodyHTML)
	}
	if strings.Contains(strings.Join(s.Mailed(), "\n"), "oil") {
		t.Error("a note was mailed")
	}
}

// TestLostTicketIsReplaced: agents put a ticket where it can't be written to.
// An open escalation gets another one, which links to the first.
func TestLostTicketIsReplaced(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*stage.Stage, int64) error{
		"trashed": func(s *stage.Stage, id int64) error { return s.World.Gorgias.SetTrashed(id, 0, true) },
		"deleted": func(s *stage.Stage, id int64) error { return s.World.Gorgias.Delete(id, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stage.New(t)
			s.SendText(stage.Jane, "my grinder is loud")
			old := s.WaitForTicket(stage.Jane)
			stage.Must(t, lose(s, old.ID))
			s.SendText(stage.Jane, "are you there?")
			s.WaitForConversation(stage.Jane, "the loss is noted", stage.HasEvent(chat.TicketLost))
			fresh := s.WaitForTicket(stage.Jane)
			if fresh.ID == old.ID {
				t.Fatal("it is the same ticket")
			}
			stage.Until(t, "the new ticket mentions the old one", func() bool {
				return strings.Contains(stage.TicketText(s.Ticket(fresh)), fmt.Sprintf("Earlier texts with this shopper are in ticket #%d.", old.ID))
			})
			if text := stage.TicketText(s.Ticket(fresh)); !strings.Contains(text, "my grinder is loud") || !strings.Contains(text, "are you there?") {
				t.Errorf("it says %s", text)
			}
			s.WaitUntilIdle()
			if snapshot := s.Conversation(stage.Jane); snapshot.Conversation.Mode != chat.Human || stage.CountEvents(snapshot.Entries, chat.TicketLost) != 1 || stage.CountEvents(snapshot.Entries, chat.TicketOpened) != 2 {
				t.Errorf("the conversation is %+v", snapshot)
			}
		})
	}
}

// TestTextAfterClose: a text comes within the time in which the ticket is
// reopened, or after it.
func TestTextAfterClose(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		within time.Duration
		same   bool
	}{"soon": {72 * time.Hour, true}, "for ever": {-1, true}, "too late": {time.Nanosecond, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stage.New(t)
			stage.Must(t, s.App.Store.ChangeShop(t.Context(), s.Shop.ID, func(shop *chat.Shop) { shop.Settings.ReopenWithin = test.within }))
			s.SendText(stage.Jane, "my grinder is loud")
			old := s.WaitForTicket(stage.Jane)
			stage.Must(t, s.World.Gorgias.SetStatus(old.ID, 0, "closed"))
			s.WaitForConversation(stage.Jane, "it is closed", stage.HasEvent(chat.HandedBack))
			s.SendText(stage.Jane, "now it does not even start")
			stage.Until(t, "an open ticket with the text", func() bool {
				k := s.WaitForTicket(stage.Jane)
				return k.Status == "open" && (k.ID == old.ID) == test.same && strings.Contains(stage.TicketText(k), "now it does not even start")
			})
			linked := fmt.Sprintf("Earlier texts with this shopper are in ticket #%d.", old.ID)
			s.WaitUntilIdle()
			if text := stage.TicketText(s.WaitForTicket(stage.Jane)); strings.Contains(text, linked) == test.same {
				t.Errorf("it says %s", text)
			}
			if was := s.Ticket(old); (was.Status == "open") != test.same {
				t.Errorf("the old ticket is %s", was.Status)
			}
		})
	}
}

// TestFindOrCreateCustomer: the helpdesk knows a shopper by e-mail, by phone or
// not at all. Nothing that it has is overwritten; a missing address is added.
func TestFindOrCreateCustomer(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	before := s.World.Gorgias.Customers()
	for phone, want := range map[string]struct{ name, email string }{stage.Jane: {"Jane Doe", "jane@example.com"}, stage.Miguel: {"M. Torres", "miguel@example.com"}, "+14155550145": {"Aiko Tanaka", "aiko@example.com"}} {
		s.SendText(phone, "my grinder is loud, says "+want.name)
		c := s.WaitForTicket(phone).Customer
		var phones []string
		for _, channel := range c.Channels {
			if channel.Type == "phone" {
				phones = append(phones, channel.Address)
			}
		}
		if email := c.Email; *c.Name != want.name || (email == nil) != (want.email == "") || (email != nil && *email != want.email) || !slices.Equal(phones, []string{phone}) {
			t.Errorf("%s is %s, %v, %v", phone, *c.Name, c.Email, phones)
		}
	}
	if n := len(s.World.Gorgias.Customers()); n != len(before)+1 {
		t.Errorf("%d customers were made", n-len(before))
	}
}

// TestBurstIsOneTicket: a shopper texts twenty times at once while the helpdesk
// is slow.
func TestBurstIsOneTicket(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.World.Gorgias.Faults.Add(wire.Fault{Act: wire.Slow, Delay: 20 * time.Millisecond})
	var sending sync.WaitGroup
	for i := range 20 {
		sending.Go(func() {
			_, calls, err := s.World.Twilio.Deliver(t.Context(), twilio.Inbound{From: stage.Jane, To: demo.Number, Body: fmt.Sprintf("grinder problem no. %02d", i)})
			if err != nil || calls[0].Status != 200 {
				t.Errorf("%v %v", err, calls)
			}
		})
	}
	sending.Wait()
	k := s.WaitForTicket(stage.Jane)
	received := s.TextsFrom(stage.Jane)
	if len(received) != 20 {
		t.Fatalf("found %d", len(received))
	}
	stage.Until(t, "all texts in the ticket", func() bool {
		now := stage.TicketText(s.Ticket(k))
		return !slices.ContainsFunc(received, func(e chat.Entry) bool { return !strings.Contains(now, e.Text) })
	})
	s.WaitUntilIdle()
	if n := len(s.World.Gorgias.Tickets()); n != 3 { // two were there before
		t.Errorf("there are %d tickets", n)
	}
	// Each text is new in one message, and they come in the order of the store.
	var text strings.Builder
	for i, m := range s.Ticket(k).Messages {
		switch {
		case i == 0:
			text.WriteString(stage.BodyText(m))
		case !m.FromAgent:
			text.WriteString(*m.StrippedText)
		}
	}
	rest := text.String()
	for _, e := range received {
		before, after, found := strings.Cut(rest, e.Text)
		if !found || strings.Contains(before, "grinder problem") || strings.Contains(after, e.Text) {
			t.Fatalf("%q is not where it should be in %s", e.Text, text.String())
		}
		rest = after
	}
	if texts := s.World.Twilio.Accepted(); len(texts) != 0 {
		t.Errorf("answered %d times", len(texts))
	}
}

// TestRefusedTextIsLeftOut: a text that the helpdesk refuses delays nothing
// else, is shown to agents, and is added when it is retried.
func TestRefusedTextIsLeftOut(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	s.World.Gorgias.SetRejectedText("whirring")
	s.SendText(stage.Jane, "such a whirring noise")
	s.SendText(stage.Jane, "all day long")
	s.SendText(stage.Jane, "and all night")
	stage.Until(t, "the texts around it", func() bool {
		text := stage.TicketText(s.Ticket(k))
		return strings.Contains(text, "all day long") && strings.Contains(text, "and all night")
	})
	snapshot := s.WaitForConversation(stage.Jane, "agents are told", stage.HasEvent(chat.NotInTicket))
	for _, e := range snapshot.Entries {
		if e.Event == chat.NotInTicket && e.Text != fmt.Sprintf("“such a whirring noise” could not be added to ticket #%d. Gorgias refused it (Failed to create message).", k.ID) {
			t.Errorf("agents are told %q", e.Text)
		}
	}
	failed, n, err := s.App.Store.Failures(t.Context(), s.Shop.ID, 10)
	stage.Must(t, err)
	if n != 1 || failed[0].Kind != chat.AddMessage || failed[0].Remote != fmt.Sprint(k.ID) {
		t.Fatalf("%d failures: %+v", n, failed)
	}
	s.World.Gorgias.SetRejectedText("")
	stage.Must(t, s.App.Store.Retry(t.Context(), s.Shop.ID, failed[0].ID, time.Now()))
	s.App.Courier.Wake()
	stage.Until(t, "the text itself", func() bool {
		messages := s.Ticket(k).Messages
		last := messages[len(messages)-1]
		return last.StrippedText != nil && *last.StrippedText == "such a whirring noise"
	})
	s.WaitUntilIdle()
}

// TestMergedCustomer: the shopper's customer is merged into another while the
// ticket is open.
func TestMergedCustomer(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Miguel, "my grinder is loud")
	k := s.WaitForTicket(stage.Miguel)
	into := s.World.Gorgias.AddCustomer(gorgias.KnownCustomer("Miguel Torres", "torres@example.com"))
	stage.Must(t, s.World.Gorgias.MergeCustomers(k.Customer.ID, into))
	s.SendText(stage.Miguel, "are you there?")
	stage.Until(t, "the text", func() bool { return strings.Contains(stage.TicketText(s.Ticket(k)), "are you there?") })
	s.WaitUntilIdle()
	if got := s.Conversation(stage.Miguel).Shopper.Customer; got != fmt.Sprint(into) {
		t.Errorf("the shopper is customer %s, want %d", got, into)
	}
	if _, n, err := s.App.Store.Failures(t.Context(), s.Shop.ID, 10); n != 0 || err != nil {
		t.Errorf("%d failures, %v", n, err)
	}
}
