package bridge_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

// onlyTicket returns the one ticket that must exist.
func (d *fakeHelpdesk) onlyTicket(t tester) (string, *ticket) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.tickets) != 1 {
		t.Fatalf("%d tickets, want one", len(d.tickets))
	}
	for remote, k := range d.tickets {
		return remote, k
	}
	return "", nil
}

// annaHandedBack is the note that tells the other agents about a hand-back.
const annaHandedBack = "Anna handed the texts back to automation. New texts are added here again when a person is needed."

func (w *world) handBack(of chat.Phone) {
	w.Helper()
	if err := w.bridge.HandBack(w.ctx, w.config.Shop.ID, w.conversation(of), anna); err != nil {
		w.Fatal(err)
	}
}

func TestTicketFollowsConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, "menu", unclearText)
	w.settle()
	remote, k := w.helpdesk.onlyTicket(t)
	if n := len(k.opening); n != 3 || k.opening[0].Text != "menu" {
		t.Errorf("the ticket begins with %d entries, want the 3 of the escalation", n)
	}
	if !slices.Equal(k.tags, []chat.Reason{chat.UnknownKeyword}) {
		t.Errorf("tags: %v", k.tags)
	}
	snapshot := w.snapshot(jane)
	if snapshot.Ticket.Remote != remote || snapshot.Entries[len(snapshot.Entries)-1].Event != chat.TicketOpened {
		t.Errorf("the conversation's ticket: %+v", snapshot.Ticket)
	}

	w.receive(jane, "one", "two", "three")
	w.settle()
	if m := k.messages[0]; len(k.messages) != 1 || !slices.Equal(m.texts, []string{"one", "two", "three"}) || len(m.quoted) == 0 {
		t.Errorf("three texts in a row: messages %+v", k.messages)
	}
	w.reply(jane, "On it")
	w.receive(jane, "four")
	w.settle()
	if n := len(k.messages); n != 3 || k.messages[1].note != "Anna texted by SMS: On it" || k.messages[2].texts[0] != "four" {
		t.Errorf("a reply and a text: messages %+v", k.messages[1:])
	}
	w.receive(jane, "STOP")
	w.settle()
	if n := len(k.messages); n != 5 || k.messages[3].texts[0] != "STOP" || k.messages[4].note == "" {
		t.Errorf("STOP: messages %+v", k.messages[3:])
	}
	calls := len(w.helpdesk.calls)
	w.settle()
	if n := len(w.helpdesk.calls); n != calls {
		t.Errorf("calls without anything new: %v", w.helpdesk.calls[calls:])
	}
	if waiting, failed := w.counts(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
}

func TestTicketOmitsAutomatedExchange(t *testing.T) {
	t.Parallel()
	for name, early := range map[string]bool{"ticket created before": true, "ticket created after": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.receive(jane, unclearText)
			if early {
				w.settle()
			}
			w.receive(jane, "one")
			w.handBack(jane)
			w.advance(2 * time.Hour)
			w.receive(jane, "menu")
			w.advance(2 * time.Hour)
			w.receive(jane, "options", "I want to speak with a person")
			w.settle()
			_, k := w.helpdesk.onlyTicket(t)
			want := map[string]int{unclearText: 1, "one": 1, "options": 1, "I want to speak with a person": 1}
			if early { // otherwise there was no ticket for the note
				want[annaHandedBack] = 1
			}
			if got := k.textCounts(); !maps.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if got := k.tags[len(k.tags)-1]; got != chat.AskedForPerson {
				t.Errorf("tags: %v, want the new reason last", k.tags)
			}
		})
	}
}

func TestTicketClosedReopenedAndLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	first, k := w.helpdesk.onlyTicket(t)
	closeTicket := func(remote string) {
		w.helpdesk.changeTicket(remote, func(k *ticket) { k.open = false })
		w.ticketWebhook(jane)
		w.settle()
		if s := w.snapshot(jane); s.Escalation != nil || s.Ticket.Open {
			t.Fatalf("closed: escalation %+v, ticket %+v", s.Escalation, s.Ticket)
		}
	}
	closeTicket(first)
	w.advance(71 * time.Hour)
	w.receive(jane, "it is still broken in the rain")
	w.settle()
	if s := w.snapshot(jane); !k.open || !s.Ticket.Open || s.Escalation == nil || len(w.helpdesk.tickets) != 1 {
		t.Fatalf("text after 71 hours: ticket %+v, want it reopened", s.Ticket)
	}
	closeTicket(first)
	w.helpdesk.changeTicket(first, func(k *ticket) { k.open = true }) // by an agent
	w.ticketWebhook(jane)
	w.settle()
	if s := w.snapshot(jane); s.Escalation == nil || s.Escalation.Reason != chat.TakenOver || !s.Ticket.Open {
		t.Fatalf("reopened by an agent: escalation %+v", s.Escalation)
	}
	closeTicket(first)
	w.advance(73 * time.Hour)
	w.receive(jane, "now the red one fell apart as well")
	w.settle()
	second := w.snapshot(jane).Ticket.Remote
	if second == first || len(w.helpdesk.tickets) != 2 {
		t.Fatal("text after 73 hours: no new ticket")
	}
	if m := w.helpdesk.tickets[second].messages; len(m) != 1 || m[0].note != "Earlier texts with this shopper are in ticket #"+first+"." {
		t.Errorf("messages %+v, want a note on the earlier ticket", m)
	}
	w.reply(jane, "Oh dear")
	w.settle()
	w.helpdesk.changeTicket(second, func(k *ticket) { k.gone = true })
	w.receive(jane, "hello?")
	w.settle()
	third := w.snapshot(jane).Ticket.Remote
	if third == second || len(w.helpdesk.tickets) != 3 {
		t.Fatal("the lost ticket was not replaced")
	}
	want := map[string]int{
		"now the red one fell apart as well": 1, "Oh dear": 1, "hello?": 1, "Earlier texts with this shopper are in ticket #" + second + ".": 1,
	}
	if got := w.helpdesk.tickets[third].textCounts(); !maps.Equal(got, want) {
		t.Errorf("the new ticket says %v, want %v", got, want)
	}
	w.handBack(jane)
	w.settle()
	w.helpdesk.changeTicket(third, func(k *ticket) { k.gone = true })
	w.ticketWebhook(jane)
	w.settle()
	if s := w.snapshot(jane); !s.Ticket.Lost || len(w.helpdesk.tickets) != 3 {
		t.Error("a lost ticket was replaced without an escalation")
	}
}

func TestHelpdeskDisconnectedDuringSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.helpdesk.fail(nil, func(call string) error { // while the ticket is being created
		if call != "person" {
			return nil
		}
		return w.store.RemoveHelpdesk(w.ctx, w.config.Shop.ID, time.Now())
	})
	w.settle()
	w.receive(jane, "one")
	w.finishRetries()
	if waiting, failed := w.counts(); waiting+failed != 0 {
		t.Fatalf("%d deliveries wait, %d failed", waiting, failed)
	}
	w.helpdesk.fail(nil, nil)
	if err := w.store.SaveHelpdesk(w.ctx, helpdesk(w.config.Shop.ID, "tea"), noon); err != nil {
		t.Fatal(err)
	}
	w.receive(jane, "two")
	w.settle()
	_, k := w.helpdesk.onlyTicket(t)
	if got, want := k.textCounts(), map[string]int{unclearText: 1, "one": 1, "two": 1}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// More texts wait than one snapshot holds, because the helpdesk was down for long.
func TestTicketGetsMoreTextsThanOneSnapshotHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	const many = 1300
	_, err := w.store.Turn(w.ctx, w.config.Shop.ID, w.conversation(jane), w.time(), func(t *chat.Turn) error {
		for i := range many {
			if _, err := t.Receive(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("many", i), Text: fmt.Sprint("text ", i)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.settle()
	_, k := w.helpdesk.onlyTicket(t)
	if n := len(k.textCounts()); n != many+1 {
		t.Errorf("the ticket says %d texts of %d", n, many+1)
	}
	for text, n := range k.textCounts() {
		if n != 1 {
			t.Errorf("the ticket says %q %d times", text, n)
		}
	}
	for _, m := range k.messages {
		if len(m.texts) > 20 || len(m.quoted) > chat.MaxDialogue {
			t.Errorf("a message has %d texts and quotes %d", len(m.texts), len(m.quoted))
		}
	}
}

// A long automated exchange lies between two escalations.
func TestTicketOmitsLongAutomatedExchange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	remote, k := w.helpdesk.onlyTicket(t)
	w.handBack(jane)
	w.settle()
	_, err := w.store.Turn(w.ctx, w.config.Shop.ID, w.conversation(jane), w.time(), func(t *chat.Turn) error {
		for i := range 700 {
			if _, err := t.Receive(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("many", i), Text: "menu"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.advance(2 * time.Hour)
	w.receive(jane, "I want to speak with a person")
	w.settle()
	if got, want := k.textCounts(), map[string]int{unclearText: 1, annaHandedBack: 1, "I want to speak with a person": 1}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	w.helpdesk.changeTicket(remote, func(k *ticket) { k.open = false })
	w.ticketWebhook(jane)
	w.settle()
	if w.snapshot(jane).Ticket.Open {
		t.Error("the ticket counts as open after it was closed")
	}
}

func TestRefusedSyncIsNotRetried(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.helpdesk.fail(func(string) error {
		return &chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "refused", Text: "Gorgias refused it."}}
	}, nil)
	w.receive(jane, unclearText)
	w.settle()
	calls := len(w.helpdesk.calls)
	w.finishRetries()
	if n := len(w.helpdesk.calls); n != calls {
		t.Errorf("%d calls after the refusal", n-calls)
	}
	if waiting, failed := w.counts(); waiting != 0 || failed != 1 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
	w.helpdesk.fail(nil, nil)
	w.receive(jane, "one")
	w.settle()
	_, k := w.helpdesk.onlyTicket(t)
	if got, want := k.textCounts(), map[string]int{unclearText: 1, "one": 1}; !maps.Equal(got, want) {
		t.Errorf("after a later text: got %v, want %v", got, want)
	}
}
