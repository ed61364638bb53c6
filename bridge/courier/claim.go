package courier

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"sidetext/chat"
)

// claim claims an account's deliveries and starts them, as far as there is room;
// otherwise again says how long to wait for a free place. ctx continues after Run's for
// as long as running deliveries may take. until is when the lease of the account's
// shard ends.
func (c *Courier) claim(ctx context.Context, account string, until time.Time) (again time.Duration, err error) {
	all, calm, again := c.inflight.capacity(account, c.now())
	if all == 0 {
		return again, nil
	}
	began := time.Now()
	claiming, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	claimed, err := c.outbox.Claim(claiming, account, all, calm, c.now(), claimLease)
	if err != nil {
		c.recheck.Store(true) // it may have been committed all the same
		return 0, err
	}
	for _, d := range claimed {
		c.inflight.add(d, began)
		c.shards.addBusy(chat.Shard(account), 1)
		c.working.Go(func() {
			c.run(ctx, d, began)
			c.inflight.remove(d)
			c.shards.addBusy(chat.Shard(account), -1)
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
		c.handleError(saving, d, err)
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
