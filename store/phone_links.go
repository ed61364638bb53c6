package store

import (
	"slices"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// loadLinks reads the phones of the customers that are loaded.
func (d *directory) loadLinks() error {
	all := keySet{}
	for id := range d.customers {
		all.add(string(id))
	}
	ids := all.list()
	err := d.lookUp(d.shop, ids, func(row sqldb.Scanner) error {
		l, err := scanLink(row)
		d.customers[l.Customer].links[l.Phone] = l
		return err
	}, linkColumns, `customer_phones l WHERE l.shop = $1 AND l.customer = asked.column1`)
	if err != nil {
		return err
	}
	return d.lookUp(d.shop, ids, func(row sqldb.Scanner) error {
		var id chat.CustomerID
		var source chat.PhoneSource
		var r unreadableRow
		err := row.Scan(&id, &source, &r.at)
		d.customers[id].unreadable[source] = r
		return err
	}, `u.customer, u.source, u.at`, `unreadable_phones u WHERE u.shop = $1 AND u.customer = asked.column1`)
}

const linkColumns = `l.phone, l.customer, l.source, l.seen_at, l.ended_at`

func scanLink(row sqldb.Scanner, more ...any) (l chat.PhoneLink, err error) {
	var seen, ended int64
	err = row.Scan(append([]any{&l.Phone, &l.Customer, &l.Source, &seen, &ended}, more...)...)
	l.SeenAt, l.EndedAt = timeOf(seen), timeOf(ended)
	return l, err
}

// mergePhones applies the phones of a record from the time at. whole says that they
// are all that the vendor has. A record that is not the newest says nothing about the
// customer's own phone: a newer one has said which that is.
func (d *directory) mergePhones(c *customerRow, phones []chat.PhoneRecord, at time.Time, newest, whole bool) {
	phones = slices.Clone(phones)
	for i := range phones {
		phones[i].Phone = phones[i].Phone.Canonical()
	}
	if !newest {
		phones = slices.DeleteFunc(phones, func(p chat.PhoneRecord) bool {
			return p.Source == chat.ShopifyCustomerPhone || p.Source == chat.RechargeCustomerPhone
		})
	}
	d.mergeUnreadable(c, phones, at)
	readable := slices.DeleteFunc(phones, func(p chat.PhoneRecord) bool { return p.Phone == "" && !whole })
	if len(readable) == 0 && !whole {
		return
	}
	for _, l := range chat.MergeLinks(c.ID, c.sortedLinks(), readable, at.UTC().Truncate(time.Microsecond), whole) {
		d.setLink(c, l)
	}
}

// sortedLinks lists the customer's links in the order of the phones.
func (c *customerRow) sortedLinks() []chat.PhoneLink {
	links := make([]chat.PhoneLink, 0, len(c.links))
	for _, l := range c.links {
		links = append(links, l)
	}
	slices.SortFunc(links, func(a, b chat.PhoneLink) int { return strings.Compare(string(a.Phone), string(b.Phone)) })
	return links
}

// ownPhones lists the phones that Shopify has as the customer's own.
func (c *customerRow) ownPhones() (phones []chat.Phone) {
	if c == nil {
		return nil
	}
	for _, l := range c.sortedLinks() {
		if l.Open() && l.Source == chat.ShopifyCustomerPhone {
			phones = append(phones, l.Phone)
		}
	}
	return phones
}

// setLink changes or adds a link.
func (d *directory) setLink(c *customerRow, l chat.PhoneLink) {
	l.Customer = c.ID
	before, found := c.links[l.Phone]
	if before == l {
		return
	}
	if found && before.Open() && before.Source == chat.ShopifyCustomerPhone && !l.Open() {
		d.left[l.Phone] = true
	}
	c.links[l.Phone], c.changed[l.Phone] = l, true
	d.phones[l.Phone], d.touched[c.ID] = true, true
}

// mergeLinks moves the phones of a customer to the one into which it is merged. A
// phone that either of them has is kept.
func (d *directory) mergeLinks(kept, gone *customerRow) error {
	for phone, l := range gone.links {
		d.phones[phone] = true
		if known, both := kept.links[phone]; both {
			l.Source = surer(l.Source, known.Source)
			l.SeenAt = later(l.SeenAt, known.SeenAt)
			if l.Open() || known.Open() {
				l.EndedAt = time.Time{}
			} else {
				l.EndedAt = later(l.EndedAt, known.EndedAt)
			}
		}
		d.setLink(kept, l)
	}
	for source, r := range gone.unreadable {
		if _, both := kept.unreadable[source]; both {
			continue
		}
		kept.unreadable[source] = r
		if err := d.ExecLater(`UPDATE unreadable_phones SET customer = $1 WHERE shop = $2 AND customer = $3 AND source = $4`,
			string(kept.ID), string(d.shop), string(gone.ID), string(source)); err != nil {
			return err
		}
	}
	return d.deletePhones(gone)
}

// deletePhones deletes the rows of a customer's phones.
func (d *directory) deletePhones(c *customerRow) error {
	if err := d.ExecLater(`DELETE FROM customer_phones WHERE shop = $1 AND customer = $2`, string(d.shop), string(c.ID)); err != nil {
		return err
	}
	return d.ExecLater(`DELETE FROM unreadable_phones WHERE shop = $1 AND customer = $2`, string(d.shop), string(c.ID))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// surer returns which of two sources says more surely that a phone is the customer's
// own.
func surer(a, b chat.PhoneSource) chat.PhoneSource {
	order := []chat.PhoneSource{
		chat.ShopifyCustomerPhone, chat.OrderPhone, chat.ShippingPhone, chat.BillingPhone, chat.RechargeCustomerPhone, chat.RechargeAddressPhone, chat.ListPhone,
	}
	for _, source := range order {
		if source == a || source == b {
			return source
		}
	}
	return a
}

func (d *directory) saveLinks(c *customerRow) error {
	for phone := range c.changed {
		l := c.links[phone]
		err := d.ExecLater(`INSERT INTO customer_phones (shop, phone, customer, source, seen_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (shop, phone, customer) DO UPDATE SET source = excluded.source, seen_at = excluded.seen_at, ended_at = excluded.ended_at`,
			string(d.shop), string(phone), string(c.ID), string(l.Source), micros(l.SeenAt), micros(l.EndedAt))
		if err != nil {
			return err
		}
	}
	clear(c.changed)
	return nil
}
