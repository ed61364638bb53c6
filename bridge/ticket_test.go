package bridge_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// only is the one ticket there is.
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

// annaHandedBack is the note about a hand-back, for the other agents.
const annaHandedBack = "Anna handed the texts back to automation. They come here again when they need a person."

func (w *world) handBack(of chat.Phone) {
	w.Helper()
	if err := w.bridge.HandBack(w.ctx, w.door.Shop.ID, w.conversation(of), anna); err != nil {
		w.Fatal(err)
	}
}

func TestATicketSaysWhatTheConversationSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, "menu", strange)
	w.settle()
	remote, k := w.desk.only(t)
	if n := len(k.opening); n != 3 || k.opening[0].Text != "menu" {
		t.Errorf("the ticket begins with %d entries, want the exchange: 3", n)
	}
	if !slices.Equal(k.tags, []chat.Reason{chat.UnknownKeyword}) {
		t.Errorf("tags: %v", k.tags)
	}
	sight := w.look(jane)
	if sight.Ticket.Remote != remote || sight.Entries[len(sight.Entries)-1].Event != chat.TicketOpened {
		t.Errorf("the conversation says %+v", sight.Ticket)
	}

	w.hear(jane, "one", "two", "three")
	w.settle()
	if m := k.messages[0]; len(k.messages) != 1 || !slices.Equal(m.said, []string{"one", "two", "three"}) || len(m.quoted) == 0 {
		t.Errorf("texts in a row became %+v", k.messages)
	}
	w.reply(jane, "On it")
	w.hear(jane, "four")
	w.settle()
	if n := len(k.messages); n != 3 || k.messages[1].note != "Anna texted by SMS: On it" || k.messages[2].said[0] != "four" {
		t.Errorf("an answer and a text became %+v", k.messages[1:])
	}
	w.hear(jane, "STOP")
	w.settle()
	if n := len(k.messages); n != 5 || k.messages[3].said[0] != "STOP" || k.messages[4].note == "" {
		t.Errorf("STOP became %+v", k.messages[3:])
	}
	calls := len(w.desk.calls)
	w.settle()
	if n := len(w.desk.calls); n != calls {
		t.Errorf("with nothing to say there were calls: %v", w.desk.calls[calls:])
	}
	if waiting, failed := w.left(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
}

func TestWhatAutomationDidInBetweenStaysOut(t *testing.T) {
	t.Parallel()
	for name, early := range map[string]bool{"the ticket was there": true, "the ticket comes later": false} {
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
			if early { // otherwise there was no ticket to note it on
				want[annaHandedBack] = 1
			}
			if got := k.says(); !maps.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if got := k.tags[len(k.tags)-1]; got != chat.AskedForPerson {
				t.Errorf("the new reason is no tag: %v", k.tags)
			}
		})
	}
}

func TestClosingReopeningAndLosingATicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.settle()
	first, k := w.desk.only(t)
	end := func(remote string) {
		w.desk.set(remote, func(k *ticket) { k.open = false })
		w.news(jane, false)
		w.settle()
		if s := w.look(jane); s.Escalation != nil || s.Ticket.Open {
			t.Fatalf("after a close: %+v, %+v", s.Escalation, s.Ticket)
		}
	}
	end(first)
	w.pass(71 * time.Hour)
	w.hear(jane, "it is still broken in the rain")
	w.settle()
	if s := w.look(jane); !k.open || !s.Ticket.Open || s.Escalation == nil || len(w.desk.tickets) != 1 {
		t.Fatalf("a text soon after did not reopen the ticket: %+v", s.Ticket)
	}
	end(first)
	w.desk.set(first, func(k *ticket) { k.open = true }) // by an agent
	w.news(jane, true)
	w.settle()
	if s := w.look(jane); s.Escalation == nil || s.Escalation.Reason != chat.TakenOver || !s.Ticket.Open {
		t.Fatalf("an agent who reopens the ticket does not have the conversation: %+v", s.Escalation)
	}
	end(first)
	w.pass(73 * time.Hour)
	w.hear(jane, "now the red one fell apart as well")
	w.settle()
	second := w.look(jane).Ticket.Remote
	if second == first || len(w.desk.tickets) != 2 {
		t.Fatal("a text long after did not open another ticket")
	}
	if m := w.desk.tickets[second].messages; len(m) != 1 || m[0].note != "Earlier texts with this shopper are in ticket #"+first+"." {
		t.Errorf("the ticket before is not mentioned: %+v", m)
	}
	w.reply(jane, "Oh dear")
	w.settle()
	w.desk.set(second, func(k *ticket) { k.gone = true })
	w.hear(jane, "hello?")
	w.settle()
	third := w.look(jane).Ticket.Remote
	if third == second || len(w.desk.tickets) != 3 {
		t.Fatal("a lost ticket was not replaced")
	}
	want := map[string]int{
		"now the red one fell apart as well": 1, "Oh dear": 1, "hello?": 1, "Earlier texts with this shopper are in ticket #" + second + ".": 1,
	}
	if got := w.desk.tickets[third].says(); !maps.Equal(got, want) {
		t.Errorf("its place took a ticket that says %v, want %v", got, want)
	}
	w.handBack(jane)
	w.settle()
	w.desk.set(third, func(k *ticket) { k.gone = true })
	w.news(jane, false)
	w.settle()
	if s := w.look(jane); !s.Ticket.Lost || len(w.desk.tickets) != 3 {
		t.Error("a ticket that nobody waits for was replaced")
	}
}

func TestDisconnectedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.desk.fail(nil, func(call string) error { // while the ticket is being opened
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

// A helpdesk that was away for long, and a shopper who did not stop texting.
func TestMoreThanFitsInOneGo(t *testing.T) {
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
			t.Errorf("%q is there %d times", text, n)
		}
	}
	for _, m := range k.messages {
		if len(m.said) > 20 || len(m.quoted) > chat.MaxDialogue {
			t.Errorf("a message says %d texts and quotes %d entries", len(m.said), len(m.quoted))
		}
	}
}

// A shopper who managed alone for long, before a person was needed again.
func TestALongTalkWithAutomationStaysOut(t *testing.T) {
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
		t.Error("the close was not noticed")
	}
}

func TestWhatTheHelpdeskRefusesDoesNotComeBack(t *testing.T) {
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
		t.Errorf("it was asked again %d times", n-calls)
	}
	if waiting, failed := w.left(); waiting != 0 || failed != 1 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
	w.desk.fail(nil, nil)
	w.hear(jane, "one")
	w.settle()
	_, k := w.desk.only(t)
	if got, want := k.says(), map[string]int{strange: 1, "one": 1}; !maps.Equal(got, want) {
		t.Errorf("later: got %v, want %v", got, want)
	}
}

func TestACodeIsPostedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.settle()
	remote, k := w.desk.only(t)
	post := func(text string) {
		id := chat.NewID[chat.DeliveryID](w.time())
		_, err := w.store.MakeCode(w.ctx, store.Code{Shop: w.door.Shop.ID, Conversation: w.conversation(jane), Agent: chat.Agent{ID: "7", Name: "Anna"}}, "123456", chat.Delivery{
			ID: id, Shop: w.door.Shop.ID, Kind: chat.PostCode, Account: "gorgias/tea", Lane: "code/" + string(id),
			Conversation: w.conversation(jane), Ticket: remote, Payload: chat.EncodePayload(chat.CodePayload{Text: text}), Due: w.time(), Urgent: true,
		}, w.time())
		if err != nil {
			t.Fatal(err)
		}
	}
	first := true
	w.desk.fail(nil, func(string) error {
		if first {
			first = false
			return errors.New("reset")
		}
		return nil
	})
	post("123456 is the code")
	w.settle()
	w.pass(20 * time.Second)
	w.settle()
	if got := k.says()["123456 is the code"]; got != 1 {
		t.Errorf("posted %d times", got)
	}
	if waiting, failed := w.left(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
	w.desk.fail(func(string) error { return away }, nil)
	post("111111 is the code")
	w.settle()
	w.desk.fail(nil, nil)
	w.heal() // takes longer than a code lasts
	if waiting, failed := w.left(); waiting+failed != 0 || k.says()["111111 is the code"] != 0 {
		t.Errorf("a code that works no more: %d wait, %d failed; the ticket says %v", waiting, failed, k.says())
	}
	if err := w.store.RemoveHelpdesk(w.ctx, w.door.Shop.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	post("654321 is the code")
	w.heal()
	if waiting, failed := w.left(); waiting+failed != 0 || k.says()["654321 is the code"] != 0 {
		t.Errorf("without a helpdesk: %d wait, %d failed", waiting, failed)
	}
}
