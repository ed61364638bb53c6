package hub_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"sidetext/hub"
)

// On three nodes, the bus and the store fail and recover, and viewers connect, leave,
// change rooms and type. After all have been healthy for a while, each viewer has the
// newest revision and the right presence, and a group frame reaches its group.
func TestFleetConverges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, runFleet) })
}

// A fleetViewer is a viewer with what the test knows about it.
type fleetViewer struct {
	*viewer
	node  int
	agent string // "" before it was identified
}

func runFleet(t *rapid.T) {
	f := newFleet(t, 3, hub.Settings{IdleTimeout: time.Hour})
	defer func() {
		for _, n := range f.nodes {
			n.end()
		}
	}()
	random := newDice(rapid.Uint64().Draw(t, "seed"))
	f.onRead = func(ctx context.Context, _ string) { random.sleep(ctx, 30*time.Millisecond) }
	f.onOpen = func(string) { random.sleep(context.Background(), 30*time.Millisecond) }
	rooms, agents := rapid.SampledFrom([]string{"shop/1", "shop/2"}), rapid.SampledFrom([]string{"a", "b", "c"})
	var all []*fleetViewer
	some := func(t *rapid.T, do func(*fleetViewer)) {
		if len(all) > 0 {
			do(rapid.SampledFrom(all).Draw(t, "viewer"))
		}
	}

	t.Repeat(map[string]func(*rapid.T){
		"change": func(t *rapid.T) { f.change(rapid.IntRange(0, 2).Draw(t, "node"), rooms.Draw(t, "room")) },
		"viewer comes": func(t *rapid.T) {
			if len(all) == 10 {
				return
			}
			v := &fleetViewer{node: rapid.IntRange(0, 2).Draw(t, "node")}
			v.viewer = f.nodes[v.node].connect(context.Background(), false)
			all = append(all, v)
		},
		"viewer goes": func(t *rapid.T) {
			some(t, func(v *fleetViewer) {
				_ = v.conn.Close()
				all = slices.DeleteFunc(all, func(other *fleetViewer) bool { return other == v })
			})
		},
		"viewer opens": func(t *rapid.T) {
			some(t, func(v *fleetViewer) { v.send("open " + rooms.Draw(t, "room")) })
		},
		"viewer is identified": func(t *rapid.T) {
			some(t, func(v *fleetViewer) {
				v.agent = agents.Draw(t, "agent")
				v.send("identify shop " + v.agent + " " + v.agent)
			})
		},
		"viewer types": func(t *rapid.T) {
			some(t, func(v *fleetViewer) { v.send("type " + rapid.SampledFrom([]string{"on", "off"}).Draw(t, "typing")) })
		},
		"session ends": func(t *rapid.T) {
			session, node := agents.Draw(t, "session"), rapid.IntRange(0, 2).Draw(t, "node")
			f.nodes[node].EndSessions([]string{session}, &hub.Close{Code: 4401})
			synctest.Wait() // their sockets have ended, except those that are identified only now
			all = slices.DeleteFunc(all, func(v *fleetViewer) bool { return v.ended() })
		},
		"bus": func(t *rapid.T) {
			lossy, silent, unhealthy := rapid.Bool().Draw(t, "lossy"), rapid.Bool().Draw(t, "silent"), rapid.Bool().Draw(t, "unhealthy")
			f.network.change(func(n *network) {
				n.silent, n.unhealthy, n.dice = silent, unhealthy, nil
				if lossy {
					n.dice = random
				}
			})
		},
		"bus reports a loss": func(*rapid.T) { f.network.reportLoss() },
		"store":              func(t *rapid.T) { f.setDown(rapid.Bool().Draw(t, "down")) },
		"time passes": func(t *rapid.T) {
			time.Sleep(time.Duration(rapid.IntRange(0, 500).Draw(t, "ms")) * time.Millisecond)
		},
		"much time passes": func(t *rapid.T) {
			time.Sleep(time.Duration(rapid.IntRange(0, 20).Draw(t, "s")) * time.Second)
		},
	})

	f.setDown(false)
	f.network.change(func(n *network) { n.silent, n.unhealthy, n.dice = false, false, nil })
	time.Sleep(4 * heartbeat)
	synctest.Wait()
	all = slices.DeleteFunc(all, func(v *fleetViewer) bool { return v.ended() })
	f.check(t, all)
}

// check compares the state of the viewers and the hubs with what the test expects.
func (f *fleet) check(t *rapid.T, all []*fleetViewer) {
	people, anonymous := make(map[string][]string), make(map[string]bool) // by room; by node and room
	for _, v := range all {
		switch room, _, _ := v.state(); {
		case room == "":
		case v.agent == "":
			anonymous[fmt.Sprint(v.node, room)] = true
		case !slices.Contains(people[room], v.agent):
			people[room] = append(people[room], v.agent)
		}
	}
	for _, n := range f.nodes {
		n.SendToGroup("shop", []byte("group frame"))
	}
	synctest.Wait()
	for i, v := range all {
		room, pos, stale := v.state()
		if pos != f.rev(room) || stale {
			t.Errorf("viewer %d of %s is at %d, stale %v, want %d", i, room, pos, stale, f.rev(room))
		}
		slices.Sort(people[room])
		want, shown := strings.Join(people[room], " "), v.shown()
		alone := len(people[room]) < 2 && !anonymous[fmt.Sprint(v.node, room)]
		if room != "" && shown != want && !(alone && shown == "") {
			t.Errorf("viewer %d of %s is shown %q, want %q", i, room, shown, want)
		}
		v.mu.Lock()
		if got := slices.Contains(v.received, "group frame"); got != (v.agent != "") {
			t.Errorf("viewer %d of %q: received the group frame: %v", i, v.agent, got)
		}
		v.mu.Unlock()
	}
	for i, n := range f.nodes {
		got := n.Stats()
		sockets, agents := 0, make(map[string]bool)
		for _, v := range all {
			if v.node == i {
				sockets++
				agents[v.agent] = true
			}
		}
		delete(agents, "")
		if got.Sockets != sockets || got.People != len(agents) || got.Groups != min(len(agents), 1) {
			t.Errorf("node %d: stats %+v, want %d sockets, %d people", i, got, sockets, len(agents))
		}
	}
}
