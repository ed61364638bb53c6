package recharge

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// getSchedule handles GET /customers/{id}/delivery_schedule: the dates to come, with
// those that are skipped.
func (r *Recharge) getSchedule(in *request) (int, any, *failure) {
	c := find(r.customers, in.pathID())
	if c == nil {
		return 0, nil, notFound
	}
	count := 6
	if text := in.query.Get("delivery_count_future"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return 0, nil, invalid("delivery_count_future", []string{"Not a valid integer."})
		}
		count = n
	}
	lines := map[Text]map[int64][]any{} // by date and address
	for _, a := range r.addressesOf(c.ID) {
		r.scheduleOf(a, count, func(date Text, line any) {
			if lines[date] == nil {
				lines[date] = map[int64][]any{}
			}
			lines[date][a.ID] = append(lines[date][a.ID], line)
		})
	}
	dates := slices.Sorted(maps.Keys(lines))
	if last := in.query.Get("date_max"); last != "" {
		dates = slices.DeleteFunc(dates, func(date Text) bool { return string(date) > parseDate(last) })
	}
	deliveries := []any{}
	for _, date := range dates[:min(count, len(dates))] {
		orders := []any{}
		for _, address := range slices.Sorted(maps.Keys(lines[date])) {
			orders = append(orders, r.scheduledOrder(date, address, lines[date][address]))
		}
		deliveries = append(deliveries, map[string]any{"date": date, "orders": orders})
	}
	return http.StatusOK, map[string]any{
		"customer":   map[string]any{"id": c.ID, "email": c.Email, "first_name": c.FirstName, "last_name": c.LastName},
		"deliveries": deliveries,
	}, nil
}

// scheduleOf calls add for each product and date of an address, at most count dates of
// each product.
func (r *Recharge) scheduleOf(a *Address, count int, add func(Text, any)) {
	for _, s := range r.tree(a.ID).subscriptions {
		date := s.Next
		for i := 0; i < count && s.Status == "active" && date != ""; i++ {
			add(date, scheduledLine(s.line(), s, false))
			date = s.after(date)
		}
	}
	for _, o := range r.tree(a.ID).onetimes {
		if !o.Cancelled && o.Next != "" {
			add(o.Next, scheduledLine(o.line(), nil, false))
		}
	}
	for _, c := range r.tree(a.ID).charges {
		if c.Status != "skipped" || string(c.ScheduledAt) < today() {
			continue
		}
		for _, l := range c.Items {
			add(c.ScheduledAt, scheduledLine(l, find(r.subscriptions, l.ItemID), true))
		}
	}
}

func scheduledLine(l Line, s *Subscription, skipped bool) any {
	out := map[string]any{
		"subscription_id": nil, "product_title": l.Title, "variant_title": l.Variant, "quantity": l.Quantity, "unit_price": l.Price,
		"is_skippable": true, "is_skipped": skipped, "is_prepaid": false, "plan_type": nil, "properties": l.Properties,
		"external_variant_id": l.VariantID,
	}
	if s != nil {
		out["subscription_id"], out["is_skippable"], out["is_prepaid"] = s.ID, !s.Prepaid, s.Prepaid
	} else {
		out["onetime_id"] = l.ItemID
	}
	return out
}

func (r *Recharge) scheduledOrder(date Text, address int64, lines []any) any {
	out := map[string]any{
		"id": nil, "charge_id": nil, "address_id": address, "currency": r.account.Currency, "has_uncommitted_changes": r.rebuilds[address],
		"order_subtotal": nil, "payment_method": map[string]any{}, "shipping_address": map[string]any{}, "line_items": lines,
	}
	if a := find(r.addresses, address); a != nil {
		out["shipping_address"] = a
	}
	// A date with an open charge shows that one, else the skipped one.
	var found *Charge
	for _, c := range r.tree(address).charges {
		if c.ScheduledAt == date && (c.open() || c.Status == "skipped" && found == nil) {
			found = c
		}
	}
	if found != nil {
		out["charge_id"], out["order_subtotal"] = found.ID, cmp.Or(found.Subtotal, "0.00")
	}
	return out
}
