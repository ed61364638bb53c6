package courier

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
	// maxTries is how often a delivery is tried that fails for an unknown reason: for
	// about an hour, with the waits between the tries.
	maxTries = 14
	// maxTriesStore applies when the store is said to be the reason, and to texts,
	// which never wait for so many tries: for about half a day.
	maxTriesStore = 80
)

// Problems of deliveries that fail in the courier, for merchants.
const (
	unreadable      = "This task can't be read. Another version of Sidetext wrote it, or it was changed by hand."
	failsRepeatedly = "Something went wrong here each time it was tried."
	failedOnce      = "Something went wrong here; it will be tried again."
)

// handleError gives a failed delivery up, has it tried again, or leaves it alone until
// its claim expires, depending on its error.
func (c *Courier) handleError(ctx context.Context, d chat.Delivery, err error) {
	log := c.log.With("delivery", d.ID, "kind", d.Kind, "shop", d.Shop, "conversation", d.Conversation, "try", d.Tries, "error", err)
	var send *chat.SendError
	errors.As(err, &send)
	repeatable := d.Kind.Spec().Repeatable
	switch {
	case errors.Is(err, chat.ErrLeaseExpired):
		log.Warn("claim lost")
	case errors.Is(err, chat.ErrPayload):
		log.Error("delivery unreadable")
		c.giveUp(ctx, log, d, unreadable)
	case !repeatable && (send == nil || send.Outcome == chat.MaybeSent):
		// The request may have been made. The expiry of the claim is handled once the
		// delivery can't be running any more.
		log.Error("delivery outcome unknown")
	case send != nil && send.Outcome == chat.Rejected && !send.WholeAccount:
		log.Error("delivery rejected")
		c.giveUp(ctx, log, d, send.Problem.Text)
	case send == nil && !errors.Is(err, chat.ErrUnavailable) && d.Tries >= maxTries, (send == nil || !repeatable) && d.Tries >= maxTriesStore:
		log.Error("delivery failed too often")
		c.giveUp(ctx, log, d, failsRepeatedly)
	default:
		c.postpone(ctx, log, d, send)
	}
}

func (c *Courier) giveUp(ctx context.Context, log *slog.Logger, d chat.Delivery, problem string) {
	if err := c.outbox.GiveUp(ctx, d, problem); err != nil {
		log.Error("give up delivery failed", "cause", err)
	}
}

// postpone has a delivery tried again later, and pauses its account if the error
// concerns all of it.
func (c *Courier) postpone(ctx context.Context, log *slog.Logger, d chat.Delivery, send *chat.SendError) {
	problem, wait := failedOnce, backOff(d.Tries)
	if send != nil {
		problem = send.Problem.Text
	}
	if send != nil && send.RetryAfter > 0 {
		wait = send.RetryAfter + rand.N(send.RetryAfter/4+time.Millisecond)
	}
	due := c.now().Add(wait)
	if send != nil && send.WholeAccount {
		// Without a time from the vendor, one delivery's many tries do not prolong the
		// account's pause.
		if send.RetryAfter == 0 {
			due = c.now().Add(min(wait, shortPause))
		}
		c.inflight.pause(d.Account, due)
	}
	log.Warn("delivery postponed", "wait", wait.Round(time.Millisecond))
	if err := c.outbox.Postpone(ctx, d, due, problem); err != nil {
		log.Error("postpone delivery failed, its claim will expire", "cause", err)
	}
}

// backOff grows from a second to ten minutes, with jitter, so that deliveries that
// failed together are not retried together.
func backOff(tries int) time.Duration {
	wait := min(time.Second<<min(max(tries-1, 0), 12), 10*time.Minute)
	return wait/2 + rand.N(wait/2)
}
