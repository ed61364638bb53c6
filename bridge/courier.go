package bridge

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"sidetext/chat"
)

// An Outbox is where deliveries wait. The store has the real one.
type Outbox interface {
	Leases
	DueAccounts(ctx context.Context, now time.Time) (accounts []string, err error)
	// Claim takes up to all of an account's deliveries, those that somebody waits
	// for first, and up to calm of the others.
	Claim(ctx context.Context, account string, all, calm int, now time.Time, lease time.Duration) ([]chat.Delivery, error)
	Postpone(ctx context.Context, d chat.Delivery, due time.Time, problem string) error
	GiveUp(ctx context.Context, d chat.Delivery, problem string) error
	ExpiredClaims(ctx context.Context, now time.Time) ([]chat.Delivery, error)
	// Running lists what an account's carriers have in hand.
	InFlight(ctx context.Context, account string) ([]chat.Delivery, error)
	// Deserted lists the accounts with something in hand that are nobody's duty.
	Deserted(ctx context.Context, now time.Time) (accounts []string, err error)
	// Mend makes due what a clock that was set back would keep waiting for ever.
	RepairDueTimes(ctx context.Context, now time.Time) error
}

// A Porter knows how to carry a delivery out. Carrier is the real one.
type Handlers interface {
	// Carry makes a delivery happen, and removes it when it has. A
	// *chat.SendError says what to do next; after any other error, what may not
	// be done twice is left alone until its lease ends.
	Handle(ctx context.Context, d chat.Delivery) error
	// Lapsed is told of a delivery whose carrier is gone before its work was done.
	// It returns whether the delivery is to be put back, to be done again.
	Expired(ctx context.Context, d chat.Delivery) (again bool, err error)
}

// A Courier carries deliveries out. Of one lane it works on one at a time, of
// one account on a few, so that a slow or dead vendor delays nobody else. An
// account is one courier's at a time, however many nodes there are.
type Courier struct {
	// Elsewhere is told of an account that is another node's, and has work that
	// came up here; it may not wait. It is set before Run, or nil.
	Elsewhere func(account string)

	outbox Outbox
	porter Handlers
	now    func() time.Time
	log    *slog.Logger

	wake    chan struct{}
	news    atomic.Bool // something came up here since the last round
	load    *load
	tenures *tenures
	working sync.WaitGroup
	said    sync.Map // problem → *rate.Sometimes: how often it is logged
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
func NewCourier(outbox Outbox, porter Handlers, gate Gate, now func() time.Time, log *slog.Logger) *Courier {
	return &Courier{outbox: outbox, porter: porter, now: now, log: log, wake: make(chan struct{}, 1), load: newLoad(gate), tenures: newTenures()}
}

// Wake says that something to deliver has come up here. It never waits. What is
// another node's to carry, that node is told of by Elsewhere.
func (c *Courier) Wake() {
	c.news.Store(true)
	c.rouse()
}

// Heed says that another node knows of something to deliver. It never waits, and
// nobody else is told: else two nodes could wake each other for ever.
func (c *Courier) WakeLocal() { c.rouse() }

func (c *Courier) rouse() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Resume ends an account's pause: what made it necessary has been put right.
func (c *Courier) Resume(account string) {
	c.load.resume(account)
	c.rouse()
}

// Run works until ctx ends, then lets what is on its way arrive, within reason,
// and lets go of its accounts.
func (c *Courier) Run(ctx context.Context) {
	defer c.leave()
	keeping, enough := context.WithCancel(context.WithoutCancel(ctx))
	var keeper sync.WaitGroup
	keeper.Go(func() { c.keep(keeping) })
	defer keeper.Wait()
	defer enough()
	finish, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastly, end) })()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	defer c.working.Wait()
	c.watch(ctx, "the courier can't put its deliveries' times right", c.mend)
	c.watch(ctx, sweeping, c.sweep)
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
			c.watch(ctx, sweeping, c.sweep)
		}
	}
}

const sweeping = "the courier can't take up lapsed deliveries"

// soon fires after a pause that a pace asks for, if it is shorter than a glance.
func soon(again time.Duration) <-chan time.Time {
	if again <= 0 || again >= glance {
		return nil
	}
	return time.After(max(again, breath))
}

