package bridge_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// failures returns the failed list.
func (w *world) failures() []store.Failure {
	w.Helper()
	found, total, err := w.store.Failures(w.ctx, w.config.Shop.ID, 100)
	if err != nil || total != len(found) {
		w.Fatalf("%d of %d failures, %v", len(found), total, err)
	}
	return found
}

// eventTexts returns the texts of the conversation's events of a kind.
func (w *world) eventTexts(to chat.Phone, event chat.Event) (said []string) {
	w.Helper()
	for _, e := range w.snapshot(to).Entries {
		if e.Event == event {
			said = append(said, e.Text)
		}
	}
	return said
}

// texts returns the ticket's texts and notes, in order.
func (k *ticket) texts() (said []string) {
	for _, m := range k.messages {
		said = append(said, m.texts...)
		if m.note != "" {
			said = append(said, m.note)
		}
	}
	return said
}

// A refused text does not hold up those around it, and can be added later.
func TestRefusedTextIsLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	remote, k := w.helpdesk.onlyTicket(t)
	w.helpdesk.refuse("poison")
	w.receive(jane, "one", "poison", "two")
	w.settle()
	w.receive(jane, "three")
	w.settle()
	w.reply(jane, "poison")
	w.reply(jane, "Hello")
	w.settle()
	if got, want := k.texts(), []string{"one", "two", "three", "Anna texted by SMS: Hello"}; !slices.Equal(got, want) {
		t.Errorf("the ticket says %q, want %q", got, want)
	}
	want := "“poison” could not be added to ticket #" + remote + ". Gorgias refused it."
	if got := w.eventTexts(jane, chat.NotInTicket); !slices.Equal(got, []string{want, want}) {
		t.Errorf("events %q", got)
	}
	failed := w.failures()
	if len(failed) != 2 {
		t.Fatalf("%d failures", len(failed))
	}
	for _, f := range failed {
		if f.Kind != chat.AddMessage || f.Problem != "Gorgias refused it." || f.Remote != remote || f.Shopper.Phone != jane {
			t.Errorf("failure: %+v", f)
		}
	}

	if _, err := w.store.RetryAll(w.ctx, w.config.Shop.ID, w.time()); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if n := len(w.failures()); n != 2 {
		t.Errorf("retried while refused: %d failures, want 2", n)
	}
	w.helpdesk.refuse("")
	w.helpdesk.fail(nil, func(call string) error {
		if call == "append" || call == "note" {
			return errRefused // after the effect
		}
		return nil
	})
	for range 2 { // the second time, the message is found
		if _, err := w.store.RetryAll(w.ctx, w.config.Shop.ID, w.time()); err != nil {
			t.Fatal(err)
		}
		w.settle()
	}
	added := "“poison” was added to ticket #" + remote + "."
	if got := w.eventTexts(jane, chat.InTicketAfterAll); !slices.Equal(got, []string{added, added}) {
		t.Errorf("events %q", got)
	}
	if got, want := k.textCounts(), map[string]int{unclearText: 1, "one": 1, "two": 1, "three": 1, "poison": 1, "Anna texted by SMS: Hello": 1, "Anna texted by SMS: poison": 1}; !maps.Equal(got, want) {
		t.Errorf("after all retries the ticket says %v", got)
	}
	if waiting, failed := w.counts(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
}

// Refused tags and notes neither hold up texts nor get into the failed list.
func TestRefusedTagsAndNotesAreIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.helpdesk.fail(func(call string) error {
		if call == "tag" || call == "note" {
			return errRefused
		}
		return nil
	}, nil)
	w.receive(jane, unclearText)
	w.settle()
	first, _ := w.helpdesk.onlyTicket(t)
	w.advance(25 * time.Hour)                        // automation takes over again
	w.receive(jane, "I want to speak with a person") // another reason
	w.settle()
	w.receive(jane, "one")
	w.settle()
	w.helpdesk.changeTicket(first, func(k *ticket) { k.gone = true })
	w.receive(jane, "two")
	w.settle()
	if n := len(w.failures()); n != 0 {
		t.Errorf("%d failures", n)
	}
	w.receive(jane, "three")
	w.settle()
	if got := w.helpdesk.tickets[w.snapshot(jane).Ticket.Remote].textCounts(); got["three"] != 1 || got["I want to speak with a person"] != 1 {
		t.Errorf("the ticket says %v", got)
	}
	tags := 0
	for _, call := range w.helpdesk.calls {
		if call == "tag" {
			tags++
		}
	}
	if tags != 1 {
		t.Errorf("tags were set %d times, want once", tags)
	}
	if waiting, failed := w.counts(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
}

// An agent merges the customer into another during an escalation.
func TestCustomerMergedAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	_, k := w.helpdesk.onlyTicket(t)
	w.helpdesk.mu.Lock()
	w.helpdesk.merged = true
	w.helpdesk.mu.Unlock()
	w.receive(jane, "one", "two")
	w.settle()
	w.receive(jane, "three")
	w.settle()
	if got, want := k.texts(), []string{"one", "two", "three"}; !slices.Equal(got, want) || len(w.failures()) != 0 {
		t.Errorf("the ticket says %q, %d failures", got, len(w.failures()))
	}
	if c := w.snapshot(jane).Shopper.Customer; !strings.HasPrefix(c, "merged into") {
		t.Errorf("the shopper's customer is %q", c)
	}
	lookups := slices.DeleteFunc(slices.Clone(w.helpdesk.calls), func(call string) bool { return call != "person" })
	if len(lookups) != 2 {
		t.Errorf("the customer was looked up %d times, want 2", len(lookups))
	}
}

// The attempts to add a refused message, as the helpdesk sees them.
func TestRefusedMessageIsAttemptedInOrder(t *testing.T) {
	t.Parallel()
	refused := []string{"append", "see", "said"} // a refusal is confirmed
	for name, test := range map[string]struct {
		texts []string
		then  []string // calls after the first refusal
	}{
		"one text": {[]string{"poison"}, slices.Concat(
			[]string{"person"}, // the customer is the same
			refused,            // without the dialogue
		)},
		"the last of two": {[]string{"one", "poison"}, slices.Concat(
			[]string{"person"},
			[]string{"append"}, // the first text
			refused,            // the second one
			refused,            // without the dialogue
		)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.receive(jane, unclearText)
			w.settle()
			w.helpdesk.refuse("poison")
			calls := len(w.helpdesk.calls)
			w.receive(jane, test.texts...)
			w.settle()
			want := slices.Concat([]string{"see"}, refused, test.then)
			if got := w.helpdesk.calls[calls:]; !slices.Equal(got, want) {
				t.Errorf("calls %q, want %q", got, want)
			}
			if n := len(w.eventTexts(jane, chat.NotInTicket)); n != 1 {
				t.Errorf("%d events of a missing text, want 1", n)
			}
		})
	}
}
