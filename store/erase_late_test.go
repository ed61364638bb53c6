package store_test

import (
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// What the vendors send after a person was erased, but made before, does not bring the
// person back: not with another id, nor with objects that were not known yet. Newer
// records do, because the person has bought again.
func TestLateRecordsOfErasedPerson(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		old := chat.CustomerRecord{ID: "602", Name: "Jane Roe", Phones: own("+14155550177"), UpdatedAt: at(1)}
		h.apply(customers(chat.Shopify, old, jane(1)), merges(chat.CustomerMerge{KeptID: "601", GoneID: "602"}), customers(chat.Recharge, janeAtRecharge(1)), orders(janesOrder("1", 1)))
		if err := s.ErasePerson(h.ctx, h.config.Shop.ID, chat.PrivacyRequest{CustomerID: "601"}, noon); err != nil {
			t.Fatal(err)
		}
		if err := s.ErasePerson(h.ctx, h.config.Shop.ID, chat.PrivacyRequest{CustomerID: "699"}, noon); err != nil { // not known yet
			t.Fatal(err)
		}
		of := func(id, customer string) chat.OrderRecord {
			o := janesOrder(id, 3)
			o.CustomerID = customer
			return o
		}
		other := janeAtRecharge(3)
		other.ID = "4"
		h.apply(
			customers(chat.Shopify, old, jane(2), chat.CustomerRecord{ID: "699", Name: "Jane Doe", Phones: own(phone), UpdatedAt: at(2)}),
			customers(chat.Recharge, janeAtRecharge(2), other),
			orders(of("1", "601"), of("2", "601"), of("3", "602"), of("4", "699")),
			fulfillments(chat.FulfillmentRecord{ID: "1", OrderID: "1", Numbers: []string{"1Z"}, UpdatedAt: at(3)}),
			subscriptions(janesSubscription("11", 3)), charges(janesCharge("21", "queued", 3), chat.ChargeRecord{ID: "22", ShopifyID: "601", UpdatedAt: at(3)}),
			chat.DirectoryUpdate{Vendor: chat.Shopify, Consents: []chat.ConsentRecord{{CustomerID: "601", Phone: own(phone)[0], State: chat.ConsentGiven, At: at(3)}}},
		)
		for _, table := range []string{"customers", "customer_phones", "orders", "fulfillments", "subscriptions", "charges", "consents", "shoppers"} {
			if n := must[int](t)(store.CountRows(h.ctx, s, table)); n != 0 {
				t.Errorf("%d rows in %s", n, table)
			}
		}
		again := janesOrder("5", 4)
		again.CreatedAt, again.UpdatedAt = noon.Add(time.Minute), noon.Add(time.Minute)
		h.apply(orders(again))
		if p := h.profile(phone); p.ShopifyID != "601" || p.Proof != "order #5" {
			t.Errorf("after a new order: %+v", p)
		}
	})
}

// The shipments of an order are deleted with it, and late ones are not kept.
func TestShipmentsOfDeletedOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shipped := fulfillments(chat.FulfillmentRecord{ID: "1", OrderID: "1", Numbers: []string{"1Z"}, UpdatedAt: at(2)})
		h.apply(orders(janesOrder("1", 1)), shipped, deletions(chat.Shopify, chat.Deletion{Kind: chat.OrderKind, ID: "1", At: at(3)}), shipped)
		if n := must[int](t)(store.CountRows(h.ctx, s, "fulfillments")); n != 0 {
			t.Errorf("%d shipments are left", n)
		}
		if p := h.profile(phone); p.LastOrder != nil || p.Proof != "" {
			t.Errorf("the profile is %+v", p)
		}
	})
}
