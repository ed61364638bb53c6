package store

import (
	"context"
	"time"

	"sidetext/chat"
)

// Deleted counts the rows that DeleteExpired deleted.
type Deleted struct {
	Sessions, Links, Codes int64 // expired
	UnmatchedReports       int64 // for which no attempt came
	Attempts, Reports      int64 // of texts that reached a final state
	Failures, Quarantined  int64 // older than retention
	Events                 int64 // applied, or failed and older than retention
	Deletions              int64 // of objects that vendors deleted, older than retention
	Media                  int64 // incomplete files
	Leases, Nodes          int64 // of processes that have ended
}

const (
	// unmatchedLifetime is how long an unmatched report is kept.
	unmatchedLifetime = 10 * time.Minute
	// retention is how long attempts, reports, failures, quarantine and deletions are kept.
	retention = 90 * 24 * time.Hour
	// appliedLifetime is how long the keys of an applied webhook are kept: longer than
	// any vendor repeats one (Recharge: 48 hours).
	appliedLifetime = 8 * 24 * time.Hour
	// deleteBatchSize is how many rows are deleted in one transaction, so that no
	// text waits long for it.
	deleteBatchSize = 200
)

// The statements of DeleteExpired each delete at most $2 rows from before $1.
const (
	deleteSessions  = `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE seen_at < $1 LIMIT $2)`
	deleteLinks     = `DELETE FROM sign_in_links WHERE hash IN (SELECT hash FROM sign_in_links WHERE made_at < $1 LIMIT $2)`
	deleteCodes     = `DELETE FROM codes WHERE id IN (SELECT id FROM codes WHERE made_at < $1 LIMIT $2)`
	deleteUnmatched = `DELETE FROM strays WHERE (line, provider, report) IN (SELECT line, provider, report FROM strays WHERE at < $1 ORDER BY at LIMIT $2)`
	// A text that is unsettled needs its attempts.
	deleteAttempts = `DELETE FROM attempts WHERE id IN (
		SELECT a.id FROM attempts a WHERE a.id < $1 AND NOT EXISTS (
			SELECT 1 FROM entries e WHERE e.conversation = a.conversation AND e.seq = a.entry AND e.state IN ('saved', 'unknown'))
		ORDER BY a.id LIMIT $2)`
	deleteReports = `DELETE FROM reports WHERE (attempt, state, code) IN (
		SELECT r.attempt, r.state, r.code FROM reports r WHERE r.attempt < $1 AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.id = r.attempt)
		ORDER BY r.attempt LIMIT $2)`
	deleteLeases   = `DELETE FROM duties WHERE name IN (SELECT name FROM duties WHERE until < $1 LIMIT $2)`
	deleteNodes    = `DELETE FROM nodes WHERE id IN (SELECT id FROM nodes WHERE at < $1 LIMIT $2)`
	deleteFailures = `DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE id < $1 AND state = 'failed' ORDER BY id LIMIT $2)`
	// Ids begin with the time of receipt.
	deleteApplied = `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id < $1 AND state = 'applied' ORDER BY id LIMIT $2)`
	deleteEvents  = `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id < $1 AND state = 'failed' ORDER BY id LIMIT $2)`
	// No vendor sends a record that late. A person who was erased must not come back
	// with any, such as one on a page of a list.
	deleteDeletions  = `DELETE FROM deletions WHERE (shop, kind, id) IN (SELECT shop, kind, id FROM deletions WHERE erased = 0 AND at < $1 ORDER BY at LIMIT $2)`
	deleteQuarantine = `DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE id < $1 ORDER BY id LIMIT $2)`
)

// DeleteExpired deletes rows that are no longer needed, in small transactions. It
// returns their numbers, also with an error; calling it again continues.
func (s *Store) DeleteExpired(ctx context.Context, now time.Time) (done Deleted, err error) {
	before := func(d time.Duration) any { return micros(now.Add(-d)) }
	old := any(chat.FirstID[string](now.Add(-retention)))
	for _, task := range []struct {
		query   string
		before  any
		deleted *int64
	}{
		{deleteSessions, before(SessionLifetime), &done.Sessions},
		{deleteLinks, before(24 * time.Hour), &done.Links},
		{deleteCodes, before(24 * time.Hour), &done.Codes},
		{deleteUnmatched, before(unmatchedLifetime), &done.UnmatchedReports},
		{deleteLeases, before(time.Hour), &done.Leases},
		{deleteNodes, before(time.Hour), &done.Nodes},
		{deleteAttempts, old, &done.Attempts},
		{deleteReports, old, &done.Reports},
		{deleteFailures, old, &done.Failures},
		{deleteQuarantine, old, &done.Quarantined},
		{deleteApplied, chat.FirstID[string](now.Add(-appliedLifetime)), &done.Events},
		{deleteEvents, old, &done.Events},
		{deleteDeletions, before(retention), &done.Deletions},
	} {
		n, err := s.deleteInBatches(ctx, task.query, task.before)
		if *task.deleted += n; err != nil {
			return done, err
		}
	}
	done.Media, err = s.deleteIncompleteMedia(ctx, now)
	return done, err
}

// deleteInBatches runs query until it finds no more rows from before a time or id.
func (s *Store) deleteInBatches(ctx context.Context, query string, before any) (deleted int64, err error) {
	for {
		var n int64
		err := s.write(ctx, "delete expired rows", func(tx tx) (err error) {
			n, err = tx.Exec(query, before, int64(deleteBatchSize))
			return err
		})
		if err != nil {
			return deleted, err
		}
		deleted += n
		if n < deleteBatchSize {
			return deleted, nil
		}
	}
}
