package bridge

import (
	"context"
	"errors"
	"time"

	"sidetext/chat"
)

// A Teller is asked what became of texts: a provider's client. Its errors are
// *chat.SendError: Rejected says that asking again will not help.
type StatusReader interface {
	// Status reads the provider's record of one text, by its name there.
	Status(ctx context.Context, line chat.Line, provider string) (chat.Report, error)
	// Sent reads the provider's list of texts from the line to a phone that it
	// took on since then, all of them.
	Sent(ctx context.Context, line chat.Line, to chat.Phone, since time.Time) ([]chat.Record, error)
}

// Attempts finds what was tried. The store has the real one; chat.ErrNotFound
// when there is no such attempt.
type Attempts interface {
	AttemptDetail(ctx context.Context, shop chat.ShopID, id chat.AttemptID) (chat.AttemptDetail, error)
}

const (
	// earlier is how far before an attempt a provider's list is read: clocks
	// differ.
	earlier = 2 * time.Minute
	// unanswered is how soon a provider that could not be asked is asked again,
	// once it has been asked as often as planned …
	unanswered = 10 * time.Minute
	// … and for how long.
	givenUp = 24 * time.Hour
	// undecided is how soon a provider is asked again whose answer said nothing,
	// because another text with the same words was on its way.
	undecided = 30 * time.Second
)

// trace asks the provider what became of a text: of one that may not have been
// sent, and of one whose end was not reported.
func (c *Worker) trace(ctx context.Context, d chat.Delivery) error {
	tried, err := c.Attempts.AttemptDetail(ctx, d.Shop, chat.AttemptID(d.ID))
	if errors.Is(err, chat.ErrNotFound) {
		return c.Finish(ctx, d)
	}
	if err != nil {
		return err
	}
	a := tried.Attempt
	if tried.Entry.State.Final() {
		return c.Finish(ctx, d)
	}
	learn, asked := c.ask(ctx, tried)
	if asked != nil {
		c.Log.Warn("a provider could not say what became of a text", "shop", d.Shop, "conversation", d.Conversation, "attempt", a.ID, "error", asked)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noting)
	defer cancel()
	var due time.Time
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) error {
		if err := learn(t); err != nil {
			return err
		}
		e, err := t.Entry(a.Entry)
		// In this very turn: an agent who has it looked for from here on begins
		// another trace.
		if due = lookAgain(a, e, c.Now(), asked); due.IsZero() {
			t.Done = append(t.Done, d.ID)
		}
		return err
	})
	if err := c.kept(t, err, "keep what became of a text"); err != nil || due.IsZero() {
		return err
	}
	return c.Postpone(ctx, d.Released(), due, "")
}

// ask asks, and returns what is to be kept of the answer.
func (c *Worker) ask(ctx context.Context, tried chat.AttemptDetail) (learn func(*chat.Turn) error, err error) {
	a := tried.Attempt
	if a.Provider != "" {
		said, err := c.StatusReader.Status(ctx, tried.Line, a.Provider)
		if err == nil {
			said.From = chat.FromRecord
			return func(t *chat.Turn) error { return report(t, a, said) }, nil
		}
		return func(t *chat.Turn) error { return t.CheckFailed(a) }, err
	}
	list, err := c.StatusReader.Sent(ctx, tried.Line, tried.Shopper.Phone, a.At.Add(-earlier))
	if err == nil {
		return func(t *chat.Turn) error { return t.ResolveFromList(a, list) }, nil
	}
	return func(t *chat.Turn) error { return t.CheckFailed(a) }, err
}

// lookAgain says when to look next, if that may bring something. Whatever this
// look brought, the conversation's next text waits no longer. asked is why the
// provider could not be asked, or nil.
func lookAgain(a chat.Attempt, e chat.Entry, now time.Time, asked error) time.Time {
	if e.State.Final() {
		return time.Time{}
	}
	due, ok := a.NextCheck(e.State, now)
	if asked != nil {
		var refused *chat.SendError
		refusal := errors.As(asked, &refused) && refused.Outcome == chat.Rejected && !refused.WholeAccount
		if !ok && !refusal && now.Sub(a.At) < givenUp {
			due, ok = now.Add(unanswered), true
		}
	}
	if !ok && e.BeingChecked() {
		due = now.Add(undecided)
	}
	return due
}
