package bridge_test

import (
	"slices"
	"testing"
	"time"
)

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
