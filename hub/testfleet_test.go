package hub_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"sidetext/hub"
	"sidetext/hub/bustest"
)

// A network connects nodes as bustest.Memory does, with faults that a test
// chooses.
type network struct {
	*bustest.Memory
	mu        sync.Mutex
	buses     []*lossyBus // the subscribed ones
	dice      *dice       // nil: every message arrives, once and in order
	delayed   []hub.Message
	unhealthy bool // Health reports so
	silent    bool // nothing arrives
	requests  int  // presence requests that were published
}

type lossyBus struct {
	*network
	hub.Bus
	sub hub.Subscriber
}

func newNetwork() *network { return &network{Memory: bustest.NewMemory()} }

func (n *network) bus(node string) *lossyBus { return &lossyBus{network: n, Bus: n.Memory.Bus(node)} }

// Publish drops 30 % of the messages, duplicates 10 % and delays 10 % until after
// the next one, if there are dice.
func (b *lossyBus) Publish(m hub.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests += len(m.PresenceRequests)
	if b.silent {
		return
	}
	carried := []hub.Message{m}
	if b.dice != nil {
		b.dice.mu.Lock()
		roll := b.dice.IntN(100)
		b.dice.mu.Unlock()
		switch {
		case roll < 30:
			return
		case roll < 40:
			carried = append(carried, m)
		case roll < 50:
			b.delayed = append(b.delayed, m)
			return
		}
	}
	carried = append(carried, b.delayed...)
	b.delayed = nil
	for _, m := range carried {
		b.Bus.Publish(m)
	}
}

func (b *lossyBus) Subscribe(ctx context.Context, sub hub.Subscriber) {
	b.sub = sub
	b.change(func(n *network) { n.buses = append(n.buses, b) })
	b.Bus.Subscribe(ctx, sub)
	b.change(func(n *network) {
		n.buses = slices.DeleteFunc(n.buses, func(other *lossyBus) bool { return other == b })
	})
}

func (b *lossyBus) Health() hub.BusHealth {
	health := b.Bus.Health()
	b.change(func(n *network) { health.Healthy = health.Healthy && !n.unhealthy })
	return health
}

// change changes the network under its lock.
func (n *network) change(change func(*network)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(n)
}

// reportLoss calls OnLoss of all subscribers.
func (n *network) reportLoss() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, b := range n.buses {
		b.sub.OnLoss()
	}
}

// A fleet is some nodes with one store, connected by one network.
type fleet struct {
	*fakeStore
	network *network
	nodes   []*testHub
}

func newFleet(t reporter, nodes int, settings hub.Settings) *fleet {
	f := &fleet{fakeStore: newFakeStore(), network: newNetwork()}
	for i := range nodes {
		name := fmt.Sprint("node ", i)
		settings.Node, settings.Bus, settings.ReadRevisions = name, f.network.bus(name), f.readRevisions
		f.nodes = append(f.nodes, newTestHubOn(t, f.fakeStore, settings))
	}
	synctest.Wait() // until they have subscribed
	return f
}

// change makes a change on one node, as a server does.
func (f *fleet) change(node int, room string) int64 {
	rev := f.commit(room)
	f.nodes[node].SendUpdate(room, changed(room, rev-1, rev))
	f.nodes[node].PublishHint(room, rev)
	return rev
}

func (f *fleet) end(t testing.TB) {
	for _, n := range f.nodes {
		n.end()
	}
	if n := len(f.network.buses); n > 0 {
		t.Errorf("%d buses are still subscribed", n)
	}
}
