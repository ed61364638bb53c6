package store

import (
	"context"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A ConnectionTotal is how many connections to a vendor have a status.
type ConnectionTotal struct {
	Vendor chat.Vendor
	Status chat.ConnectionStatus
	Total  int
}

// ConnectionTotals counts the connections of all shops, for the operator.
func (s *Store) ConnectionTotals(ctx context.Context) (found []ConnectionTotal, err error) {
	err = s.read(ctx, "count connections", func(tx tx) error {
		found = found[:0]
		return tx.Rows(func(row sqldb.Scanner) error {
			var t ConnectionTotal
			err := row.Scan(&t.Vendor, &t.Status, &t.Total)
			found = append(found, t)
			return err
		}, `SELECT vendor, status, COUNT(*) FROM connections GROUP BY vendor, status ORDER BY vendor, status`)
	})
	return found, err
}

// OldestReconciliation returns when the list was completed that was completed longest
// ago, of all lists of connections in use; of a list that is being read, when that
// began. It returns zero if there is none.
func (s *Store) OldestReconciliation(ctx context.Context) (time.Time, error) {
	var at int64
	err := s.read(ctx, "find the oldest reconciliation", func(tx tx) error {
		return tx.Row(`SELECT COALESCE(MIN(CASE WHEN r.ended_at = 0 THEN r.started_at ELSE r.ended_at END), 0)
			FROM connections JOIN reconciliations r ON r.shop = connections.shop AND r.vendor = connections.vendor WHERE connections.status = 'active'`).Scan(&at)
	})
	return timeOf(at), err
}
