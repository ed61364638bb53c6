package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidetext/chat"
)

const (
	// reconcileEvery is how often a vendor's lists are compared with the directory. A
	// webhook that was lost is made up for by then.
	reconcileEvery = 24 * time.Hour
	// overlap is how much of a list is read again, because clocks and the times of
	// records are not exact.
	overlap = time.Hour
)

// ReconcileDaily starts the comparison of each connection in use whose last one began a
// day ago. It is a task of the maintenance.
func (d *Directory) ReconcileDaily(ctx context.Context) error {
	all, err := d.Store.Connections(ctx)
	if err != nil {
		return fmt.Errorf("directory: list connections: %w", err)
	}
	var errs []error
	started := false
	for _, c := range all {
		if c.Status != chat.ConnectionActive || d.Sources[c.Vendor] == nil {
			continue
		}
		begun, err := d.startIfDue(ctx, c)
		if err != nil && !errors.Is(err, chat.ErrNotFound) { // disconnected meanwhile
			errs = append(errs, fmt.Errorf("directory: start reconciliation: %w", err))
		}
		started = started || begun
	}
	if started {
		d.Wake()
	}
	return errors.Join(errs...)
}

func (d *Directory) startIfDue(ctx context.Context, c chat.Connection) (started bool, err error) {
	all, err := d.Store.Reconciliations(ctx, c.Shop)
	if err != nil {
		return false, err
	}
	parts, now := d.Sources[c.Vendor].Parts(), d.Now()
	since, due := nextReconciliation(all, c.Vendor, parts, now)
	if !due {
		return false, nil
	}
	return true, d.Store.StartReconciliation(ctx, c, parts, since, now)
}

// nextReconciliation returns whether the next comparison is due, and since when objects
// must have changed to be read: since the last complete one began or, with a part that
// was never read, ever. A part that is still being read counts from its own begin. If it
// began a day ago, its delivery may have failed for good, and needs another one.
func nextReconciliation(all []chat.Reconciliation, v chat.Vendor, parts []string, now time.Time) (since time.Time, due bool) {
	var newest, done, unfinished time.Time
	missing := false
	for _, part := range parts {
		r, found := findPart(all, v, part)
		switch {
		case !found:
			missing = true
		case !r.Done():
			unfinished = latest(unfinished, r.Since) // an earlier time would begin it anew
		case done.IsZero() || r.StartedAt.Before(done):
			done = r.StartedAt
		}
		newest = latest(newest, r.StartedAt)
	}
	switch {
	case !newest.IsZero() && now.Sub(newest) < reconcileEvery:
		return since, false
	case missing:
		return time.Time{}, true
	case done.IsZero():
		return unfinished, true
	}
	return done.Add(-overlap), true
}

func findPart(all []chat.Reconciliation, v chat.Vendor, part string) (r chat.Reconciliation, found bool) {
	for _, r := range all {
		if r.Vendor == v && r.Part == part {
			return r, true
		}
	}
	return r, false
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
