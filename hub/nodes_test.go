package hub_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

// A change on one node is at once with the viewers of the other, read once for
// all of them; and whoever made it does not look at it again.
func TestAnnounce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, hub.Settings{Beat: time.Hour})
		defer f.end(t)
		here, there, too := f.nodes[0].view("r"), f.nodes[1].view("r"), f.nodes[1].view("r")
		synctest.Wait()
		f.change(0, "r")
		synctest.Wait()
		f.change(0, "unseen")
		synctest.Wait()
		for _, v := range []*viewer{here, there, too} {
			v.want("opened 0", "changed 0 1")
		}
		if got := f.looked(); !slices.Equal(got, []string{"r 0"}) {
			t.Errorf("looked at %q, want once", got)
		}
		for _, n := range f.nodes {
			if got := n.Stats(); got.Resyncs != 0 {
				t.Errorf("stats %+v", got)
			}
		}
	})
}

// An event is heeded on all nodes but the one that raised it, in order, and a
// node that is slow to heed holds up neither hints nor anybody else.
func TestRaise(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		heeded := make(map[string][]string)
		proceed := make(chan struct{})
		f := &fleet{shelf: &shelf{rev: make(map[string]int64)}, air: newAir()}
		for _, name := range []string{"a", "b", "c"} {
			f.nodes = append(f.nodes, newNode(t, f.shelf, hub.Settings{Node: name, Bus: f.bus(name), Heed: func(e hub.Event) {
				if name == "c" {
					<-proceed
				}
				mu.Lock()
				defer mu.Unlock()
				heeded[name] = append(heeded[name], fmt.Sprint(e.Kind, " ", e.Group, " ", e.Subject))
			}}))
		}
		defer f.end(t)
		v := f.nodes[2].view("r")
		synctest.Wait()
		const many = 3000 // more than may wait
		for i := range many {
			f.nodes[0].Raise(hub.Event{Kind: "settings", Group: "shop", Subject: fmt.Sprint(i)})
			synctest.Wait()
		}
		f.change(0, "r")
		synctest.Wait()
		v.want("opened 0", "changed 0 1")
		unheard := f.nodes[2].Stats().Unheard
		close(proceed)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if len(heeded["a"]) != 0 || len(heeded["b"]) != many {
			t.Errorf("heeded %d and %d", len(heeded["a"]), len(heeded["b"]))
		}
		for i, got := range heeded["b"] {
			if want := fmt.Sprint("settings shop ", i); got != want {
				t.Fatalf("heeded %q, want %q", got, want)
			}
		}
		if got := uint64(len(heeded["c"])); unheard == 0 || got+unheard != many {
			t.Errorf("heeded %d, and %d not", got, unheard)
		}
	})
}

// Without a bus nothing is said, and nothing breaks.
func TestAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{})
		defer w.end()
		a, b := w.agent("a", "r"), w.agent("b", "r")
		w.Announce("r", w.commit("r"))
		w.Raise(hub.Event{Kind: "settings"})
		time.Sleep(beat)
		synctest.Wait()
		if got := a.sees() + ", " + b.sees(); got != "a b, a b" {
			t.Errorf("they see %q", got)
		}
	})
}
