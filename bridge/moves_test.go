package bridge_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
)

// A slowDesk takes its time to say who somebody is.
type slowDesk struct {
	*desk
	asked, answer chan struct{}
}

func (s slowDesk) FindOrCreateCustomer(context.Context, chat.Shopper) (string, error) {
	close(s.asked)
	<-s.answer
	return "4711", nil // in the account that was asked
}

func (s slowDesk) Helpdesk(context.Context, chat.Delivery) (bridge.Helpdesk, error) { return s, nil }

// TestMoveWhileAsked: what one helpdesk account says is no longer true when the
// shop has moved to another: the same id is a stranger's there.
func TestMoveWhileAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	slow := slowDesk{w.desk, make(chan struct{}), make(chan struct{})}
	w.worker.Helpdesks = slow
	w.hear(jane, strange)
	ended := make(chan struct{})
	go func() { defer close(ended); w.settle() }()
	<-slow.asked
	shop := w.door.Shop.ID
	if err := errors.Join(w.store.RemoveHelpdesk(w.ctx, shop, noon), w.store.SaveHelpdesk(w.ctx, helpdesk(shop, "other"), noon)); err != nil {
		t.Fatal(err)
	}
	close(slow.answer)
	<-ended
	if c := w.look(jane).Shopper.Customer; c != "" {
		t.Errorf("in the other account the shopper is customer %s of the first", c)
	}
	if k := w.look(jane).Ticket; k.Remote != "" {
		t.Errorf("the forgotten ticket is %s again", k.Remote)
	}
}

// TestForgiven: once the ticket says everything, nothing of it counts as failed.
func TestForgiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.desk.fail(func(call string) error {
		if call == "open" {
			return refuses
		}
		return nil
	}, nil)
	w.hear(jane, strange, "one")
	w.settle()
	w.desk.fail(nil, nil)
	w.hear(jane, "two")
	w.settle()
	_, k := w.desk.only(t)
	if waiting, failed := w.left(); failed != 0 {
		t.Errorf("the ticket says all (%v), and yet %d wait, %d failed for ever", k.says(), waiting, failed)
	}
}

// TestMendedKey: what waited for a key to be put right waits no longer.
func TestMendedKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.desk.fail(func(string) error {
		return &chat.SendError{Outcome: chat.Rejected, All: true, After: 15 * time.Minute, Problem: chat.Problem{Code: "key", Text: "Gorgias refuses the API key."}, Cause: errors.New("401")}
	}, nil)
	w.hear(jane, strange)
	w.settle()
	w.desk.fail(nil, nil)
	if err := w.store.SaveHelpdesk(w.ctx, helpdesk(w.door.Shop.ID, "tea"), w.time()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Turn(w.ctx, w.door.Shop.ID, w.conversation(jane), w.time(), func(t *chat.Turn) error { t.SyncTicket(); return nil }); err != nil {
		t.Fatal(err)
	}
	w.courier.Resume("gorgias/tea")
	w.settle()
	if len(w.desk.tickets) == 0 {
		t.Error("the key was mended, and there is no ticket")
	}
}

// TestStopOutlivesTheAccount: who asked a number for silence asked the number,
// not whoever carries it.
func TestStopOutlivesTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, "STOP")
	moved := w.door.Line
	moved.ID, moved.Account, moved.Endpoint = chat.NewID[chat.LineID](noon), "ACother", "line-other"
	if err := w.store.SaveLine(w.ctx, moved); err != nil {
		t.Fatal(err)
	}
	door, err := w.store.LineConfig(w.ctx, w.door.Line.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	in := w.incoming(jane, strange)
	in.Account = "ACother"
	if err := w.bridge.Receive(w.ctx, door, in); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if n := len(w.sender.taken); n != 0 {
		t.Errorf("%d texts left after STOP to that number", n)
	}
}
