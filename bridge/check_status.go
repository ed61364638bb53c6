package bridge

import (
	"context"
	"errors"
	"time"

	"sidetext/chat"
)

// A StatusReader reads what became of texts: a provider's client. Its errors are
// *chat.SendError: Rejected says that asking again will not help.
type StatusReader interface {
	// Status reads the provider's record of one text, by its name there.
	Status(ctx context.Context, line chat.Line, provider string) (chat.Report, error)
	// Sent lists all texts from the line to a phone that the provider accepted
	// since then.
	Sent(ctx context.Context, line chat.Line, to chat.Phone, since time.Time) ([]chat.Record, error)
}

// Attempts finds attempts. The store has the real one. It returns chat.ErrNotFound
// when there is no such attempt.
type Attempts interface {
	AttemptDetail(ctx context.Context, shop chat.ShopID, id chat.AttemptID) (chat.AttemptDetail, error)
}

const (
	// clockSkew is how far before an attempt a provider's list is read: clocks
	// differ.
	clockSkew = 2 * time.Minute
	// A provider that could not be asked at any of the planned times is asked again
	// every recheckInterval, until recheckFor after the attempt.
	recheckInterval = 10 * time.Minute
	recheckFor      = 24 * time.Hour
	// undecidedInterval is the time until a provider's list is read again that decided
	// nothing, because another text with the same words was on its way.
	undecidedInterval = 30 * time.Second
)

// checkStatus asks the provider what became of a text whose outcome is unknown, or
// whose final state was not reported.
func (w *Worker) checkStatus(ctx context.Context, d chat.Delivery, _ chat.StatusPayload) error {
	found, err := w.Attempts.AttemptDetail(ctx, d.Shop, chat.AttemptID(d.ID))
	if errors.Is(err, chat.ErrNotFound) {
		return w.Finish(ctx, d)
	}
	if err != nil {
		return err
	}
	a := found.Attempt
	if found.Entry.State.Final() {
		return w.Finish(ctx, d)
	}
	save, askErr := w.askProvider(ctx, found)
	if askErr != nil {
		w.Log.Warn("status check failed", "shop", d.Shop, "conversation", d.Conversation, "attempt", a.ID, "error", askErr)
	}
	ctx, cancel := savingContext(ctx)
	defer cancel()
	var due time.Time
	t, err := w.Turns.Turn(ctx, d.Shop, d.Conversation, w.Now(), func(t *chat.Turn) error {
		if err := save(t); err != nil {
			return err
		}
		e, err := t.Entry(a.Entry)
		// Done within this turn, so that a check which an agent asks for later is added
		// as a new delivery.
		if due = nextCheck(a, e, w.Now(), askErr); due.IsZero() {
			t.Done = append(t.Done, d.ID)
		}
		return err
	})
	if err := w.finishTurn(t, err, "save status"); err != nil || due.IsZero() {
		return err
	}
	return w.Postpone(ctx, d.Released(), due, "")
}

// askProvider asks the provider, and returns how to save the answer in a turn.
func (w *Worker) askProvider(ctx context.Context, found chat.AttemptDetail) (save func(*chat.Turn) error, err error) {
	a := found.Attempt
	if a.Provider != "" {
		r, err := w.StatusReader.Status(ctx, found.Line, a.Provider)
		if err == nil {
			r.From = chat.FromRecord
			return func(t *chat.Turn) error { return report(t, a, r) }, nil
		}
		return func(t *chat.Turn) error { return t.CheckFailed(a) }, err
	}
	list, err := w.StatusReader.Sent(ctx, found.Line, found.Shopper.Phone, a.At.Add(-clockSkew))
	if err == nil {
		return func(t *chat.Turn) error { return t.ResolveFromList(a, list) }, nil
	}
	return func(t *chat.Turn) error { return t.CheckFailed(a) }, err
}

// nextCheck returns when to ask next, or the zero time if asking again can bring
// nothing new. The conversation's next text stops waiting in either case. askErr is why
// the provider could not be asked, or nil.
func nextCheck(a chat.Attempt, e chat.Entry, now time.Time, askErr error) time.Time {
	if e.State.Final() {
		return time.Time{}
	}
	due, ok := a.NextCheck(e.State, now)
	if askErr != nil {
		var refused *chat.SendError
		refusal := errors.As(askErr, &refused) && refused.Outcome == chat.Rejected && !refused.WholeAccount
		if !ok && !refusal && now.Sub(a.At) < recheckFor {
			due, ok = now.Add(recheckInterval), true
		}
	}
	if !ok && e.BeingChecked() {
		due = now.Add(undecidedInterval)
	}
	return due
}
