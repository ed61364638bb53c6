package store_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"sidetext/chat"
	"sidetext/store"
)

// An order makes its phone's shopper, with the name, the proof of the purchase and the
// profile, which a text's turn has at once.
func TestOrderMakesShopper(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		silent := janesOrder("2", 1)
		silent.CustomerID, silent.Email, silent.Phones = "602", "silent@example.com", nil
		if change := h.apply(orders(silent, janesOrder("1", 2))); change.Applied != 2 || len(change.Conversations) != 0 {
			t.Errorf("changed %+v", change)
		}
		if all, purchased, err := s.Shoppers(h.ctx, h.config.Shop.ID); all != 1 || purchased != 1 || err != nil {
			t.Errorf("%d shoppers, %d purchased, %v", all, purchased, err)
		}
		want := store.DirectoryCounts{Customers: 2, WithPhone: 1, Purchased: 1, Orders: 2}
		if got := h.counts(); got != want {
			t.Errorf("the directory has %+v", got)
		}
		p := h.receive(phone, "SM1", "hello").Shopper
		if p.Name != "Jane Doe" || p.Email != "jane@example.com" || !p.Purchased || p.Profile().LastOrder == nil || p.Profile().LastOrder.Name != "#1" {
			t.Errorf("a text's turn has %+v", p)
		}
		if got := h.profile(phone); got.Proof != "order #1" || got.ShopifyID != "601" || !got.BoughtAt.Equal(at(2)) {
			t.Errorf("the profile is %+v", got)
		}
	})
}

// An older record changes nothing, a repeated one neither, and a different one with
// the same time is applied; of Recharge's, the customer is read again then.
func TestOlderRecords(t *testing.T) {
	t.Parallel()
	order := func(minutes int, name string) chat.DirectoryUpdate {
		o := janesOrder("1", 1)
		o.UpdatedAt, o.Name = at(minutes), name
		return orders(o)
	}
	subscription := func(minutes int, product string) chat.DirectoryUpdate {
		r := janesSubscription("11", minutes)
		r.Product = product
		return subscriptions(r)
	}
	charge := func(minutes int, total string) chat.DirectoryUpdate {
		r := janesCharge("21", "queued", minutes)
		r.Total = total
		return charges(r)
	}
	fulfillment := func(minutes int, number string) chat.DirectoryUpdate {
		return fulfillments(chat.FulfillmentRecord{ID: "1", OrderID: "1", Numbers: []string{number}, UpdatedAt: at(minutes)})
	}
	customer := func(minutes int, locale string) chat.DirectoryUpdate {
		r := jane(minutes)
		r.Locale = locale
		return customers(chat.Shopify, r)
	}
	each(t, func(t *testing.T, s *store.Store) {
		for name, test := range map[string]struct {
			record func(minutes int, value string) chat.DirectoryUpdate
			value  func(chat.Profile) string
			ties   []string
		}{
			"order":        {order, func(p chat.Profile) string { return p.LastOrder.Name }, nil},
			"fulfilment":   {fulfillment, func(p chat.Profile) string { return p.LastOrder.Tracking[0].Number }, nil},
			"subscription": {subscription, func(p chat.Profile) string { return p.Subscriptions[0].Product }, []string{"3"}},
			"charge":       {charge, func(p chat.Profile) string { return p.NextCharge.Total }, []string{"3"}},
			"customer":     {customer, func(p chat.Profile) string { return p.Locale }, nil},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h := newShop(t, s, name)
				h.apply(customers(chat.Shopify, jane(0)), customers(chat.Recharge, janeAtRecharge(0)), order(0, ""))
				for _, step := range []struct {
					minutes       int
					value, want   string
					applied, tied bool
				}{
					{5, "one", "one", true, false}, {5, "one", "one", false, false}, {4, "older", "one", false, false},
					{5, "same time", "same time", true, true}, {6, "two", "two", true, false},
				} {
					change := h.apply(test.record(step.minutes, step.value))
					if got := test.value(h.profile(phone)); got != step.want || change.Applied > 0 != step.applied {
						t.Errorf("after %q: %q, changed %+v", step.value, got, change)
					}
					if step.tied != (len(change.Refresh) > 0) && test.ties != nil || step.tied && !slices.Equal(change.Refresh, test.ties) {
						t.Errorf("after %q: %v are read again", step.value, change.Refresh)
					}
				}
			})
		}
	})
}

// A record of a refresh that has the time of another one does not ask for a refresh.
func TestRefreshEnds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		h.apply(subscriptions(janesSubscription("11", 1)))
		r := janesSubscription("11", 1)
		r.Product = "Tea"
		if change := h.apply(chat.DirectoryUpdate{Vendor: chat.Recharge, Subscriptions: []chat.SubscriptionRecord{r}, Complete: []string{"3"}}); change.Applied != 1 || len(change.Refresh) != 0 {
			t.Errorf("changed %+v", change)
		}
	})
}

