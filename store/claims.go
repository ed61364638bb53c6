package store

import (
	"context"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A time further in the future than these limits was written before the clock was
// set back. It counts as past.
const (
	// MaxClaim is the longest time for which a delivery can be claimed.
	MaxClaim = 2 * time.Minute
	// maxPostpone is longer than any delivery is postponed.
	maxPostpone = 2 * time.Hour
)

const runningQuery = `SELECT ` + deliveryColumns + ` FROM deliveries WHERE state = 'running' AND `

// ExpiredClaims lists running deliveries whose claim has expired: the process that
// ran them has ended or hangs, and it is unknown what they have done.
func (s *Store) ExpiredClaims(ctx context.Context, now time.Time) (found []chat.Delivery, err error) {
	err = s.read(ctx, "list expired claims", func(tx tx) error {
		if err := tx.deliveries(&found, runningQuery+`until < $1 ORDER BY until LIMIT 100`, micros(now)); err != nil {
			return err
		}
		return tx.deliveries(&found, runningQuery+`until > $1 ORDER BY until LIMIT 100`, micros(now.Add(MaxClaim)))
	})
	return found, err
}

// InFlight lists all running deliveries.
func (s *Store) InFlight(ctx context.Context) (found []chat.Delivery, err error) {
	err = s.read(ctx, "list running deliveries", func(tx tx) error {
		return tx.deliveries(&found, runningQuery+`until > 0 ORDER BY until`)
	})
	return found, err
}

func (tx tx) deliveries(found *[]chat.Delivery, query string, args ...any) error {
	return tx.Rows(func(row sqldb.Scanner) error {
		d, err := scanDelivery(row)
		*found = append(*found, d)
		return err
	}, query, args...)
}

// RepairDueTimes makes deliveries due now that are due impossibly late.
func (s *Store) RepairDueTimes(ctx context.Context, now time.Time) error {
	return s.write(ctx, "repair due times", func(tx tx) error {
		return tx.accounts(func(account string) error {
			_, err := tx.Exec(`UPDATE deliveries SET due = $1 WHERE state = 'ready' AND account = $2 AND calm IN (0, 1) AND due > $3`,
				micros(now), account, micros(now.Add(maxPostpone)))
			return err
		})
	})
}
