package store

import (
	"context"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// HasText reports whether a text was received that a line's provider lists.
func (s *Store) HasText(ctx context.Context, line chat.Line, in chat.Incoming) (heard bool, err error) {
	err = s.read(ctx, "look for a text", func(tx tx) error {
		var n int
		err := tx.Row(`
			SELECT COUNT(*) FROM entries e WHERE e.origin = $2 AND e.origin <> '' AND e.conversation = (
				SELECT c.id FROM conversations c WHERE c.line = $1 AND c.shopper = (SELECT p.id FROM shoppers p WHERE p.shop = $3 AND p.phone = $4))`,
			string(line.ID), chat.FromProvider(in.Provider, in.ID), string(line.Shop), string(in.From)).Scan(&n)
		heard = n > 0
		return err
	})
	return heard, err
}

// SaveComparison saves until when a line is known to have every text, in place of
// the last comparison.
func (s *Store) SaveComparison(ctx context.Context, line chat.LineID, c chat.Comparison) error {
	return s.write(ctx, "save comparison", func(tx tx) error {
		n, err := tx.Exec(`UPDATE lines SET heard_until = $1, compared_at = $2, came_late = $3, trouble = $4 WHERE id = $5`,
			micros(c.Until), micros(c.At), c.Late, c.Trouble, string(line))
		if err == nil && n == 0 {
			err = chat.ErrNotFound
		}
		return err
	})
}

// Comparisons returns the last comparison of each of a shop's lines. A line that was
// never compared has the zero Comparison.
func (s *Store) Comparisons(ctx context.Context, shop chat.ShopID) (found map[chat.LineID]chat.Comparison, err error) {
	found = map[chat.LineID]chat.Comparison{}
	err = s.read(ctx, "read comparisons", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			var line chat.LineID
			var c chat.Comparison
			var until, at int64
			err := row.Scan(&line, &until, &at, &c.Late, &c.Trouble)
			c.Until, c.At = moment(until), moment(at)
			found[line] = c
			return err
		}, `SELECT id, heard_until, compared_at, came_late, trouble FROM lines WHERE shop = $1`, string(shop))
	})
	return found, err
}
