package store

import (
	"context"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// An UnreadablePhone is a phone of a customer that could not be parsed.
type UnreadablePhone struct {
	Customer chat.Customer
	chat.PhoneRecord
	At time.Time // by the vendor's clock
}

// An unreadableRow is a row of the table unreadable_phones in a batch of updates.
type unreadableRow struct {
	at     int64
	phone  chat.PhoneRecord
	change unreadableChange
}

type unreadableChange int

const (
	unreadableSame unreadableChange = iota
	unreadableSet
	unreadableGone
)

// mergeUnreadable keeps, for each source, the phone that could not be parsed, until a
// newer record has one that could, or none.
func (d *directory) mergeUnreadable(c *customerRow, phones []chat.PhoneRecord, at time.Time) {
	for _, p := range phones {
		known, found := c.unreadable[p.Source]
		bad := p.Phone == "" && p.Raw != ""
		switch {
		case !bad && !found, found && micros(at) < known.at, p.Source == "":
		case bad:
			c.unreadable[p.Source] = unreadableRow{micros(at), p, unreadableSet}
		default:
			c.unreadable[p.Source] = unreadableRow{at: micros(at), change: unreadableGone}
		}
	}
}

func (d *directory) saveUnreadable(c *customerRow) error {
	for source, r := range c.unreadable {
		var err error
		switch r.change {
		case unreadableSet:
			err = d.ExecLater(`INSERT INTO unreadable_phones (shop, customer, source, raw, country, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT (shop, customer, source) DO UPDATE SET raw = excluded.raw, country = excluded.country, reason = excluded.reason, at = excluded.at`,
				string(d.shop), string(c.ID), string(source), r.phone.Raw, r.phone.Country, r.phone.Problem, r.at)
			r.change = unreadableSame
			c.unreadable[source] = r
		case unreadableGone:
			err = d.ExecLater(`DELETE FROM unreadable_phones WHERE shop = $1 AND customer = $2 AND source = $3`, string(d.shop), string(c.ID), string(source))
			delete(c.unreadable, source)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// UnreadablePhones lists phones of a shop's customers that could not be parsed, the
// newest first, limit at most, and returns how many there are in all.
func (s *Store) UnreadablePhones(ctx context.Context, shop chat.ShopID, limit int) (found []UnreadablePhone, total int, err error) {
	err = s.read(ctx, "list unreadable phones", func(tx tx) error {
		if err := tx.Row(`SELECT COUNT(*) FROM unreadable_phones WHERE shop = $1`, string(shop)).Scan(&total); err != nil {
			return err
		}
		found = found[:0]
		return tx.Rows(func(row sqldb.Scanner) error {
			var u UnreadablePhone
			var at int64
			c, err := scanCustomer(row, &u.Source, &u.Raw, &u.Country, &u.Problem, &at)
			u.Customer, u.At = c, timeOf(at)
			found = append(found, u)
			return err
		}, `SELECT `+customerColumns+`, u.source, u.raw, u.country, u.reason, u.at FROM unreadable_phones u JOIN customers c ON c.id = u.customer AND c.shop = u.shop
			WHERE u.shop = $1 ORDER BY u.at DESC, u.customer DESC, u.source DESC LIMIT $2`, string(shop), int64(limit))
	})
	return found, total, err
}
