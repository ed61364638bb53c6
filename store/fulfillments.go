package store

import (
	"encoding/json"
	"slices"
	"strings"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A fulfillmentKey names a fulfilment.
type fulfillmentKey struct{ order, id string }

// A storedFulfillment is a fulfilment with the newest event of its shipment. The two
// are ordered each by itself, and either may come first.
type storedFulfillment struct {
	doc     string
	at      int64  // of the fulfilment; 0: only events have come
	event   string // shipment status of the newest event
	eventAt int64  // 0: there was none
}

const fulfillmentColumns = `f.order_id, f.id, f.doc, f.updated_at, f.event, f.event_at`

func scanFulfillment(row sqldb.Scanner) (key fulfillmentKey, f storedFulfillment, err error) {
	err = row.Scan(&key.order, &key.id, &f.doc, &f.at, &f.event, &f.eventAt)
	return key, f, err
}

func (d *directory) loadFulfillments(orders []string) error {
	return d.lookUp(d.shop, orders, func(row sqldb.Scanner) error {
		key, f, err := scanFulfillment(row)
		d.fulfillments[key] = f
		return err
	}, fulfillmentColumns, `fulfillments f WHERE f.shop = $1 AND f.order_id = asked.column1`)
}

// applyFulfillment applies a fulfilment or an event of its shipment. It may come before
// its order.
func (d *directory) applyFulfillment(r chat.FulfillmentRecord) error {
	if r.ID == "" || r.OrderID == "" {
		return nil
	}
	r.CreatedAt, r.UpdatedAt = r.CreatedAt.UTC(), r.UpdatedAt.UTC()
	key, at := fulfillmentKey{r.OrderID, r.ID}, micros(r.UpdatedAt)
	if d.isDeleted(recordKeyOf(chat.OrderKind, r.OrderID), at) {
		return nil
	}
	known := d.fulfillments[key]
	fresh := known
	if r.Partial {
		if at < known.eventAt {
			return nil
		}
		fresh.event, fresh.eventAt = r.ShipmentStatus, at
	} else {
		if at < known.at {
			return nil
		}
		doc, err := encode(r)
		if err != nil {
			return err
		}
		fresh.doc, fresh.at = doc, at
	}
	if fresh == known {
		return nil
	}
	d.fulfillments[key] = fresh
	d.change.Applied++
	if o, found := d.records[recordKeyOf(chat.OrderKind, r.OrderID)]; found {
		d.touched[d.mergedInto(o.customer)] = true
	}
	return d.ExecLater(`INSERT INTO fulfillments (shop, order_id, id, doc, updated_at, event, event_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (shop, order_id, id) DO UPDATE SET doc = excluded.doc, updated_at = excluded.updated_at, event = excluded.event, event_at = excluded.event_at`,
		string(d.shop), r.OrderID, r.ID, fresh.doc, fresh.at, fresh.event, fresh.eventAt)
}

// record returns the fulfilment with the newest status of its shipment.
func (f storedFulfillment) record(key fulfillmentKey) (r chat.FulfillmentRecord, err error) {
	if f.doc != "" {
		err = json.Unmarshal([]byte(f.doc), &r)
	}
	r.ID, r.OrderID = key.id, key.order
	if f.event != "" && (r.ShipmentStatus == "" || f.eventAt >= f.at) {
		r.ShipmentStatus = f.event
	}
	return r, err
}

// fulfillmentsOf reads the fulfilments of orders, the oldest first.
func (tx tx) fulfillmentsOf(shop chat.ShopID, orders []string) (map[string][]chat.FulfillmentRecord, error) {
	found := map[string][]chat.FulfillmentRecord{}
	err := tx.lookUp(shop, orders, func(row sqldb.Scanner) error {
		key, stored, err := scanFulfillment(row)
		if err != nil {
			return err
		}
		r, err := stored.record(key)
		found[key.order] = append(found[key.order], r)
		return err
	}, fulfillmentColumns, `fulfillments f WHERE f.shop = $1 AND f.order_id = asked.column1`)
	for _, list := range found {
		slices.SortFunc(list, func(a, b chat.FulfillmentRecord) int {
			if n := a.CreatedAt.Compare(b.CreatedAt); n != 0 {
				return n
			}
			return strings.Compare(a.ID, b.ID)
		})
	}
	return found, err
}
