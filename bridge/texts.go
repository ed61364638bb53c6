package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidetext/chat"
)

// A Sender sends texts: a provider's client. It returns the provider's name for
// the text and what became of it so far, or a *chat.SendError. What became of a
// text after any other error, nobody knows.
type Sender interface {
	Send(ctx context.Context, line chat.Line, out chat.Outgoing) (chat.Report, error)
}

var (
	tooLate = chat.Problem{Code: "too_late", Text: "Not sent: the carrier could not be reached in time."}
	notNow  = chat.Problem{Code: "unavailable", Text: "It could not be sent yet; it will be tried again."}
)

// text carries out the delivery of an SMS. The attempt is kept before the
// request is made; a request whose outcome nobody knows is never made again.
func (c *Carrier) text(ctx context.Context, d chat.Delivery) error {
	var try *chat.Attempt
	var said chat.Entry
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) (err error) {
		if try, said, err = t.Try(d); try == nil || t.At.Sub(said.At) < said.Lasts() {
			return err
		}
		late := *try
		try, t.Attempts = nil, nil // none is made
		t.Done = append(t.Done, d.ID)
		return t.Report(late, chat.Report{State: chat.Failed, Problem: &tooLate})
	})
	if err := c.kept(t, err, "try to send"); err != nil {
		return &chat.SendError{Outcome: chat.NotSent, Problem: notNow, Cause: err}
	}
	if try == nil {
		return nil
	}
	report, err := c.Sender.Send(ctx, t.Line, chat.Outgoing{
		Token: try.ID, From: t.Line.Number, To: t.Shopper.Phone, Service: t.Line.Service, Text: said.Text, Lasts: said.Lasts() - t.At.Sub(said.At),
	})
	var failed *chat.SendError
	if err != nil && !errors.As(err, &failed) {
		return fmt.Errorf("bridge: send: %w", err)
	}
	if failed != nil && waits(failed) && c.Now().Sub(said.At) < said.Lasts() {
		return failed
	}
	return c.record(ctx, d, *try, report, failed)
}

// waits reports whether a text that was not accepted may be sent later.
func waits(failed *chat.SendError) bool {
	return failed.Outcome == chat.NotSent || failed.Outcome == chat.Rejected && failed.All
}

// record keeps what became of a text, however little time sending it has left.
func (c *Carrier) record(ctx context.Context, d chat.Delivery, try chat.Attempt, report chat.Report, failed *chat.SendError) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noting)
	defer cancel()
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) error {
		if failed != nil && failed.Outcome == chat.Lost {
			return t.Doubt(d)
		}
		t.Done = append(t.Done, d.ID)
		switch {
		case failed == nil:
			return t.Report(try, report)
		case failed.Outcome == chat.NotSent:
			return t.Report(try, chat.Report{State: chat.Failed, Problem: &tooLate})
		}
		return t.Report(try, chat.Report{State: chat.Failed, Problem: &failed.Problem, OptedOut: failed.OptedOut})
	})
	return c.kept(t, err, "record a sending")
}

// noting is how long it may take to keep what became of a delivery.
const noting = 5 * time.Second

// lapsedText deals with a text whose carrier vanished: it may have been sent.
func (c *Carrier) lapsedText(ctx context.Context, d chat.Delivery) error {
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) error { return t.Doubt(d) })
	return c.kept(t, err, "record a lapsed sending")
}
