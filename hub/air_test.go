package hub_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"sidetext/hub"
)

// An air carries messages between nodes as a switch does, and as badly as a test
// likes.
type air struct {
	*hub.Switch
	mu       sync.Mutex
	antennas []*antenna // that listen
	random   *dice      // nil: every message arrives, once and in order
	late     []hub.Message
	broken   bool // says that it is not whole
	silent   bool // nothing arrives
	asks     int  // questions that were asked
}

type antenna struct {
	*air
	hub.Bus
	ear hub.Ear
}

func newAir() *air { return &air{Switch: hub.NewSwitch()} }

func (a *air) bus(node string) *antenna { return &antenna{air: a, Bus: a.Switch.Bus(node)} }

// Publish loses 30 % of the messages, doubles 10 % and lets 10 % come after the
// next, when there are dice.
func (a *antenna) Publish(m hub.Message) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asks += len(m.Asks)
	if a.silent {
		return
	}
	carried := []hub.Message{m}
	if a.random != nil {
		a.random.mu.Lock()
		roll := a.random.IntN(100)
		a.random.mu.Unlock()
		switch {
		case roll < 30:
			return
		case roll < 40:
			carried = append(carried, m)
		case roll < 50:
			a.late = append(a.late, m)
			return
		}
	}
	carried = append(carried, a.late...)
	a.late = nil
	for _, m := range carried {
		a.Bus.Publish(m)
	}
}

func (a *antenna) Listen(ctx context.Context, ear hub.Ear) {
	a.ear = ear
	a.with(func(air *air) { air.antennas = append(air.antennas, a) })
	a.Bus.Listen(ctx, ear)
	a.with(func(air *air) {
		air.antennas = slices.DeleteFunc(air.antennas, func(b *antenna) bool { return a == b })
	})
}

func (a *antenna) Health() hub.BusHealth {
	health := a.Bus.Health()
	a.with(func(air *air) { health.Whole = health.Whole && !air.broken })
	return health
}

// with changes the air.
func (a *air) with(change func(*air)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a)
}

// lose tells everybody that something may have been lost.
func (a *air) lose() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, b := range a.antennas {
		b.ear.Lost()
	}
}

// A fleet is some nodes on one shelf, in one air.
type fleet struct {
	*shelf
	*air
	nodes []*world
}

func newFleet(t reporter, nodes int, settings hub.Settings) *fleet {
	f := &fleet{shelf: &shelf{rev: make(map[string]int64)}, air: newAir()}
	for i := range nodes {
		name := fmt.Sprint("node ", i)
		settings.Node, settings.Bus, settings.Revs = name, f.bus(name), f.revs
		f.nodes = append(f.nodes, newNode(t, f.shelf, settings))
	}
	synctest.Wait() // by now they listen
	return f
}

// change makes a change on one node, in the way of a server.
func (f *fleet) change(node int, room string) int64 {
	rev := f.commit(room)
	f.nodes[node].Tell(room, changed(room, rev-1, rev))
	f.nodes[node].Announce(room, rev)
	return rev
}

func (f *fleet) end(t testing.TB) {
	for _, n := range f.nodes {
		n.end()
	}
	if len(f.antennas) > 0 {
		t.Errorf("%d listen on", len(f.antennas))
	}
}
