package store

import (
	"context"
	"time"

	"sidetext/chat"
)

// Quarantine keeps a request with a valid signature that could not be parsed.
func (s *Store) Quarantine(ctx context.Context, line chat.Line, reason, body string, now time.Time) error {
	return s.write(ctx, "quarantine a request", func(tx tx) error {
		_, err := tx.Exec(`INSERT INTO quarantine (id, shop, line, at, reason, body) VALUES ($1, $2, $3, $4, $5, $6)`,
			chat.NewID[string](now), string(line.Shop), string(line.ID), micros(now), reason, body)
		return err
	})
}

// Quarantined counts a shop's requests in quarantine.
func (s *Store) Quarantined(ctx context.Context, shop chat.ShopID) (n int64, err error) {
	err = s.read(ctx, "count quarantined requests", func(tx tx) error {
		return tx.Row(`SELECT COUNT(*) FROM quarantine WHERE shop = $1`, string(shop)).Scan(&n)
	})
	return n, err
}
