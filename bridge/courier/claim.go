package courier

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"sidetext/chat"
)

// claim claims an account's deliveries and starts them, as far as there is room;
// otherwise it says when to come again. ctx outlasts Run for as long as what has
// begun may take. until is when the lease of the account's shard ends.
func (c *Courier) claim(ctx context.Context, account string, until time.Time) (again time.Duration, err error) {
	all, calm, again := c.inflight.room(account, c.now())
	if all == 0 {
		return again, nil
	}
	began := time.Now()
	claiming, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	claimed, err := c.outbox.Claim(claiming, account, all, calm, c.now(), claimLease)
	if err != nil {
		c.shards.recheck(chat.Shard(account)) // it may have been committed all the same
		return 0, err
	}
	for _, d := range claimed {
		c.inflight.add(d, began)
		c.shards.add(chat.Shard(account))
		c.working.Go(func() {
			c.run(ctx, d, began)
			c.inflight.remove(d)
			c.shards.done(chat.Shard(account))
			c.WakeLocal()
		})
	}
	return 0, nil
}

// run runs a delivery's handler, and does what its error asks for.
func (c *Courier) run(ctx context.Context, d chat.Delivery, claimed time.Time) {
	running, cancel := context.WithDeadline(ctx, claimed.Add(deliveryTimeout))
	defer cancel()
	if err := c.handle(running, d); err != nil {
		saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
		defer cancel()
		c.failed(saving, d, err)
	}
}

// handle calls a delivery's handler. A panic in it affects no other delivery.
func (c *Courier) handle(ctx context.Context, d chat.Delivery) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("delivery panicked", "delivery", d.ID, "kind", d.Kind, "stack", string(debug.Stack()))
			err = errors.New("courier: panic in a delivery")
		}
	}()
	run := c.handlers[d.Kind]
	if run == nil {
		return fmt.Errorf("courier: %w: unknown kind %q", chat.ErrPayload, d.Kind)
	}
	return run(ctx, d)
}

// takeOverLost takes over deliveries that are marked as running, but are not: of a
// process that was killed or is stuck, and those whose claim was committed here
// although it returned an error. It looks at those whose claim has expired and, in
// shards that were just taken or had such an error, at all of them.
func (c *Courier) takeOverLost(ctx context.Context) error {
	lost, err := c.outbox.ExpiredClaims(ctx, c.now())
	problems := []error{err}
	if unchecked := c.shards.startCheck(); len(unchecked) > 0 {
		running, err := c.outbox.InFlight(ctx)
		if err != nil {
			c.shards.recheck(unchecked...)
			problems = append(problems, err)
		}
		for _, d := range running {
			if d.Kind.Spec().TakeOver && slices.Contains(unchecked, chat.Shard(d.Account)) {
				lost = append(lost, d)
			}
		}
	}
	for _, d := range lost {
		// One that can't be taken over now holds up no other.
		if c.Owns(d.Account) && !c.inflight.holds(d) {
			problems = append(problems, c.takeOver(ctx, d))
		}
	}
	return errors.Join(problems...)
}

// takeOver makes a lost delivery ready again or, when it must not be repeated, has
// its expiry handled. Should its former run still be ending, its outcome is
// refused, because the try is not its own any more.
func (c *Courier) takeOver(ctx context.Context, d chat.Delivery) (err error) {
	c.log.Warn("delivery taken over", "delivery", d.ID, "kind", d.Kind, "shop", d.Shop, "conversation", d.Conversation)
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
