package bridge_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

// only returns the one ticket that must exist.
func (d *desk) only(t tester) (string, *ticket) {
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
	if err := w.bridge.HandBack(w.ctx, w.door.Shop.ID, w.conversation(of), anna); err != nil {
		w.Fatal(err)
	}
}

func TestTicketFollowsConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, "menu", strange)
	w.settle()
	remote, k := w.desk.only(t)
	if n := len(k.opening); n != 3 || k.opening[0].Text != "menu" {
		t.Errorf("the ticket begins with %d entries, want the 3 of the escalation", n)
	}
	if !slices.Equal(k.tags, []chat.Reason{chat.UnknownKeyword}) {
		t.Errorf("tags: %v", k.tags)
	}
	snapshot := w.look(jane)
	if snapshot.Ticket.Remote != remote || snapshot.Entries[len(snapshot.Entries)-1].Event != chat.TicketOpened {
		t.Errorf("the conversation's ticket: %+v", snapshot.Ticket)
	}

	w.hear(jane, "one", "two", "three")
	w.settle()
	if m := k.messages[0]; len(k.messages) != 1 || !slices.Equal(m.said, []string{"one", "two", "three"}) || len(m.quoted) == 0 {
		t.Errorf("three texts in a row: messages %+v", k.messages)
	}
	w.reply(jane, "On it")
	w.hear(jane, "four")
	w.settle()
	if n := len(k.messages); n != 3 || k.messages[1].note != "Anna texted by SMS: On it" || k.messages[2].said[0] != "four" {
		t.Errorf("a reply and a text: messages %+v", k.messages[1:])
	}
	w.hear(jane, "STOP")
	w.settle()
	if n := len(k.messages); n != 5 || k.messages[3].said[0] != "STOP" || k.messages[4].note == "" {
		t.Errorf("STOP: messages %+v", k.messages[3:])
	}
	calls := len(w.desk.calls)
	w.settle()
	if n := len(w.desk.calls); n != calls {
		t.Errorf("calls without anything new: %v", w.desk.calls[calls:])
	}
	if waiting, failed := w.left(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
}

