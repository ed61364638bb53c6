package store

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A customerRow is a customer whom a batch of updates concerns.
type customerRow struct {
	chat.Customer
	saved      chat.Customer // as it is stored; without an ID: it is new
	links      map[chat.Phone]chat.PhoneLink
	changed    map[chat.Phone]bool // links to write
	unreadable map[chat.PhoneSource]unreadableRow
}

const customerColumns = `c.id, c.shop, c.shopify, c.recharge, c.name, c.email, c.locale, c.time_zone, c.country, c.zip, c.shopify_at, c.recharge_at`

// scanCustomer scans customerColumns, and the columns after them into more.
func scanCustomer(row sqldb.Scanner, more ...any) (c chat.Customer, err error) {
	var shopifyAt, rechargeAt int64
	err = row.Scan(append([]any{&c.ID, &c.Shop, &c.ShopifyID, &c.RechargeID, &c.Name, &c.Email, &c.Locale, &c.TimeZone, &c.Country, &c.Zip, &shopifyAt, &rechargeAt}, more...)...)
	c.ShopifyUpdatedAt, c.RechargeUpdatedAt = timeOf(shopifyAt), timeOf(rechargeAt)
	return c, err
}

// normalEmail is the notation in which e-mail addresses are stored and looked up.
func normalEmail(email string) string {
	return strings.ToLower(strings.TrimSpace(sqldb.CleanText(email)))
}

// keep adds a stored customer.
func (d *directory) keep(c chat.Customer) {
	if d.customers[c.ID] != nil {
		return
	}
	d.add(c).saved = c
}

func (d *directory) add(c chat.Customer) *customerRow {
	row := &customerRow{Customer: c, links: map[chat.Phone]chat.PhoneLink{}, changed: map[chat.Phone]bool{}, unreadable: map[chat.PhoneSource]unreadableRow{}}
	d.customers[c.ID] = row
	d.index(row)
	return row
}

// index makes a customer findable by its ids and its address.
func (d *directory) index(c *customerRow) {
	if c.ShopifyID != "" {
		d.byVendor[vendorID{chat.Shopify, c.ShopifyID}] = c.ID
	}
	if c.RechargeID != "" {
		d.byVendor[vendorID{chat.Recharge, c.RechargeID}] = c.ID
	}
	if c.Email != "" && !slices.Contains(d.byEmail[c.Email], c.ID) {
		d.byEmail[c.Email] = append(d.byEmail[c.Email], c.ID)
	}
}

// find returns the customer with a vendor's id, or nil.
func (d *directory) find(v chat.Vendor, id string) *customerRow {
	return d.customers[d.byVendor[vendorID{v, id}]]
}

// findOrAdd returns the customer with a vendor's id. One that is not known yet gets a
// row that a later record completes.
func (d *directory) findOrAdd(v chat.Vendor, id string) *customerRow {
	if c := d.find(v, id); c != nil {
		return c
	}
	c := d.add(d.newCustomer())
	c.setVendorID(v, id)
	d.index(c)
	return c
}

func (d *directory) newCustomer() chat.Customer {
	return chat.Customer{ID: chat.NewID[chat.CustomerID](d.now), Shop: d.shop}
}

// guest returns the customer of an order that names none: the one with its e-mail
// address, else a new one.
func (d *directory) guest(email string) *customerRow {
	var found *customerRow
	for _, id := range d.byEmail[email] {
		if c := d.customers[id]; c != nil && c.Email == email && (found == nil || compareKnown(c, found) < 0) {
			found = c
		}
	}
	if found != nil {
		return found
	}
	c := d.newCustomer()
	c.Email = email
	return d.add(c)
}

