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
	w.receive(jane, unclearText)
	w.settle()
	first, old := w.helpdesk.onlyTicket(t)
	w.helpdesk.fail(nil, func(call string) error {
		if call == "see" && !old.gone {
			old.gone = true
		}
		return nil
	})
	w.receive(jane, "one", "two")
	w.settle()
	w.finishRetries()
	remote := w.snapshot(jane).Ticket.Remote
	if got := w.helpdesk.tickets[remote].textCounts(); remote == first || got["one"] != 1 || got["two"] != 1 {
		t.Errorf("ticket %s says %v", remote, got)
	}
	if n := len(w.failures()); n != 0 {
		t.Errorf("%d failures", n)
	}
}

func TestTicketThatCannotBeReopenedIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	first, _ := w.helpdesk.onlyTicket(t)
	w.helpdesk.changeTicket(first, func(k *ticket) { k.open = false })
	w.ticketWebhook(jane)
	w.settle()
	w.helpdesk.fail(func(call string) error {
		if call == "reopen" {
			return errRefused
		}
		return nil
	}, nil)
	w.receive(jane, "now the red one fell apart as well")
	w.settle()
	k := w.snapshot(jane).Ticket
	if k.Remote == first || k.Remote == "" || w.helpdesk.tickets[k.Remote].textCounts()["now the red one fell apart as well"] != 1 {
		t.Errorf("the ticket is %+v", k)
	}
	if waiting, failed := w.counts(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
}

// Texts of an ended escalation that a lost ticket lacks get into another one.
func TestLostTicketIsReplacedForMissingTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	first, _ := w.helpdesk.onlyTicket(t)
	w.helpdesk.fail(func(string) error { return errUnreachable }, nil)
	w.receive(jane, "one")
	w.handBack(jane)
	w.settle()
	w.helpdesk.changeTicket(first, func(k *ticket) { k.gone = true })
	w.helpdesk.fail(nil, nil)
	w.finishRetries()
	k := w.snapshot(jane).Ticket
	if k.Remote == first || k.Remote == "" || w.helpdesk.tickets[k.Remote].textCounts()["one"] != 1 {
		t.Errorf("the ticket is %+v; the tickets say %v", k, w.helpdesk.textCounts())
	}
}

// A text that may reopen the ticket does so even if the helpdesk is down until after
// the time limit for reopening.
func TestClosedTicketIsReopenedAfterOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	first, k := w.helpdesk.onlyTicket(t)
	w.helpdesk.changeTicket(first, func(k *ticket) { k.open = false })
	w.ticketWebhook(jane)
	w.settle()
	w.advance(50 * time.Hour)
	w.helpdesk.fail(func(string) error { return errUnreachable }, nil)
	w.receive(jane, "the lid of the pot is missing too")
	w.settle()
	w.advance(50 * time.Hour)
	w.receive(jane, "and now the kettle leaks all over the place")
	w.settle()
	w.helpdesk.fail(nil, nil)
	w.finishRetries()
	if got, want := k.texts(), []string{"the lid of the pot is missing too", "and now the kettle leaks all over the place"}; !slices.Equal(got, want) || !k.open {
		t.Errorf("the ticket says %q; all tickets say %v", got, w.helpdesk.textCounts())
	}
	if n := len(w.helpdesk.tickets); n != 1 {
		t.Errorf("%d tickets", n)
	}
}
