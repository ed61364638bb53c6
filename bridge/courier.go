package bridge

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"sidetext/chat"
)

// An Outbox is where deliveries wait. The store has the real one.
type Outbox interface {
	Waiting(ctx context.Context, now time.Time) (accounts []string, err error)
	// Claim takes up to all of an account's deliveries, those that somebody waits
	// for first, and up to calm of the others.
	Claim(ctx context.Context, account string, all, calm int, now time.Time, lease time.Duration) ([]chat.Delivery, error)
	PutOff(ctx context.Context, d chat.Delivery, due time.Time, problem string) error
	GiveUp(ctx context.Context, d chat.Delivery, problem string) error
	Overdue(ctx context.Context, now time.Time) ([]chat.Delivery, error)
	// Mend makes due what a clock that was set back would keep waiting for ever.
	Mend(ctx context.Context, now time.Time) error
}

// A Porter knows how to carry a delivery out. Carrier is the real one.
type Porter interface {
	// Carry makes a delivery happen, and removes it when it has. A
	// *chat.SendError says what to do next; after any other error, what may not
	// be done twice is left alone until its lease ends.
	Carry(ctx context.Context, d chat.Delivery) error
	// Lapsed is told of a delivery whose lease ended before its work did. It
	// returns whether the work may be done again.
	Lapsed(ctx context.Context, d chat.Delivery) (again bool, err error)
}

// A Courier carries deliveries out. Of one lane it works on one at a time, of
// one account on a few, so that a slow or dead vendor delays nobody else.
type Courier struct {
	outbox Outbox
	porter Porter
	now    func() time.Time
	log    *slog.Logger

	wake    chan struct{}
	load    *load
	working sync.WaitGroup
}

const (
	lease  = 60 * time.Second     // longer than any delivery may take, with what is noted of it
	within = 45 * time.Second     // how long one may take, from when it is claimed
	lastly = 20 * time.Second     // … once we are stopping: longer than a text takes
	glance = time.Second          // how often the courier looks without being woken
	breath = 2 * time.Millisecond // between two looks, however often it is woken
	jump   = 2 * time.Second      // a clock that is off by so much was set
)

// NewCourier makes a courier; Run sets it to work. gate may be nil.
func NewCourier(outbox Outbox, porter Porter, gate Gate, now func() time.Time, log *slog.Logger) *Courier {
	return &Courier{outbox: outbox, porter: porter, now: now, log: log, wake: make(chan struct{}, 1), load: newLoad(gate)}
}

// Wake says that there is something to deliver. It never waits.
func (c *Courier) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Resume ends an account's pause: what made it necessary has been put right.
func (c *Courier) Resume(account string) {
	c.load.resume(account)
	c.Wake()
}

// Run works until ctx ends, then lets what is on its way arrive, within reason.
func (c *Courier) Run(ctx context.Context) {
	finish, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastly, end) })()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	defer c.working.Wait()
	c.watch(ctx, "the courier can't put its deliveries' times right", c.mend)
	clock := watchClock(c.now)
	for {
		var again time.Duration
		c.watch(ctx, "the courier can't take up deliveries", func(ctx context.Context) (err error) {
			again, err = c.round(ctx, finish)
			return err
		})
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
			time.Sleep(breath)
		case <-soon(again):
		case <-tick.C:
			if off := clock.off(); off.Abs() > jump {
				c.log.Warn("the clock was set", "by", off.Round(time.Millisecond))
				c.watch(ctx, "the courier can't put its deliveries' times right", c.mend)
				clock = watchClock(c.now)
			}
			c.watch(ctx, "the courier can't take up lapsed deliveries", c.sweep)
		}
	}
}

// soon fires after a pause that a pace asks for, if it is shorter than a glance.
func soon(again time.Duration) <-chan time.Time {
	if again <= 0 || again >= glance {
		return nil
	}
	return time.After(max(again, breath))
}

func (c *Courier) mend(ctx context.Context) error { return c.outbox.Mend(ctx, c.now()) }

func (c *Courier) watch(ctx context.Context, problem string, look func(context.Context) error) {
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := look(bounded); err != nil && ctx.Err() == nil {
		c.log.Error(problem, "error", err)
	}
}

// round claims what can be carried now. One account's trouble is not another's.
func (c *Courier) round(ctx, finish context.Context) (again time.Duration, err error) {
	accounts, err := c.outbox.Waiting(ctx, c.now())
	problems := []error{err}
	for _, account := range accounts {
		if ctx.Err() != nil {
			break
		}
		wait, err := c.claim(finish, account)
		if wait > 0 && (again == 0 || wait < again) {
			again = wait
		}
		problems = append(problems, err)
	}
	return again, errors.Join(problems...)
}

// claim takes up an account's deliveries. What has begun is finished, also while
// we are stopping, which is what ctx outlasts; and to claim is to begin: nobody
// else would take up what we claimed and dropped before its lease ends.
func (c *Courier) claim(ctx context.Context, account string) (again time.Duration, err error) {
	now := c.now()
	all, calm, again := c.load.room(account, now)
	if all == 0 {
		return again, nil
	}
	began := time.Now()
	until := began.Add(within)
	claiming, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	mine, err := c.outbox.Claim(claiming, account, all, calm, now, lease)
	if err != nil {
		return 0, err
	}
	for _, d := range mine {
		c.load.take(d, began)
		c.working.Go(func() {
			ctx, cancel := context.WithDeadline(ctx, until)
			defer cancel()
			c.carry(ctx, d)
			c.load.put(d)
			c.Wake()
		})
	}
	return 0, nil
}

func (c *Courier) carry(ctx context.Context, d chat.Delivery) {
	err := c.safely(ctx, d)
	if err == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noting)
	defer cancel()
	c.follow(ctx, d, err)
}

func (c *Courier) safely(ctx context.Context, d chat.Delivery) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("a delivery panicked", "delivery", d.ID, "kind", d.Kind, "stack", string(debug.Stack()))
			err = errors.New("bridge: panic in a delivery")
		}
	}()
	return c.porter.Carry(ctx, d)
}

// TakeOver takes up texts that were being sent, or asked for, when the server
// ended, without waiting for their leases: for a server that has no other beside
// it. Should the last one still be ending, its tries are worth nothing any more.
func (c *Courier) TakeOver(ctx context.Context) error {
	running, err := c.outbox.Overdue(ctx, c.now().Add(lease+jump))
	running = slices.DeleteFunc(running, func(d chat.Delivery) bool { return d.Kind != chat.SendSMS && d.Kind != chat.Trace })
	return errors.Join(err, c.takeUp(ctx, running))
}

// sweep takes up deliveries whose carrier was killed, or is stuck.
func (c *Courier) sweep(ctx context.Context) error {
	lapsed, err := c.outbox.Overdue(ctx, c.now())
	return errors.Join(err, c.takeUp(ctx, slices.DeleteFunc(lapsed, c.load.holds)))
}

func (c *Courier) takeUp(ctx context.Context, lapsed []chat.Delivery) error {
	var problems []error
	for _, d := range lapsed {
		c.log.Warn("a delivery's carrier is gone", "delivery", d.ID, "kind", d.Kind, "shop", d.Shop, "conversation", d.Conversation)
		again, err := c.porter.Lapsed(ctx, d)
		if err == nil && again {
			err = c.outbox.PutOff(ctx, d, c.now(), "")
		}
		problems = append(problems, err) // one that can't be dealt with holds up no other
	}
	return errors.Join(problems...)
}
