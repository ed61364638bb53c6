package bridge

import (
	"context"
	"errors"
	"time"

	"sidetext/chat"
)

// A Sender sends texts: a provider's client. It returns the provider's name for
// the text and what became of it so far, or a *chat.SendError. What became of a
// text after any other error, nobody knows.
type Sender interface {
	Send(ctx context.Context, line chat.Line, out chat.Outgoing) (chat.Report, error)
}

// text carries out the delivery of an SMS. The attempt is kept before the
// request is made; a request whose outcome nobody knows is never made again.
func (c *Worker) text(ctx context.Context, d chat.Delivery) error {
	var try *chat.Attempt
	var said chat.Entry
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) (err error) {
		try, said, err = t.BeginAttempt(d)
		return err
	})
	if err := c.kept(t, err, "try to send"); err != nil {
		return &chat.SendError{Outcome: chat.NotSent, Problem: notNow, Cause: err}
	}
	if try == nil {
		return nil
	}
	report, err := c.Sender.Send(ctx, t.Line, chat.Outgoing{
		Token: try.ID, From: t.Line.Number, To: t.Shopper.Phone, Service: t.Line.Service, Text: said.Text, At: said.At, ValidityPeriod: said.ValidityPeriod() - max(t.At.Sub(said.At), 0),
	})
	return c.record(ctx, d, *try, report, err)
}

var notNow = chat.Problem{Code: "unavailable", Text: "It could not be sent yet; it will be tried again."}

// record keeps what became of a text, however little time sending it has left.
// It returns the error of a text that may be sent later.
func (c *Worker) record(ctx context.Context, d chat.Delivery, try chat.Attempt, report chat.Report, sent error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noting)
	defer cancel()
	var failed *chat.SendError
	errors.As(sent, &failed)
	later := failed != nil && (failed.Outcome == chat.NotSent || failed.Outcome == chat.Rejected && failed.WholeAccount)
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) error {
		switch {
		case sent == nil:
			return t.Accepted(try, d, report)
		case later:
			return t.DelayAttempt(try, d, failed.Problem, failed.RetryAfter)
		case failed != nil && failed.Outcome == chat.Rejected:
			return t.Accepted(try, d, chat.Report{ID: report.ID, State: chat.Failed, Problem: &failed.Problem, OptedOut: failed.OptedOut, Looped: failed.Looped})
		}
		return t.MarkUnknown(try, d)
	})
	if err := c.kept(t, err, "record a sending"); err != nil {
		return err
	}
	if later && len(t.Done) == 0 {
		return failed
	}
	if sent != nil && !later {
		what := "nobody knows whether a text was accepted"
		if failed != nil && failed.Outcome == chat.Rejected {
			what = "a text was refused"
		}
		c.Log.Warn(what, "shop", d.Shop, "conversation", d.Conversation, "attempt", try.ID, "error", sent)
	}
	return nil
}

// noting is how long it may take to keep what became of a delivery.
const noting = 5 * time.Second

// lapsedText deals with a text whose carrier vanished: it may have been sent.
func (c *Worker) lapsedText(ctx context.Context, d chat.Delivery) error {
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) error { return t.Expire(d) })
	if err == nil && len(t.Requeued) > 0 {
		c.Wake()
	}
	return c.kept(t, err, "record a lapsed sending")
}
