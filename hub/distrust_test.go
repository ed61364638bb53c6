package hub_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

// However many messages the bus loses, doubles and swaps: after a beat everybody
// has everything, without a gap or a repeat (which a viewer reports by itself).
// When it says that it is not whole, it takes a second.
func TestLossyBus(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		broken bool
		heal   time.Duration
	}{
		"that believes to be whole": {false, beat},
		"that knows it is not":      {true, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 2, hub.Settings{Silence: time.Hour})
				defer f.end(t)
				f.with(func(a *air) { a.random, a.broken = newDice(1), test.broken })
				random := newDice(2)
				var all []*viewer
				for i := range 20 {
					all = append(all, f.nodes[i%2].view(fmt.Sprint("r", i%7)))
				}
				healed := 0
				for range 30 {
					for range 20 {
						f.change(random.IntN(2), fmt.Sprint("r", random.IntN(7)))
						time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond)
					}
					synctest.Wait()
					healed += f.behind(all)
					time.Sleep(test.heal)
					synctest.Wait()
					if left := f.behind(all); left > 0 {
						t.Errorf("%d viewers lack something", left)
					}
				}
				if healed == 0 {
					t.Error("nothing was lost: this proves nothing")
				}
				if got := f.nodes[0].Stats().Resyncs + f.nodes[1].Stats().Resyncs; got == 0 {
					t.Error("no resyncs counted")
				}
			})
		})
	}
}

// behind counts the viewers that lack something.
func (f *fleet) behind(all []*viewer) (n int) {
	for _, v := range all {
		if room, pos, stale := v.state(); pos != f.at(room) || stale {
			n++
		}
	}
	return n
}

// When the bus says that it may have lost something, all viewed rooms are
// compared at once, with one read for each 500.
func TestLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, hub.Settings{Beat: time.Hour, Silence: time.Hour})
		defer f.end(t)
		var all []*viewer
		for i := range 1200 {
			all = append(all, f.nodes[1].view(fmt.Sprint("r", i)))
		}
		synctest.Wait()
		f.with(func(a *air) { a.silent = true })
		for i := range 10 {
			f.change(0, fmt.Sprint("r", i*100))
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := f.behind(all); got != 10 || len(f.counts) != 0 {
			t.Fatalf("%d lack something, %d reads", got, len(f.counts))
		}
		f.lose()
		synctest.Wait()
		if got := f.behind(all); got != 0 {
			t.Errorf("%d lack something", got)
		}
		slices.Sort(f.counts)
		if !slices.Equal(f.counts, []int{200, 500, 500}) {
			t.Errorf("read the revisions of %d rooms", f.counts)
		}
		// Rooms that the store does not have are looked at too.
		if got := len(f.looked()); got != 1200 {
			t.Errorf("%d looks", got)
		}
		if got := f.nodes[1].Stats().Resyncs; got != 10 {
			t.Errorf("%d resyncs", got)
		}
	})
}

// A room that is where its viewers are costs no look.
func TestComparingIsCheap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, hub.Settings{Beat: time.Hour, Silence: time.Hour})
		defer f.end(t)
		for i := range 100 {
			f.commit(fmt.Sprint("r", i))
			f.nodes[0].view(fmt.Sprint("r", i))
		}
		synctest.Wait()
		f.with(func(a *air) { a.broken = true })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := len(f.looked()); got != 0 || len(f.counts) != 10 {
			t.Errorf("%d looks, %d reads of revisions", got, len(f.counts))
		}
		f.with(func(a *air) { a.broken = false })
		time.Sleep(10 * time.Second)
		if len(f.counts) != 10 {
			t.Errorf("%d reads when all was well again", len(f.counts))
		}
	})
}

// A comparison that fails is told to viewers, and made up for.
func TestComparingFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, hub.Settings{Beat: time.Hour, Silence: time.Hour})
		defer f.end(t)
		f.commit("r")
		f.commit("unchanged")
		v, unchanged := f.nodes[0].view("r"), f.nodes[0].view("unchanged")
		synctest.Wait()
		f.set(true)
		rev := f.commit("r")
		f.lose()
		time.Sleep(5500 * time.Millisecond)
		synctest.Wait()
		v.want("opened 1", "stale")
		unchanged.want("opened 1", "stale")
		if got := f.nodes[0].Stats(); got.Stale != 2 || got.Failed != 6 {
			t.Errorf("stats %+v", got)
		}
		f.set(false)
		time.Sleep(time.Second)
		synctest.Wait()
		if _, pos, stale := v.state(); pos != rev || stale {
			t.Errorf("at %d, stale %v", pos, stale)
		}
		if _, _, stale := unchanged.state(); stale {
			t.Error("still in doubt")
		}
	})
}
