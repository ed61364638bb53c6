package recharge

import (
	"encoding/json"
	"net/http"
)

func (r *Recharge) listOnetimes(in *request) (int, any, *failure) {
	keep := func(o *Onetime) bool { return !o.Cancelled || in.flag("include_cancelled") }
	return page(r, in, list[*Onetime]{"onetimes", r.onetimes, "created_at updated_at", keep, r.showOnetime})
}

func (r *Recharge) getOnetime(in *request) (int, any, *failure) {
	return one(r, in, "onetime", r.onetimes, r.showOnetime)
}

type onetimeChange struct {
	AddressID  *int64          `json:"address_id"`
	VariantID  *External       `json:"external_variant_id"`
	Quantity   *int            `json:"quantity"`
	Price      *Text           `json:"price"`
	SKU        *Text           `json:"sku"`
	Next       string          `json:"next_charge_scheduled_at"`
	AddToNext  bool            `json:"add_to_next_charge"`
	Properties json.RawMessage `json:"properties"`
}

// postOnetime handles POST /onetimes: at a date, or with the next charge of the address.
func (r *Recharge) postOnetime(in *request) (int, any, *failure) {
	var body onetimeChange
	if fail := in.decode(&body); fail != nil {
		return 0, nil, fail
	}
	switch {
	case body.AddressID == nil:
		return 0, nil, required("address_id")
	case body.VariantID == nil:
		return 0, nil, required("external_variant_id")
	case body.AddToNext == (body.Next != ""):
		return 0, nil, invalid("add_to_next_charge", []string{"Provide either add_to_next_charge or next_charge_scheduled_at."})
	}
	a := find(r.addresses, *body.AddressID)
	if a == nil {
		return 0, nil, invalid("address_id", []string{"Address does not exist."})
	}
	o := Onetime{AddressID: a.ID}
	if body.AddToNext {
		for _, s := range r.tree(a.ID).subscriptions {
			if s.Status == "active" && s.Next != "" && (o.Next == "" || s.Next < o.Next) {
				o.Next = s.Next
			}
		}
		if o.Next == "" {
			return 0, nil, invalid("add_to_next_charge", []string{"There is no queued charge."})
		}
	}
	if fail := r.changeOnetime(&o, body); fail != nil {
		return 0, nil, fail
	}
	added := r.addOnetime(o)
	r.fireItem("created", added)
	r.changed(a.ID, in.flag("commit"))
	return http.StatusCreated, map[string]any{"onetime": r.showOnetime(added)}, nil
}

// changeOnetime applies the fields of a request.
func (r *Recharge) changeOnetime(o *Onetime, body onetimeChange) *failure {
	if fail := r.writable(o.AddressID); fail != nil {
		return fail
	}
	if body.Quantity != nil && *body.Quantity < 1 {
		return invalid("quantity", []string{"Must be greater than or equal to 1."})
	}
	if body.Next != "" {
		date := parseDate(body.Next)
		if date < today() {
			return invalid("next_charge_scheduled_at", "Cannot be in the past")
		}
		o.Next = Text(date)
	}
	if body.VariantID != nil {
		v := r.variant(*body.VariantID)
		if v == nil {
			return invalid("external_variant_id", []string{"Variant does not exist."})
		}
		o.VariantID, o.ProductID, o.Product, o.Variant = External(v.ID), External(v.ProductID), Text(v.Product), Text(v.Title)
		o.Price, o.SKU = Text(v.Price), Text(v.SKU)
	}
	set(&o.Quantity, body.Quantity)
	set(&o.Price, body.Price)
	set(&o.SKU, body.SKU)
	if body.Properties != nil {
		o.Properties = body.Properties
	}
	return nil
}

// putOnetime handles PUT /onetimes/{id}.
func (r *Recharge) putOnetime(in *request) (int, any, *failure) {
	o := find(r.onetimes, in.pathID())
	if o == nil || o.Cancelled {
		return 0, nil, notFound
	}
	var body onetimeChange
	if fail := in.decode(&body); fail != nil {
		return 0, nil, fail
	}
	next := *o
	if body.AddressID != nil {
		if a := find(r.addresses, *body.AddressID); a == nil || a.CustomerID != o.CustomerID {
			return 0, nil, invalid("address_id", []string{"Address does not exist."})
		}
		next.AddressID = *body.AddressID
	}
	if fail := r.changeOnetime(&next, body); fail != nil {
		return 0, nil, fail
	}
	from := r.tree(o.AddressID)
	from.onetimes = remove(from.onetimes, o)
	if next.AddressID != o.AddressID {
		r.changed(o.AddressID, in.flag("commit"))
	}
	*o = next
	to := r.tree(o.AddressID)
	to.onetimes = append(to.onetimes, o)
	o.UpdatedAt.Time = now()
	r.fireItem("updated", o)
	r.changed(o.AddressID, in.flag("commit"))
	return http.StatusOK, map[string]any{"onetime": r.showOnetime(o)}, nil
}

// deleteOnetime handles DELETE /onetimes/{id}.
func (r *Recharge) deleteOnetime(in *request) (int, any, *failure) {
	o := find(r.onetimes, in.pathID())
	if o == nil || o.Cancelled {
		return 0, nil, notFound
	}
	if fail := r.writable(o.AddressID); fail != nil {
		return 0, nil, fail
	}
	o.Cancelled, o.UpdatedAt.Time = true, now()
	r.fireItem("deleted", o)
	r.changed(o.AddressID, in.flag("commit"))
	return http.StatusNoContent, nil, nil
}
