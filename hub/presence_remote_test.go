package hub_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

// People on other nodes are shown as soon as a room is opened, and until they leave
// or their node has sent nothing for two and a half heartbeats.
func TestRemotePresence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 3, hub.Settings{IdleTimeout: time.Hour})
		defer f.end(t)
		a, b := f.nodes[0].agent("a", "r"), f.nodes[1].agent("b", "r")
		time.Sleep(settle)
		c := f.nodes[2].agent("c", "r") // its node has no presence of the room yet
		again := f.nodes[2].agent("a", "r")
		time.Sleep(settle)
		want := func(want string, all ...*viewer) {
			t.Helper()
			synctest.Wait()
			for i, v := range all {
				if got := v.shown(); got != want {
					t.Errorf("viewer %d is shown %q, want %q", i, got, want)
				}
			}
		}
		want("a b c", a, b, c, again)
		time.Sleep(10 * heartbeat)
		want("a b c", a, b, c, again)
		presences := a.presences
		time.Sleep(10 * heartbeat)
		synctest.Wait()
		if a.presences != presences {
			t.Errorf("%d presence frames without a change", a.presences-presences)
		}
		if f.network.requests != 3 {
			t.Errorf("%d requests, want one from each node", f.network.requests)
		}

		_ = again.conn.Close()
		time.Sleep(settle)
		want("a b c", a, b, c)
		_ = c.conn.Close()
		time.Sleep(settle)
		want("a b", a, b)

		f.network.change(func(n *network) { n.silent = true })
		_ = b.conn.Close()
		time.Sleep(2*heartbeat - time.Second)
		want("a b", a)
		time.Sleep(heartbeat + 2*time.Second)
		want("a", a)

		// A viewer that is alone receives no presence.
		presences = a.presences
		a.send("type on")
		time.Sleep(settle)
		synctest.Wait()
		if a.presences != presences {
			t.Error("a presence frame for a viewer that is alone")
		}
	})
}

// The people of a node that is drained disappear.
func TestPresenceAfterDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, hub.Settings{})
		defer f.end(t)
		a := f.nodes[0].agent("a", "r")
		for i := range 100 {
			f.nodes[1].agent("b", fmt.Sprint("r", i))
		}
		f.nodes[1].agent("b", "r")
		time.Sleep(settle)
		f.nodes[1].end()
		time.Sleep(settle)
		synctest.Wait()
		if got := a.shown(); got != "a" {
			t.Errorf("shown %q", got)
		}
		f.nodes = f.nodes[:1]
	})
}

// When a thousand people open one room, presence is batched and holds at most fifty
// of them, on their own node and on another.
func TestPresenceOfManyPeople(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, hub.Settings{Heartbeat: time.Hour, IdleTimeout: 2 * time.Hour})
		defer f.end(t)
		far := f.nodes[1].agent("b", "r")
		var all []*viewer
		for i := range 1000 {
			all = append(all, f.nodes[0].agent(fmt.Sprintf("a%03d", i), "r"))
			if i%100 == 99 {
				time.Sleep(100 * time.Millisecond)
			}
		}
		time.Sleep(settle)
		synctest.Wait()
		for i, v := range append(all, far) {
			got := v.shown()
			if n := len(strings.Fields(got)); n != 50 || !strings.HasPrefix(got, "a000 a001") || !strings.HasSuffix(got, "a049") {
				t.Fatalf("viewer %d is shown %d: %q", i, n, got)
			}
			if v.presences > 8 {
				t.Errorf("viewer %d received %d presence frames", i, v.presences)
			}
		}
		// Frequent typing changes are batched as well.
		presences, start := far.presences, time.Now()
		for i := range 200 {
			all[0].send("type " + []string{"on", "off"}[i%2])
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		if n, most := far.presences-presences, int(time.Since(start)/(200*time.Millisecond))+1; n > most {
			t.Errorf("%d presence frames, want at most %d", n, most)
		}
	})
}

// Of the nodes that report presence for a room, fifty are stored.
func TestManyNodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, hub.Settings{})
		defer f.end(t)
		v := f.nodes[0].agent("z", "r")
		synctest.Wait()
		for i := range 60 { // later nodes sort first
			person := hub.Person{ID: fmt.Sprint(199 - i), Name: fmt.Sprint(199 - i)}
			f.network.bus(fmt.Sprint("far ", i)).Publish(hub.Message{Presence: []hub.Presence{{Room: "r", People: []hub.Person{person}}}})
		}
		time.Sleep(settle)
		synctest.Wait()
		if got := strings.Fields(v.shown()); len(got) != 50 || got[0] != "150" || got[49] != "199" {
			t.Errorf("shown %q", got)
		}
	})
}
