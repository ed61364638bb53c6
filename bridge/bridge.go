// Package bridge has the use cases: receive a shopper's text, send an agent's
// reply, record a provider's report, react to a ticket's change. Work outside is
// decided in the same turn, as deliveries, for which it has the handlers.
package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidetext/chat"
	"sidetext/keyword"
)

// Turns runs changes of conversations. The store implements it. When a method
// returns without error, the whole turn is durable.
type Turns interface {
	// Receive runs a turn in the conversation of a line with a phone, which it
	// creates if there is none.
	Receive(ctx context.Context, at chat.LineConfig, from chat.Phone, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error)
	// Turn runs a turn in an existing conversation.
	Turn(ctx context.Context, shop chat.ShopID, id chat.ConversationID, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error)
}

// A Bridge runs the use cases. Its methods are safe for concurrent use; none waits
// for a vendor.
type Bridge struct {
	Turns   Turns
	Now     func() time.Time
	Publish func(*chat.Turn) // called after a turn with a visible change
	Wake    func()           // called after a turn that added deliveries
}

// Receive saves a shopper's text and decides how to react to it. When it returns
// without error the text is durable, and the provider's request may be answered.
// Receiving a text again changes nothing.
func (b *Bridge) Receive(ctx context.Context, at chat.LineConfig, in chat.Incoming) error {
	// Before the turn, because turns run one at a time and reading takes longer.
	meaning := keyword.Read(in.Text, keyword.State{})
	t, err := b.Turns.Receive(ctx, at, in.From, b.Now(), func(t *chat.Turn) error {
		e, err := t.Receive(in)
		if err != nil {
			return err
		}
		superseded, err := isSuperseded(t, e, in.At)
		if err != nil {
			return err
		}
		return decide(t, in, meaning, superseded)
	})
	return b.finishTurn(t, err, "receive")
}

// A Reply is a text that an agent wants to send.
type Reply struct {
	ID     string // chosen by the browser: sending it twice changes nothing
	Text   string
	Seen   int64 // the newest entry on the agent's screen
	Anyway bool  // send it although a colleague has replied since Seen
}

// Reply saves an agent's text for sending and returns its place. The same id
// again returns the same place.
func (b *Bridge) Reply(ctx context.Context, shop chat.ShopID, id chat.ConversationID, agent chat.Author, r Reply) (seq int64, err error) {
	t, err := b.Turns.Turn(ctx, shop, id, b.Now(), func(t *chat.Turn) error {
		e, err := t.SendText(agent, r.ID, r.Text, r.Seen, r.Anyway)
		seq = e.Seq
		if errors.Is(err, chat.ErrRepeat) {
			seq, err = t.History.Find(chat.FromAgent(r.ID))
		}
		return err
	})
	return seq, b.finishTurn(t, err, "reply")
}

// SendAgain saves a copy of the text at place seq for sending, as Reply does, and
// returns the place of the copy.
func (b *Bridge) SendAgain(ctx context.Context, shop chat.ShopID, id chat.ConversationID, agent chat.Author, seq int64, r Reply) (copied int64, err error) {
	t, err := b.Turns.Turn(ctx, shop, id, b.Now(), func(t *chat.Turn) error {
		e, err := t.SendAgain(agent, r.ID, seq, r.Seen, r.Anyway)
		copied = e.Seq
		if errors.Is(err, chat.ErrRepeat) {
			copied, err = t.History.Find(chat.FromAgent(r.ID))
		}
		return err
	})
	return copied, b.finishTurn(t, err, "send again")
}

// CheckAgain schedules another check of the status of the text at place seq.
func (b *Bridge) CheckAgain(ctx context.Context, shop chat.ShopID, id chat.ConversationID, seq int64) error {
	t, err := b.Turns.Turn(ctx, shop, id, b.Now(), func(t *chat.Turn) error { return t.CheckAgain(seq) })
	return b.finishTurn(t, err, "check again")
}

// KeepAsIs records that an agent accepts the unknown status of the text at place
// seq.
func (b *Bridge) KeepAsIs(ctx context.Context, shop chat.ShopID, id chat.ConversationID, agent chat.Author, seq int64) error {
	t, err := b.Turns.Turn(ctx, shop, id, b.Now(), func(t *chat.Turn) error { return t.KeepAsIs(agent, seq) })
	return b.finishTurn(t, err, "keep as is")
}

// HandBack gives a conversation back to automation.
func (b *Bridge) HandBack(ctx context.Context, shop chat.ShopID, id chat.ConversationID, agent chat.Author) error {
	t, err := b.Turns.Turn(ctx, shop, id, b.Now(), func(t *chat.Turn) error {
		t.HandBack(agent, "")
		t.SyncTicket() // the ticket may lack the last texts
		return nil
	})
	return b.finishTurn(t, err, "hand back")
}

// Report records a status callback of a provider.
func (b *Bridge) Report(ctx context.Context, a chat.Attempt, r chat.Report) error {
	r.From = chat.FromCallback
	t, err := b.Turns.Turn(ctx, a.Shop, a.Conversation, b.Now(), func(t *chat.Turn) error { return report(t, a, r) })
	return b.finishTurn(t, err, "report")
}

// report records a report. An opt-out that it implies is ignored if the shopper
// has texted START since.
func report(t *chat.Turn, a chat.Attempt, r chat.Report) error {
	if r.OptedOut {
		started, err := startedSince(t, a.Entry)
		if err != nil {
			return err
		}
		r.OptedOut = !started
	}
	return t.Report(a, r)
}

// SyncTicket schedules a sync after a webhook about a conversation's ticket. Such
// requests may be late, repeated and out of order, so the sync reads the ticket's
// state itself.
func (b *Bridge) SyncTicket(ctx context.Context, shop chat.ShopID, id chat.ConversationID) error {
	t, err := b.Turns.Turn(ctx, shop, id, b.Now(), func(t *chat.Turn) error {
		if t.Ticket != nil && !t.Ticket.Lost && t.Ticket.Remote != "" {
			t.SyncTicket()
		}
		return nil
	})
	return b.finishTurn(t, err, "schedule ticket sync")
}

// finishTurn publishes a saved turn and wakes the courier for its deliveries. If the
// turn failed with err, it returns that error with the name of the step, or nil for
// chat.ErrRepeat.
func (b *Bridge) finishTurn(t *chat.Turn, err error, step string) error {
	if errors.Is(err, chat.ErrRepeat) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("bridge: %s: %w", step, err)
	}
	if t.HasChanges() {
		b.Publish(t)
	}
	if len(t.Deliveries) > 0 {
		b.Wake()
	}
	return nil
}
