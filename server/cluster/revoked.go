package cluster

import (
	"context"
	"log/slog"
	"time"
)

// A SessionLog lists the sessions that have ended.
type SessionLog interface {
	EndedSessions(ctx context.Context, since time.Time) (keys []string, latest time.Time, err error)
}

// A SessionCloser closes the sockets of sessions. The hub is one.
type SessionCloser interface {
	EndSessions(sessions []string, cause error) int
}

// RevokedSessions closes the sockets of revoked sessions on this node. It reads
// the database every revokedInterval, and at once when Ended is set.
type RevokedSessions struct {
	Store SessionLog
	Hub   SessionCloser
	Ended Signal
	Cause error // the sockets are closed with it
	Now   func() time.Time
	Log   *slog.Logger
}

const revokedInterval = 2 * time.Second

// Run runs until ctx ends.
func (r *RevokedSessions) Run(ctx context.Context) {
	tick := time.NewTicker(revokedInterval)
	defer tick.Stop()
	since := r.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.Ended:
		case <-tick.C:
		}
		reading, cancel := context.WithTimeout(ctx, StoreTimeout)
		started := r.Now()
		keys, _, err := r.Store.EndedSessions(reading, since)
		cancel()
		if err != nil {
			if ctx.Err() == nil {
				r.Log.Warn("read revoked sessions", "error", err)
			}
			continue
		}
		since = started // not the time of the last session, which a wrong clock may have written
		r.Hub.EndSessions(keys, r.Cause)
	}
}
