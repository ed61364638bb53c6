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

// Whatever the bus and the store did, whoever came, went, moved and typed, on
// three nodes: when all has been well for a while, every viewer has the newest
// revision, and knows exactly who is there; and a ring reaches its group.
func TestFleetSettles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, mingle) })
}

// A mingler is a viewer with what is to be known about it.
type mingler struct {
	*viewer
	node  int
	agent string // "" before it was introduced
}

func mingle(t *rapid.T) {
	f := newFleet(t, 3, hub.Settings{Silence: time.Hour})
	defer func() {
		for _, n := range f.nodes {
			n.end()
		}
	}()
	random := newDice(rapid.Uint64().Draw(t, "seed"))
	f.looking = func(ctx context.Context, _ string) { random.nap(ctx, 30*time.Millisecond) }
	f.opening = func(string) { random.nap(context.Background(), 30*time.Millisecond) }
	rooms, agents := rapid.SampledFrom([]string{"shop/1", "shop/2"}), rapid.SampledFrom([]string{"a", "b", "c"})
	var all []*mingler
	some := func(t *rapid.T, do func(*mingler)) {
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
			m := &mingler{node: rapid.IntRange(0, 2).Draw(t, "node")}
			m.viewer = f.nodes[m.node].connect(context.Background(), false)
			all = append(all, m)
		},
		"viewer goes": func(t *rapid.T) {
			some(t, func(m *mingler) {
				_ = m.conn.Close()
				all = slices.DeleteFunc(all, func(o *mingler) bool { return o == m })
			})
		},
		"viewer opens": func(t *rapid.T) {
			some(t, func(m *mingler) { m.say("open " + rooms.Draw(t, "room")) })
		},
		"viewer is introduced": func(t *rapid.T) {
			some(t, func(m *mingler) {
				m.agent = agents.Draw(t, "agent")
				m.say("introduce shop " + m.agent + " " + m.agent)
			})
		},
		"viewer types": func(t *rapid.T) {
			some(t, func(m *mingler) { m.say("type " + rapid.SampledFrom([]string{"on", "off"}).Draw(t, "typing")) })
		},
		"session ends": func(t *rapid.T) {
			who, node := agents.Draw(t, "agent"), rapid.IntRange(0, 2).Draw(t, "node")
			f.nodes[node].End([]string{who}, &hub.Close{Code: 4401})
			synctest.Wait() // they have gone, unless they were introduced only now
			all = slices.DeleteFunc(all, func(m *mingler) bool { return m.ended() })
		},
		"bus": func(t *rapid.T) {
			bad, silent, broken := rapid.Bool().Draw(t, "bad"), rapid.Bool().Draw(t, "silent"), rapid.Bool().Draw(t, "broken")
			f.with(func(a *air) {
				a.silent, a.broken, a.random = silent, broken, nil
				if bad {
					a.random = random
				}
			})
		},
		"bus is back": func(*rapid.T) { f.lose() },
		"store":       func(t *rapid.T) { f.set(rapid.Bool().Draw(t, "down")) },
		"time passes": func(t *rapid.T) {
			time.Sleep(time.Duration(rapid.IntRange(0, 500).Draw(t, "ms")) * time.Millisecond)
		},
		"much time passes": func(t *rapid.T) {
			time.Sleep(time.Duration(rapid.IntRange(0, 20).Draw(t, "s")) * time.Second)
		},
	})

	f.set(false)
	f.with(func(a *air) { a.silent, a.broken, a.random = false, false, nil })
	time.Sleep(4 * beat)
	synctest.Wait()
	all = slices.DeleteFunc(all, func(m *mingler) bool { return m.ended() })
	f.check(t, all)
}

// check compares what the viewers know with what is.
func (f *fleet) check(t *rapid.T, all []*mingler) {
	people, anonymous := make(map[string][]string), make(map[string]bool) // by room; by node and room
	for _, m := range all {
		switch room, _, _ := m.state(); {
		case room == "":
		case m.agent == "":
			anonymous[fmt.Sprint(m.node, room)] = true
		case !slices.Contains(people[room], m.agent):
			people[room] = append(people[room], m.agent)
		}
	}
	for _, n := range f.nodes {
		n.Ring("shop", []byte("ding"))
	}
	synctest.Wait()
	for i, m := range all {
		room, pos, stale := m.state()
		if pos != f.at(room) || stale {
			t.Errorf("viewer %d of %s is at %d, stale %v, want %d", i, room, pos, stale, f.at(room))
		}
		slices.Sort(people[room])
		want, sees := strings.Join(people[room], " "), m.sees()
		alone := len(people[room]) < 2 && !anonymous[fmt.Sprint(m.node, room)]
		if room != "" && sees != want && !(alone && sees == "") {
			t.Errorf("viewer %d of %s sees %q, want %q", i, room, sees, want)
		}
		m.mu.Lock()
		if rung := slices.Contains(m.heard, "ding"); rung != (m.agent != "") {
			t.Errorf("viewer %d of %q: rung %v", i, m.agent, rung)
		}
		m.mu.Unlock()
	}
	for i, n := range f.nodes {
		got := n.Stats()
		sockets, agents := 0, make(map[string]bool)
		for _, m := range all {
			if m.node == i {
				sockets++
				agents[m.agent] = true
			}
		}
		delete(agents, "")
		if got.Sockets != sockets || got.People != len(agents) || got.Groups != min(len(agents), 1) {
			t.Errorf("node %d: stats %+v, want %d sockets, %d people", i, got, sockets, len(agents))
		}
	}
}
