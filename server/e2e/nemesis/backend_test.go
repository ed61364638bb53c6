package nemesis_test

import (
	"context"
	"time"

	"sidetext/server/e2e/harness"
)

// faultBackends makes PostgreSQL and Redis fail, one fault after another.
func (n *nemesis) faultBackends(ctx context.Context, d *harness.Random) {
	for harness.Sleep(ctx, d.Between(time.Second, 4*time.Second)) {
		n.faultBackend(ctx, d)
	}
}

// faultBackend makes PostgreSQL, Redis, or a node's connection to one of them fail for a
// while.
func (n *nemesis) faultBackend(ctx context.Context, d *harness.Random) {
	b := n.Backend
	proxies := n.Nodes[d.IntN(len(n.Nodes))].Proxies
	long := d.Between(500*time.Millisecond, 5*time.Second)
	if d.Chance(0.2) {
		long *= 3 // long enough to detect a half-open connection, and for a lease to end
	}
	both := []string{"upstream", "downstream"}
	switch d.IntN(8) {
	case 0, 1:
		n.record("crash")
		b.Postgres.Crash()
		harness.Sleep(ctx, d.Between(0, 1500*time.Millisecond))
		b.Postgres.Restart(n.T)
	case 2:
		n.record("postgres", "unreachable for one node", long)
		proxies.Postgres.Drop(both...)
		harness.Sleep(ctx, long)
		proxies.Postgres.Clear()
	case 3:
		n.record("postgres", "slow for one node", long)
		proxies.Postgres.Delay(d.IntN(300))
		harness.Sleep(ctx, long)
		proxies.Postgres.Clear()
	case 4:
		n.record("redis kill", long)
		b.Redis.Kill()
		harness.Sleep(ctx, long)
		b.Redis.Restart(n.T)
	case 5:
		n.record("redis", "unreachable for one node, at least downstream", long)
		proxies.Redis.Drop(both[d.IntN(2):]...)
		harness.Sleep(ctx, long)
		proxies.Redis.Clear()
	case 6:
		n.record("redis", "slow for one node", long)
		proxies.Redis.Delay(d.IntN(1500))
		harness.Sleep(ctx, long)
		proxies.Redis.Clear()
	default:
		n.record("redis", "closes subscriptions")
		if err := n.DropSubscribers(); err != nil {
			n.T.Error(err)
		}
	}
}

// clearProxies ends the faults of all proxies.
func (n *nemesis) clearProxies() {
	for _, node := range n.Nodes {
		if node.Proxies.Postgres != nil {
			node.Proxies.Postgres.Clear()
			node.Proxies.Redis.Clear()
		}
	}
}
