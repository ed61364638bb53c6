package bridge

import (
	"context"
	"errors"
	"fmt"

	"sidetext/chat"
)

// A Sender sends texts: a provider's client. It returns the provider's name for
// the text and what became of it so far, or a *chat.SendError.
type Sender interface {
	Send(ctx context.Context, line chat.Line, out chat.Outgoing) (chat.Report, error)
}

// text carries out the delivery of an SMS. The attempt is kept before the
// request is made; a request whose outcome nobody knows is never made again.
func (c *Carrier) text(ctx context.Context, d chat.Delivery) error {
	var try *chat.Attempt
	var said chat.Entry
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) (err error) {
		try, said, err = t.Try(d)
		return err
	})
	if err := c.kept(t, err, "try to send"); err != nil || try == nil {
		return err
	}
	report, sending := c.Sender.Send(ctx, t.Line, chat.Outgoing{
		Token: try.ID, From: t.Line.Number, To: t.Shopper.Phone, Service: t.Line.Service, Text: said.Text, Lasts: said.Lasts(),
	})
	var failed *chat.SendError
	if sending != nil && !errors.As(sending, &failed) {
		return fmt.Errorf("bridge: send: %w", sending)
	}
	waits := failed != nil && failed.Outcome == chat.NotSent && c.Now().Sub(said.At) < said.Lasts()
	if waits || (failed != nil && failed.All && failed.Outcome == chat.Rejected) {
		return failed
	}
	t, err = c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) error {
		switch {
		case failed == nil:
			t.Done = append(t.Done, d.ID)
			return t.Report(*try, report)
		case failed.Outcome == chat.Lost:
			return t.Doubt(d)
		case failed.Outcome == chat.NotSent:
			failed.Problem = chat.Problem{Code: "too_late", Text: "Not sent: the carrier could not be reached in time."}
		}
		t.Done = append(t.Done, d.ID)
		return t.Report(*try, chat.Report{State: chat.Failed, Problem: &failed.Problem, OptedOut: failed.OptedOut})
	})
	return c.kept(t, err, "record a sending")
}

// lapsedText deals with a text whose carrier vanished: it may have been sent.
func (c *Carrier) lapsedText(ctx context.Context, d chat.Delivery) error {
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) error { return t.Doubt(d) })
	return c.kept(t, err, "record a lapsed sending")
}
