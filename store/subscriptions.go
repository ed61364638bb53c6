package store

import "sidetext/chat"

// applySubscription applies a subscription. complete says that the update has all
// subscriptions of the customer: it is the answer to a refresh.
func (d *directory) applySubscription(r chat.SubscriptionRecord, complete bool) error {
	r.CreatedAt, r.UpdatedAt = r.CreatedAt.UTC(), r.UpdatedAt.UTC()
	doc, err := encode(r)
	if err != nil {
		return err
	}
	key := recordKeyOf(chat.SubscriptionKind, r.ID)
	fresh := storedRecord{doc: doc, at: micros(r.UpdatedAt)}
	if d.isErased(chat.Recharge, r.CustomerID, fresh.at) {
		return nil
	}
	if r.CustomerID != "" && !d.isDeleted(key, fresh.at) {
		fresh.customer = d.findOrAdd(chat.Recharge, r.CustomerID).ID
	}
	tie, ok := d.accept(key, fresh)
	if !ok {
		return nil
	}
	if tie && !complete {
		d.refreshLater(chat.Recharge, r.CustomerID)
	}
	return d.ExecLater(`INSERT INTO subscriptions (shop, id, customer, status, doc, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (shop, id) DO UPDATE SET customer = excluded.customer, status = excluded.status, doc = excluded.doc, updated_at = excluded.updated_at`,
		string(d.shop), r.ID, string(fresh.customer), r.Status, doc, fresh.at)
}
