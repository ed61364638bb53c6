package store

import (
	"context"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// HasText reports whether a text that a line's provider lists has been received.
func (s *Store) HasText(ctx context.Context, line chat.Line, in chat.Incoming) (found bool, err error) {
	err = s.read(ctx, "find a text", func(tx tx) error {
		var n int
		err := tx.Row(`
			SELECT COUNT(*) FROM entries e WHERE e.origin = $2 AND e.origin <> '' AND e.conversation = (
				SELECT c.id FROM conversations c WHERE c.line = $1 AND c.shopper = (SELECT p.id FROM shoppers p WHERE p.shop = $3 AND p.phone = $4))`,
			string(line.ID), chat.FromProvider(in.Provider, in.ID), string(line.Shop), string(in.From)).Scan(&n)
		found = n > 0
		return err
	})
	return found, err
}

// SaveComparison replaces what is known of how complete a line's texts are.
func (s *Store) SaveComparison(ctx context.Context, line chat.LineID, c chat.Comparison) error {
	return s.write(ctx, "save a comparison", func(tx tx) error {
		n, err := tx.Exec(`UPDATE lines SET heard_until = $1, compared_at = $2, came_late = $3, trouble = $4 WHERE id = $5`,
			micros(c.Until), micros(c.At), c.Late, c.Trouble, string(line))
		if err == nil && n == 0 {
			err = chat.ErrNotFound
		}
		return err
	})
}

// Comparisons returns the last comparison of each of a shop's lines: the zero
// Comparison for a line that was never compared.
func (s *Store) Comparisons(ctx context.Context, shop chat.ShopID) (found map[chat.LineID]chat.Comparison, err error) {
	found = map[chat.LineID]chat.Comparison{}
	err = s.read(ctx, "read comparisons", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			var line chat.LineID
			var c chat.Comparison
			var until, at int64
			err := row.Scan(&line, &until, &at, &c.Late, &c.Trouble)
			c.Until, c.At = timeOf(until), timeOf(at)
			found[line] = c
			return err
		}, `SELECT id, heard_until, compared_at, came_late, trouble FROM lines WHERE shop = $1`, string(shop))
	})
	return found, err
}
