package courier

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sidetext/chat"
)

// takeOverExpired takes over deliveries whose claim has expired: the process that
// ran them was killed or is stuck.
func (c *Courier) takeOverExpired(ctx context.Context) error {
	expired, err := c.outbox.ExpiredClaims(ctx, c.now())
	return errors.Join(err, c.takeOverAll(ctx, expired))
}

// takeOverUnknown takes over deliveries that are marked as running, but are not
// running here, after the node got more shards, or after a claim that may have been
// committed although it failed.
func (c *Courier) takeOverUnknown(ctx context.Context) error {
	if !c.recheck.Swap(false) {
		return nil
	}
	running, err := c.outbox.InFlight(ctx)
	if err != nil {
		c.recheck.Store(true)
		return err
	}
	return c.takeOverAll(ctx, slices.DeleteFunc(running, func(d chat.Delivery) bool { return !d.Kind.Spec().TakeOver }))
}

// takeOverAll takes over what belongs to this node and is not running here. An
// error with one delivery does not stop the others.
func (c *Courier) takeOverAll(ctx context.Context, lost []chat.Delivery) error {
	var problems []error
	for _, d := range lost {
		if c.Owns(d.Account) && !c.inflight.holds(d) {
			problems = append(problems, c.takeOver(ctx, d))
		}
	}
	return errors.Join(problems...)
}

// takeOver makes a lost delivery ready again or, when it must not be repeated, has
// its expiry handled. If the previous run is still active, the store refuses its
// outcome: its try is outdated.
func (c *Courier) takeOver(ctx context.Context, d chat.Delivery) (err error) {
	defer func() {
		if err == nil {
			c.log.Warn("delivery taken over", "delivery", d.ID, "kind", d.Kind, "shop", d.Shop, "conversation", d.Conversation)
		}
	}()
	spec, resolve := d.Kind.Spec(), c.expired[d.Kind]
	switch {
	case spec.Repeatable:
		return c.outbox.Postpone(ctx, d, c.now(), "")
	case resolve == nil:
		err = fmt.Errorf("courier: %w: unknown kind %q", chat.ErrPayload, d.Kind)
	default:
		err = resolve(ctx, d)
	}
	if errors.Is(err, chat.ErrPayload) {
		return c.outbox.GiveUp(ctx, d, unreadable)
	}
	return err
}
