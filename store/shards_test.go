package store_test

import (
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// take has a node keep its shards, except for those that it gives up.
func take(t *testing.T, s *store.Store, at time.Duration, had []int, giveUp ...int) chat.Share {
	t.Helper()
	keep := slices.DeleteFunc(slices.Clone(had), func(i int) bool { return slices.Contains(giveUp, i) })
	return must[chat.Share](t)(s.TakeShards(t.Context(), keep, false, noon.Add(at), lease))
}

// leave has a node give up its shards, except for those that it keeps.
func leave(t *testing.T, s *store.Store, at time.Duration, keep ...int) chat.Share {
	t.Helper()
	return must[chat.Share](t)(s.TakeShards(t.Context(), keep, true, noon.Add(at), lease))
}

// The first node takes all shards; a second one takes what the first gives up, and
// the rest when the first has gone.
func TestShardsAreShared(t *testing.T) {
	t.Parallel()
	together(t, 2, func(t *testing.T, nodes []*store.Store) {
		a, b := nodes[0], nodes[1]
		alone := take(t, a, 0, nil)
		if len(alone.Held) != chat.Shards || alone.Fair != chat.Shards || !alone.Until.Equal(noon.Add(lease)) {
			t.Fatalf("alone, a node has %+v", alone)
		}
		if got := take(t, b, time.Second, nil); len(got.Held) != 0 || got.Fair != chat.Shards/2 {
			t.Errorf("a second node has %+v", got)
		}
		if got := take(t, a, time.Second, alone.Held); got.Fair != chat.Shards/2 || len(got.Held) != chat.Shards {
			t.Errorf("with a second node, the first has %+v", got)
		}
		kept := take(t, a, 2*time.Second, alone.Held, 3, 7)
		if got := kept; len(got.Held) != chat.Shards-2 || slices.Contains(got.Held, 3) || slices.Contains(got.Held, 7) {
			t.Errorf("after it gave up 3 and 7, the first has %+v", got)
		}
		if got := take(t, b, 3*time.Second, nil); !slices.Equal(got.Held, []int{3, 7}) {
			t.Errorf("the second node took %+v", got)
		}
		if got := take(t, b, 3*time.Second, []int{0, 3, 7}); !slices.Equal(got.Held, []int{3, 7}) { // 0 is not its own
			t.Errorf("of 0, 3 and 7 the second node kept %+v", got)
		}
		if got := take(t, a, 3*time.Second, kept.Held); !slices.Equal(got.Held, kept.Held) {
			t.Errorf("then the first has %+v", got)
		}
		leave(t, a, 4*time.Second)
		if got := take(t, b, 4*time.Second, []int{3, 7}); len(got.Held) != chat.Shards || got.Fair != chat.Shards {
			t.Errorf("after the first has left, the second node has %+v", got)
		}
	})
}

// A node that leaves keeps what it still works on, and no longer counts.
func TestLeavingNodeKeepsBusyShards(t *testing.T) {
	t.Parallel()
	together(t, 2, func(t *testing.T, nodes []*store.Store) {
		a, b := nodes[0], nodes[1]
		held := take(t, a, 0, nil).Held
		if got := leave(t, a, lease/2, held[0]); !slices.Equal(got.Held, held[:1]) || !got.Until.Equal(noon.Add(lease+lease/2)) {
			t.Errorf("it has %+v", got)
		}
		if got := take(t, b, lease/2, nil); len(got.Held) != chat.Shards-1 || got.Fair != chat.Shards {
			t.Errorf("the other has %+v", got)
		}
	})
}

// The shards of a node that was killed are free when its leases end, and not
// sooner. A node that was only late keeps what no other node took meanwhile.
func TestShardsOfAKilledNode(t *testing.T) {
	t.Parallel()
	together(t, 2, func(t *testing.T, nodes []*store.Store) {
		a, b := nodes[0], nodes[1]
		all := take(t, a, 0, nil).Held
		if got := take(t, b, lease-time.Millisecond, nil); len(got.Held) != 0 {
			t.Errorf("before the leases ended another node took %v", got.Held)
		}
		if got := take(t, a, 2*lease, all); len(got.Held) != chat.Shards || got.Fair != chat.Shards {
			t.Errorf("the late node has %+v", got)
		}
		if got := take(t, b, 4*lease, nil); len(got.Held) != chat.Shards || got.Fair != chat.Shards {
			t.Errorf("after the leases ended another node has %+v", got)
		}
		if got := take(t, a, 4*lease, all); len(got.Held) != 0 {
			t.Errorf("the first node still has %v", got.Held)
		}
		if got := take(t, a, 4*lease-2*store.MaxLease, nil); len(got.Held) != chat.Shards || got.Fair != chat.Shards {
			t.Errorf("after the clock was set back it has %+v", got)
		}
	})
}

// Renewing writes nothing while more than half of the time is left.
func TestShardsCostFewWrites(t *testing.T) {
	t.Parallel()
	together(t, 1, func(t *testing.T, nodes []*store.Store) {
		ends := map[time.Time]bool{}
		var held []int
		for i := range 100 {
			share := take(t, nodes[0], time.Duration(i)*lease/10, held)
			held, ends[share.Until] = share.Held, true
		}
		if n := len(ends); n > 21 {
			t.Errorf("holding shards for ten times the length of a lease took %d writes", n)
		}
	})
}
