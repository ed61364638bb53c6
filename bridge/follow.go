package bridge

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"sidetext/chat"
)

const (
	shortPause = 30 * time.Second // of an account whose vendor does not say how long
	// poisoned is after how many tries a delivery that fails for no reason that
	// anybody could name is put aside: with the waits between them about an hour.
	poisoned = 14
	// hopeless is when that is also done if the store is said to be the trouble, or
	// if it is a text, none of which waits for so many tries: with the waits between
	// them half a day.
	hopeless = 80
)

// follow does what an error of a delivery asks for.
func (c *Courier) follow(ctx context.Context, d chat.Delivery, err error) {
	log := c.log.With("delivery", d.ID, "kind", d.Kind, "shop", d.Shop, "conversation", d.Conversation, "try", d.Tries)
	if errors.Is(err, chat.ErrLeaseExpired) {
		log.Warn("a delivery was taken up again elsewhere")
		return
	}
	var send *chat.SendError
	errors.As(err, &send)
	switch {
	case !d.Kind.Repeats() && (send == nil || send.Outcome == chat.MaybeSent):
		// It may have happened. Lapsed decides, once nobody can be at it any more.
		log.Error("nobody knows what became of a delivery", "error", err)
	case send != nil && send.Outcome == chat.Rejected && !send.WholeAccount:
		log.Error("a delivery failed for good", "error", err)
		c.giveUp(ctx, log, d, send.Problem.Text)
	case send == nil && !errors.Is(err, chat.ErrUnavailable) && d.Tries >= poisoned, (send == nil || !d.Kind.Repeats()) && d.Tries >= hopeless:
		log.Error("a delivery fails again and again, and is put aside", "error", err)
		c.giveUp(ctx, log, d, "Something went wrong here each time it was tried.")
	default:
		c.putOff(ctx, log, d, send, err)
	}
}

func (c *Courier) giveUp(ctx context.Context, log *slog.Logger, d chat.Delivery, problem string) {
	if err := c.outbox.GiveUp(ctx, d, problem); err != nil {
		log.Error("a failed delivery could not be put aside", "error", err)
	}
}

func (c *Courier) putOff(ctx context.Context, log *slog.Logger, d chat.Delivery, send *chat.SendError, err error) {
	problem, wait := "Something went wrong here; it will be tried again.", backOff(d.Tries)
	if send != nil {
		problem = send.Problem.Text
	}
	if send != nil && send.RetryAfter > 0 {
		wait = send.RetryAfter + rand.N(send.RetryAfter/4+time.Millisecond)
	}
	due := c.now().Add(wait)
	if send != nil && send.WholeAccount {
		// Nobody said how long: one delivery's many tries are not the account's.
		if send.RetryAfter == 0 {
			due = c.now().Add(min(wait, shortPause))
		}
		c.load.pause(d.Account, due)
	}
	log.Warn("a delivery has to wait", "error", err, "wait", wait.Round(time.Millisecond))
	if err := c.outbox.Postpone(ctx, d, due, problem); err != nil {
		log.Error("a delivery could not be put off; its lease will end", "error", err)
	}
}

// backOff grows from a second to ten minutes, with jitter, so that what failed
// together does not come back together.
func backOff(tries int) time.Duration {
	wait := min(time.Second<<min(max(tries-1, 0), 12), 10*time.Minute)
	return wait/2 + rand.N(wait/2)
}
