package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	api "sidetext/gorgias"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
)

// TestDialogueInTheTicket: later texts quote what was said, what an agent texts
// is a note, and what came before the call for help stays out.
func TestDialogueInTheTicket(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	s.say(jane, "Have you tried oil?").becomes(chat.Delivered)
	until(t, "a note", func() bool { return strings.Contains(all(s.ticket(k)), "Have you tried oil?") })
	s.text(jane, "no, only <b>water</b>")
	until(t, "the second text", func() bool { return strings.Contains(all(s.ticket(k)), "water") })
	messages := s.ticket(k).Messages
	last, note := messages[len(messages)-1], messages[len(messages)-2]
	if note.Channel != "internal-note" || !note.FromAgent || note.Public || words(note) != "Ben Okafor texted by SMS: Have you tried oil?" {
		t.Errorf("the note is %+v: %s", note, words(note))
	}
	if last.Channel != "email" || last.FromAgent || *last.StrippedText != "no, only <b>water</b>" ||
		!strings.Contains(words(last), "> Jane Doe, ") || !strings.Contains(words(last), "my grinder is loud") || !strings.Contains(words(last), "Ben Okafor (Willow & Oak)") {
		t.Errorf("the text is %+v: %s", last, words(last))
	}
	if strings.Contains(*last.BodyHTML, "<b>") {
		t.Errorf("the shopper's markup got through: %s", *last.BodyHTML)
	}
	if strings.Contains(strings.Join(s.mailed(), "\n"), "oil") {
		t.Error("a note was mailed")
	}
}

func (s *stage) mailed() (texts []string) {
	for _, m := range s.world.Gorgias.Outbox() {
		texts = append(texts, m.Text)
	}
	return texts
}

// TestLostTickets: agents put a ticket where it can't be written to. Whoever
// still waits gets another, which says where the rest is.
func TestLostTickets(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*stage, int64) error{
		"trashed": func(s *stage, id int64) error { return s.world.Gorgias.SetTrashed(id, 0, true) },
		"deleted": func(s *stage, id int64) error { return s.world.Gorgias.Delete(id, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.text(jane, "my grinder is loud")
			old := s.ticketOf(jane)
			must(t, lose(s, old.ID))
			s.text(jane, "are you there?")
			s.until(jane, "the loss is noted", happened(chat.TicketLost))
			fresh := s.ticketOf(jane)
			if fresh.ID == old.ID {
				t.Fatal("it is the same ticket")
			}
			until(t, "the new ticket mentions the old one", func() bool {
				return strings.Contains(all(s.ticket(fresh)), fmt.Sprintf("Earlier texts with this shopper are in ticket #%d.", old.ID))
			})
			if said := all(s.ticket(fresh)); !strings.Contains(said, "my grinder is loud") || !strings.Contains(said, "are you there?") {
				t.Errorf("it says %s", said)
			}
			s.settled()
			if sight := s.conversation(jane); sight.Conversation.Mode != chat.Human || count(sight.Entries, chat.TicketLost) != 1 || count(sight.Entries, chat.TicketOpened) != 2 {
				t.Errorf("the conversation is %+v", sight)
			}
		})
	}
}

// TestTextAfterTheClose comes within the time in which the ticket is opened
// again, or after it.
func TestTextAfterTheClose(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		within time.Duration
		same   bool
	}{"soon": {72 * time.Hour, true}, "for ever": {-1, true}, "too late": {time.Nanosecond, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			must(t, s.server.store.ChangeShop(t.Context(), s.shop.ID, func(shop *chat.Shop) { shop.Settings.ReopenWithin = test.within }))
			s.text(jane, "my grinder is loud")
			old := s.ticketOf(jane)
			must(t, s.world.Gorgias.SetStatus(old.ID, 0, "closed"))
			s.until(jane, "it is closed", happened(chat.HandedBack))
			s.text(jane, "now it does not even start")
			until(t, "an open ticket with the text", func() bool {
				k := s.ticketOf(jane)
				return k.Status == "open" && (k.ID == old.ID) == test.same && strings.Contains(all(k), "now it does not even start")
			})
			linked := fmt.Sprintf("Earlier texts with this shopper are in ticket #%d.", old.ID)
			s.settled()
			if said := all(s.ticketOf(jane)); strings.Contains(said, linked) == test.same {
				t.Errorf("it says %s", said)
			}
			if was := s.ticket(old); (was.Status == "open") != test.same {
				t.Errorf("the old ticket is %s", was.Status)
			}
		})
	}
}

