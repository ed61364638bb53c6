package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A Lease is a time-limited claim that only one node does something.
type Lease = chat.Lease

// MaxLease is the longest time for which a lease can be held. A lease that ends later
// was written before the clock was set back, and counts as ended.
const MaxLease = 10 * time.Minute

// Node is this process's name among those that share the database. It changes with
// every start.
func (s *Store) Node() string { return s.node }

// AcquireLease takes or renews a lease for as long as lease, MaxLease at most.
// Renewing costs no write while more than half of it is left. While another node
// holds it, nothing changes. At any time one node at most holds a lease.
func (s *Store) AcquireLease(ctx context.Context, name string, now time.Time, lease time.Duration) (d Lease, err error) {
	lease = min(lease, MaxLease)
	err = s.read(ctx, "read a lease", func(tx tx) error {
		d, err = s.lease(tx.Row(`SELECT holder, until FROM duties WHERE name = $1`, name), now)
		return err
	})
	switch {
	case errors.Is(err, chat.ErrNotFound):
	case err != nil, !d.Held && d.Until.After(now), d.Held && d.Until.Sub(now) > lease/2:
		return d, err
	}
	err = s.write(ctx, "take a lease", func(tx tx) error {
		d, err = s.takeLease(tx, name, now, lease)
		return err
	})
	return d, err
}

// lease reads a lease. One that has ended can still be renewed by its last holder,
// unless another node takes it first.
func (s *Store) lease(row sqldb.Scanner, now time.Time) (d Lease, err error) {
	var holder string
	var until int64
	err = row.Scan(&holder, &until)
	d.Held, d.Until = holder == s.node, timeOf(until)
	if d.Until.Sub(now) > MaxLease {
		d.Until = now
	}
	return d, err
}

// takeLease writes a lease for this node, unless another node holds it.
func (s *Store) takeLease(tx tx, name string, now time.Time, lease time.Duration) (Lease, error) {
	until := now.Add(lease).UTC().Truncate(time.Microsecond)
	for {
		const query = `SELECT holder, until FROM duties WHERE name = $1`
		if err := tx.Lock(query, name); err != nil {
			return Lease{}, err
		}
		d, err := s.lease(tx.Row(query, name), now)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			n, err := tx.Exec(`INSERT INTO duties (name, holder, until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, name, s.node, micros(until))
			if err == nil && n == 0 {
				continue // another node inserted it first; its row is visible now
			}
			return Lease{Held: true, Fresh: true, Until: until}, err
		case err != nil, !d.Held && d.Until.After(now):
			return d, err
		}
		_, err = tx.Exec(`UPDATE duties SET holder = $1, until = $2 WHERE name = $3`, s.node, micros(until), name)
		return Lease{Held: true, Fresh: !d.Held, Until: until}, err
	}
}

// ReleaseLeases ends leases of this node, all of them when none is named, so that
// other nodes can take them at once. Leases of other nodes are left alone.
func (s *Store) ReleaseLeases(ctx context.Context, names ...string) error {
	return s.write(ctx, "release leases", func(tx tx) error {
		if len(names) == 0 {
			_, err := tx.Exec(`DELETE FROM duties WHERE holder = $1`, s.node)
			return err
		}
		for _, name := range names {
			if _, err := tx.Exec(`DELETE FROM duties WHERE name = $1 AND holder = $2`, name, s.node); err != nil {
				return err
			}
		}
		return nil
	})
}

// DropStaleLeases is for the start of a process that has the database to itself:
// it ends the leases of its predecessor, and marks its unfinished set-ups as
// abandoned. When other nodes may use the database, it does nothing.
func (s *Store) DropStaleLeases(ctx context.Context) error {
	if s.db.Shared() {
		return nil
	}
	return s.write(ctx, "drop stale leases", func(tx tx) error {
		if _, err := tx.Exec(`DELETE FROM duties WHERE holder <> $1`, s.node); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE setups SET at = 1 WHERE state = 'doing'`)
		return err
	})
}
