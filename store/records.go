package store

import (
	"encoding/json"
	"maps"
	"strings"

	"sidetext/chat"
)

// recordTables names the tables of records, by kind.
var recordTables = map[chat.RecordKind]string{chat.OrderKind: "orders", chat.SubscriptionKind: "subscriptions", chat.ChargeKind: "charges"}

// A storedRecord is what is stored of an order, a subscription or a charge.
type storedRecord struct {
	customer chat.CustomerID
	doc      string
	at       int64 // its updated_at
}

// A deletion says when an object was deleted.
type deletion struct {
	at     int64 // by the vendor's clock
	erased bool  // with a person, by ErasePerson
}

// recordKeyOf is keyOf for a record: orders are Shopify's, the others Recharge's.
func recordKeyOf(kind chat.RecordKind, id string) recordKey {
	if kind == chat.OrderKind {
		return keyOf(chat.Shopify, kind, id)
	}
	return keyOf(chat.Recharge, kind, id)
}

// recordKind is the kind without the vendor.
func (k recordKey) recordKind() chat.RecordKind {
	_, kind, _ := strings.Cut(k.kind, "/")
	return chat.RecordKind(kind)
}

// encode returns a record as it is stored.
func encode(record any) (string, error) {
	doc, err := json.Marshal(record)
	return string(doc), err
}

// accept reports whether a record replaces the stored one: it is newer, or it has the
// same time and is different, which is a tie. If it is accepted it counts as stored.
func (d *directory) accept(key recordKey, fresh storedRecord) (tie, ok bool) {
	if key.id == "" || d.isDeleted(key, fresh.at) {
		return false, false
	}
	known, found := d.records[key]
	if found && (fresh.at < known.at || fresh.at == known.at && fresh.doc == known.doc) {
		return false, false
	}
	d.records[key] = fresh
	d.change.Applied++
	d.touched[fresh.customer] = true
	if found {
		d.touched[d.mergedInto(known.customer)] = true
	}
	return found && fresh.at == known.at, true
}

// isDeleted reports whether the vendor has deleted an object at the time of this
// record or later.
func (d *directory) isDeleted(key recordKey, at int64) bool {
	deleted, found := d.deleted[key]
	return found && at <= deleted.at
}

// isErased reports whether a customer, whom a record from this time names, was erased
// here at that time or later. A vendor's own deletion does not mean that: the orders of
// a customer who has no account any more are kept.
func (d *directory) isErased(v chat.Vendor, customer string, at int64) bool {
	key := keyOf(v, chat.CustomerKind, customer)
	return d.deleted[key].erased && d.isDeleted(key, at)
}

// rememberDeletion keeps that the vendor deleted an object, so that an older record
// that comes late does not bring it back.
func (d *directory) rememberDeletion(key recordKey, at int64) error {
	known, found := d.deleted[key]
	if found && known.at >= at {
		return nil
	}
	d.deleted[key] = deletion{at, known.erased}
	return d.saveDeletion(d.shop, key, deletion{at: at})
}

// saveDeletion remembers that an object is gone, so that an older record of it that
// comes late does not bring it back.
func (tx tx) saveDeletion(shop chat.ShopID, key recordKey, gone deletion) error {
	return tx.ExecLater(`INSERT INTO deletions (shop, kind, id, at, erased) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (shop, kind, id) DO UPDATE SET at = CASE WHEN excluded.at > deletions.at THEN excluded.at ELSE deletions.at END,
			erased = CASE WHEN excluded.erased = 1 THEN 1 ELSE deletions.erased END`,
		string(shop), key.kind, key.id, gone.at, boolInt(gone.erased))
}

// deleteRecord deletes a stored record; with an order, its shipments.
func (d *directory) deleteRecord(key recordKey, r storedRecord) error {
	d.touched[d.mergedInto(r.customer)] = true
	delete(d.records, key)
	if key.recordKind() == chat.OrderKind {
		maps.DeleteFunc(d.fulfillments, func(f fulfillmentKey, _ storedFulfillment) bool { return f.order == key.id })
		if err := d.ExecLater(`DELETE FROM fulfillments WHERE shop = $1 AND order_id = $2`, string(d.shop), key.id); err != nil {
			return err
		}
	}
	return d.ExecLater(`DELETE FROM `+recordTables[key.recordKind()]+` WHERE shop = $1 AND id = $2`, string(d.shop), key.id)
}

// flush writes the customers that were changed, and their phones.
func (d *directory) flush() error {
	for _, c := range d.customers {
		if err := firstError(
			func() error { return d.saveCustomer(c) },
			func() error { return d.saveLinks(c) },
			func() error { return d.saveUnreadable(c) },
		); err != nil {
			return err
		}
	}
	return nil
}
