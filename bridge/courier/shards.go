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
// monotonic clock. A shard is given up only while nothing of it is running.
type shards struct {
	taking chan struct{} // full while the outbox decides which shards this node has. A channel, because tests wait for it in synctest bubbles

	mu       sync.Mutex
	held     [chat.Shards]bool
	busy     [chat.Shards]int // claims and deliveries that are running
	draining int              // a shard in which nothing new begins, or -1
	fair     int              // how many this node should have
	until    time.Time        // when their leases end
	leaving  bool             // the courier is stopping
}

func (s *shards) owns(i int, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[i] && now.Before(s.until)
}

// begin adds one to the busy count of a shard if work in it may begin, and returns
// when its lease ends. The caller subtracts it with addBusy.
func (s *shards) begin(i int, now time.Time) (until time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ok = s.held[i] && s.draining != i && now.Before(s.until); ok {
		s.busy[i]++
	}
	return s.until, ok
}

// addBusy adds n to the number of claims and deliveries that are running in a shard.
func (s *shards) addBusy(i, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy[i] += n
}

// pickKept picks the shards to keep: when the courier is stopping, those that are busy;
// otherwise all, but for one if this node has more than its fair share. No work
// begins in the others from here on.
func (s *shards) pickKept() (kept []int, leaving bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.held {
		if s.leaving && s.busy[i] == 0 {
			s.held[i] = false
		}
		if s.held[i] {
			kept = append(kept, i)
		}
	}
	if s.leaving || len(kept) <= s.fair {
		s.draining = -1
		return kept, s.leaving
	}
	least := 0 // the index in kept of the one that is draining, or least busy
	for n, i := range kept {
		if s.draining == i || s.draining != kept[least] && s.busy[i] < s.busy[kept[least]] {
			least = n
		}
	}
	s.draining = kept[least]
	if s.busy[s.draining] == 0 {
		s.held[s.draining] = false
		kept = append(kept[:least], kept[least+1:]...)
	}
	return kept, false
}

// update sets what the outbox decided just after began. It reports whether the node
// has shards now that it did not have before.
func (s *shards) update(share chat.Share, began, until time.Time) (more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.held
	if !began.Before(s.until) {
		before = [chat.Shards]bool{} // they may have been another node's meanwhile
	}
	s.held = [chat.Shards]bool{}
	for _, i := range share.Held {
		s.held[i] = true
		more = more || !before[i]
	}
	s.fair, s.until = share.Fair, until
	return more
}

func (s *shards) setLeaving(leaving bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaving = leaving
}

// takeShards renews this node's shards and finds out which ones it has.
func (c *Courier) takeShards(ctx context.Context) error {
	c.shards.taking <- struct{}{}
	defer func() { <-c.shards.taking }()
	ctx, cancel := context.WithTimeout(ctx, shardLease/2)
	defer cancel()
	began, now := time.Now(), c.now()
	keep, leaving := c.shards.pickKept()
	share, err := c.outbox.TakeShards(ctx, keep, leaving, now, shardLease)
	if err != nil {
		return err
	}
	if c.shards.update(share, began, began.Add(share.Until.Sub(now))) {
		c.recheck.Store(true)
		c.WakeLocal()
	}
	return nil
}

// joinShards takes a share of the work, and renews it until the function that it
// returns is called, whatever the rounds are waiting for.
func (c *Courier) joinShards(ctx context.Context) (end func()) {
	c.shards.setLeaving(false)
	c.runLogged(ctx, "take shards", c.takeShards)
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
				c.runLogged(renewing, "renew shards", c.takeShards)
			}
		}
	})
	return func() {
		stop()
		renewer.Wait()
		c.leaveShards() // those that were busy the first time
	}
}

// leaveShards gives up all shards in which nothing is running, so that other nodes
// can take them at once.
func (c *Courier) leaveShards() {
	c.shards.setLeaving(true)
	ctx, cancel := context.WithTimeout(context.Background(), saveTimeout)
	defer cancel()
	c.runLogged(ctx, "give up shards", c.takeShards)
}
