package store_test

import (
	"slices"
	"testing"

	"sidetext/chat"
	"sidetext/store"
)

// What is deleted stays so when an older record comes late, and a newer record brings it
// back. A deletion that is older than the record changes nothing.
func TestDeletions(t *testing.T) {
	t.Parallel()
	order := func(minutes int) chat.DirectoryUpdate { return orders(janesOrder("1", minutes)) }
	subscription := func(minutes int) chat.DirectoryUpdate { return subscriptions(janesSubscription("1", minutes)) }
	charge := func(minutes int) chat.DirectoryUpdate { return charges(janesCharge("1", "queued", minutes)) }
	customer := func(minutes int) chat.DirectoryUpdate {
		r := jane(minutes)
		r.Locale = "en-US"
		return customers(chat.Shopify, r)
	}
	each(t, func(t *testing.T, s *store.Store) {
		for name, test := range map[string]struct {
			vendor chat.Vendor
			kind   chat.RecordKind
			id     string
			record func(minutes int) chat.DirectoryUpdate
			there  func(chat.Profile) bool
		}{
			"order":        {chat.Shopify, chat.OrderKind, "1", order, func(p chat.Profile) bool { return p.LastOrder != nil }},
			"subscription": {chat.Recharge, chat.SubscriptionKind, "1", subscription, func(p chat.Profile) bool { return len(p.Subscriptions) == 1 }},
			"charge":       {chat.Recharge, chat.ChargeKind, "1", charge, func(p chat.Profile) bool { return p.NextCharge != nil }},
			"customer":     {chat.Shopify, chat.CustomerKind, "601", customer, func(p chat.Profile) bool { return p.Locale != "" }},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h := newShop(t, s, name)
				if test.kind != chat.CustomerKind {
					h.apply(customers(chat.Shopify, jane(0)), customers(chat.Recharge, janeAtRecharge(0)))
				}
				gone := func(minutes int) chat.DirectoryUpdate {
					d := chat.Deletion{Kind: test.kind, ID: test.id}
					if minutes >= 0 {
						d.At = at(minutes)
					}
					return deletions(test.vendor, d)
				}
				for i, step := range []struct {
					update chat.DirectoryUpdate
					there  bool
				}{
					{gone(2), false}, {test.record(1), false}, {test.record(2), false}, {test.record(3), true},
					{gone(2), true}, {gone(4), false}, {gone(4), false}, {test.record(3), false}, {test.record(5), true},
					{gone(-1), false}, {test.record(6), false}, {test.record(1 + 24*60), true},
				} {
					h.apply(step.update)
					if got := test.there(h.profile(phone)); got != step.there {
						t.Errorf("step %d: there: %v", i, got)
					}
				}
			})
		}
	})
}

// A customer whom one vendor deletes stays as long as the other one, or an order, knows
// them.
func TestDeletedCustomerStays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		h.apply(customers(chat.Shopify, jane(1)), customers(chat.Recharge, janeAtRecharge(1)), subscriptions(janesSubscription("11", 1)),
			charges(janesCharge("21", "queued", 1), janesCharge("22", "success", 1)))
		h.apply(deletions(chat.Recharge, chat.Deletion{Kind: chat.CustomerKind, ID: "3", At: at(2)}))
		if p := h.profile(phone); p.RechargeID != "" || p.ShopifyID != "601" || len(p.Subscriptions) != 0 || p.NextCharge != nil || h.counts().Customers != 1 {
			t.Errorf("deleted at Recharge: %+v", p)
		}
		h.apply(deletions(chat.Shopify, chat.Deletion{Kind: chat.CustomerKind, ID: "601", At: at(2)}))
		if got := h.people(phone); !slices.Equal(got, []string{"Jane Doe//"}) {
			t.Errorf("with a charge alone: %q", got)
		}
	})
}

// A customer whom the vendor had deleted comes back as the same one, also within one
// transaction, and may turn out to be merged into another.
func TestDeletedCustomerReturns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		gone := deletions(chat.Shopify, chat.Deletion{Kind: chat.CustomerKind, ID: "601", At: at(2)})
		h.apply(customers(chat.Shopify, jane(1)), orders(janesOrder("1", 1)))
		if _, err := store.ApplyUpdates(h.ctx, s, h.config.Shop.ID, noon, gone, customers(chat.Shopify, jane(3))); err != nil {
			t.Fatal(err)
		}
		if got := h.people(phone); !slices.Equal(got, []string{"Jane Doe/601/"}) {
			t.Errorf("back again: %q", got)
		}
		gone.Deletions[0].At = at(4)
		other := jane(1)
		other.ID, other.Email = "600", "jane@work.example.com"
		h.apply(gone, customers(chat.Shopify, other), merges(chat.CustomerMerge{KeptID: "600", GoneID: "601"}), orders(janesOrder("2", 5)))
		if got := h.people(phone); !slices.Equal(got, []string{"Jane Doe/600/"}) || h.counts().Customers != 1 || h.profile(phone).LastOrder.Name != "#2" {
			t.Errorf("merged: %q, %+v", got, h.counts())
		}
	})
}

// After a refresh, subscriptions and queued charges that it does not have are gone, and
// other customers' are not.
func TestComplete(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		others := janesSubscription("13", 1)
		others.CustomerID = "4"
		h.apply(customers(chat.Shopify, jane(1)), customers(chat.Recharge, janeAtRecharge(1)),
			subscriptions(janesSubscription("11", 1), janesSubscription("12", 1), others),
			charges(janesCharge("21", "queued", 1), janesCharge("22", "queued", 1), janesCharge("23", "success", 1), janesCharge("24", "error", 1)))
		refreshed := chat.DirectoryUpdate{Vendor: chat.Recharge, Complete: []string{"3"}, Subscriptions: []chat.SubscriptionRecord{janesSubscription("12", 1)}, Charges: []chat.ChargeRecord{janesCharge("22", "queued", 1)}}
		h.apply(refreshed, refreshed)
		p := h.profile(phone)
		if len(p.Subscriptions) != 1 || p.Subscriptions[0].ID != "12" || p.NextCharge.ID != "22" || p.FailedCharge.ID != "24" || p.Proof != "charge 23" {
			t.Errorf("the profile is %+v", p)
		}
		if n := h.counts().Subscriptions; n != 2 {
			t.Errorf("%d subscriptions are left", n)
		}
		// An older record does not bring back what is gone; one that is as new does: it
		// may have been made while the refresh was read.
		h.apply(subscriptions(janesSubscription("11", 0)))
		if n := h.counts().Subscriptions; n != 2 {
			t.Errorf("after an older record: %d", n)
		}
		h.apply(subscriptions(janesSubscription("11", 1)))
		if n := h.counts().Subscriptions; n != 3 {
			t.Errorf("after the same record: %d", n)
		}
	})
}
