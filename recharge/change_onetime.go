package recharge

import (
	"context"
	"net/http"
)

// A OnetimeDraft is a product to add to one order.
type OnetimeDraft struct {
	AddressID string
	VariantID string // Shopify's
	Quantity  int
	// NextCharge is the date of the order; empty: the address's next one. Give the date
	// if several charges are queued.
	NextCharge string
}

// AddOnetime adds a product to one order.
func (w *Writer) AddOnetime(ctx context.Context, d OnetimeDraft) (Onetime, error) {
	b := body{
		"address_id": number(d.AddressID), "external_variant_id": map[string]string{"ecommerce": d.VariantID}, "quantity": d.Quantity,
	}
	if d.NextCharge != "" { // Recharge refuses both
		b["next_charge_scheduled_at"] = d.NextCharge
	} else {
		b["add_to_next_charge"] = true
	}
	valid := validID(d.AddressID) && validID(d.VariantID) && d.Quantity > 0 && (d.NextCharge == "" || validDate(d.NextCharge))
	r := request{"add onetime", http.MethodPost, invalidUnless(valid, "/onetimes"), nil, b, "write_subscriptions"}
	return readObject(ctx, w.c, r, "onetime", "", newOnetime)
}

// A OnetimeChange is what to change of a Onetime. Zero values change nothing.
type OnetimeChange struct {
	Quantity   int
	VariantID  string
	NextCharge string
}

// ChangeOnetime changes a product that was added to one order.
func (w *Writer) ChangeOnetime(ctx context.Context, id string, change OnetimeChange) (Onetime, error) {
	b := body{}
	if change.Quantity != 0 {
		b["quantity"] = change.Quantity
	}
	if change.VariantID != "" {
		b["external_variant_id"] = map[string]string{"ecommerce": change.VariantID}
	}
	if change.NextCharge != "" {
		b["next_charge_scheduled_at"] = change.NextCharge
	}
	valid := len(b) > 0 && change.Quantity >= 0 && (change.VariantID == "" || validID(change.VariantID)) &&
		(change.NextCharge == "" || validDate(change.NextCharge))
	r := request{"change onetime", http.MethodPut, invalidUnless(valid, path("onetimes", id)), nil, b, "write_subscriptions"}
	return readObject(ctx, w.c, r, "onetime", id, newOnetime)
}

// RemoveOnetime removes a product from the order that it was added to.
func (w *Writer) RemoveOnetime(ctx context.Context, id string) error {
	r := request{"remove onetime", http.MethodDelete, path("onetimes", id), nil, nil, "write_subscriptions"}
	return w.c.call(ctx, r, nil)
}
