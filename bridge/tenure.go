package bridge

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"sidetext/chat"
)

// Duties are what one node at a time does. The store has the real ones.
type Leases interface {
	// Hold takes a duty, or renews it, unless it is another node's.
	AcquireLease(ctx context.Context, name string, now time.Time, lease time.Duration) (chat.Lease, error)
	// Release lets go of duties; of all, when none is named.
	ReleaseLeases(ctx context.Context, names ...string) error
}

const (
	// tenure is how long an account is ours before we have to renew that: another
	// node waits for so long when we are gone.
	tenure = 10 * time.Second
	// hush is how long nobody is told again that an account of theirs has work.
	hush = 10 * time.Millisecond
)

// tenures are the accounts whose deliveries are ours to carry, and those that are
// known to be another node's, by the clock that cannot be set.
type tenures struct {
	mu     sync.Mutex
	ours   map[string]*own
	theirs map[string]*others
	unsure map[string]bool // ours, with who knows what in hand
}

type own struct {
	until time.Time
	used  time.Time // when there was last something to do
}

type others struct {
	again time.Time // when to ask next whether it is still theirs
	told  time.Time // when they were last told that there is something to do
	owed  bool      // they have to be told once more
}

func newTenures() *tenures {
	return &tenures{ours: map[string]*own{}, theirs: map[string]*others{}, unsure: map[string]bool{}}
}

// has returns until when an account is surely ours, or that nothing needs to be
// asked before it is known to be another's.
func (t *tenures) has(account string, now time.Time) (until time.Time, theirs bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o := t.ours[account]; o != nil {
		o.used = now
		if o.until.Sub(now) > tenure/2 {
			return o.until, false
		}
	}
	o := t.theirs[account]
	return time.Time{}, o != nil && now.Before(o.again)
}

// note keeps what was found out about an account just after began.
func (t *tenures) note(account string, began time.Time, mine bool, lasts time.Duration) (until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.unsure, account)
	if !mine {
		delete(t.ours, account)
		o := t.theirs[account]
		if o == nil {
			o = &others{}
			t.theirs[account] = o
		}
		o.again = began.Add(min(lasts, glance/2)) // each glance finds it due
		return time.Time{}
	}
	delete(t.theirs, account)
	o := t.ours[account]
	if o == nil {
		o = &own{used: began}
		t.ours[account] = o
	}
	o.until = began.Add(lasts)
	return o.until
}

// tell says whether another node is to be told now that an account of theirs has
// work, and if not, when to ask again.
func (t *tenures) tell(account string, now time.Time, news bool) (yes bool, again time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := t.theirs[account]
	if o == nil || !news && !o.owed {
		return false, 0
	}
	if rest := hush - now.Sub(o.told); rest > 0 {
		o.owed = true
		return false, rest
	}
	o.told, o.owed = now, false
	return true, 0
}

// ending lists the accounts that have to be renewed now because they are still
// needed, and forgets those that were not for a while.
func (t *tenures) ending(now time.Time, busy func(account string) bool) (renew []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for account, o := range t.ours {
		if rest := o.until.Sub(now); rest > tenure/2 {
			continue
		} else if busy(account) || now.Sub(o.used) < tenure {
			renew = append(renew, account)
		} else if rest <= 0 {
			delete(t.ours, account)
		}
	}
	for account, o := range t.theirs {
		if now.Sub(o.again) > tenure {
			delete(t.theirs, account)
		}
	}
	return renew
}

// doubt has an account taken anew: of what was claimed in it nobody heard whether
// that was kept.
func (t *tenures) doubt(account string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.ours, account)
	t.unsure[account] = true
}

// doubted lists the accounts that have to be taken anew.
func (t *tenures) doubted() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Collect(maps.Keys(t.unsure))
}

// names lists the duties that go with the accounts that are ours.
func (t *tenures) names() (all []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for account := range t.ours {
		all = append(all, chat.AccountDuty(account))
	}
	for account := range t.unsure {
		all = append(all, chat.AccountDuty(account))
	}
	return all
}

func (t *tenures) mine(account string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ours[account] != nil
}

// own makes an account ours, if it can be, and returns until when it is, or the
// zero time.
func (c *Courier) own(ctx context.Context, account string) (until time.Time, err error) {
	until, theirs := c.tenures.has(account, time.Now())
	if theirs || !until.IsZero() {
		return until, nil
	}
	return c.ask(ctx, account)
}

// ask takes an account, or renews it. Of one that was not ours just before, as
// far as anybody knows, it takes over what was being sent: whoever did that is
// gone.
func (c *Courier) ask(ctx context.Context, account string) (until time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, tenure/2)
	defer cancel()
	began, now, known := time.Now(), c.now(), c.tenures.mine(account)
	d, err := c.outbox.AcquireLease(ctx, chat.AccountDuty(account), now, tenure)
	if err != nil {
		return time.Time{}, err
	}
	if d.Held && (d.Fresh || !known) {
		running, err := c.outbox.InFlight(ctx, account)
		if err != nil {
			return time.Time{}, err // and the next time it is not known either
		}
		err = c.takeOver(ctx, running)
		return c.tenures.note(account, began, d.Held, d.Until.Sub(now)), err
	}
	return c.tenures.note(account, began, d.Held, d.Until.Sub(now)), nil
}

// takeOver takes up texts that were being sent, or asked for, when whoever did so
// ended, without waiting for their leases. Should the last one still be ending,
// its tries are worth nothing any more.
func (c *Courier) takeOver(ctx context.Context, running []chat.Delivery) error {
	return c.takeUp(ctx, slices.DeleteFunc(running, func(d chat.Delivery) bool {
		return d.Kind != chat.SendSMS && d.Kind != chat.CheckStatus || c.load.holds(d)
	}))
}

// keep renews the accounts that are still needed, until ctx ends: whatever the
// rounds are waiting for.
func (c *Courier) keep(ctx context.Context) {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, account := range c.tenures.ending(time.Now(), c.load.carries) {
			c.watch(ctx, "the courier can't renew its hold of an account", func(ctx context.Context) error {
				_, err := c.ask(ctx, account)
				return err
			})
		}
	}
}

// leave lets other nodes have our accounts at once.
func (c *Courier) leave() {
	names := c.tenures.names()
	if len(names) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), noting)
	defer cancel()
	if err := c.outbox.ReleaseLeases(ctx, names...); err != nil {
		c.log.Warn("the courier can't let go of its accounts; their time will end", "error", err)
	}
}
