package store

import (
	"context"

	"sidetext/chat"
)

// Heard reports whether a text is here that a line's provider says it took in.
func (s *Store) Heard(ctx context.Context, line chat.Line, in chat.Incoming) (heard bool, err error) {
	err = s.read(ctx, "look for a text", func(l link) error {
		var n int
		err := l.row(`
			SELECT COUNT(*) FROM shoppers p JOIN conversations c ON c.line = $1 AND c.shopper = p.id
				JOIN entries e ON e.conversation = c.id AND e.origin = $2 AND e.origin <> ''
			WHERE p.shop = $3 AND p.phone = $4`,
			string(line.ID), chat.FromProvider(in.Provider, in.ID), string(line.Shop), string(in.From)).Scan(&n)
		heard = n > 0
		return err
	})
	return heard, err
}

// Compared keeps how far a line is known to have every text, in place of what was
// known.
func (s *Store) Compared(ctx context.Context, line chat.LineID, c chat.Comparison) error {
	return s.write(ctx, "keep a comparison", func(l link) error {
		n, err := l.exec(`UPDATE lines SET heard_until = $1, compared_at = $2, came_late = $3, trouble = $4 WHERE id = $5`,
			micros(c.Until), micros(c.At), c.Late, c.Trouble, string(line))
		if err == nil && n == 0 {
			err = chat.ErrNotFound
		}
		return err
	})
}

const comparisonQuery = `SELECT id, heard_until, compared_at, came_late, trouble FROM lines WHERE `

func scanComparison(row scanner) (line chat.LineID, c chat.Comparison, err error) {
	var until, at int64
	err = row.Scan(&line, &until, &at, &c.Late, &c.Trouble)
	c.Until, c.At = moment(until), moment(at)
	return line, c, err
}

// Comparison says how far a line is known to have every text. Of one that was
// never compared it is the zero Comparison.
func (s *Store) Comparison(ctx context.Context, line chat.LineID) (c chat.Comparison, err error) {
	err = s.read(ctx, "read a comparison", func(l link) error {
		_, c, err = scanComparison(l.row(comparisonQuery+`id = $1`, string(line)))
		return err
	})
	return c, err
}

// Comparisons is Comparison of each of a shop's lines.
func (s *Store) Comparisons(ctx context.Context, shop chat.ShopID) (found map[chat.LineID]chat.Comparison, err error) {
	found = map[chat.LineID]chat.Comparison{}
	err = s.read(ctx, "read comparisons", func(l link) error {
		return l.rows(func(row scanner) error {
			line, c, err := scanComparison(row)
			found[line] = c
			return err
		}, comparisonQuery+`shop = $1`, string(shop))
	})
	return found, err
}
