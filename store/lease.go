package store

import (
	"context"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A clock may be set while we work by it. Nothing here is kept to a moment that
// could not have been meant: such a moment comes of a clock that has been set
// back since.
const (
	// MaxLease is the longest that a delivery can be claimed for.
	MaxLease = 2 * time.Minute
	// farthest is later than any delivery is put off.
	farthest = 2 * time.Hour
)

// Overdue lists deliveries whose lease has ended, or ends impossibly late:
// whoever had them is gone, or stuck, and how far they came is not known.
func (s *Store) ExpiredClaims(ctx context.Context, now time.Time) (found []chat.Delivery, err error) {
	err = s.read(ctx, "list overdue deliveries", func(tx tx) error {
		add := func(row sqldb.Scanner) error {
			d, err := scanDelivery(row)
			found = append(found, d)
			return err
		}
		const running = `SELECT ` + deliveryColumns + ` FROM deliveries WHERE state = 'running' AND `
		if err := tx.Rows(add, running+`until < $1 ORDER BY until LIMIT 100`, micros(now)); err != nil {
			return err
		}
		return tx.Rows(add, running+`until > $1 ORDER BY until LIMIT 100`, micros(now.Add(MaxLease)))
	})
	return found, err
}

// Mend has deliveries that are due impossibly late come due now.
func (s *Store) RepairDueTimes(ctx context.Context, now time.Time) error {
	return s.write(ctx, "mend deliveries", func(tx tx) error {
		return tx.accounts(func(account string) error {
			_, err := tx.Exec(`UPDATE deliveries SET due = $1 WHERE state = 'ready' AND account = $2 AND calm IN (0, 1) AND due > $3`,
				micros(now), account, micros(now.Add(farthest)))
			return err
		})
	})
}
