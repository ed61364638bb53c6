package recharge

import (
	"context"
	"net/http"
)

// SetNextCharge moves the next charge of one subscription. With pause, Recharge
// reports a pause of the subscription, as there is no other way to pause it.
func (w *Writer) SetNextCharge(ctx context.Context, subscription, date string, pause bool) (Subscription, error) {
	q := w.commit()
	if pause {
		q.Set("pause", "true")
	}
	r := request{"set next charge", http.MethodPost, path("subscriptions", subscription, "set_next_charge_date"), q,
		body{"date": date}, "write_subscriptions"}
	r.path = invalidUnless(validDate(date), r.path)
	return readObject(ctx, w.c, r, "subscription", subscription, newSubscription)
}

// Swap replaces what is subscribed by another variant, by Shopify's id. Title, price
// and SKU become those of the variant; read the price back before confirming it.
func (w *Writer) Swap(ctx context.Context, subscription, variant string) (Subscription, error) {
	return w.update(ctx, "swap product", subscription, validID(variant), body{
		"external_variant_id":           map[string]string{"ecommerce": variant},
		"use_external_variant_defaults": true, // without it, the old price may stay
	})
}

// SetQuantity changes the quantity of a subscription. Zero is invalid: it does not
// cancel it.
func (w *Writer) SetQuantity(ctx context.Context, subscription string, quantity int) (Subscription, error) {
	return w.update(ctx, "set quantity", subscription, quantity > 0, body{"quantity": quantity})
}

// SetInterval changes how often a subscription is delivered and paid.
func (w *Writer) SetInterval(ctx context.Context, subscription string, i Interval) (Subscription, error) {
	valid := (i.Unit == "day" || i.Unit == "week" || i.Unit == "month") &&
		i.Order >= 1 && i.Order <= 1000 && i.Charge >= 1 && i.Charge <= 1000
	return w.update(ctx, "set interval", subscription, valid, body{
		// Recharge refuses one without the others.
		"order_interval_unit": i.Unit, "order_interval_frequency": i.Order, "charge_interval_frequency": i.Charge,
	})
}

// update changes fields of a subscription. It changes nothing if the subscription is
// cancelled, and Recharge reports no error then.
func (w *Writer) update(ctx context.Context, action, subscription string, valid bool, b body) (Subscription, error) {
	r := request{action, http.MethodPut, invalidUnless(valid, path("subscriptions", subscription)), w.commit(), b, "write_subscriptions"}
	return readObject(ctx, w.c, r, "subscription", subscription, newSubscription)
}

// A Cancellation is why a subscription is cancelled.
type Cancellation struct {
	Reason    string // required
	Comments  string // longer ones are cut to 1024 bytes
	SendEmail bool   // if the store has such an e-mail
}

// Cancel ends a subscription.
func (w *Writer) Cancel(ctx context.Context, subscription string, why Cancellation) (Subscription, error) {
	b := body{"cancellation_reason": why.Reason, "send_email": why.SendEmail}
	if why.Comments != "" {
		b["cancellation_reason_comments"] = cut(why.Comments, 1024)
	}
	r := request{"cancel subscription", http.MethodPost, path("subscriptions", subscription, "cancel"), nil, b, "write_subscriptions"}
	r.path = invalidUnless(why.Reason != "", r.path)
	return readObject(ctx, w.c, r, "subscription", subscription, newSubscription)
}

// Reactivate makes a cancelled subscription active again. Its next charge may be due
// very soon: read the date, and move it if it is too near.
func (w *Writer) Reactivate(ctx context.Context, subscription string) (Subscription, error) {
	r := request{"reactivate subscription", http.MethodPost, path("subscriptions", subscription, "activate"), nil, nil, "write_subscriptions"}
	return readObject(ctx, w.c, r, "subscription", subscription, newSubscription)
}
