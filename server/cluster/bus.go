package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"sidetext/hub"
	"sidetext/hub/redis"
	"sidetext/store"
)

// OpenBus makes the bus between nodes: Redis, if there is an address for it.
// Without Redis a node that shares its database polls it.
func OpenBus(ctx context.Context, redisURL string, shared bool, db *store.Store, log *slog.Logger) (hub.Bus, error) {
	switch {
	case redisURL != "":
		// Nodes of another database may use the same Redis.
		bus, err := redis.Open(ctx, redisURL, "sidetext/"+db.Epoch(), db.Node(), log)
		if err != nil {
			return nil, fmt.Errorf("SIDETEXT_REDIS_URL: %w", err)
		}
		return bus, nil
	case shared:
		return pollingBus{time.Now()}, nil
	}
	return singleBus{time.Now()}, nil
}

// singleBus is the bus of a node that has no others.
type singleBus struct{ since time.Time }

func (singleBus) Publish(hub.Message)                             {}
func (singleBus) Subscribe(ctx context.Context, _ hub.Subscriber) { <-ctx.Done() }
func (b singleBus) Health() hub.BusHealth                         { return hub.BusHealth{Healthy: true, Since: b.since} }

// pollingBus is the bus of a node that has others and no Redis. It is never
// healthy, so the hub compares with the database every second.
type pollingBus struct{ since time.Time }

func (pollingBus) Publish(hub.Message)                             {}
func (pollingBus) Subscribe(ctx context.Context, _ hub.Subscriber) { <-ctx.Done() }
func (b pollingBus) Health() hub.BusHealth                         { return hub.BusHealth{Since: b.since} }
