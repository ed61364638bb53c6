package store

import (
	"time"

	"sidetext/chat"
)

// applyCharge applies a charge. complete says that the update has all queued charges
// of the customer: it is the answer to a refresh.
func (d *directory) applyCharge(r chat.ChargeRecord, complete bool) error {
	r.ProcessedAt, r.UpdatedAt = r.ProcessedAt.UTC(), r.UpdatedAt.UTC()
	doc, err := encode(r)
	if err != nil {
		return err
	}
	key := recordKeyOf(chat.ChargeKind, r.ID)
	fresh := storedRecord{doc: doc, at: micros(r.UpdatedAt)}
	if d.isErased(chat.Recharge, r.CustomerID, fresh.at) || d.isErased(chat.Shopify, r.ShopifyID, fresh.at) {
		return nil
	}
	if !d.isDeleted(key, fresh.at) {
		if fresh.customer, err = d.customerOfCharge(r); err != nil {
			return err
		}
	}
	tie, ok := d.accept(key, fresh)
	if !ok {
		return nil
	}
	if tie && !complete {
		d.refreshLater(chat.Recharge, r.CustomerID)
	}
	return d.ExecLater(`INSERT INTO charges (shop, id, customer, status, scheduled_on, doc, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (shop, id) DO UPDATE SET customer = excluded.customer, status = excluded.status, scheduled_on = excluded.scheduled_on,
			doc = excluded.doc, updated_at = excluded.updated_at`,
		string(d.shop), r.ID, string(fresh.customer), r.Status, r.ScheduledOn, doc, fresh.at)
}

// customerOfCharge returns the customer that a charge names by either vendor's id, or
// "". A charge with both ids joins the two.
func (d *directory) customerOfCharge(r chat.ChargeRecord) (chat.CustomerID, error) {
	switch {
	case r.CustomerID != "":
		c := d.findOrAdd(chat.Recharge, r.CustomerID)
		if r.ShopifyID == "" {
			return c.ID, nil
		}
		c, err := d.join(c, r.ShopifyID, time.Time{})
		return c.ID, err
	case r.ShopifyID != "":
		return d.findOrAdd(chat.Shopify, r.ShopifyID).ID, nil
	}
	return "", nil
}
