package harness

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// A Balancer distributes requests over the nodes that are ready, round-robin, as the
// load balancer of an installation does.
type Balancer struct {
	nodes []*Node
	turn  atomic.Uint64
}

// newBalancer checks every quarter of a second which nodes are ready, until the test
// ends. A single node always counts as ready.
func newBalancer(t testing.TB, nodes []*Node) *Balancer {
	t.Helper()
	b := &Balancer{nodes: nodes}
	if len(nodes) == 1 {
		nodes[0].WasReady.Store(true)
		return b
	}
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan struct{}, len(nodes))
	for _, n := range nodes {
		go func() {
			defer func() { stopped <- struct{}{} }()
			for {
				n.WasReady.Store(n.Ready())
				if !Sleep(ctx, 250*time.Millisecond) {
					return
				}
			}
		}()
	}
	t.Cleanup(func() {
		stop()
		for range nodes {
			<-stopped
		}
	})
	return b
}

// order returns the nodes to try, one after another: those that are ready or, if none
// is, all of them.
func (b *Balancer) order() (order []*Node) {
	first := int(b.turn.Add(1))
	for i := range b.nodes {
		if n := b.nodes[(first+i)%len(b.nodes)]; n.WasReady.Load() {
			order = append(order, n)
		}
	}
	if order == nil {
		for i := range b.nodes {
			order = append(order, b.nodes[(first+i)%len(b.nodes)])
		}
	}
	return order
}

// Next returns the address for the next browser's connection.
func (b *Balancer) Next() string { return b.order()[0].Listen }
