package demo_test

import (
	"slices"
	"testing"

	"sidetext/pretend"
	"sidetext/pretend/recharge"
	"sidetext/server/demo"
)

// TestSeed: the people of the demo are customers at both vendors, with something to
// happen to each.
func TestSeed(t *testing.T) {
	t.Parallel()
	seed := demo.Seed()
	w, err := pretend.New(seed)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	for _, p := range seed.Shoppers {
		if p.ShopifyID == 0 {
			continue
		}
		customer, ok := w.Shopify.Customer(p.ShopifyID)
		if !ok || customer.Phone != p.Phone || customer.Email != p.Email || len(w.Shopify.OrdersOf(p.ShopifyID)) == 0 {
			t.Errorf("%s at Shopify: %+v", p.Name, customer)
		}
		if p.RechargeID == 0 {
			continue
		}
		queued, paid := w.Recharge.Charges(p.RechargeID, "queued"), w.Recharge.Charges(p.RechargeID, "success")
		if len(queued) == 0 || len(paid) == 0 || queued[0].ScheduledAt < paid[0].ScheduledAt {
			t.Errorf("%s at Recharge: %+v and %+v", p.Name, queued, paid)
		}
		if !slices.ContainsFunc(w.Recharge.SubscriptionsOf(p.RechargeID), func(s recharge.Subscription) bool { return s.Status == "active" && s.Unit == "week" }) {
			t.Errorf("%s has no subscription", p.Name)
		}
	}
	if guest, ok := w.Shopify.Order(4501); !ok || guest.CustomerID != 0 || guest.Shipping.Phone == "" {
		t.Errorf("the guest's order is %+v", guest)
	}
}
