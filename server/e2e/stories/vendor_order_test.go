package stories

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/recharge"
	"sidetext/server/e2e/stage"
)

// TestWebhooksInReverse: webhooks that come late, the newest first, and each twice, leave the
// directory as if they had come in order.
func TestWebhooksInReverse(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.ConnectVendors()
	s.WaitUntilIdle()
	shop, charges := s.World.Shopify, s.World.Recharge
	shop.Webhooks.Hold(true)
	charges.Webhooks.Hold(true)
	parcels, changes := len(shop.Webhooks.All()), len(charges.Webhooks.All())
	parcel, err := shop.Fulfill(shop.OrdersOf(602)[0].ID, "UPS", "1Z000")
	stage.Must(t, err)
	time.Sleep(1100 * time.Millisecond) // the vendors' times are whole seconds
	stage.Must(t, shop.SetTracking(parcel, "UPS", "1Z999"))
	stage.Must(t, shop.ShipmentEvent(parcel, "in_transit"))
	time.Sleep(1100 * time.Millisecond)
	stage.Must(t, shop.ShipmentEvent(parcel, "delivered"))
	subscription := charges.SubscriptionsOf(90_002)[0]
	for quantity := range 3 {
		stage.Must(t, charges.UpdateSubscription(subscription.ID, func(one *recharge.Subscription) { one.Quantity = quantity + 2 }))
		time.Sleep(1100 * time.Millisecond)
	}
	for range 2 {
		late, lateCharges := shop.Webhooks.All()[parcels:], charges.Webhooks.All()[changes:]
		slices.Reverse(late)
		slices.Reverse(lateCharges)
		for i := range late {
			late[i].Header.Set("X-Shopify-Triggered-At", time.Now().Add(-7*24*time.Hour).Format(time.RFC3339Nano))
		}
		for _, call := range append(shop.Webhooks.Deliver(t.Context(), late...), charges.Webhooks.Deliver(t.Context(), lateCharges...)...) {
			if call.Status != 200 {
				t.Errorf("%s: %d", call.Topic, call.Status)
			}
		}
	}
	waitUntilApplied(t, s)
	profile := func() chat.Profile { return s.Conversation(stage.Miguel).Shopper.Profile() }
	stage.Until(t, "the newest state is there", func() bool {
		p := profile()
		if p.LastOrder == nil || len(p.Subscriptions) != 1 || p.Subscriptions[0].Quantity != 4 {
			return false
		}
		order := fmt.Sprintf("%+v", *p.LastOrder)
		return strings.Contains(order, "1Z999") && strings.Contains(order, "Delivered")
	})
	time.Sleep(500 * time.Millisecond)
	if p := profile(); p.Subscriptions[0].Quantity != 4 {
		t.Errorf("in the end: %+v", p)
	}
}
