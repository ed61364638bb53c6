package main

import (
	"context"
	"time"
)

// ground is what happens to what the servers rest on, one after another.
func (n *nemesis) ground(ctx context.Context, d *dice) {
	for sleep(ctx, d.within(time.Second, 4*time.Second)) {
		n.shake(ctx, d)
	}
}

// shake has PostgreSQL, Redis, or the way of one of the nodes to one of them fail
// for a while.
func (n *nemesis) shake(ctx context.Context, d *dice) {
	b := n.base
	ways := n.nodes[d.below(len(n.nodes))].ways
	long := d.within(500*time.Millisecond, 5*time.Second)
	if d.under(0.2) {
		long *= 3 // so that a silence is noticed, and a duty ends
	}
	both := []string{"upstream", "downstream"}
	switch d.below(8) {
	case 0, 1:
		n.note("crash")
		b.postgres.Crash()
		sleep(ctx, d.within(0, 1500*time.Millisecond))
		b.postgres.Again(n.t)
	case 2:
		n.note("postgres", "can't be reached by one node", long)
		ways.postgres.swallow(both...)
		sleep(ctx, long)
		ways.postgres.clear()
	case 3:
		n.note("postgres", "is slow for one node", long)
		ways.postgres.slow(d.below(300))
		sleep(ctx, long)
		ways.postgres.clear()
	case 4:
		n.note("forget", long)
		b.redis.Kill()
		sleep(ctx, long)
		b.redis.Restart(n.t)
	case 5:
		n.note("redis", "can't be heard by one node", long)
		ways.redis.swallow(both[d.below(2):]...)
		sleep(ctx, long)
		ways.redis.clear()
	case 6:
		n.note("redis", "is slow for one node", long)
		ways.redis.slow(d.below(1500))
		sleep(ctx, long)
		ways.redis.clear()
	default:
		n.note("redis", "hangs up")
		if err := n.hangUp(); err != nil {
			n.t.Error(err)
		}
	}
}

// clear takes away what is in the way of the nodes.
func (n *nemesis) clear() {
	for _, node := range n.nodes {
		if node.ways.postgres != nil {
			node.ways.postgres.clear()
			node.ways.redis.clear()
		}
	}
}
