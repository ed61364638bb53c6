package store

import (
	"context"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// StartReconciliation has parts of a connection's lists read, from objects that
// changed since then on; the zero time means all. A part that is still being read goes
// on from its cursor, unless it would leave out older objects that are wanted now.
func (s *Store) StartReconciliation(ctx context.Context, c chat.Connection, parts []string, since, now time.Time) error {
	return s.write(ctx, "start a reconciliation", func(tx tx) error {
		err := tx.Row(`SELECT account FROM connections WHERE shop = $1 AND vendor = $2`, string(c.Shop), string(c.Vendor)).Scan(&c.Account)
		if err != nil {
			return err
		}
		for _, part := range parts {
			err := tx.ExecLater(`
				INSERT INTO reconciliations (`+reconciliationColumns+`) VALUES ($1, $2, $3, $4, '', 0, $5, 0, '')
				ON CONFLICT (shop, vendor, part) DO UPDATE SET since = excluded.since, cursor = '', objects = 0, started_at = excluded.started_at, ended_at = 0, problem = ''
				WHERE reconciliations.ended_at <> 0 OR excluded.since < reconciliations.since`,
				string(c.Shop), string(c.Vendor), part, micros(since), micros(now))
			if err != nil {
				return err
			}
		}
		return tx.addDelivery(chat.NewReconcileDelivery(c, now), now)
	})
}

const reconciliationColumns = `shop, vendor, part, since, cursor, objects, started_at, ended_at, problem`

// Reconciliations lists the last reconciliation of each part of a shop's vendors.
func (s *Store) Reconciliations(ctx context.Context, shop chat.ShopID) (found []chat.Reconciliation, err error) {
	err = s.read(ctx, "list reconciliations", func(tx tx) error {
		found = found[:0]
		return tx.Rows(func(row sqldb.Scanner) error {
			var r chat.Reconciliation
			var since, startedAt, endedAt int64
			err := row.Scan(&r.Shop, &r.Vendor, &r.Part, &since, &r.Cursor, &r.Read, &startedAt, &endedAt, &r.Problem)
			r.Since, r.StartedAt, r.EndedAt = timeOf(since), timeOf(startedAt), timeOf(endedAt)
			found = append(found, r)
			return err
		}, `SELECT `+reconciliationColumns+` FROM reconciliations WHERE shop = $1 ORDER BY vendor, part`, string(shop))
	})
	return found, err
}

// sameReconciliation is the condition that a part is still being read by the
// reconciliation that was read, with the arguments of reconciliationArgs.
const sameReconciliation = `shop = $1 AND vendor = $2 AND part = $3 AND started_at = $4 AND ended_at = 0`

func reconciliationArgs(r chat.Reconciliation) []any {
	return []any{string(r.Shop), string(r.Vendor), r.Part, micros(r.StartedAt)}
}

// SavePage applies a page of a vendor's list to the directory and saves the progress
// in r, in one transaction. If the part was completed or started anew since r was
// read, it changes nothing and returns chat.ErrNotFound.
func (s *Store) SavePage(ctx context.Context, r chat.Reconciliation, u chat.DirectoryUpdate, now time.Time) (change chat.DirectoryChange, err error) {
	err = s.write(ctx, "save a page", func(tx tx) error {
		change = chat.DirectoryChange{}
		if err := tx.Exclusive(directoryLock(r.Shop)); err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE reconciliations SET cursor = $5, objects = $6, ended_at = $7, problem = '' WHERE `+sameReconciliation,
			append(reconciliationArgs(r), r.Cursor, r.Read, micros(r.EndedAt))...)
		if err == nil && n == 0 {
			err = chat.ErrNotFound
		}
		if err != nil || isEmptyUpdate(u) {
			return err
		}
		if change, err = tx.applyUpdate(r.Shop, u, now); err != nil {
			return err
		}
		return tx.addRefreshes(r.Shop, change.Refresh, now)
	})
	if err != nil {
		return chat.DirectoryChange{}, err
	}
	return change, nil
}

// SaveReconciliationProblem saves why the next page could not be read, for people. It
// changes nothing if the part was completed or started anew since r was read.
func (s *Store) SaveReconciliationProblem(ctx context.Context, r chat.Reconciliation, problem string) error {
	return s.write(ctx, "save a reconciliation's problem", func(tx tx) error {
		return tx.ExecLater(`UPDATE reconciliations SET problem = $5 WHERE `+sameReconciliation, append(reconciliationArgs(r), problem)...)
	})
}
