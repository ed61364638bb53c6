package bridge

import (
	"context"
	"errors"

	"sidetext/chat"
)

// A Sender sends texts: a provider's client. It returns the provider's name for
// the text and its state so far, or a *chat.SendError. After any other error the
// outcome is unknown.
type Sender interface {
	Send(ctx context.Context, line chat.Line, out chat.Outgoing) (chat.Report, error)
}

// sendSMS sends a text. The attempt is saved before the request is made; a request
// whose outcome is unknown is never repeated automatically.
func (w *Worker) sendSMS(ctx context.Context, d chat.Delivery, _ chat.SMSPayload) error {
	var attempt *chat.Attempt
	var text chat.Entry
	t, err := w.Turns.Turn(ctx, d.Shop, d.Conversation, w.Now(), func(t *chat.Turn) (err error) {
		attempt, text, err = t.BeginAttempt(d)
		return err
	})
	err = w.finishTurn(t, err, "begin attempt")
	switch {
	case errors.Is(err, chat.ErrPayload):
		return err
	case err != nil:
		return &chat.SendError{Outcome: chat.NotSent, Problem: sendLater, Cause: err}
	}
	if attempt == nil {
		return nil
	}
	report, err := w.Sender.Send(ctx, t.Line, chat.Outgoing{
		Token: attempt.ID, From: t.Line.Number, To: t.Shopper.Phone, Service: t.Line.Service, Text: text.Text, At: text.At,
		ValidityPeriod: text.ValidityPeriod() - max(t.At.Sub(text.At), 0),
	})
	return w.saveAttempt(ctx, d, *attempt, report, err)
}

var sendLater = chat.Problem{Code: "unavailable", Text: "It could not be sent yet; it will be tried again."}

// saveAttempt saves the outcome of an attempt. It returns the error of a text that
// may be sent later.
func (w *Worker) saveAttempt(ctx context.Context, d chat.Delivery, attempt chat.Attempt, report chat.Report, sent error) error {
	ctx, cancel := savingContext(ctx)
	defer cancel()
	var failed *chat.SendError
	errors.As(sent, &failed)
	later := failed != nil && (failed.Outcome == chat.NotSent || failed.Outcome == chat.Rejected && failed.WholeAccount)
	t, err := w.Turns.Turn(ctx, d.Shop, d.Conversation, w.Now(), func(t *chat.Turn) error {
		switch {
		case sent == nil:
			return t.Accepted(attempt, d, report)
		case later:
			return t.DelayAttempt(attempt, d, failed.Problem, failed.RetryAfter)
		case failed != nil && failed.Outcome == chat.Rejected:
			return t.Accepted(attempt, d, chat.Report{ID: report.ID, State: chat.Failed, Problem: &failed.Problem, OptedOut: failed.OptedOut, Looped: failed.Looped})
		}
		return t.MarkUnknown(attempt, d)
	})
	if err := w.finishTurn(t, err, "save attempt"); err != nil {
		return err
	}
	if later && len(t.Done) == 0 {
		return failed
	}
	if sent != nil && !later {
		event := "text outcome unknown"
		if failed != nil && failed.Outcome == chat.Rejected {
			event = "text rejected"
		}
		w.Log.Warn(event, "shop", d.Shop, "conversation", d.Conversation, "attempt", attempt.ID, "error", sent)
	}
	return nil
}

// expireSMS handles a text whose claim expired: it may have been sent.
func (w *Worker) expireSMS(ctx context.Context, d chat.Delivery) error {
	t, err := w.Turns.Turn(ctx, d.Shop, d.Conversation, w.Now(), func(t *chat.Turn) error { return t.Expire(d) })
	if err == nil && len(t.Requeued) > 0 {
		w.Wake()
	}
	return w.finishTurn(t, err, "expire attempt")
}
