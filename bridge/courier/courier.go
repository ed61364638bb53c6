// Package courier is the job engine: it claims deliveries and runs their
// handlers, in order within a lane, a few at a time for each account, with
// retries. Its nodes divide the accounts among themselves.
//
// A delivery passes through Wake, Run, claimDue, claim, run and its handler.
package courier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"sidetext/chat"
)

// An Outbox holds the deliveries. The store has the real one. A delivery that was
// claimed again since is not changed by Postpone and GiveUp.
type Outbox interface {
	// DueAccounts lists the accounts with a delivery that is due.
	DueAccounts(ctx context.Context, now time.Time) (accounts []string, err error)
	// Claim takes up to all of an account's deliveries, urgent ones first, and up to
	// calm of those that are not urgent.
	Claim(ctx context.Context, account string, all, calm int, now time.Time, lease time.Duration) ([]chat.Delivery, error)
	Postpone(ctx context.Context, d chat.Delivery, due time.Time, problem string) error
	GiveUp(ctx context.Context, d chat.Delivery, problem string) error
	// ExpiredClaims lists running deliveries whose claim has expired.
	ExpiredClaims(ctx context.Context, now time.Time) ([]chat.Delivery, error)
	// InFlight lists all running deliveries, of every node.
	InFlight(ctx context.Context) ([]chat.Delivery, error)
	// RepairDueTimes makes deliveries due that would wait for ever because the clock
	// was set back.
	RepairDueTimes(ctx context.Context, now time.Time) error
	// TakeShards renews the shards in keep, gives up this node's others and, unless
	// the node is leaving, takes free ones up to its fair share.
	TakeShards(ctx context.Context, keep []int, leaving bool, now time.Time, lease time.Duration) (chat.Share, error)
}

// A Handler runs a delivery and deletes it when it is done. A *chat.SendError says
// what to do next. After any other error a delivery that is not repeatable is left
// alone until its claim expires.
type Handler = func(context.Context, chat.Delivery) error

// A Courier runs deliveries: of one lane one at a time, of one account a few, so
// that a slow or dead vendor delays nothing else. At any time an account belongs
// to one node.
type Courier struct {
	// NudgeOthers tells the other nodes that work was added here that belongs to them. It
	// must not block. It is set before Run, or nil.
	NudgeOthers func()

	outbox   Outbox
	handlers map[chat.DeliveryKind]Handler
	expired  map[chat.DeliveryKind]Handler
	now      func() time.Time
	log      *slog.Logger

	wake      chan struct{}
	woken     atomic.Bool // Wake was called since the last round
	lastNudge time.Time   // when other nodes were last nudged
	recheck   atomic.Bool // some deliveries may be marked as running without running
	inflight  *inflight
	shards    *shards
	working   sync.WaitGroup
	logged    sync.Map // event → *rate.Sometimes: limits how often it is logged
}

const (
	claimLease      = 60 * time.Second     // longer than a delivery may take, including saving its outcome
	deliveryTimeout = 45 * time.Second     // of a delivery, counted from its claim
	drainTimeout    = 20 * time.Second     // … once the courier is stopping: longer than sending a text takes
	saveTimeout     = 5 * time.Second      // of saving an outcome
	pollInterval    = time.Second          // between two rounds without a Wake
	minPollInterval = 2 * time.Millisecond // between two rounds with one
	clockJump       = 2 * time.Second      // a clock that is off by this much was set
)

// New makes a courier. Give it handlers, then Run it. gate may be nil.
func New(outbox Outbox, gate Gate, now func() time.Time, log *slog.Logger) *Courier {
	return &Courier{
		outbox: outbox, now: now, log: log, handlers: map[chat.DeliveryKind]Handler{}, expired: map[chat.DeliveryKind]Handler{},
		wake: make(chan struct{}, 1), inflight: newInflight(gate), shards: &shards{taking: make(chan struct{}, 1), draining: -1},
	}
}

// Handle registers the handler of a kind of delivery.
func (c *Courier) Handle(kind chat.DeliveryKind, run Handler) { register(c.handlers, kind, run) }

// HandleExpired registers what is done when the claim of a delivery expires that
// must not be repeated. Repeatable kinds are just run again.
func (c *Courier) HandleExpired(kind chat.DeliveryKind, resolve Handler) {
	register(c.expired, kind, resolve)
}

func register(handlers map[chat.DeliveryKind]Handler, kind chat.DeliveryKind, h Handler) {
	if kind.Spec().Name == "" || handlers[kind] != nil {
		panic(fmt.Sprintf("courier: kind %q is not declared, or has two handlers", kind))
	}
	handlers[kind] = h
}

