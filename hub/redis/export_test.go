package redis

import (
	"context"
	"log/slog"
	"time"
)

// OpenWithTiming is Open with another heartbeat interval, and another timeout for
// publishing.
func OpenWithTiming(ctx context.Context, url, channel, node string, log *slog.Logger, heartbeat, timeout time.Duration) (*Bus, error) {
	return open(ctx, url, channel, node, log, timing{heartbeat, timeouts{timeout, timeout}})
}
