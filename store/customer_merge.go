package store

import (
	"slices"
	"time"

	"sidetext/chat"
)

// join makes a Recharge customer and the Shopify customer that it names one customer,
// and returns it. at is the time of the record that says so.
func (d *directory) join(c *customerRow, shopifyID string, at time.Time) (*customerRow, error) {
	other := d.find(chat.Shopify, shopifyID)
	switch {
	case other == c:
		return c, nil
	case other == nil && c.ShopifyID == "":
		c.ShopifyID = shopifyID
		d.index(c)
		d.touched[c.ID] = true
		return c, nil
	case other != nil && c.ShopifyID == "":
		return other, d.merge(other, c)
	case !at.IsZero() && at.After(c.RechargeUpdatedAt):
		// The Recharge customer belongs to another Shopify customer now.
		return d.moveRecharge(c, d.findOrAdd(chat.Shopify, shopifyID))
	}
	return c, nil
}

// moveRecharge moves what Recharge has of a customer to another one, and returns the
// customer that has Recharge's id then.
func (d *directory) moveRecharge(from, to *customerRow) (*customerRow, error) {
	if to.RechargeID != "" {
		return from, nil
	}
	id, at := from.RechargeID, from.RechargeUpdatedAt
	from.RechargeID, from.RechargeUpdatedAt = "", time.Time{}
	if err := d.flush(); err != nil { // the id is free then
		return from, err
	}
	to.RechargeID, to.RechargeUpdatedAt = id, at
	d.index(to)
	return to, d.repoint(to, from, `subscriptions`, `charges`)
}

// applyMerge makes the customer that Shopify has merged into another one, and all that
// belongs to it, part of that one.
func (d *directory) applyMerge(m chat.CustomerMerge) error {
	if m.KeptID == "" || m.GoneID == "" || m.KeptID == m.GoneID {
		return nil
	}
	kept, gone := d.findOrAdd(chat.Shopify, m.KeptID), d.find(chat.Shopify, m.GoneID)
	switch {
	case gone == kept:
		return nil
	case gone == nil:
		return d.saveAlias(kept, chat.Shopify, m.GoneID)
	}
	d.change.Applied++
	return d.merge(kept, gone)
}

// adopt merges guests with a customer's address into the customer.
func (d *directory) adopt(c *customerRow) error {
	if c.Email == "" {
		return nil
	}
	for _, id := range slices.Clone(d.byEmail[c.Email]) {
		guest := d.customers[id]
		if guest == nil || guest == c || guest.Email != c.Email || guest.ShopifyID != "" || guest.RechargeID != "" {
			continue
		}
		if err := d.merge(c, guest); err != nil {
			return err
		}
	}
	return nil
}

// merge makes gone a part of kept: its phones, orders, subscriptions and charges, and
// what kept lacks.
func (d *directory) merge(kept, gone *customerRow) error {
	if err := d.flush(); err != nil {
		return err
	}
	if err := d.repoint(kept, gone, `orders`, `subscriptions`, `charges`, `customer_aliases`); err != nil {
		return err
	}
	if err := d.mergeLinks(kept, gone); err != nil {
		return err
	}
	for _, v := range chat.Vendors() {
		id := gone.vendorID(v)
		switch {
		case id == "":
		case kept.vendorID(v) != "":
			if err := d.saveAlias(kept, v, id); err != nil {
				return err
			}
		case v == chat.Recharge:
			kept.RechargeID, kept.RechargeUpdatedAt = id, gone.RechargeUpdatedAt
		default:
			kept.ShopifyID, kept.ShopifyUpdatedAt = id, gone.ShopifyUpdatedAt
		}
	}
	for known, other := range map[*string]string{
		&kept.Name: gone.Name, &kept.Email: gone.Email, &kept.Locale: gone.Locale, &kept.TimeZone: gone.TimeZone, &kept.Country: gone.Country, &kept.Zip: gone.Zip,
	} {
		if *known == "" {
			*known = other
		}
	}
	for key, id := range d.byVendor {
		if id == gone.ID {
			d.byVendor[key] = kept.ID
		}
	}
	delete(d.customers, gone.ID)
	delete(d.touched, gone.ID)
	d.index(kept)
	d.touched[kept.ID] = true
	d.merged[gone.ID] = kept.ID
	return d.ExecLater(`DELETE FROM customers WHERE id = $1 AND shop = $2`, string(gone.ID), string(d.shop))
}

// repoint gives the rows of these tables that belong to one customer to another.
func (d *directory) repoint(to, from *customerRow, tables ...string) error {
	for _, table := range tables {
		if err := d.ExecLater(`UPDATE `+table+` SET customer = $1 WHERE shop = $2 AND customer = $3`, string(to.ID), string(d.shop), string(from.ID)); err != nil {
			return err
		}
	}
	for key, r := range d.records {
		if r.customer == from.ID && slices.ContainsFunc(tables, func(table string) bool { return recordTables[key.recordKind()] == table }) {
			r.customer = to.ID
			d.records[key] = r
		}
	}
	d.touched[to.ID], d.touched[from.ID] = true, true
	return nil
}

// saveAlias remembers that a vendor's id of a customer names another one now.
func (d *directory) saveAlias(kept *customerRow, v chat.Vendor, id string) error {
	d.byVendor[vendorID{v, id}] = kept.ID
	return d.ExecLater(`INSERT INTO customer_aliases (shop, vendor, id, customer) VALUES ($1, $2, $3, $4)
		ON CONFLICT (shop, vendor, id) DO UPDATE SET customer = excluded.customer`, string(d.shop), string(v), id, string(kept.ID))
}

// mergedInto returns the customer into which one was merged, or that one.
func (d *directory) mergedInto(id chat.CustomerID) chat.CustomerID {
	for d.merged[id] != "" {
		id = d.merged[id]
	}
	return id
}
