package redis

import (
	"context"
	"log/slog"
	"time"
)

// OpenPaced is Open with another time between two heartbeats, and another limit
// for one publication.
func OpenPaced(ctx context.Context, url, channel, node string, log *slog.Logger, beat, limit time.Duration) (*Bus, error) {
	return open(ctx, url, channel, node, log, pace{beat, limits{limit, limit}})
}
