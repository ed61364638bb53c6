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
	found, total, err := w.store.Failures(w.ctx, w.door.Shop.ID, 100)
	if err != nil || total != len(found) {
		w.Fatalf("%d of %d failures, %v", len(found), total, err)
	}
	return found
}

// eventTexts returns the texts of the conversation's events of a kind.
func (w *world) eventTexts(to chat.Phone, event chat.Event) (said []string) {
	w.Helper()
	for _, e := range w.look(to).Entries {
		if e.Event == event {
			said = append(said, e.Text)
		}
	}
	return said
}

// texts returns the ticket's texts and notes, in order.
func (k *ticket) texts() (said []string) {
	for _, m := range k.messages {
		said = append(said, m.said...)
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
	w.hear(jane, strange)
	w.settle()
	remote, k := w.desk.only(t)
	w.desk.refuse("poison")
	w.hear(jane, "one", "poison", "two")
	w.settle()
	w.hear(jane, "three")
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

	if _, err := w.store.RetryAll(w.ctx, w.door.Shop.ID, w.time()); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if n := len(w.failures()); n != 2 {
		t.Errorf("retried while refused: %d failures, want 2", n)
	}
	w.desk.refuse("")
	w.desk.fail(nil, func(call string) error {
		if call == "append" || call == "note" {
			return refuses // after the effect
		}
		return nil
	})
	for range 2 { // the second time, the message is found
		if _, err := w.store.RetryAll(w.ctx, w.door.Shop.ID, w.time()); err != nil {
			t.Fatal(err)
		}
		w.settle()
	}
	added := "“poison” was added to ticket #" + remote + "."
	if got := w.eventTexts(jane, chat.InTicketAfterAll); !slices.Equal(got, []string{added, added}) {
		t.Errorf("events %q", got)
	}
	if got, want := k.says(), map[string]int{strange: 1, "one": 1, "two": 1, "three": 1, "poison": 1, "Anna texted by SMS: Hello": 1, "Anna texted by SMS: poison": 1}; !maps.Equal(got, want) {
		t.Errorf("after all retries the ticket says %v", got)
	}
	if waiting, failed := w.left(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
}

// Refused tags and notes neither hold up texts nor get into the failed list.
func TestRefusedTagsAndNotesAreIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.desk.fail(func(call string) error {
		if call == "tag" || call == "note" {
			return refuses
		}
		return nil
	}, nil)
	w.hear(jane, strange)
	w.settle()
	first, _ := w.desk.only(t)
	w.pass(25 * time.Hour)                        // automation takes over again
	w.hear(jane, "I want to speak with a person") // another reason
	w.settle()
	w.hear(jane, "one")
	w.settle()
	w.desk.set(first, func(k *ticket) { k.gone = true })
	w.hear(jane, "two")
	w.settle()
	if n := len(w.failures()); n != 0 {
		t.Errorf("%d failures", n)
	}
	w.hear(jane, "three")
	w.settle()
	if got := w.desk.tickets[w.look(jane).Ticket.Remote].says(); got["three"] != 1 || got["I want to speak with a person"] != 1 {
		t.Errorf("the ticket says %v", got)
	}
	tags := 0
	for _, call := range w.desk.calls {
		if call == "tag" {
			tags++
		}
	}
	if tags != 1 {
		t.Errorf("tags were set %d times, want once", tags)
	}
	if waiting, failed := w.left(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
}

// An agent merges the customer into another during an escalation.
func TestCustomerMergedAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.settle()
	_, k := w.desk.only(t)
	w.desk.mu.Lock()
	w.desk.merged = true
	w.desk.mu.Unlock()
	w.hear(jane, "one", "two")
	w.settle()
	w.hear(jane, "three")
	w.settle()
	if got, want := k.texts(), []string{"one", "two", "three"}; !slices.Equal(got, want) || len(w.failures()) != 0 {
		t.Errorf("the ticket says %q, %d failures", got, len(w.failures()))
	}
	if c := w.look(jane).Shopper.Customer; !strings.HasPrefix(c, "merged into") {
		t.Errorf("the shopper's customer is %q", c)
	}
	lookups := slices.DeleteFunc(slices.Clone(w.desk.calls), func(call string) bool { return call != "person" })
	if len(lookups) != 2 {
		t.Errorf("the customer was looked up %d times, want 2", len(lookups))
	}
}

// A ticket that is trashed between two calls refuses everything. The texts get into
// another one.
func TestTicketTrashedDuringSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.settle()
	first, old := w.desk.only(t)
	w.desk.fail(nil, func(call string) error {
		if call == "see" && !old.gone {
			old.gone = true
		}
		return nil
	})
	w.hear(jane, "one", "two")
	w.settle()
	w.heal()
	remote := w.look(jane).Ticket.Remote
	if got := w.desk.tickets[remote].says(); remote == first || got["one"] != 1 || got["two"] != 1 {
		t.Errorf("ticket %s says %v", remote, got)
	}
	if n := len(w.failures()); n != 0 {
		t.Errorf("%d failures", n)
	}
}

func TestTicketThatCannotBeReopenedIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.settle()
	first, _ := w.desk.only(t)
	w.desk.set(first, func(k *ticket) { k.open = false })
	w.news(jane, false)
	w.settle()
	w.desk.fail(func(call string) error {
		if call == "reopen" {
			return refuses
		}
		return nil
	}, nil)
	w.hear(jane, "now the red one fell apart as well")
	w.settle()
	k := w.look(jane).Ticket
	if k.Remote == first || k.Remote == "" || w.desk.tickets[k.Remote].says()["now the red one fell apart as well"] != 1 {
		t.Errorf("the ticket is %+v", k)
	}
	if waiting, failed := w.left(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
}

// Texts of an ended escalation that a lost ticket lacks get into another one.
func TestLostTicketIsReplacedForMissingTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.settle()
	first, _ := w.desk.only(t)
	w.desk.fail(func(string) error { return away }, nil)
	w.hear(jane, "one")
	w.handBack(jane)
	w.settle()
	w.desk.set(first, func(k *ticket) { k.gone = true })
	w.desk.fail(nil, nil)
	w.heal()
	k := w.look(jane).Ticket
	if k.Remote == first || k.Remote == "" || w.desk.tickets[k.Remote].says()["one"] != 1 {
		t.Errorf("the ticket is %+v; the tickets say %v", k, w.desk.says())
	}
}

// A text that may reopen the ticket does so even if the helpdesk is down until after
// the time limit for reopening.
func TestClosedTicketIsReopenedAfterOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.settle()
	first, k := w.desk.only(t)
	w.desk.set(first, func(k *ticket) { k.open = false })
	w.news(jane, false)
	w.settle()
	w.pass(50 * time.Hour)
	w.desk.fail(func(string) error { return away }, nil)
	w.hear(jane, "the lid of the pot is missing too")
	w.settle()
	w.pass(50 * time.Hour)
	w.hear(jane, "and now the kettle leaks all over the place")
	w.settle()
	w.desk.fail(nil, nil)
	w.heal()
	if got, want := k.texts(), []string{"the lid of the pot is missing too", "and now the kettle leaks all over the place"}; !slices.Equal(got, want) || !k.open {
		t.Errorf("the ticket says %q; all tickets say %v", got, w.desk.says())
	}
	if n := len(w.desk.tickets); n != 1 {
		t.Errorf("%d tickets", n)
	}
}

func TestTicketSaysThatAgentsTextFailed(t *testing.T) {
	t.Parallel()
	fails := func(w *world, seq int64) {
		err := w.bridge.Report(w.ctx, chat.Attempt{Shop: w.door.Shop.ID, Conversation: w.conversation(jane), Entry: seq},
			chat.Report{State: chat.Failed, Problem: &chat.Problem{Code: "30003", Text: "The phone is off."}})
		if err != nil {
			w.Error(err)
		}
	}
	const text, late, early = "Anna texted by SMS: On it", "Anna's text “On it” did not arrive. The phone is off.", "Anna texted by SMS (it did not arrive: The phone is off.): On it"
	for name, test := range map[string]struct {
		story func(w *world)
		want  map[string]int
	}{
		"later": {func(w *world) {
			seq := w.reply(jane, "On it")
			w.settle()
			fails(w, seq)
			fails(w, seq)
		}, map[string]int{text: 1, late: 1}},
		"while it is being added": {func(w *world) {
			seq := w.reply(jane, "On it")
			w.desk.fail(func(call string) error {
				if call == "note" {
					w.desk.fault = nil
					fails(w, seq)
				}
				return nil
			}, nil)
		}, map[string]int{text: 1, late: 1}},
		"added in a try whose answer was lost": {func(w *world) {
			seq := w.reply(jane, "On it")
			w.desk.fail(nil, func(call string) error {
				if call == "note" {
					w.desk.blind = nil
					fails(w, seq)
					return away
				}
				return nil
			})
		}, map[string]int{text: 1, late: 1}},
		"before": {func(w *world) {
			w.desk.fail(func(string) error { return away }, nil)
			seq := w.reply(jane, "On it")
			w.settle()
			fails(w, seq)
			w.desk.fail(nil, nil)
		}, map[string]int{early: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.hear(jane, strange)
			w.settle()
			_, k := w.desk.only(t)
			test.story(w)
			w.settle()
			w.heal()
			got := k.says()
			if delete(got, strange); !maps.Equal(got, test.want) {
				t.Errorf("the ticket says %v, want %v", got, test.want)
			}
		})
	}
}

// A note for a trashed ticket is dropped; for another ticket it is a failure.
func TestRefusedNoteFailsUnlessTicketIsGone(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]bool{"gone": true, "there": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.hear(jane, strange)
			w.settle()
			remote, _ := w.desk.only(t)
			seq := w.reply(jane, "On it")
			w.settle()
			w.desk.set(remote, func(k *ticket) { k.gone = gone })
			w.desk.fail(func(call string) error {
				if call == "note" {
					return refuses
				}
				return nil
			}, nil)
			err := w.bridge.Report(w.ctx, chat.Attempt{Shop: w.door.Shop.ID, Conversation: w.conversation(jane), Entry: seq},
				chat.Report{State: chat.Failed, Problem: &chat.Problem{Code: "30003", Text: "The phone is off."}})
			if err != nil {
				t.Fatal(err)
			}
			w.settle()
			w.heal()
			if n := len(w.failures()); (n == 0) != gone {
				t.Errorf("%d failures", n)
			}
		})
	}
}
