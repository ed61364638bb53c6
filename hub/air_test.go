package hub_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"sidetext/hub"
)

// An air carries messages between nodes as badly as a test likes.
type air struct {
	mu       sync.Mutex
	antennas []*antenna // that listen
	random   *dice      // nil: every message arrives, once and in order
	late     []hub.Message
	broken   bool // says that it is not whole
	silent   bool // nothing arrives
	said     []hub.Message
}

type antenna struct {
	*air
	heard chan hub.Message
	lost  chan struct{}
}

func (a *air) bus() *antenna {
	return &antenna{air: a, heard: make(chan hub.Message, 1<<16), lost: make(chan struct{}, 1)}
}

// Publish loses 30 % of the messages, doubles 10 % and lets 10 % come after the
// next, when there are dice.
func (a *antenna) Publish(m hub.Message) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.said = append(a.said, m)
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
		for _, other := range a.antennas {
			other.heard <- m
		}
	}
}

func (a *antenna) Listen(ctx context.Context, ear hub.Ear) {
	a.mu.Lock()
	a.antennas = append(a.antennas, a)
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.antennas = slices.DeleteFunc(a.antennas, func(b *antenna) bool { return a == b })
	}()
	for {
		select {
		case m := <-a.heard:
			ear.Hear(m)
		case <-a.lost:
			ear.Lost()
		case <-ctx.Done():
			return
		}
	}
}

func (a *antenna) Health() hub.BusHealth {
	a.mu.Lock()
	defer a.mu.Unlock()
	return hub.BusHealth{Whole: !a.broken}
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
		b.lost <- struct{}{}
	}
}

// A fleet is some nodes on one shelf, in one air.
type fleet struct {
	*shelf
	*air
	nodes []*world
}

func newFleet(t reporter, nodes int, settings hub.Settings) *fleet {
	f := &fleet{shelf: &shelf{rev: make(map[string]int64)}, air: new(air)}
	for i := range nodes {
		settings.Node, settings.Bus, settings.Revs = fmt.Sprint("node ", i), f.bus(), f.revs
		f.nodes = append(f.nodes, newNode(t, f.shelf, settings))
	}
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
