package chat_test

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
)

func TestNewIDGrows(t *testing.T) {
	t.Parallel()
	last := chat.NewID[chat.ShopID](noon)
	for _, at := range []time.Time{noon, noon.Add(-time.Hour), {}, time.Unix(math.MinInt32, 0), noon.Add(time.Millisecond), noon} {
		for range 3 {
			next := chat.NewID[chat.ShopID](at)
			if len(next) != 26 || next <= last {
				t.Fatalf("%s follows %s, at %v", next, last, at)
			}
			last = next
		}
	}
}

func TestNewIDIsUnique(t *testing.T) {
	t.Parallel()
	const callers, each = 8, 2000
	made := make([][]chat.EscalationID, callers)
	var making sync.WaitGroup
	for i := range made {
		making.Go(func() {
			for n := range each {
				made[i] = append(made[i], chat.NewID[chat.EscalationID](noon.Add(time.Duration(-n)*time.Millisecond)))
			}
		})
	}
	making.Wait()
	for _, ids := range made {
		if !slices.IsSorted(ids) {
			t.Error("the ids of one caller are not sorted")
		}
	}
	all := slices.Concat(made...)
	slices.Sort(all)
	if got := len(slices.Compact(all)); got != callers*each {
		t.Errorf("%d different ids, want %d", got, callers*each)
	}
}
