package store

import (
	"context"

	"sidetext/chat"
)

// UnknownTexts counts a shop's texts with an unknown outcome for which a person
// has to decide what becomes of them.
func (s *Store) UnknownTexts(ctx context.Context, shop chat.ShopID) (n int64, err error) {
	err = s.read(ctx, "count unknown texts", func(tx tx) error {
		return tx.Row(`SELECT COUNT(*) FROM entries WHERE shop = $1 AND state = 'unknown' AND problem_code IN ('missing', 'no_evidence')`,
			string(shop)).Scan(&n)
	})
	return n, err
}
