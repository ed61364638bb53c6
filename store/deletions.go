package store

import (
	"encoding/json"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// applyDeletion deletes an object that the vendor has deleted, unless the stored
// record is newer. A deletion without a time is newer than what is stored.
func (d *directory) applyDeletion(v chat.Vendor, r chat.Deletion) error {
	key := keyOf(v, r.Kind, r.ID)
	if r.ID == "" {
		return nil
	}
	if r.Kind == chat.CustomerKind {
		return d.deleteCustomer(v, r)
	}
	known, found := d.records[key]
	at := micros(r.At)
	if r.At.IsZero() {
		at = max(micros(d.now), known.at)
	}
	if err := d.rememberDeletion(key, at); err != nil || !found || known.at > at {
		return err
	}
	d.change.Applied++
	return d.deleteRecord(key, known)
}

// deleteCustomer deletes what a vendor has of a customer. The customer stays as long
// as the other vendor or an order knows of them.
func (d *directory) deleteCustomer(v chat.Vendor, r chat.Deletion) error {
	key := keyOf(v, chat.CustomerKind, r.ID)
	c := d.find(v, r.ID)
	known := int64(0)
	if c != nil && v == chat.Recharge {
		known = micros(c.RechargeUpdatedAt)
	} else if c != nil {
		known = micros(c.ShopifyUpdatedAt)
	}
	at := micros(r.At)
	if r.At.IsZero() {
		at = max(micros(d.now), known)
	}
	if err := d.rememberDeletion(key, at); err != nil || c == nil || known > at || c.vendorID(v) != r.ID {
		return err
	}
	d.change.Applied++
	d.touched[c.ID] = true
	if v == chat.Recharge {
		if err := d.deleteOthers(chat.DirectoryUpdate{}, r.ID); err != nil {
			return err
		}
		c.RechargeID, c.RechargeUpdatedAt = "", timeOf(0)
	} else {
		c.ShopifyID, c.ShopifyUpdatedAt = "", timeOf(0)
	}
	if err := d.flush(); err != nil { // the tables are read next, and the id is free then
		return err
	}
	stays, err := d.isKnownOtherwise(c)
	if err != nil {
		return err
	}
	if stays {
		return d.saveAlias(c, v, r.ID) // later records that name the id are about this customer
	}
	delete(d.byVendor, vendorID{v, r.ID})
	return d.removeCustomer(c)
}

// isKnownOtherwise reports whether a vendor, an order or a charge knows a customer.
func (d *directory) isKnownOtherwise(c *customerRow) (known bool, err error) {
	if c.ShopifyID != "" || c.RechargeID != "" {
		return true, nil
	}
	var rows int64
	err = d.Row(`SELECT (SELECT COUNT(*) FROM orders WHERE shop = $1 AND customer = $2) + (SELECT COUNT(*) FROM charges WHERE shop = $1 AND customer = $2)`,
		string(d.shop), string(c.ID)).Scan(&rows)
	return rows > 0, err
}

// removeCustomer deletes a customer's row and phones.
func (d *directory) removeCustomer(c *customerRow) error {
	for phone := range c.links {
		d.phones[phone] = true
	}
	delete(d.customers, c.ID)
	delete(d.touched, c.ID)
	if err := d.deletePhones(c); err != nil {
		return err
	}
	if err := d.ExecLater(`DELETE FROM customer_aliases WHERE shop = $1 AND customer = $2`, string(d.shop), string(c.ID)); err != nil {
		return err
	}
	return d.ExecLater(`DELETE FROM customers WHERE id = $1 AND shop = $2`, string(c.ID), string(d.shop))
}

// deleteOthers deletes the subscriptions and queued charges of a Recharge customer
// that are not in the update. An object that is named again later, with the time that
// it had, comes back: it may have been made while the update was read.
func (d *directory) deleteOthers(u chat.DirectoryUpdate, id string) error {
	c := d.find(chat.Recharge, id)
	if c == nil {
		return nil
	}
	stays := map[recordKey]bool{}
	for _, r := range u.Subscriptions {
		stays[recordKeyOf(chat.SubscriptionKind, r.ID)] = true
	}
	for _, r := range u.Charges {
		stays[recordKeyOf(chat.ChargeKind, r.ID)] = true
	}
	gone := map[recordKey]storedRecord{}
	for kind, query := range map[chat.RecordKind]string{
		chat.SubscriptionKind: `SELECT id, customer, doc, updated_at FROM subscriptions WHERE shop = $1 AND customer = $2`,
		chat.ChargeKind:       `SELECT id, customer, doc, updated_at FROM charges WHERE shop = $1 AND customer = $2 AND status = 'queued'`,
	} {
		err := d.Rows(func(row sqldb.Scanner) error {
			var r storedRecord
			var object string
			var of struct{ CustomerID string }
			if err := row.Scan(&object, &r.customer, &r.doc, &r.at); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(r.doc), &of); err != nil {
				return err
			}
			if key := recordKeyOf(kind, object); !stays[key] && of.CustomerID == id {
				gone[key] = r
			}
			return nil
		}, query, string(d.shop), string(c.ID))
		if err != nil {
			return err
		}
	}
	for key, r := range gone {
		if err := d.rememberDeletion(key, r.at-1); err != nil {
			return err
		}
		if err := d.deleteRecord(key, r); err != nil {
			return err
		}
	}
	return nil
}
