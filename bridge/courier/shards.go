package courier

import (
	"context"
	"sync"
	"time"

	"sidetext/chat"
)

const (
	// shardLease is how long another node waits when this one is gone.
	shardLease = 10 * time.Second
	// minNudgeInterval is the shortest time between two nudges.
	minNudgeInterval = 10 * time.Millisecond
)

// shards are the parts of the background work that are leased to this node, by the
// monotonic clock. A shard is given up only when nothing of it is running.
type shards struct {
	taking sync.Mutex // held while the outbox settles which shards there are

	mu      sync.Mutex
	all     [chat.Shards]shard
	fair    int       // how many this node should have
	until   time.Time // when their leases end
	leaving bool      // the courier is stopping
	left    bool      // … and the outbox knows, so that there is nothing more to do
	nudged  time.Time // when other nodes were last nudged
	owed    bool      // they have to be nudged once more
}

type shard struct {
	held      bool
	given     bool // it was given up, but the outbox may not know yet
	draining  bool // it is given up as soon as nothing is running
	unchecked bool // deliveries may be marked as running that are not
	busy      int  // claims and deliveries that are running
}

func newShards() *shards { return &shards{} }

func (s *shards) owns(i int, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[i].held && now.Before(s.until)
}

// use marks a shard as busy until done, if work in it may begin. It returns when
// its lease ends.
func (s *shards) use(i int, now time.Time) (until time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.all[i].held || s.all[i].draining || s.leaving || !now.Before(s.until) {
		return time.Time{}, false
	}
	s.all[i].busy++
	return s.until, true
}

func (s *shards) add(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[i].busy++
}

func (s *shards) done(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[i].busy--
}

// recheck has the running deliveries of shards compared with those in memory.
func (s *shards) recheck(which ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range which {
		s.all[i].unchecked = true
	}
}

// startCheck returns the shards to be checked, and marks them as checked.
func (s *shards) startCheck() (which []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.all {
		if s.all[i].held && s.all[i].unchecked {
			s.all[i].unchecked = false
			which = append(which, i)
		}
	}
	return which
}

// nudge reports whether to nudge the other nodes now, because work of theirs has
// come up, and otherwise when to ask again.
func (s *shards) nudge(news bool, now time.Time) (yes bool, again time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !news && !s.owed {
		return false, 0
	}
	if rest := minNudgeInterval - now.Sub(s.nudged); rest > 0 {
		s.owed = true
		return false, rest
	}
	s.nudged, s.owed = now, false
	return true, 0
}

// release picks the shards to give up now: when the courier is stopping, all that
// are idle; otherwise one, if this node has more than its fair share. They are not
// used any more from here on.
func (s *shards) release() (which []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held, least := 0, 0 // least busy, or the one that is draining
	for i := range s.all {
		p, q := &s.all[i], &s.all[least]
		if !p.held {
			continue
		}
		if held++; !q.held || p.draining || !q.draining && p.busy < q.busy {
			least = i
		}
		if s.leaving && p.busy == 0 {
			p.held, p.given = false, true
		}
	}
	if p := &s.all[least]; !s.leaving && p.held {
		p.draining = held > s.fair
		if p.draining && p.busy == 0 {
			p.held, p.given = false, true
		}
	}
	for i := range s.all {
		if s.all[i].given {
			which = append(which, i)
		}
	}
	return which
}

// update takes over what the outbox said just after began. It reports whether the
// node has shards that it did not have before.
func (s *shards) update(share chat.Share, began, until time.Time) (more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lapsed := !began.Before(s.until)
	var held [chat.Shards]bool
	for _, i := range share.Held {
		held[i] = true
	}
	for i := range s.all {
		p := &s.all[i]
		if held[i] && (!p.held || lapsed) {
			p.unchecked, more = true, true
		}
		if p.held = held[i]; !p.held {
			p.draining, p.unchecked = false, false
		}
		p.given = false
	}
	s.fair, s.until, s.left = share.Fair, until, s.leaving && len(share.Held) == 0
	return more
}

// takeShards renews this node's shards and settles which ones it has.
func (c *Courier) takeShards(ctx context.Context) error {
	c.shards.taking.Lock()
	defer c.shards.taking.Unlock()
	leaving, left := c.shards.stopping()
	if left {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, shardLease/2)
	defer cancel()
	began, now := time.Now(), c.now()
	share, err := c.outbox.TakeShards(ctx, c.shards.release(), leaving, now, shardLease)
	if err != nil {
		return err // what was to be given up is so with the next call
	}
	if c.shards.update(share, began, began.Add(share.Until.Sub(now))) {
		c.WakeLocal()
	}
	return nil
}

// stopping reports whether the courier is stopping, and whether it has given up
// all shards.
func (s *shards) stopping() (leaving, left bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leaving, s.leaving && s.left
}

func (s *shards) setLeaving(leaving bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaving = leaving
}

// joinShards takes a share of the work, and renews it until the function that it
// returns is called, whatever the rounds are waiting for.
func (c *Courier) joinShards(ctx context.Context) (end func()) {
	c.shards.setLeaving(false)
	c.try(ctx, "take shards", c.takeShards)
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	var renewer sync.WaitGroup
	renewer.Go(func() {
		tick := time.NewTicker(pollInterval)
		defer tick.Stop()
		for {
			select {
			case <-renewing.Done():
				return
			case <-tick.C:
				c.try(renewing, "renew shards", c.takeShards)
			}
		}
	})
	return func() {
		stop()
		renewer.Wait()
		c.leaveShards() // those that were busy at first
	}
}

// leaveShards gives up all shards in which nothing is running, so that other nodes
// can take them at once.
func (c *Courier) leaveShards() {
	c.shards.setLeaving(true)
	ctx, cancel := context.WithTimeout(context.Background(), saveTimeout)
	defer cancel()
	c.try(ctx, "give up shards", c.takeShards)
}
