package bridge

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"sidetext/chat"
)

// An Outbox is where deliveries wait. The store has the real one.
type Outbox interface {
	Waiting(ctx context.Context, now time.Time) (accounts []string, err error)
	Claim(ctx context.Context, account string, n int, now time.Time, lease time.Duration) ([]chat.Delivery, error)
	PutOff(ctx context.Context, d chat.Delivery, due time.Time, problem string) error
	GiveUp(ctx context.Context, d chat.Delivery, problem string) error
	Overdue(ctx context.Context, now time.Time) ([]chat.Delivery, error)
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
	mu      sync.Mutex
	busy    map[string]int       // account → how many are being carried
	pausing map[string]time.Time // account → until when
	working sync.WaitGroup
}

const (
	perAccount = 8                    // how many deliveries of an account are on their way at once
	lease      = 60 * time.Second     // longer than any delivery may take, with what is noted of it
	within     = 45 * time.Second     // how long one may take, from when it is claimed
	shortPause = 30 * time.Second     // of an account whose vendor does not say how long
	glance     = time.Second          // how often the courier looks without being woken
	breath     = 2 * time.Millisecond // between two looks, however often it is woken
)

// NewCourier makes a courier; Run sets it to work.
func NewCourier(outbox Outbox, porter Porter, now func() time.Time, log *slog.Logger) *Courier {
	return &Courier{
		outbox: outbox, porter: porter, now: now, log: log,
		wake: make(chan struct{}, 1), busy: map[string]int{}, pausing: map[string]time.Time{},
	}
}

// Wake says that there is something to deliver. It never waits.
func (c *Courier) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, then lets what is on its way arrive.
func (c *Courier) Run(ctx context.Context) {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	defer c.working.Wait()
	for {
		c.watch(ctx, "the courier can't take up deliveries", c.round)
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
			time.Sleep(breath)
		case <-tick.C:
			c.watch(ctx, "the courier can't take up lapsed deliveries", c.sweep)
		}
	}
}

func (c *Courier) watch(ctx context.Context, problem string, look func(context.Context) error) {
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := look(bounded); err != nil && ctx.Err() == nil {
		c.log.Error(problem, "error", err)
	}
}

// round claims what can be carried now. One account's trouble is not another's.
func (c *Courier) round(ctx context.Context) error {
	accounts, err := c.outbox.Waiting(ctx, c.now())
	problems := []error{err}
	for _, account := range accounts {
		if ctx.Err() != nil {
			break
		}
		problems = append(problems, c.claim(ctx, account))
	}
	return errors.Join(problems...)
}

// claim takes up an account's deliveries. What has begun is finished, also while
// we are stopping; and to claim is to begin: nobody else would take up what we
// claimed and dropped before its lease ends.
func (c *Courier) claim(ctx context.Context, account string) error {
	now := c.now()
	free := c.free(account, now)
	if free == 0 {
		return nil
	}
	ctx, until := context.WithoutCancel(ctx), time.Now().Add(within)
	claiming, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	mine, err := c.outbox.Claim(claiming, account, free, now, lease)
	if err != nil {
		return err
	}
	for _, d := range mine {
		c.count(account, +1)
		c.working.Go(func() {
			ctx, cancel := context.WithDeadline(ctx, until)
			defer cancel()
			c.carry(ctx, d)
			c.count(account, -1)
			c.Wake()
		})
	}
	return nil
}

func (c *Courier) free(account string, now time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until, paused := c.pausing[account]; paused {
		if now.Before(until) {
			return 0
		}
		delete(c.pausing, account)
	}
	return perAccount - c.busy[account]
}

func (c *Courier) pause(account string, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until.After(c.pausing[account]) {
		c.pausing[account] = until
	}
}

// Resume ends an account's pause: what made it necessary has been put right.
func (c *Courier) Resume(account string) {
	c.mu.Lock()
	delete(c.pausing, account)
	c.mu.Unlock()
	c.Wake()
}

func (c *Courier) count(account string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[account] += n; c.busy[account] == 0 {
		delete(c.busy, account)
	}
}

func (c *Courier) carry(ctx context.Context, d chat.Delivery) {
	err := c.safely(ctx, d)
	if err == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noting)
	defer cancel()
	log := c.log.With("delivery", d.ID, "kind", d.Kind, "shop", d.Shop, "conversation", d.Conversation, "try", d.Tries)
	var send *chat.SendError
	errors.As(err, &send)
	problem := "Something went wrong here; it will be tried again."
	if send != nil {
		problem = send.Problem.Text
	}
	if !d.Kind.Repeats() && (send == nil || send.Outcome == chat.Lost) {
		// It may have happened. Lapsed decides, once nobody can be at it any more.
		log.Error("nobody knows what became of a delivery", "error", err)
		return
	}
	if send != nil && send.Outcome == chat.Rejected && !send.All {
		log.Error("a delivery failed for good", "error", err)
		if err := c.outbox.GiveUp(ctx, d, problem); err != nil {
			log.Error("a failed delivery could not be put aside", "error", err)
		}
		return
	}
	wait := backOff(d.Tries)
	if send != nil && send.After > 0 {
		wait = send.After + rand.N(send.After/4+time.Millisecond)
	}
	due := c.now().Add(wait)
	if send != nil && send.All {
		// Nobody said how long: one delivery's many tries are not the account's.
		if send.After == 0 {
			due = c.now().Add(min(wait, shortPause))
		}
		c.pause(d.Account, due)
	}
	log.Warn("a delivery has to wait", "error", err, "wait", wait.Round(time.Millisecond))
	if err := c.outbox.PutOff(ctx, d, due, problem); err != nil {
		log.Error("a delivery could not be put off; its lease will end", "error", err)
	}
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

// backOff grows from a second to ten minutes, with jitter, so that what failed
// together does not come back together.
func backOff(tries int) time.Duration {
	wait := min(time.Second<<min(max(tries-1, 0), 12), 10*time.Minute)
	return wait/2 + rand.N(wait/2)
}

// sweep takes up deliveries whose carrier was killed, or is stuck.
func (c *Courier) sweep(ctx context.Context) error {
	lapsed, err := c.outbox.Overdue(ctx, c.now())
	problems := []error{err}
	for _, d := range lapsed {
		c.log.Warn("a delivery's lease ended before it was done", "delivery", d.ID, "kind", d.Kind, "shop", d.Shop, "conversation", d.Conversation)
		again, err := c.porter.Lapsed(ctx, d)
		if err == nil && again {
			err = c.outbox.PutOff(ctx, d, c.now(), "")
		}
		problems = append(problems, err) // one that can't be dealt with holds up no other
	}
	return errors.Join(problems...)
}
