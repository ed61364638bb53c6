package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"sidetext/hub"
	"sidetext/hub/redis"
	"sidetext/store"
)

// openBus finds out how this node hears of the others.
func openBus(ctx context.Context, settings Settings, db *store.Store, log *slog.Logger) (hub.Bus, error) {
	switch {
	case settings.RedisURL != "":
		// Nodes of another database that use the same Redis are none of ours.
		bus, err := redis.Open(ctx, settings.RedisURL, "sidetext/"+db.Epoch(), db.Node(), log)
		if err != nil {
			return nil, fmt.Errorf("SIDETEXT_REDIS_URL: %w", err)
		}
		return bus, nil
	case settings.many():
		return deaf{time.Now()}, nil
	}
	return alone{time.Now()}, nil
}

// alone is the bus of a node that has no others.
type alone struct{ since time.Time }

func (alone) Publish(hub.Message)                             {}
func (alone) Subscribe(ctx context.Context, _ hub.Subscriber) { <-ctx.Done() }
func (a alone) Health() hub.BusHealth                         { return hub.BusHealth{Healthy: true, Since: a.since} }

// deaf is the bus of a node that has others, and no Redis to hear of them: it
// looks at the database every second.
type deaf struct{ since time.Time }

func (deaf) Publish(hub.Message)                             {}
func (deaf) Subscribe(ctx context.Context, _ hub.Subscriber) { <-ctx.Done() }
func (d deaf) Health() hub.BusHealth                         { return hub.BusHealth{Since: d.since} }