func TestTicketOmitsAutomatedExchange(t *testing.T) {
	t.Parallel()
	for name, early := range map[string]bool{"ticket created before": true, "ticket created after": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.hear(jane, strange)
			if early {
				w.settle()
			}
			w.hear(jane, "one")
			w.handBack(jane)
			w.pass(2 * time.Hour)
			w.hear(jane, "menu")
			w.pass(2 * time.Hour)
			w.hear(jane, "options", "I want to speak with a person")
			w.settle()
			_, k := w.desk.only(t)
			want := map[string]int{strange: 1, "one": 1, "options": 1, "I want to speak with a person": 1}
			if early { // otherwise there was no ticket for the note
				want[annaHandedBack] = 1
			}
			if got := k.says(); !maps.Equal(got, want) {
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
	w.hear(jane, strange)
	w.settle()
	first, k := w.desk.only(t)
	closeTicket := func(remote string) {
		w.desk.set(remote, func(k *ticket) { k.open = false })
		w.news(jane, false)
		w.settle()
		if s := w.look(jane); s.Escalation != nil || s.Ticket.Open {
			t.Fatalf("closed: escalation %+v, ticket %+v", s.Escalation, s.Ticket)
		}
	}
	closeTicket(first)
	w.pass(71 * time.Hour)
	w.hear(jane, "it is still broken in the rain")
	w.settle()
	if s := w.look(jane); !k.open || !s.Ticket.Open || s.Escalation == nil || len(w.desk.tickets) != 1 {
		t.Fatalf("text after 71 hours: ticket %+v, want it reopened", s.Ticket)
	}
	closeTicket(first)
	w.desk.set(first, func(k *ticket) { k.open = true }) // by an agent
	w.news(jane, true)
	w.settle()
	if s := w.look(jane); s.Escalation == nil || s.Escalation.Reason != chat.TakenOver || !s.Ticket.Open {
		t.Fatalf("reopened by an agent: escalation %+v", s.Escalation)
	}
	closeTicket(first)
	w.pass(73 * time.Hour)
	w.hear(jane, "now the red one fell apart as well")
	w.settle()
	second := w.look(jane).Ticket.Remote
	if second == first || len(w.desk.tickets) != 2 {
		t.Fatal("text after 73 hours: no new ticket")
	}
	if m := w.desk.tickets[second].messages; len(m) != 1 || m[0].note != "Earlier texts with this shopper are in ticket #"+first+"." {
		t.Errorf("messages %+v, want a note on the earlier ticket", m)
	}
	w.reply(jane, "Oh dear")
	w.settle()
	w.desk.set(second, func(k *ticket) { k.gone = true })
	w.hear(jane, "hello?")
	w.settle()
	third := w.look(jane).Ticket.Remote
	if third == second || len(w.desk.tickets) != 3 {
		t.Fatal("the lost ticket was not replaced")
	}
	want := map[string]int{
		"now the red one fell apart as well": 1, "Oh dear": 1, "hello?": 1, "Earlier texts with this shopper are in ticket #" + second + ".": 1,
	}
	if got := w.desk.tickets[third].says(); !maps.Equal(got, want) {
		t.Errorf("the new ticket says %v, want %v", got, want)
	}
	w.handBack(jane)
	w.settle()
	w.desk.set(third, func(k *ticket) { k.gone = true })
	w.news(jane, false)
	w.settle()
	if s := w.look(jane); !s.Ticket.Lost || len(w.desk.tickets) != 3 {
		t.Error("a lost ticket was replaced without an escalation")
	}
}

func TestHelpdeskDisconnectedDuringSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.desk.fail(nil, func(call string) error { // while the ticket is being created
		if call != "person" {
			return nil
		}
		return w.store.RemoveHelpdesk(w.ctx, w.door.Shop.ID, time.Now())
	})
	w.settle()
	w.hear(jane, "one")
	w.heal()
	if waiting, failed := w.left(); waiting+failed != 0 {
		t.Fatalf("%d deliveries wait, %d failed", waiting, failed)
	}
	w.desk.fail(nil, nil)
	if err := w.store.SaveHelpdesk(w.ctx, helpdesk(w.door.Shop.ID, "tea"), noon); err != nil {
		t.Fatal(err)
	}
	w.hear(jane, "two")
	w.settle()
	_, k := w.desk.only(t)
	if got, want := k.says(), map[string]int{strange: 1, "one": 1, "two": 1}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// More texts wait than one snapshot holds, because the helpdesk was down for long.
func TestTicketGetsMoreTextsThanOneSnapshotHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.settle()
	const many = 1300
	_, err := w.store.Turn(w.ctx, w.door.Shop.ID, w.conversation(jane), w.time(), func(t *chat.Turn) error {
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
	_, k := w.desk.only(t)
	if n := len(k.says()); n != many+1 {
		t.Errorf("the ticket says %d texts of %d", n, many+1)
	}
	for text, n := range k.says() {
		if n != 1 {
			t.Errorf("the ticket says %q %d times", text, n)
		}
	}
	for _, m := range k.messages {
		if len(m.said) > 20 || len(m.quoted) > chat.MaxDialogue {
			t.Errorf("a message has %d texts and quotes %d", len(m.said), len(m.quoted))
		}
	}
}

// A long automated exchange lies between two escalations.
func TestTicketOmitsLongAutomatedExchange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.settle()
	remote, k := w.desk.only(t)
	w.handBack(jane)
	w.settle()
	_, err := w.store.Turn(w.ctx, w.door.Shop.ID, w.conversation(jane), w.time(), func(t *chat.Turn) error {
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
	w.pass(2 * time.Hour)
	w.hear(jane, "I want to speak with a person")
	w.settle()
	if got, want := k.says(), map[string]int{strange: 1, annaHandedBack: 1, "I want to speak with a person": 1}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	w.desk.set(remote, func(k *ticket) { k.open = false })
	w.news(jane, false)
	w.settle()
	if w.look(jane).Ticket.Open {
		t.Error("the ticket counts as open after it was closed")
	}
}

func TestRefusedSyncIsNotRetried(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.desk.fail(func(string) error {
		return &chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "refused", Text: "Gorgias refused it."}}
	}, nil)
	w.hear(jane, strange)
	w.settle()
	calls := len(w.desk.calls)
	w.heal()
	if n := len(w.desk.calls); n != calls {
		t.Errorf("%d calls after the refusal", n-calls)
	}
	if waiting, failed := w.left(); waiting != 0 || failed != 1 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
	w.desk.fail(nil, nil)
	w.hear(jane, "one")
	w.settle()
	_, k := w.desk.only(t)
	if got, want := k.says(), map[string]int{strange: 1, "one": 1}; !maps.Equal(got, want) {
		t.Errorf("after a later text: got %v, want %v", got, want)
	}
}
