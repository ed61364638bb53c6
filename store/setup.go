package store

import (
	"context"
	"time"

	"sidetext/chat"
)

// A Setup is the progress of setting something up.
type Setup struct {
	State string // "doing", "done", "failed"
	Steps []byte // JSON, read by the code that does the set-up
	At    time.Time
}

// SaveSetup saves the progress of setting something up.
func (s *Store) SaveSetup(ctx context.Context, shop chat.ShopID, what string, p Setup) error {
	return s.write(ctx, "save a set-up", func(tx tx) error {
		_, err := tx.Exec(`
			INSERT INTO setups (shop, what, state, steps, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (shop, what) DO UPDATE SET state = excluded.state, steps = excluded.steps, at = excluded.at`,
			string(shop), what, p.State, string(p.Steps), micros(p.At))
		return err
	})
}

// Setup reads the progress of setting something up.
func (s *Store) Setup(ctx context.Context, shop chat.ShopID, what string) (p Setup, err error) {
	err = s.read(ctx, "find a set-up", func(tx tx) error {
		var steps string
		var at int64
		err := tx.Row(`SELECT state, steps, at FROM setups WHERE shop = $1 AND what = $2`, string(shop), what).Scan(&p.State, &steps, &at)
		p.Steps, p.At = []byte(steps), timeOf(at)
		return err
	})
	return p, err
}
