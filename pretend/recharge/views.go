package recharge

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A view is an object with fields that are computed.
type view struct {
	object any
	extra  map[string]any
}

// MarshalJSON implements json.Marshaler.
func (v view) MarshalJSON() ([]byte, error) {
	object := encode(v.object)
	if len(v.extra) == 0 {
		return object, nil
	}
	return append(append(object[:len(object)-1], ','), encode(v.extra)[1:]...), nil
}

// one returns a single object in its wrapper, with the included objects in it.
func one[T row](r *Recharge, in *request, name string, rows []T, show func(T) view) (int, any, *failure) {
	found := find(rows, in.pathID())
	if found == nil {
		return 0, nil, notFound
	}
	shown := show(found)
	r.include(&shown, found, in.query.Get("include"))
	return http.StatusOK, map[string]any{name: shown}, nil
}

func (r *Recharge) showCustomer(c *Customer) view {
	active, total, valid, dunning := 0, 0, false, false
	for _, a := range r.addressesOf(c.ID) {
		for _, s := range r.tree(a.ID).subscriptions {
			total++
			if s.Status == "active" {
				active++
			}
		}
		for _, charge := range r.tree(a.ID).charges {
			dunning = dunning || charge.Status == "error"
		}
	}
	for _, p := range r.methodsOf(c.ID) {
		valid = valid || p.Status == "valid"
	}
	return view{c, map[string]any{
		"subscriptions_active_count": active, "subscriptions_total_count": total,
		"has_valid_payment_method": valid, "has_payment_method_in_dunning": dunning,
	}}
}

func (r *Recharge) showAddress(a *Address) view { return view{object: a} }

func (r *Recharge) showSubscription(s *Subscription) view {
	queued := slices.ContainsFunc(r.tree(s.AddressID).charges, func(c *Charge) bool { return c.Status == "queued" && c.has(s.ID) })
	return view{s, map[string]any{
		"is_skippable": !s.Prepaid, "is_swappable": !s.Prepaid, "sku_override": false, "has_queued_charges": queued, "presentment_currency": nil,
	}}
}

func (r *Recharge) showOnetime(o *Onetime) view { return view{object: o} }

func (r *Recharge) showCharge(c *Charge) view {
	extra := map[string]any{"has_uncommitted_changes": c.open() && r.rebuilds[c.AddressID]}
	if a := find(r.addresses, c.AddressID); a != nil {
		extra["shipping_address"], extra["billing_address"] = a, a
	}
	return view{c, extra}
}

func (r *Recharge) showOrder(o *Order) view { return view{object: o} }

func (r *Recharge) showMethod(p *PaymentMethod) view { return view{object: p} }

// include adds the objects that a comma-separated list names below "include". Unknown
// names are ignored.
func (r *Recharge) include(v *view, of any, names string) {
	included := map[string]any{}
	for name := range strings.SplitSeq(names, ",") {
		if objects := r.included(of, name); objects != nil {
			included[name] = objects
		}
	}
	if names != "" {
		extra := maps.Clone(v.extra)
		if extra == nil {
			extra = map[string]any{}
		}
		extra["include"] = included
		v.extra = extra
	}
}

func (r *Recharge) included(of any, name string) any {
	switch of := of.(type) {
	case *Customer:
		switch name {
		case "addresses":
			return views(r.addressesOf(of.ID), r.showAddress)
		case "subscriptions":
			all := []view{}
			for _, a := range r.addressesOf(of.ID) {
				all = append(all, views(r.tree(a.ID).subscriptions, r.showSubscription)...)
			}
			return all
		case "payment_methods":
			return views(r.methodsOf(of.ID), r.showMethod)
		}
	case *Address:
		switch name {
		case "customer":
			return r.customerView(of.CustomerID)
		case "subscriptions":
			return views(r.tree(of.ID).subscriptions, r.showSubscription)
		case "payment_methods":
			return views(r.methodsOf(of.CustomerID), r.showMethod)
		}
	case *Subscription:
		return r.parents(name, of.CustomerID, of.AddressID)
	case *Onetime:
		return r.parents(name, of.CustomerID, of.AddressID)
	case *Charge:
		switch name {
		case "customer":
			return r.customerView(of.Customer.ID)
		case "subscriptions":
			all := []view{}
			for _, s := range r.tree(of.AddressID).subscriptions {
				if of.has(s.ID) {
					all = append(all, r.showSubscription(s))
				}
			}
			return all
		case "payment_methods":
			return views(r.methodsOf(of.Customer.ID), r.showMethod)
		}
	}
	return nil
}

func (r *Recharge) parents(name string, customer, address int64) any {
	switch name {
	case "customer":
		return r.customerView(customer)
	case "address":
		if a := find(r.addresses, address); a != nil {
			return r.showAddress(a)
		}
	}
	return nil
}

func (r *Recharge) customerView(id int64) any {
	if c := find(r.customers, id); c != nil {
		return r.showCustomer(c)
	}
	return nil
}

func views[T any](rows []T, show func(T) view) []view {
	out := []view{}
	for _, one := range rows {
		out = append(out, show(one))
	}
	return out
}
