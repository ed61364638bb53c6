package hub_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

// A bus that loses, duplicates and delays messages: within one heartbeat all viewers
// have everything, without a gap or a duplicate (which a viewer reports by itself).
// While the bus reports that it is unhealthy, it takes one second.
func TestLossyBus(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		unhealthy bool
		recover   time.Duration
	}{
		"reported as healthy":   {false, heartbeat},
		"reported as unhealthy": {true, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 2, hub.Settings{IdleTimeout: time.Hour})
				defer f.end(t)
				f.network.change(func(n *network) { n.dice, n.unhealthy = newDice(1), test.unhealthy })
				random := newDice(2)
				var all []*viewer
				for i := range 20 {
					all = append(all, f.nodes[i%2].view(fmt.Sprint("r", i%7)))
				}
				recovered := 0
				for range 30 {
					for range 20 {
						f.change(random.IntN(2), fmt.Sprint("r", random.IntN(7)))
						time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond)
					}
					synctest.Wait()
					recovered += f.behind(all)
					time.Sleep(test.recover)
					synctest.Wait()
					if left := f.behind(all); left > 0 {
						t.Errorf("%d viewers are behind", left)
					}
				}
				if recovered == 0 {
					t.Error("no message was lost, so the test shows nothing")
				}
				if got := f.nodes[0].Stats().Resyncs + f.nodes[1].Stats().Resyncs; got == 0 {
					t.Error("no resyncs counted")
				}
			})
		})
	}
}

// behind counts the viewers that are stale or not at the newest revision.
func (f *fleet) behind(all []*viewer) (n int) {
	for _, v := range all {
		if room, pos, stale := v.state(); pos != f.rev(room) || stale {
			n++
		}
	}
	return n
}

// After OnLoss all viewed rooms are compared with the store, with one read for each
// 500.
func TestReconcileAfterLoss(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, hub.Settings{Heartbeat: time.Hour, IdleTimeout: time.Hour})
		defer f.end(t)
		var all []*viewer
		for i := range 1200 {
			all = append(all, f.nodes[1].view(fmt.Sprint("r", i)))
		}
		synctest.Wait()
		f.network.change(func(n *network) { n.silent = true })
		for i := range 10 {
			f.change(0, fmt.Sprint("r", i*100))
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := f.behind(all); got != 10 || len(f.batches) != 0 {
			t.Fatalf("%d viewers are behind, %d reads of revisions", got, len(f.batches))
		}
		f.network.reportLoss()
		synctest.Wait()
		if got := f.behind(all); got != 0 {
			t.Errorf("%d viewers are behind", got)
		}
		slices.Sort(f.batches)
		if !slices.Equal(f.batches, []int{200, 500, 500}) {
			t.Errorf("batches of %d rooms", f.batches)
		}
		// Rooms without a revision in the result are read too.
		if got := len(f.readLog()); got != 1200 {
			t.Errorf("%d reads", got)
		}
		if got := f.nodes[1].Stats().Resyncs; got != 10 {
			t.Errorf("%d resyncs", got)
		}
	})
}

// A room whose viewers are up to date is not read.
func TestReconcileReadsOnlyRoomsBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, hub.Settings{Heartbeat: time.Hour, IdleTimeout: time.Hour})
		defer f.end(t)
		for i := range 100 {
			f.commit(fmt.Sprint("r", i))
			f.nodes[0].view(fmt.Sprint("r", i))
		}
		synctest.Wait()
		f.network.change(func(n *network) { n.unhealthy = true })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := len(f.readLog()); got != 0 || len(f.batches) != 10 {
			t.Errorf("%d reads, %d reads of revisions", got, len(f.batches))
		}
		f.network.change(func(n *network) { n.unhealthy = false })
		time.Sleep(10 * time.Second)
		if len(f.batches) != 10 {
			t.Errorf("%d reads of revisions after the bus recovered", len(f.batches))
		}
	})
}

// When a comparison fails, viewers are marked stale, and it is repeated.
func TestReconcileFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, hub.Settings{Heartbeat: time.Hour, IdleTimeout: time.Hour})
		defer f.end(t)
		f.commit("r")
		f.commit("unchanged")
		v, unchanged := f.nodes[0].view("r"), f.nodes[0].view("unchanged")
		synctest.Wait()
		f.setDown(true)
		rev := f.commit("r")
		f.network.reportLoss()
		time.Sleep(5500 * time.Millisecond)
		synctest.Wait()
		v.want("opened 1", "stale")
		unchanged.want("opened 1", "stale")
		if got := f.nodes[0].Stats(); got.Stale != 2 || got.FailedReads != 6 {
			t.Errorf("stats %+v", got)
		}
		f.setDown(false)
		time.Sleep(time.Second)
		synctest.Wait()
		if _, pos, stale := v.state(); pos != rev || stale {
			t.Errorf("at %d, stale %v", pos, stale)
		}
		if _, _, stale := unchanged.state(); stale {
			t.Error("still stale")
		}
	})
}