// TestWhoTheShopperIs: the helpdesk knows one by mail, one by phone and one not
// at all. Nothing that it knows is overwritten; an address that it lacks is added.
func TestWhoTheShopperIs(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	before := s.world.Gorgias.Customers()
	for phone, want := range map[string]struct{ name, email string }{jane: {"Jane Doe", "jane@example.com"}, miguel: {"M. Torres", "miguel@example.com"}, "+14155550145": {"Aiko Tanaka", "aiko@example.com"}} {
		s.text(phone, "my grinder is loud, says "+want.name)
		c := s.ticketOf(phone).Customer
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
	if n := len(s.world.Gorgias.Customers()); n != len(before)+1 {
		t.Errorf("%d customers were made", n-len(before))
	}
}

// TestBurst has a shopper text twenty times at once, while the helpdesk is slow.
func TestBurst(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.world.Gorgias.Faults.Ask(wire.Fault{Act: wire.Slow, Delay: 20 * time.Millisecond})
	var sending sync.WaitGroup
	for i := range 20 {
		sending.Go(func() {
			_, calls, err := s.world.Twilio.Deliver(t.Context(), twilio.Inbound{From: jane, To: demoNumber, Body: fmt.Sprintf("grinder problem no. %02d", i)})
			if err != nil || calls[0].Status != 200 {
				t.Errorf("%v %v", err, calls)
			}
		})
	}
	sending.Wait()
	k := s.ticketOf(jane)
	heard := s.heard(jane)
	if len(heard) != 20 {
		t.Fatalf("heard %d", len(heard))
	}
	until(t, "all texts in the ticket", func() bool {
		now := all(s.ticket(k))
		return !slices.ContainsFunc(heard, func(e chat.Entry) bool { return !strings.Contains(now, e.Text) })
	})
	s.settled()
	if n := len(s.world.Gorgias.Tickets()); n != 3 { // two were there before
		t.Errorf("there are %d tickets", n)
	}
	// Each text is new in one message, and they come in the order of the store.
	var said strings.Builder
	for i, m := range s.ticket(k).Messages {
		switch {
		case i == 0:
			said.WriteString(words(m))
		case !m.FromAgent:
			said.WriteString(*m.StrippedText)
		}
	}
	rest := said.String()
	for _, e := range heard {
		before, after, found := strings.Cut(rest, e.Text)
		if !found || strings.Contains(before, "grinder problem") || strings.Contains(after, e.Text) {
			t.Fatalf("%q is not where it should be in %s", e.Text, said.String())
		}
		rest = after
	}
	if texts := s.world.Twilio.Accepted(); len(texts) != 0 {
		t.Errorf("answered %d times", len(texts))
	}
}

// TestRefusedText: what the helpdesk can't take holds up nothing else, is seen
// by agents, and is added when a person has it tried again.
func TestRefusedText(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	s.world.Gorgias.SetRejectedText("whirring")
	s.text(jane, "such a whirring noise")
	s.text(jane, "all day long")
	s.text(jane, "and all night")
	until(t, "the texts around it", func() bool {
		said := all(s.ticket(k))
		return strings.Contains(said, "all day long") && strings.Contains(said, "and all night")
	})
	sight := s.until(jane, "agents are told", happened(chat.NotInTicket))
	for _, e := range sight.Entries {
		if e.Event == chat.NotInTicket && e.Text != fmt.Sprintf("“such a whirring noise” could not be added to ticket #%d. Gorgias refused it (Failed to create message).", k.ID) {
			t.Errorf("agents are told %q", e.Text)
		}
	}
	failed, n, err := s.server.store.Failures(t.Context(), s.shop.ID, 10)
	must(t, err)
	if n != 1 || failed[0].Kind != chat.AddMessage || failed[0].Remote != fmt.Sprint(k.ID) {
		t.Fatalf("%d failures: %+v", n, failed)
	}
	s.world.Gorgias.SetRejectedText("")
	must(t, s.server.store.Retry(t.Context(), s.shop.ID, failed[0].ID, time.Now()))
	s.server.courier.Wake()
	until(t, "the text itself", func() bool {
		messages := s.ticket(k).Messages
		last := messages[len(messages)-1]
		return last.StrippedText != nil && *last.StrippedText == "such a whirring noise"
	})
	s.settled()
}

// TestMergedCustomer: the shopper's customer is merged into another while the
// ticket is open.
func TestMergedCustomer(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(miguel, "my grinder is loud")
	k := s.ticketOf(miguel)
	into := s.world.Gorgias.AddCustomer(gorgias.KnownCustomer("Miguel Torres", "torres@example.com"))
	must(t, s.world.Gorgias.MergeCustomers(k.Customer.ID, into))
	s.text(miguel, "are you there?")
	until(t, "the text", func() bool { return strings.Contains(all(s.ticket(k)), "are you there?") })
	s.settled()
	if got := s.conversation(miguel).Shopper.Customer; got != fmt.Sprint(into) {
		t.Errorf("the shopper is customer %s, want %d", got, into)
	}
	if _, n, err := s.server.store.Failures(t.Context(), s.shop.ID, 10); n != 0 || err != nil {
		t.Errorf("%d failures, %v", n, err)
	}
}

// TestWhatAHelpdesksErrorMeans for the next step.
func TestWhatAHelpdesksErrorMeans(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err     error
		outcome chat.Outcome
		all     bool
		code    string
	}{
		"refused":            {&api.Error{Status: 400, Method: "POST", Written: true, Message: "No."}, chat.Rejected, false, "refused"},
		"no such object":     {&api.Error{Status: 404, Method: "POST", Written: true}, chat.Rejected, false, "refused"},
		"taken":              {&api.Error{Status: 409, Method: "POST", Written: true}, chat.Rejected, false, "refused"},
		"bad key":            {&api.Error{Status: 401, Method: "GET", Written: true}, chat.Rejected, true, "key"},
		"no such account":    {&api.Error{Status: 404, Method: "GET", Written: true, HTML: true}, chat.Rejected, true, "account"},
		"not allowed":        {&api.Error{Status: 403, Method: "POST", Written: true}, chat.Rejected, true, "forbidden"},
		"plan used up":       {&api.Error{Status: 403, Method: "POST", Written: true, Message: "Messaging quota exceeded."}, chat.Rejected, true, "quota"},
		"too many requests":  {&api.Error{Status: 429, Method: "POST", Written: true}, chat.NotSent, true, "busy"},
		"no turn of our own": {&api.Error{Status: 429, Method: "POST"}, chat.NotSent, false, "busy"},
		"trouble":            {&api.Error{Status: 502, Method: "POST", Written: true}, chat.Lost, false, "unreachable"},
		"no answer":          {&api.Error{Method: "POST", Written: true}, chat.Lost, false, "unreachable"},
		"nobody there":       {&api.Error{Method: "POST"}, chat.Lost, true, "unreachable"},
		"cannot be asked":    {chat.Invalid("A shopper needs an address."), chat.Rejected, false, "invalid"},
	} {
		var got *chat.SendError
		if !errors.As(next(test.err), &got) || got.Outcome != test.outcome || got.All != test.all || got.Problem.Code != test.code || got.Problem.Text == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if err := next(nil); err != nil {
		t.Errorf("nothing wrong: %v", err)
	}
}

// TestWhoMayGoFirst: a helpdesk that is more than half busy is left alone by what
// nobody waits for.
func TestWhoMayGoFirst(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	s.settled()
	accounts, err := api.NewAccounts(s.server.settings.GorgiasURL, api.Limits{PerSecond: 0.01, Burst: 40}) // which time hardly refills
	must(t, err)
	defer accounts.Close()
	s.world.Gorgias.SetLimit(40, time.Hour)
	see := func(urgent bool) error {
		d := chat.Delivery{Shop: s.shop.ID, Account: chat.HelpdeskAccount(s.helpdesk().Account), Urgent: urgent}
		found, err := desks{&server{store: s.server.store, accounts: accounts}}.Helpdesk(t.Context(), d)
		must(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = found.TicketState(ctx, fmt.Sprint(k.ID))
		return err
	}
	for range 29 {
		must(t, see(true))
	}
	var held *chat.SendError
	if err := see(false); !errors.As(err, &held) || held.Problem.Code != "busy" || held.All || held.After <= 0 {
		t.Errorf("what nobody waits for: %v", err)
	}
	must(t, see(true))
}

// TestATicketThatIsAnother: an answer about another ticket that no redirect led
// to is not ours to write into.
func TestATicketThatIsAnother(t *testing.T) {
	t.Parallel()
	helpdesk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"id":8,"status":"open"}`)
	}))
	defer helpdesk.Close()
	accounts, err := api.NewAccounts(helpdesk.URL+"/{account}", api.Limits{})
	must(t, err)
	defer accounts.Close()
	client, err := accounts.Client("acme", "ann@acme.com", "key")
	must(t, err)
	for remote, want := range map[string]bool{"7": false, "8": true} {
		if seen, err := (&desk{api: client}).TicketState(t.Context(), remote); (seen.Remote == remote) != want || !want && seen.Remote != "" || err != nil {
			t.Errorf("ticket %s is seen as %+v, %v", remote, seen, err)
		}
	}
}