// What agents see changes with the directory: the conversation gets a new revision,
// once. What changes nothing gives none.
func TestDirectoryRevisions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn := h.receive(phone, "SM1", "hello")
		rev := turn.Conversation.Rev
		change, err := store.ApplyUpdates(h.ctx, s, h.config.Shop.ID, noon, customers(chat.Shopify, jane(1)), orders(janesOrder("1", 2)), orders(janesOrder("2", 3)))
		want := []chat.ConversationRev{{Shop: h.config.Shop.ID, ID: turn.Conversation.ID, Rev: rev + 1}}
		if err != nil || !slices.Equal(change.Conversations, want) || change.Applied != 3 {
			t.Errorf("changed %+v, %v", change, err)
		}
		snapshot, reset, err := s.Snapshot(h.ctx, h.config.Shop.ID, turn.Conversation.ID, rev)
		if err != nil || reset || snapshot.Conversation.Rev != rev+1 || snapshot.Shopper.Name != "Jane Doe" || snapshot.Shopper.Profile().LastOrder.Name != "#2" || len(snapshot.Entries) != 0 {
			t.Errorf("a viewer reads %+v, %v, %v", snapshot, reset, err)
		}
		if change := h.apply(orders(janesOrder("1", 2), janesOrder("2", 3))); !reflect.DeepEqual(change, chat.DirectoryChange{}) {
			t.Errorf("repeated records changed %+v", change)
		}
		// The next order of another person changes nothing here.
		if change := h.apply(orders(chat.OrderRecord{ID: "7", Email: "bob@example.com", Phones: onOrder("+14155550177"), UpdatedAt: at(9)})); len(change.Conversations) != 0 {
			t.Errorf("another person's order changed %+v", change)
		}
	})
}

// A purchase is proved by an order or a charge, until nothing proves it any more. A
// list's word stays.
func TestProof(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		purchased := func(step string, want bool, proof string) {
			t.Helper()
			_, n, err := s.Shoppers(h.ctx, h.config.Shop.ID)
			if got := h.profile(phone).Proof; (n == 1) != want || got != proof || err != nil {
				t.Errorf("%s: %d purchased, proof %q, %v", step, n, got, err)
			}
		}
		test, cancelled := janesOrder("1", 1), janesOrder("2", 2)
		test.Test = true
		h.apply(customers(chat.Shopify, jane(0)), customers(chat.Recharge, janeAtRecharge(0)), orders(test))
		purchased("a test", false, "")
		h.apply(orders(cancelled))
		purchased("an order", true, "order #2")
		cancelled.CancelledAt, cancelled.UpdatedAt = at(3), at(3)
		h.apply(orders(cancelled))
		purchased("cancelled", false, "")
		h.apply(orders(janesOrder("0", 0)))
		purchased("an earlier order", true, "order #0")
		h.apply(deletions(chat.Shopify, chat.Deletion{Kind: chat.OrderKind, ID: "0", At: at(4)}))
		purchased("deleted", false, "")
		h.apply(charges(janesCharge("21", "success", 5)))
		purchased("a charge", true, "charge 21")
		h.apply(charges(janesCharge("21", "refunded", 6)))
		purchased("refunded", false, "")
		if _, err := s.ImportShoppers(h.ctx, h.config.Shop.ID, []chat.Shopper{{ID: "x", Phone: phone, Name: "Jane Doe"}}); err != nil {
			t.Fatal(err)
		}
		purchased("a list", true, "")
	})
}

// A line's settings name the connected Shopify store, also while nothing is requested from
// it: opt-outs are reported later.
func TestShopifyOfLine(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		for n, step := range []struct{ status, want string }{{"active", "acme.myshopify.com"}, {"broken", "acme.myshopify.com"}, {"paused", "acme.myshopify.com"}} {
			if err := store.Exec(h.ctx, s, `INSERT INTO connections (shop, vendor, account, client_id, token, secret, endpoint, status, connected_at)
				VALUES ($1, 'shopify', 'acme.myshopify.com', '', '', '', 'e', $2, 1) ON CONFLICT (shop, vendor) DO UPDATE SET status = excluded.status`, string(h.config.Shop.ID), step.status); err != nil {
				t.Fatal(err)
			}
			h.config = must[chat.LineConfig](t)(s.LineConfig(h.ctx, h.config.Line.Endpoint))
			received := h.receive(phone, fmt.Sprint("SM", n), "hello")
			turn := h.turn(received.Conversation.ID, noon, func(*chat.Turn) error { return nil })
			if h.config.Shopify != step.want || received.Shopify != step.want || turn.Shopify != step.want {
				t.Errorf("%s: the store is %q, %q, %q", step.status, h.config.Shopify, received.Shopify, turn.Shopify)
			}
		}
	})
}