// Wake makes the courier look for work, after a delivery was added on this node. It never
// blocks. If the delivery belongs to another node, that node is nudged.
func (c *Courier) Wake() {
	c.woken.Store(true)
	c.WakeLocal()
}

// WakeLocal makes the courier look for work, after another node has nudged this one.
// It never blocks. It nudges no node, because two nodes could then wake each other
// for ever.
func (c *Courier) WakeLocal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Resume ends an account's pause: its cause was fixed.
func (c *Courier) Resume(account string) {
	c.inflight.resume(account)
	c.WakeLocal()
}

// Owns reports whether the background work of key belongs to this node: of an
// account, or of anything else that the nodes divide among themselves.
func (c *Courier) Owns(key string) bool { return c.shards.owns(chat.Shard(key), time.Now()) }

// Run works until ctx ends. Then it lets what has begun finish, within
// drainTimeout, and gives up its shards.
func (c *Courier) Run(ctx context.Context) {
	finish, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(drainTimeout, abort) })()
	stopRenewing := c.joinShards(ctx)
	defer stopRenewing()
	defer c.working.Wait()
	defer c.leaveShards()
	c.runLogged(ctx, "repair due times", c.repairDueTimes)
	clock := watchClock(c.now)
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for poll := true; ; {
		if poll {
			c.runLogged(ctx, "take over expired deliveries", c.takeOverExpired)
		}
		c.runLogged(ctx, "take over unknown deliveries", c.takeOverUnknown)
		again, err := c.claimDue(ctx, finish)
		c.logError(ctx, "claim deliveries", err)
		poll = false
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
			time.Sleep(minPollInterval)
		case <-timerBeforePoll(again):
		case <-tick.C:
			poll = true
			if off := clock.offset(); off.Abs() > clockJump {
				c.log.Warn("clock was set", "by", off.Round(time.Millisecond))
				c.runLogged(ctx, "repair due times", c.repairDueTimes)
				clock = watchClock(c.now)
			}
		}
	}
}

// timerBeforePoll returns a channel that fires after a wait that a gate or a nudge asks
// for, or nil if the next poll comes first.
func timerBeforePoll(again time.Duration) <-chan time.Time {
	if again <= 0 || again >= pollInterval {
		return nil
	}
	return time.After(max(again, minPollInterval))
}

func (c *Courier) repairDueTimes(ctx context.Context) error {
	return c.outbox.RepairDueTimes(ctx, c.now())
}

// runLogged runs a task that is repeated anyway, and logs its error.
func (c *Courier) runLogged(ctx context.Context, task string, do func(context.Context) error) {
	bounded, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	c.logError(ctx, task, do(bounded))
}

// logError logs a task's error, at most every ten seconds: while the database is down
// every call fails.
func (c *Courier) logError(ctx context.Context, task string, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	sometimes, _ := c.logged.LoadOrStore(task, &rate.Sometimes{First: 1, Interval: 10 * time.Second})
	sometimes.(*rate.Sometimes).Do(func() { c.log.Error(task+" failed", "error", err) })
}

// claimDue claims what can be run now. An error of one account does not affect
// others. again is the time to wait before the next call if that is before the next
// poll, or zero.
func (c *Courier) claimDue(ctx, finish context.Context) (again time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	woken := c.woken.Swap(false)
	accounts, err := c.outbox.DueAccounts(ctx, c.now())
	problems, foreign := []error{err}, false
	for _, account := range accounts {
		if ctx.Err() != nil {
			break
		}
		until, ours := c.shards.begin(chat.Shard(account), time.Now())
		if !ours {
			foreign = true
			continue
		}
		wait, err := c.claim(finish, account, until)
		c.shards.addBusy(chat.Shard(account), -1)
		if wait > 0 && (again == 0 || wait < again) {
			again = wait
		}
		problems = append(problems, err)
	}
	if foreign && woken {
		if wait := c.nudge(); wait > 0 && (again == 0 || wait < again) {
			again = wait
		}
	}
	return again, errors.Join(problems...)
}

// nudge tells the other nodes that there is work for them or, so soon after the
// last time, says when to try again.
func (c *Courier) nudge() (again time.Duration) {
	if rest := minNudgeInterval - time.Since(c.lastNudge); rest > 0 {
		c.woken.Store(true)
		return rest
	}
	if c.lastNudge = time.Now(); c.NudgeOthers != nil {
		c.NudgeOthers()
	}
	return 0
}
