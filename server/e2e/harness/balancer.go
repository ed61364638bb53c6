package harness

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// A Balancer shares requests among the nodes that are ready, in turn, as a load
// balancer in front of an installation does.
type Balancer struct {
	nodes []*Node
	turn  atomic.Uint64
}

// newBalancer asks nodes, when they are several, every quarter of a second
// whether they are ready, as long as the test lasts.
func newBalancer(t testing.TB, nodes []*Node) *Balancer {
	t.Helper()
	b := &Balancer{nodes: nodes}
	if len(nodes) == 1 {
		nodes[0].WasReady.Store(true)
		return b
	}
	ctx, stop := context.WithCancel(context.Background())
	asked := make(chan struct{}, len(nodes))
	for _, n := range nodes {
		go func() {
			defer func() { asked <- struct{}{} }()
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
			<-asked
		}
	})
	return b
}

// order is whom to try, one after another: those that are ready or, when none
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

// Next is the address that the next browser connects to.
func (b *Balancer) Next() string { return b.order()[0].Listen }
