package bridge_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
)

// A slowHelpdesk answers a look-up of a customer when answer is closed.
type slowHelpdesk struct {
	*fakeHelpdesk
	asked, answer chan struct{}
}

func (s slowHelpdesk) FindOrCreateCustomer(context.Context, chat.Shopper) (string, error) {
	close(s.asked)
	<-s.answer
	return "4711", nil // its id in the first account
}

func (s slowHelpdesk) Helpdesk(context.Context, chat.Delivery) (bridge.Helpdesk, error) {
	return s, nil
}

// The answer of a helpdesk account is dropped if the shop has moved to another one
// meanwhile, where the same id is another customer's.
func TestHelpdeskMovedDuringSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	slow := slowHelpdesk{w.helpdesk, make(chan struct{}), make(chan struct{})}
	w.worker.Helpdesks = slow
	w.receive(jane, unclearText)
	ended := make(chan struct{})
	go func() { defer close(ended); w.settle() }()
	<-slow.asked
	shop := w.config.Shop.ID
	if err := errors.Join(w.store.RemoveHelpdesk(w.ctx, shop, noon), w.store.SaveHelpdesk(w.ctx, helpdesk(shop, "other"), noon)); err != nil {
		t.Fatal(err)
	}
	close(slow.answer)
	<-ended
	if c := w.snapshot(jane).Shopper.Customer; c != "" {
		t.Errorf("the shopper has customer id %s of the first account", c)
	}
	if k := w.snapshot(jane).Ticket; k.Remote != "" {
		t.Errorf("the ticket has the id %s of the first account", k.Remote)
	}
}

// A failed sync is no failure any more once a later one has succeeded.
func TestSuccessfulSyncClearsFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.helpdesk.fail(func(call string) error {
		if call == "open" {
			return errRefused
		}
		return nil
	}, nil)
	w.receive(jane, unclearText, "one")
	w.settle()
	w.helpdesk.fail(nil, nil)
	w.receive(jane, "two")
	w.settle()
	_, k := w.helpdesk.onlyTicket(t)
	if waiting, failed := w.counts(); failed != 0 {
		t.Errorf("the ticket says all (%v), but %d wait, %d failed", k.textCounts(), waiting, failed)
	}
}

// A delivery that waits because of a wrong API key runs once the key is corrected.
func TestCorrectedKeyResumesSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.helpdesk.fail(func(string) error {
		return &chat.SendError{Outcome: chat.Rejected, WholeAccount: true, RetryAfter: 15 * time.Minute, Problem: chat.Problem{Code: "key", Text: "Gorgias refuses the API key."}, Cause: errors.New("401")}
	}, nil)
	w.receive(jane, unclearText)
	w.settle()
	w.helpdesk.fail(nil, nil)
	if err := w.store.SaveHelpdesk(w.ctx, helpdesk(w.config.Shop.ID, "tea"), w.time()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Turn(w.ctx, w.config.Shop.ID, w.conversation(jane), w.time(), func(t *chat.Turn) error { t.SyncTicket(); return nil }); err != nil {
		t.Fatal(err)
	}
	w.courier.Resume("gorgias/tea")
	w.settle()
	if len(w.helpdesk.tickets) == 0 {
		t.Error("no ticket after the key was corrected")
	}
}

// An opt-out belongs to the shop's number and survives a change of the provider's
// account.
func TestOptOutSurvivesNewProviderAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, "STOP")
	moved := w.config.Line
	moved.ID, moved.Account, moved.Endpoint = chat.NewID[chat.LineID](noon), "ACother", "line-other"
	if err := w.store.SaveLine(w.ctx, moved); err != nil {
		t.Fatal(err)
	}
	line, err := w.store.LineConfig(w.ctx, w.config.Line.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	in := w.incoming(jane, unclearText)
	in.Account = "ACother"
	if err := w.bridge.Receive(w.ctx, line, in); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if n := len(w.sender.accepted); n != 0 {
		t.Errorf("sent %d texts after STOP to that number", n)
	}
}