func (c *Courier) mend(ctx context.Context) error { return c.outbox.RepairDueTimes(ctx, c.now()) }

func (c *Courier) watch(ctx context.Context, problem string, look func(context.Context) error) {
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := look(bounded); err != nil && ctx.Err() == nil {
		// While the database is away that is every look.
		seldom, _ := c.said.LoadOrStore(problem, &rate.Sometimes{First: 1, Interval: 10 * time.Second})
		seldom.(*rate.Sometimes).Do(func() { c.log.Error(problem, "error", err) })
	}
}

// round claims what can be carried now. One account's trouble is not another's.
func (c *Courier) round(ctx, finish context.Context) (again time.Duration, err error) {
	news := c.news.Swap(false)
	accounts, err := c.outbox.DueAccounts(ctx, c.now())
	problems := []error{err}
	for _, account := range accounts {
		if ctx.Err() != nil {
			break
		}
		wait, err := c.serve(finish, account, news)
		if wait > 0 && (again == 0 || wait < again) {
			again = wait
		}
		problems = append(problems, err)
	}
	return again, errors.Join(problems...)
}

// serve takes up an account's deliveries if it is ours, or can be, and there is
// room; otherwise it says when to come again. news says that something came up
// here.
func (c *Courier) serve(ctx context.Context, account string, news bool) (again time.Duration, err error) {
	asking, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	until, err := c.own(asking, account)
	if until.IsZero() {
		yes, again := c.tenures.tell(account, time.Now(), news)
		if yes && c.Elsewhere != nil {
			c.Elsewhere(account)
		}
		return again, err
	}
	all, calm, again := c.load.room(account, c.now())
	if all == 0 {
		return again, err
	}
	return 0, errors.Join(err, c.claim(ctx, account, all, calm, until))
}

// claim takes up an account's deliveries. What has begun is finished, also while
// we are stopping, which is what ctx outlasts; and to claim is to begin: nobody
// else would take up what we claimed and dropped before its lease ends.
func (c *Courier) claim(ctx context.Context, account string, all, calm int, ours time.Time) error {
	began := time.Now()
	until := began.Add(within)
	claiming, cancel := context.WithDeadline(ctx, ours)
	defer cancel()
	mine, err := c.outbox.Claim(claiming, account, all, calm, c.now(), lease)
	if err != nil {
		c.tenures.doubt(account) // it may have been kept all the same
		return err
	}
	for _, d := range mine {
		c.load.take(d, began)
		c.working.Go(func() {
			ctx, cancel := context.WithDeadline(ctx, until)
			defer cancel()
			c.carry(ctx, d)
			c.load.put(d)
			c.rouse()
		})
	}
	return nil
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
	return c.porter.Handle(ctx, d)
}

// sweep takes up deliveries whose carrier was killed, or is stuck: those of our
// accounts, and of accounts that are nobody's any more; and those that were claimed
// here without our hearing of it.
func (c *Courier) sweep(ctx context.Context) error {
	deserted, err := c.outbox.Deserted(ctx, c.now())
	problems := []error{err}
	for _, account := range append(deserted, c.tenures.doubted()...) {
		_, err := c.own(ctx, account)
		problems = append(problems, err)
	}
	lapsed, err := c.outbox.ExpiredClaims(ctx, c.now())
	problems = append(problems, err)
	var gone []chat.Delivery
	for _, d := range lapsed {
		if c.load.holds(d) {
			continue
		}
		until, err := c.own(ctx, d.Account)
		problems = append(problems, err)
		if !until.IsZero() {
			gone = append(gone, d)
		}
	}
	return errors.Join(append(problems, c.takeUp(ctx, gone))...)
}

func (c *Courier) takeUp(ctx context.Context, lapsed []chat.Delivery) error {
	var problems []error
	for _, d := range lapsed {
		c.log.Warn("a delivery's carrier is gone", "delivery", d.ID, "kind", d.Kind, "shop", d.Shop, "conversation", d.Conversation)
		again, err := c.porter.Expired(ctx, d)
		if err == nil && again {
			err = c.outbox.Postpone(ctx, d, c.now(), "")
		}
		problems = append(problems, err) // one that can't be dealt with holds up no other
	}
	return errors.Join(problems...)
}
