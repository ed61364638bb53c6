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

// A change on one node reaches the viewers on another at once, with one read for all
// of them, and the node that made it does not read it again.
func TestPublishHint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, hub.Settings{Heartbeat: time.Hour})
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
		if got := f.readLog(); !slices.Equal(got, []string{"r 0"}) {
			t.Errorf("reads %q, want one", got)
		}
		for _, n := range f.nodes {
			if got := n.Stats(); got.Resyncs != 0 {
				t.Errorf("stats %+v", got)
			}
		}
	})
}

// OnEvent receives an event on all nodes except the one that published it, in order.
// A slow OnEvent delays neither hints nor other nodes.
func TestPublishEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		handled := make(map[string][]string)
		proceed := make(chan struct{})
		f := &fleet{fakeStore: newFakeStore(), network: newNetwork()}
		for _, name := range []string{"a", "b", "c"} {
			f.nodes = append(f.nodes, newTestHubOn(t, f.fakeStore, hub.Settings{Node: name, Bus: f.network.bus(name), OnEvent: func(e hub.Event) {
				if name == "c" {
					<-proceed
				}
				mu.Lock()
				defer mu.Unlock()
				handled[name] = append(handled[name], fmt.Sprint(e.Kind, " ", e.Group, " ", e.Subject))
			}}))
		}
		defer f.end(t)
		v := f.nodes[2].view("r")
		synctest.Wait()
		const many = 3000 // more than may be pending
		for i := range many {
			f.nodes[0].PublishEvent(hub.Event{Kind: "settings", Group: "shop", Subject: fmt.Sprint(i)})
			synctest.Wait()
		}
		f.change(0, "r")
		synctest.Wait()
		v.want("opened 0", "changed 0 1")
		dropped := f.nodes[2].Stats().DroppedEvents
		close(proceed)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if len(handled["a"]) != 0 || len(handled["b"]) != many {
			t.Errorf("handled %d and %d", len(handled["a"]), len(handled["b"]))
		}
		for i, got := range handled["b"] {
			if want := fmt.Sprint("settings shop ", i); got != want {
				t.Fatalf("handled %q, want %q", got, want)
			}
		}
		if got := uint64(len(handled["c"])); dropped == 0 || got+dropped != many {
			t.Errorf("handled %d, dropped %d", got, dropped)
		}
	})
}

// Without a bus, publishing does nothing, and presence works on the node.
func TestWithoutBus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{})
		defer h.end()
		a, b := h.agent("a", "r"), h.agent("b", "r")
		h.PublishHint("r", h.commit("r"))
		h.PublishEvent(hub.Event{Kind: "settings"})
		time.Sleep(heartbeat)
		synctest.Wait()
		if got := a.shown() + ", " + b.shown(); got != "a b, a b" {
			t.Errorf("they are shown %q", got)
		}
	})
}
