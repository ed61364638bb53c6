package nemesis_test

import (
	"context"
	"time"

	"sidetext/server/e2e/harness"
)

// ground makes what the servers rest on fail, one thing after another.
func (n *nemesis) faultBackends(ctx context.Context, d *harness.Random) {
	for harness.Sleep(ctx, d.Between(time.Second, 4*time.Second)) {
		n.faultBackend(ctx, d)
	}
}

// shake has PostgreSQL, Redis, or the way of one of the nodes to one of them fail
// for a while.
func (n *nemesis) faultBackend(ctx context.Context, d *harness.Random) {
	b := n.Backend
	ways := n.Nodes[d.IntN(len(n.Nodes))].Proxies
	long := d.Between(500*time.Millisecond, 5*time.Second)
	if d.Chance(0.2) {
		long *= 3 // so that a silence is noticed, and a duty ends
	}
	both := []string{"upstream", "downstream"}
	switch d.IntN(8) {
	case 0, 1:
		n.record("crash")
		b.Postgres.Crash()
		harness.Sleep(ctx, d.Between(0, 1500*time.Millisecond))
		b.Postgres.Restart(n.T)
	case 2:
		n.record("postgres", "can't be reached by one node", long)
		ways.Postgres.Drop(both...)
		harness.Sleep(ctx, long)
		ways.Postgres.Clear()
	case 3:
		n.record("postgres", "is slow for one node", long)
		ways.Postgres.Delay(d.IntN(300))
		harness.Sleep(ctx, long)
		ways.Postgres.Clear()
	case 4:
		n.record("forget", long)
		b.Redis.Kill()
		harness.Sleep(ctx, long)
		b.Redis.Restart(n.T)
	case 5:
		n.record("redis", "can't be heard by one node", long)
		ways.Redis.Drop(both[d.IntN(2):]...)
		harness.Sleep(ctx, long)
		ways.Redis.Clear()
	case 6:
		n.record("redis", "is slow for one node", long)
		ways.Redis.Delay(d.IntN(1500))
		harness.Sleep(ctx, long)
		ways.Redis.Clear()
	default:
		n.record("redis", "hangs up")
		if err := n.DropSubscribers(); err != nil {
			n.T.Error(err)
		}
	}
}

// clear takes away what is in the way of the nodes.
func (n *nemesis) clearProxies() {
	for _, node := range n.Nodes {
		if node.Proxies.Postgres != nil {
			node.Proxies.Postgres.Clear()
			node.Proxies.Redis.Clear()
		}
	}
}
