package recharge

import (
	"encoding/json"
	"net/http"
	"slices"
)

func (r *Recharge) listSubscriptions(in *request) (int, any, *failure) {
	return page(r, in, list[*Subscription]{"subscriptions", r.subscriptions, "created_at updated_at", nil, r.showSubscription})
}

func (r *Recharge) getSubscription(in *request) (int, any, *failure) {
	return one(r, in, "subscription", r.subscriptions, r.showSubscription)
}

// subscription returns the subscription of a request that changes it.
func (r *Recharge) subscription(in *request) (*Subscription, *failure) {
	s := find(r.subscriptions, in.pathID())
	if s == nil {
		return nil, notFound
	}
	return s, r.writable(s.AddressID)
}

// touch marks a subscription as changed and sends its topics.
func (r *Recharge) touch(s *Subscription, in *request, topics ...string) (int, any, *failure) {
	s.UpdatedAt.Time = now()
	for _, topic := range topics {
		r.fire(topic, "subscription", r.showSubscription(s), s.CustomerID)
	}
	r.changed(s.AddressID, in.flag("commit"))
	return http.StatusOK, map[string]any{"subscription": r.showSubscription(s)}, nil
}

// A subscriptionChange has the fields of PUT /subscriptions/{id}.
type subscriptionChange struct {
	Quantity        *int            `json:"quantity"`
	VariantID       *External       `json:"external_variant_id"`
	VariantDefaults bool            `json:"use_external_variant_defaults"`
	Price           *Text           `json:"price"`
	Unit            *string         `json:"order_interval_unit"`
	Every           *int            `json:"order_interval_frequency"`
	ChargeEvery     *int            `json:"charge_interval_frequency"`
	PlanID          *int64          `json:"plan_id"`
	DayOfMonth      *int            `json:"order_day_of_month"`
	DayOfWeek       *int            `json:"order_day_of_week"`
	Next            *string         `json:"next_charge_scheduled_at"`
	ExpireAfter     *int            `json:"expire_after_specific_number_of_charges"`
	Properties      json.RawMessage `json:"properties"`
}

// putSubscription handles PUT /subscriptions/{id}. Without force_update it changes
// nothing about a cancelled one.
func (r *Recharge) putSubscription(in *request) (int, any, *failure) {
	s, fail := r.subscription(in)
	if fail != nil {
		return 0, nil, fail
	}
	next, fail := r.preview(in, s)
	if fail != nil {
		return 0, nil, fail
	}
	if s.Status != "active" && !in.flag("force_update") {
		return http.StatusOK, map[string]any{"subscription": r.showSubscription(s)}, nil
	}
	topics := []string{"subscription/updated"}
	if next.VariantID != s.VariantID {
		topics = append(topics, "subscription/swapped")
	}
	*s = *next
	return r.touch(s, in, topics...)
}

// previewPrice handles POST /subscriptions/{id}/pricing_preview.
func (r *Recharge) previewPrice(in *request) (int, any, *failure) {
	s := find(r.subscriptions, in.pathID())
	if s == nil {
		return 0, nil, notFound
	}
	next, fail := r.preview(in, s)
	if fail != nil {
		return 0, nil, fail
	}
	return http.StatusOK, map[string]any{"subscription": r.showSubscription(next)}, nil
}

// preview returns the subscription with the changes of a request.
func (r *Recharge) preview(in *request, s *Subscription) (*Subscription, *failure) {
	var body subscriptionChange
	if fail := in.decode(&body); fail != nil {
		return nil, fail
	}
	next := *s
	if fail := r.setInterval(&next, body); fail != nil {
		return nil, fail
	}
	if body.Quantity != nil && *body.Quantity < 1 {
		return nil, invalid("quantity", []string{"Must be greater than or equal to 1."})
	}
	if body.Next != nil {
		date := parseDate(*body.Next)
		switch {
		case date == "":
			return nil, invalid("next_charge_scheduled_at", []string{"Not a valid date."})
		case date < today():
			return nil, invalid("next_charge_scheduled_at", "Cannot be in the past")
		}
		next.Next = Text(date)
	}
	if body.VariantID != nil && *body.VariantID != s.VariantID {
		v := r.variant(*body.VariantID)
		if v == nil {
			return nil, invalid("external_variant_id", []string{"Variant does not exist."})
		}
		next.VariantID, next.ProductID = External(v.ID), External(v.ProductID)
		if body.VariantDefaults { // else the former title, price and SKU stay
			next.Product, next.Variant, next.Price, next.SKU = Text(v.Product), Text(v.Title), Text(v.Price), Text(v.SKU)
		}
	}
	set(&next.Quantity, body.Quantity)
	set(&next.Price, body.Price)
	if body.DayOfMonth != nil {
		next.DayOfMonth = body.DayOfMonth
	}
	if body.DayOfWeek != nil {
		next.DayOfWeek = body.DayOfWeek
	}
	if body.ExpireAfter != nil {
		next.ExpireAfter = body.ExpireAfter
	}
	if body.Properties != nil {
		next.Properties = body.Properties
	}
	return &next, nil
}

// setInterval changes the interval, which needs all three fields or a plan.
func (r *Recharge) setInterval(s *Subscription, body subscriptionChange) *failure {
	if body.PlanID != nil {
		i := slices.IndexFunc(r.account.Plans, func(p Plan) bool { return p.ID == *body.PlanID })
		if i < 0 {
			return invalid("plan_id", []string{"Plan does not exist."})
		}
		plan := r.account.Plans[i]
		s.Unit, s.Every, s.ChargeEvery = plan.Unit, plan.Every, plan.Every
		return nil
	}
	if body.Unit == nil && body.Every == nil && body.ChargeEvery == nil {
		return nil
	}
	if body.Unit == nil || body.Every == nil || body.ChargeEvery == nil {
		return invalid("charge_interval_unit_type", "when passing order_interval_unit provide charge_interval_frequency and order_interval_frequency to update the interval information")
	}
	switch {
	case !slices.Contains([]string{"day", "week", "month"}, *body.Unit):
		return invalid("order_interval_unit", []string{"Must be one of: day, week, month."})
	case min(*body.Every, *body.ChargeEvery) < 1 || max(*body.Every, *body.ChargeEvery) > 1000:
		return invalid("order_interval_frequency", []string{"Must be between 1 and 1000."})
	}
	s.Unit, s.Every, s.ChargeEvery = *body.Unit, *body.Every, *body.ChargeEvery
	return nil
}

func (r *Recharge) variant(id External) *Variant {
	for i := range r.account.Variants {
		if r.account.Variants[i].ID == string(id) {
			return &r.account.Variants[i]
		}
	}
	return nil
}