// compareKnown orders customers of one address: those whom Shopify knows come first,
// then those whom Recharge knows.
func compareKnown(a, b *customerRow) int {
	missing := func(id string) int {
		if id == "" {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(missing(a.ShopifyID), missing(b.ShopifyID)), cmp.Compare(missing(a.RechargeID), missing(b.RechargeID)),
		cmp.Compare(a.ShopifyID, b.ShopifyID), cmp.Compare(a.RechargeID, b.RechargeID), cmp.Compare(a.ID, b.ID))
}

// applyCustomer applies a customer's record. complete says that the update is the
// answer to a refresh of this customer.
func (d *directory) applyCustomer(v chat.Vendor, r chat.CustomerRecord, complete bool) error {
	if r.ID == "" || d.isDeleted(keyOf(v, chat.CustomerKind, r.ID), micros(r.UpdatedAt)) || d.isErased(chat.Shopify, r.ShopifyID, micros(r.UpdatedAt)) {
		return nil
	}
	c := d.findOrAdd(v, r.ID)
	if v == chat.Recharge && r.ShopifyID != "" {
		var err error
		if c, err = d.join(c, r.ShopifyID, r.UpdatedAt); err != nil {
			return err
		}
	}
	if c.vendorID(v) == "" { // the vendor had deleted it
		c.setVendorID(v, r.ID)
		d.index(c)
	}
	if c.vendorID(v) != r.ID { // it was merged into this one, which has newer records of its own
		r.Partial, r.UpdatedAt = true, time.Time{}
	}
	before := c.Customer
	fresh, newer := c.Apply(v, r)
	fresh.Email = normalEmail(fresh.Email)
	c.Customer = fresh
	whole := newer && !r.Partial
	if own := ownSource(v); whole && !slices.ContainsFunc(r.Phones, func(p chat.PhoneRecord) bool { return p.Source == own }) {
		r.Phones = append(slices.Clone(r.Phones), chat.PhoneRecord{Source: own}) // the customer has none now
	}
	d.mergePhones(c, r.Phones, r.UpdatedAt, newer, whole)
	if changed := rowOf(before) != rowOf(fresh); changed {
		d.touched[c.ID] = true
		d.index(c)
		if newer {
			d.change.Applied++
		}
		if r.UpdatedAt.Equal(before.RechargeUpdatedAt) && !r.Partial && !complete {
			d.refreshLater(v, r.ID)
		}
	}
	return d.adopt(c)
}

// ownSource is the source of a customer's own phone at a vendor.
func ownSource(v chat.Vendor) chat.PhoneSource {
	if v == chat.Recharge {
		return chat.RechargeCustomerPhone
	}
	return chat.ShopifyCustomerPhone
}

// vendorID is the vendor's id of a customer.
func (c *customerRow) vendorID(v chat.Vendor) string {
	if v == chat.Recharge {
		return c.RechargeID
	}
	return c.ShopifyID
}

func (c *customerRow) setVendorID(v chat.Vendor, id string) {
	if v == chat.Recharge {
		c.RechargeID = id
	} else {
		c.ShopifyID = id
	}
}

// rowOf returns a customer as it is stored, to be compared.
func rowOf(c chat.Customer) chat.Customer {
	c.ShopifyUpdatedAt, c.RechargeUpdatedAt = timeOf(micros(c.ShopifyUpdatedAt)), timeOf(micros(c.RechargeUpdatedAt))
	return c
}

// saveCustomer writes a customer if it was changed.
func (d *directory) saveCustomer(c *customerRow) error {
	if rowOf(c.Customer) == rowOf(c.saved) {
		return nil
	}
	args := []any{string(c.ID), string(d.shop), c.ShopifyID, c.RechargeID, c.Name, c.Email, c.Locale, c.TimeZone, c.Country, c.Zip, micros(c.ShopifyUpdatedAt), micros(c.RechargeUpdatedAt)}
	query := `INSERT INTO customers (id, shop, shopify, recharge, name, email, locale, time_zone, country, zip, shopify_at, recharge_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	if c.saved.ID != "" {
		query = `UPDATE customers SET shopify = $3, recharge = $4, name = $5, email = $6, locale = $7, time_zone = $8, country = $9, zip = $10, shopify_at = $11, recharge_at = $12
			WHERE id = $1 AND shop = $2`
	}
	c.saved = c.Customer
	return d.ExecLater(query, args...)
}
