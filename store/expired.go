package store

import (
	"context"
	"time"

	"sidetext/chat"
)

// Tidied says how much of each kind was removed.
type Deleted struct {
	Sessions, Links, Codes int64 // that can open nothing any more
	UnmatchedReports       int64 // reports of texts that nobody got to know
	Attempts, Reports      int64 // of texts whose fate was settled long ago
	Failures, Quarantined  int64 // that nobody looked at for as long
	Media                  int64 // files that did not become whole
	Duties, Nodes          int64 // of processes that ended long ago
}

const (
	// strayLasts is how long a report of a text that nobody knows is kept.
	unmatchedLifetime = 10 * time.Minute
	// longAgo is when what explains the past has done so for long enough.
	retention = 90 * 24 * time.Hour
	// batch is how many rows are removed in one transaction: no text waits long
	// for that.
	deleteBatchSize = 200
)

// What Tidy removes: $2 rows at most, of those from before $1.
const (
	deleteSessions  = `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE seen_at < $1 LIMIT $2)`
	deleteLinks     = `DELETE FROM sign_in_links WHERE hash IN (SELECT hash FROM sign_in_links WHERE made_at < $1 LIMIT $2)`
	deleteCodes     = `DELETE FROM codes WHERE id IN (SELECT id FROM codes WHERE made_at < $1 LIMIT $2)`
	deleteUnmatched = `DELETE FROM strays WHERE (line, provider, report) IN (SELECT line, provider, report FROM strays WHERE at < $1 ORDER BY at LIMIT $2)`
	// What may still be found out, or decided, of a text rests on its attempts.
	deleteAttempts = `DELETE FROM attempts WHERE id IN (
		SELECT a.id FROM attempts a WHERE a.id < $1 AND NOT EXISTS (
			SELECT 1 FROM entries e WHERE e.conversation = a.conversation AND e.seq = a.entry AND e.state IN ('saved', 'unknown'))
		ORDER BY a.id LIMIT $2)`
	deleteReports = `DELETE FROM reports WHERE (attempt, state, code) IN (
		SELECT r.attempt, r.state, r.code FROM reports r WHERE r.attempt < $1 AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.id = r.attempt)
		ORDER BY r.attempt LIMIT $2)`
	deleteLeases     = `DELETE FROM duties WHERE name IN (SELECT name FROM duties WHERE until < $1 LIMIT $2)`
	deleteNodes      = `DELETE FROM nodes WHERE id IN (SELECT id FROM nodes WHERE at < $1 LIMIT $2)`
	deleteFailures   = `DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE id < $1 AND state = 'failed' ORDER BY id LIMIT $2)`
	deleteQuarantine = `DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE id < $1 ORDER BY id LIMIT $2)`
)

// Tidy removes what nobody will ask for again, a little at a time, until there is
// no more of it. It returns how much was removed, also with an error; calling
// again does the rest.
func (s *Store) DeleteExpired(ctx context.Context, now time.Time) (done Deleted, err error) {
	before := func(d time.Duration) any { return micros(now.Add(-d)) }
	old := any(chat.FirstID[string](now.Add(-retention)))
	for _, task := range []struct {
		query   string
		before  any
		removed *int64
	}{
		{deleteSessions, before(SessionLifetime), &done.Sessions},
		{deleteLinks, before(24 * time.Hour), &done.Links},
		{deleteCodes, before(24 * time.Hour), &done.Codes},
		{deleteUnmatched, before(unmatchedLifetime), &done.UnmatchedReports},
		{deleteLeases, before(time.Hour), &done.Duties},
		{deleteNodes, before(time.Hour), &done.Nodes},
		{deleteAttempts, old, &done.Attempts},
		{deleteReports, old, &done.Reports},
		{deleteFailures, old, &done.Failures},
		{deleteQuarantine, old, &done.Quarantined},
	} {
		if *task.removed, err = s.deleteInBatches(ctx, task.query, task.before); err != nil {
			return done, err
		}
	}
	done.Media, err = s.deleteIncompleteMedia(ctx, now)
	return done, err
}

// sweep removes what query finds from before then, a batch at a time.
func (s *Store) deleteInBatches(ctx context.Context, query string, before any) (removed int64, err error) {
	for {
		var n int64
		err := s.write(ctx, "tidy up", func(tx tx) (err error) {
			n, err = tx.Exec(query, before, int64(deleteBatchSize))
			return err
		})
		if err != nil {
			return removed, err
		}
		if removed += n; n < deleteBatchSize {
			return removed, nil
		}
	}
}
