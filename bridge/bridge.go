// Package bridge decides what becomes of a message: a shopper's text, an
// agent's answer, a provider's report, a helpdesk's news; and its courier
// carries out what was decided.
package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidetext/chat"
	"sidetext/keyword"
)

// Turns keeps conversations. The store has the real one. A turn is kept whole
// and durably when it returns without error.
type Turns interface {
	// Receive takes a turn with whoever texts a door's line from a phone.
	Receive(ctx context.Context, at chat.LineConfig, from chat.Phone, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error)
	// Turn takes a turn in a conversation that is there.
	Turn(ctx context.Context, shop chat.ShopID, id chat.ConversationID, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error)
}

// A Bridge decides. Its methods may be called from anywhere; none waits for a
// vendor.
type Bridge struct {
	Turns   Turns
	Now     func() time.Time
	Publish func(*chat.Turn) // a turn was kept that viewers can see
	Wake    func()           // there is something to deliver
}

// Receive takes in a text. When it returns without error the text is kept; only
// then may the provider be told so. Hearing of it again changes nothing.
func (b *Bridge) Receive(ctx context.Context, at chat.LineConfig, in chat.Incoming) error {
	// Reading takes longer than keeping, and turns are taken one at a time.
	means := keyword.Read(in.Text, keyword.State{})
	t, err := b.Turns.Receive(ctx, at, in.From, b.Now(), func(t *chat.Turn) error {
		e, err := t.Receive(in)
		if err != nil {
			return err
		}
		overtaken, err := overtaken(t, e, in.At)
		if err != nil {
			return err
		}
		return decide(t, in, means, overtaken)
	})
	return b.kept(t, err, "receive")
}

// A Reply is what an agent wants to say.
type Reply struct {
	ID     string // the browser's own name for it
	Text   string
	Seen   int64 // the newest entry on the agent's screen
	Anyway bool  // although a colleague answered meanwhile
}

// Reply keeps an agent's text and returns its place. Asking again with the same
// id returns the same place.
func (b *Bridge) Reply(ctx context.Context, shop chat.ShopID, id chat.ConversationID, agent chat.Author, r Reply) (seq int64, err error) {
	t, err := b.Turns.Turn(ctx, shop, id, b.Now(), func(t *chat.Turn) error {
		e, err := t.SendText(agent, r.ID, r.Text, r.Seen, r.Anyway)
		if seq = e.Seq; errors.Is(err, chat.ErrRepeat) {
			seq, err = t.History.Find(chat.FromAgent(r.ID))
		}
		return err
	})
	return seq, b.kept(t, err, "reply")
}

// Again keeps the text at place seq once more, as Reply does, because an agent
// wants it sent again.
func (b *Bridge) SendAgain(ctx context.Context, shop chat.ShopID, id chat.ConversationID, agent chat.Author, seq int64, r Reply) (again int64, err error) {
	t, err := b.Turns.Turn(ctx, shop, id, b.Now(), func(t *chat.Turn) error {
		e, err := t.SendAgain(agent, r.ID, seq, r.Seen, r.Anyway)
		if again = e.Seq; errors.Is(err, chat.ErrRepeat) {
			again, err = t.History.Find(chat.FromAgent(r.ID))
		}
		return err
	})
	return again, b.kept(t, err, "send again")
}

// Check has the provider asked once more what became of the text at place seq.
func (b *Bridge) CheckAgain(ctx context.Context, shop chat.ShopID, id chat.ConversationID, seq int64) error {
	t, err := b.Turns.Turn(ctx, shop, id, b.Now(), func(t *chat.Turn) error { return t.CheckAgain(seq) })
	return b.kept(t, err, "check")
}

// Leave records that an agent leaves the text at place seq as it is.
func (b *Bridge) KeepAsIs(ctx context.Context, shop chat.ShopID, id chat.ConversationID, agent chat.Author, seq int64) error {
	t, err := b.Turns.Turn(ctx, shop, id, b.Now(), func(t *chat.Turn) error { return t.KeepAsIs(agent, seq) })
	return b.kept(t, err, "leave")
}

// HandBack gives a conversation back to automation.
func (b *Bridge) HandBack(ctx context.Context, shop chat.ShopID, id chat.ConversationID, agent chat.Author) error {
	t, err := b.Turns.Turn(ctx, shop, id, b.Now(), func(t *chat.Turn) error {
		t.HandBack(agent, "")
		t.SyncTicket() // the ticket may not have the last texts yet
		return nil
	})
	return b.kept(t, err, "hand back")
}

// Report records what a provider says by itself of a text.
func (b *Bridge) Report(ctx context.Context, a chat.Attempt, r chat.Report) error {
	r.From = chat.FromCallback
	t, err := b.Turns.Turn(ctx, a.Shop, a.Conversation, b.Now(), func(t *chat.Turn) error { return report(t, a, r) })
	return b.kept(t, err, "report")
}

// report records a report, which may be old news of an opt-out.
func report(t *chat.Turn, a chat.Attempt, r chat.Report) error {
	if r.OptedOut {
		since, err := startedSince(t, a.Entry)
		if err != nil {
			return err
		}
		r.OptedOut = !since
	}
	return t.Report(a, r)
}

// Hear takes in that something happened to a conversation's ticket in the
// helpdesk. The call may be late, doubled and out of order, so the ticket itself
// is read for what it was.
func (b *Bridge) MarkHeard(ctx context.Context, shop chat.ShopID, id chat.ConversationID) error {
	t, err := b.Turns.Turn(ctx, shop, id, b.Now(), func(t *chat.Turn) error {
		if t.Ticket != nil && !t.Ticket.Lost && t.Ticket.Remote != "" {
			t.SyncTicket()
		}
		return nil
	})
	return b.kept(t, err, "hear from the helpdesk")
}

// kept passes on what a turn brought about.
func (b *Bridge) kept(t *chat.Turn, err error, what string) error {
	if errors.Is(err, chat.ErrRepeat) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("bridge: %s: %w", what, err)
	}
	if t.HasChanges() {
		b.Publish(t)
	}
	if len(t.Deliveries) > 0 {
		b.Wake()
	}
	return nil
}
