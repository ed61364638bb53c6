package recharge

import (
	"net/http"
	"unicode/utf8"
)

// maxComments limits the length of comments about a cancellation.
const maxComments = 1024

// setNextDate handles POST /subscriptions/{id}/set_next_charge_date.
func (r *Recharge) setNextDate(in *request) (int, any, *failure) {
	s, fail := r.subscription(in)
	if fail != nil {
		return 0, nil, fail
	}
	var body struct{ Date string }
	if fail := in.decode(&body); fail != nil {
		return 0, nil, fail
	}
	date, fail := futureDate("date", body.Date)
	if fail != nil {
		return 0, nil, fail
	}
	if s.Status != "active" {
		return 0, nil, invalid("status", "Subscription is not active")
	}
	s.Next = date
	topics := []string{"subscription/updated"}
	if in.flag("pause") {
		topics = append(topics, "subscription/paused")
	}
	return r.touch(s, in, topics...)
}

// futureDate returns a date after today.
func futureDate(field, text string) (Text, *failure) {
	date := parseDate(text)
	switch {
	case text == "":
		return "", required(field)
	case date == "":
		return "", invalid(field, []string{"Not a valid date."})
	case date <= today():
		return "", invalid(field, []string{"date is not far enough in the future"})
	}
	return Text(date), nil
}

// cancel handles POST /subscriptions/{id}/cancel.
func (r *Recharge) cancel(in *request) (int, any, *failure) {
	s, fail := r.subscription(in)
	if fail != nil {
		return 0, nil, fail
	}
	var body struct {
		Reason   Text `json:"cancellation_reason"`
		Comments Text `json:"cancellation_reason_comments"`
	}
	if fail := in.decode(&body); fail != nil {
		return 0, nil, fail
	}
	switch {
	case body.Reason == "":
		return 0, nil, required("cancellation_reason")
	case utf8.RuneCountInString(string(body.Comments)) > maxComments:
		return 0, nil, invalid("cancellation_reason_comments", []string{"Longer than maximum length 1024."})
	case s.Status != "active":
		return 0, nil, invalid("status", "Subscription is not active")
	}
	s.Status, s.formerNext, s.Next = "cancelled", s.Next, ""
	s.CancelledAt.Time, s.Reason, s.Comments = now(), body.Reason, body.Comments
	return r.touch(s, in, "subscription/cancelled", "subscription/updated")
}

// activate handles POST /subscriptions/{id}/activate. The former next date comes back, or
// the first one of the interval after today.
func (r *Recharge) activate(in *request) (int, any, *failure) {
	s, fail := r.subscription(in)
	if fail != nil {
		return 0, nil, fail
	}
	if s.Status != "cancelled" {
		return 0, nil, invalid("status", "Subscription is not cancelled")
	}
	s.Next = s.formerNext
	if s.Next == "" {
		s.Next = Text(today())
	}
	for string(s.Next) <= today() {
		s.Next = s.after(s.Next)
	}
	s.Status, s.CancelledAt, s.Reason, s.Comments = "active", Naive{}, "", ""
	return r.touch(s, in, "subscription/activated", "subscription/updated")
}

// after returns the first date of the interval after a date that is not skipped.
func (s *Subscription) after(date Text) Text {
	for {
		date = addInterval(date, s.Unit, max(1, s.ChargeEvery))
		if !s.skippedDates[date] {
			return date
		}
	}
}

// changeAddress handles POST /subscriptions/{id}/change_address.
func (r *Recharge) changeAddress(in *request) (int, any, *failure) {
	s, fail := r.subscription(in)
	if fail != nil {
		return 0, nil, fail
	}
	var body struct {
		AddressID int64  `json:"address_id"`
		Next      string `json:"next_charge_scheduled_at"`
	}
	if fail := in.decode(&body); fail != nil {
		return 0, nil, fail
	}
	to := find(r.addresses, body.AddressID)
	if to == nil || to.CustomerID != s.CustomerID {
		return 0, nil, invalid("address_id", []string{"Address does not exist."})
	}
	if fail := r.writable(to.ID); fail != nil {
		return 0, nil, fail
	}
	if body.Next != "" {
		date, fail := futureDate("next_charge_scheduled_at", body.Next)
		if fail != nil {
			return 0, nil, fail
		}
		s.Next = date
	}
	from := s.AddressID
	r.tree(from).subscriptions = remove(r.tree(from).subscriptions, s)
	s.AddressID = to.ID
	r.tree(to.ID).subscriptions = append(r.tree(to.ID).subscriptions, s)
	r.changed(from, in.flag("commit"))
	return r.touch(s, in, "subscription/updated")
}

// listPlans handles GET /plans.
func (r *Recharge) listPlans(in *request) (int, any, *failure) {
	product := in.query.Get("external_product_id")
	plans := []any{}
	for _, p := range r.account.Plans {
		if product != "" && product != p.ProductID {
			continue
		}
		variants := []string{}
		for _, v := range r.account.Variants {
			if v.ProductID == p.ProductID {
				variants = append(variants, v.ID)
			}
		}
		plans = append(plans, map[string]any{
			"id": p.ID, "type": "subscription", "external_product_id": External(p.ProductID), "external_variant_ids": variants,
			"subscription_preferences": map[string]any{
				"interval_unit": p.Unit, "order_interval_frequency": p.Every, "charge_interval_frequency": p.Every,
			},
			"channel_settings": map[string]any{"customer_portal": map[string]any{"display": !p.Hidden}},
		})
	}
	return http.StatusOK, map[string]any{"plans": plans, "next_cursor": nil, "previous_cursor": nil}, nil
}
