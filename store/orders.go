package store

import (
	"cmp"
	"time"

	"sidetext/chat"
)

// applyOrder applies an order, and its phones to its customer.
func (d *directory) applyOrder(o chat.OrderRecord) error {
	o.CreatedAt, o.UpdatedAt, o.CancelledAt = o.CreatedAt.UTC(), o.UpdatedAt.UTC(), o.CancelledAt.UTC()
	key := recordKeyOf(chat.OrderKind, o.ID)
	doc, err := encode(o)
	if err != nil {
		return err
	}
	fresh := storedRecord{doc: doc, at: micros(o.UpdatedAt)}
	if known, found := d.records[key]; d.isDeleted(key, fresh.at) || d.isErased(chat.Shopify, o.CustomerID, fresh.at) || found && (fresh.at < known.at || fresh.at == known.at && doc == known.doc) {
		return nil // before a customer is made for it
	}
	c := d.customerOf(o, key)
	fresh.customer = c.ID
	if _, ok := d.accept(key, fresh); !ok {
		return nil
	}
	// An order is updated for years; its phones are from the day it was made.
	at := o.CreatedAt
	if at.IsZero() {
		at = o.UpdatedAt
	}
	d.mergePhones(c, o.Phones, at, true, false)
	return d.ExecLater(`INSERT INTO orders (shop, id, customer, name, test, proves, doc, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (shop, id) DO UPDATE SET customer = excluded.customer, name = excluded.name, test = excluded.test, proves = excluded.proves, doc = excluded.doc,
			created_at = excluded.created_at, updated_at = excluded.updated_at`,
		string(d.shop), o.ID, string(c.ID), o.Name, boolInt(o.Test), boolInt(o.Proves()), doc, micros(at), fresh.at)
}

// customerOf returns an order's customer: the one that it names, else the one that it
// has already, else the one with its address.
func (d *directory) customerOf(o chat.OrderRecord, key recordKey) *customerRow {
	if o.CustomerID != "" {
		return d.findOrAdd(chat.Shopify, o.CustomerID)
	}
	if c := d.customers[d.mergedInto(d.records[key].customer)]; c != nil {
		return c
	}
	return d.guest(normalEmail(o.Email))
}

// completeFrom fills what is not known of a customer from an order of theirs.
func completeFrom(c *chat.Customer, o chat.OrderRecord) {
	c.Name = cmp.Or(c.Name, o.Customer)
	c.Email = cmp.Or(c.Email, normalEmail(o.Email))
	c.Locale = cmp.Or(c.Locale, o.Locale)
	if c.Country == "" && c.Zip == "" {
		c.Country, c.Zip = o.Country, o.Zip
	}
}

// proof names an order or a charge that proves a purchase.
type proof struct {
	text string // "order #1001"
	at   time.Time
}

func orderProof(name, id string, at time.Time) proof { return proof{"order " + cmp.Or(name, id), at} }
