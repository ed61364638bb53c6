package store_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"sidetext/chat"
	"sidetext/store"
)

// What the vendors have of one person becomes one customer, whatever comes first.
func TestOnePerson(t *testing.T) {
	t.Parallel()
	shopify, recharge := customers(chat.Shopify, jane(1)), customers(chat.Recharge, janeAtRecharge(2))
	unlinked := janeAtRecharge(1)
	unlinked.ShopifyID = ""
	guest := janesOrder("1", 3)
	guest.CustomerID = ""
	subscription, charge, order := subscriptions(janesSubscription("11", 3)), charges(janesCharge("21", "queued", 4)), orders(guest)
	lone := janesCharge("21", "queued", 4)
	lone.ShopifyID = ""
	merge := merges(chat.CustomerMerge{KeptID: "601", GoneID: "602"})
	former := jane(1)
	former.ID, former.Email = "602", "old@example.com"
	late := janesOrder("1", 3)
	late.CustomerID = "602"
	each(t, func(t *testing.T, s *store.Store) {
		for name, updates := range map[string][]chat.DirectoryUpdate{
			"in order":                                 {shopify, recharge, subscription, charge, order},
			"Recharge first":                           {recharge, subscription, charge, shopify, order},
			"a guest first":                            {order, shopify, recharge, subscription, charge},
			"a guest first, then Recharge":             {order, recharge, charge, subscription, shopify},
			"subscription and charge before":           {subscription, charge, shopify, recharge, order},
			"Recharge without the id first":            {customers(chat.Recharge, unlinked), subscription, charges(lone), shopify, order, recharge},
			"without the id first, and a guest":        {order, customers(chat.Recharge, unlinked), shopify, charges(lone), recharge, subscription},
			"joined by a charge":                       {shopify, subscription, charge, order},
			"Shopify's customer in a charge first":     {charges(chat.ChargeRecord{ID: "9", ShopifyID: "601", Status: "skipped", UpdatedAt: at(1)}), recharge, subscription, charge, order, shopify},
			"merged":                                   {shopify, recharge, customers(chat.Shopify, former), orders(late), merge, subscription, charge},
			"merged before":                            {merge, recharge, orders(late), customers(chat.Shopify, former), subscription, charge, shopify},
			"merged between":                           {recharge, orders(late), shopify, merge, customers(chat.Shopify, former), subscription, charge},
			"Recharge names another Shopify customer":  {customers(chat.Shopify, former), customers(chat.Recharge, withShopifyID(unlinked, "602")), subscription, charges(lone), shopify, recharge, order, merge},
			"the other one was merged before Recharge": {customers(chat.Shopify, former), customers(chat.Recharge, withShopifyID(unlinked, "602")), subscription, charges(lone), shopify, merge, recharge, order},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h := newShop(t, s, name)
				for range 2 { // a repetition changes nothing
					h.apply(updates...)
				}
				if got := h.people(phone); !slices.Equal(got, []string{"Jane Doe/601/3"}) {
					t.Errorf("the phone's people are %q", got)
				}
				p := h.profile(phone)
				if len(p.Subscriptions) != 1 || p.NextCharge == nil || p.LastOrder == nil || p.Proof != "order #1" {
					t.Errorf("the profile is %+v", p)
				}
				if got := h.counts(); got.Customers != 1 {
					t.Errorf("the directory has %+v", got)
				}
				if got := h.receive(phone, "SM1", "hi").Shopper; got.Name != "Jane Doe" || got.Email != "jane@example.com" {
					t.Errorf("the shopper is %+v", got)
				}
			})
		}
	})
}

func withShopifyID(r chat.CustomerRecord, id string) chat.CustomerRecord {
	r.ShopifyID = id
	return r
}

// Guests without an address are separate customers, and an order keeps its own.
func TestGuests(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		guest := func(id, email, name string, minutes int) chat.OrderRecord {
			return chat.OrderRecord{ID: id, Name: "#" + id, Email: email, Customer: name, Phones: onOrder(phone), CreatedAt: at(1), UpdatedAt: at(minutes)}
		}
		h.apply(orders(guest("1", "", "Ann", 1)), orders(guest("1", "", "Ann Poe", 2)))
		if got := h.counts(); got.Customers != 1 || got.Orders != 1 {
			t.Errorf("one guest: %+v", got)
		}
		h.apply(orders(guest("2", "", "", 1)))
		if got := h.counts(); got.Customers != 2 {
			t.Errorf("two guests: %+v", got)
		}
		h.apply(orders(guest("3", "Zoe@Example.com ", "Zoë", 1), guest("4", "zoe@example.com", "Zoë", 1)))
		if got := h.counts(); got.Customers != 3 || got.Orders != 4 {
			t.Errorf("three guests: %+v", got)
		}
	})
}

// Texts and updates of the same phones at the same time delay each other at most.
func TestDirectoryBesideTexts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		phones := []chat.Phone{"+14155550101", "+14155550102", "+14155550103", "+14155550104"}
		var working sync.WaitGroup
		for worker := range 4 {
			working.Go(func() {
				for n := range 10 {
					var u chat.DirectoryUpdate
					u.Vendor = chat.Shopify
					for i := range phones {
						i = (i + worker) % len(phones)
						o := janesOrder(fmt.Sprint(worker, n, i), n)
						o.CustomerID, o.Phones = strconv.Itoa(600+i), onOrder(phones[i])
						u.Orders = append(u.Orders, o)
						if _, err := h.Receive(h.ctx, h.config, phones[i], noon, text(int64(1000*worker+10*n+i))); err != nil {
							t.Error(err)
						}
					}
					if _, err := store.ApplyUpdate(h.ctx, s, h.config.Shop.ID, noon, u); err != nil {
						t.Error(err)
					}
				}
			})
		}
		working.Wait()
		for _, phone := range phones {
			turn := must[*chat.Turn](t)(h.Receive(h.ctx, h.config, phone, noon, func(*chat.Turn) error { return nil }))
			if turn.Conversation.Seq != 40 || turn.Conversation.Rev <= 40 || turn.Shopper.Profile().LastOrder == nil {
				t.Errorf("%s: %+v, %+v", phone, turn.Conversation, turn.Shopper)
			}
		}
		if got := h.counts(); got.Orders != 160 || got.Customers != 4 {
			t.Errorf("the directory has %+v", got)
		}
	})
}

// A fulfilment may come before its order, and its events in any order beside it.
func TestFulfillments(t *testing.T) {
	t.Parallel()
	shipped := fulfillments(chat.FulfillmentRecord{ID: "1", OrderID: "1", Status: "success", Company: "UPS", UpdatedAt: at(2)})
	tracked := fulfillments(chat.FulfillmentRecord{ID: "1", OrderID: "1", Status: "success", Company: "UPS", Numbers: []string{"1Z"}, UpdatedAt: at(4)})
	event := func(minutes int, status string) chat.DirectoryUpdate {
		return fulfillments(chat.FulfillmentRecord{ID: "1", OrderID: "1", ShipmentStatus: status, Partial: true, UpdatedAt: at(minutes)})
	}
	order, moving, there := orders(janesOrder("1", 1)), event(3, "in_transit"), event(9, "delivered")
	each(t, func(t *testing.T, s *store.Store) {
		for name, updates := range map[string][]chat.DirectoryUpdate{
			"in order":         {order, shipped, moving, tracked, there},
			"in reverse":       {there, tracked, moving, shipped, order},
			"events first":     {there, moving, order, tracked, shipped},
			"events last":      {order, shipped, tracked, there, moving},
			"the order within": {shipped, there, order, tracked, moving},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h := newShop(t, s, name)
				for range 2 {
					h.apply(updates...)
				}
				got := h.profile(phone).LastOrder
				if got == nil || len(got.Tracking) != 1 || got.Tracking[0].Number != "1Z" || !strings.EqualFold(got.Tracking[0].Status, "delivered") {
					t.Errorf("the last order is %+v", got)
				}
			})
		}
	})
}

// A phone that cannot be parsed is listed until a newer record has one that can, or
// none.
func TestUnreadablePhones(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		bad := func(minutes int, raw string) chat.CustomerRecord {
			r := jane(minutes)
			r.Phones = []chat.PhoneRecord{{Raw: raw, Country: "US", Source: chat.ShopifyCustomerPhone, Problem: "It has letters."}}
			return r
		}
		order := janesOrder("1", 1)
		order.Phones = []chat.PhoneRecord{{Raw: "555-555-SHIP", Country: "US", Source: chat.ShippingPhone, Problem: "It has letters."}}
		h.apply(customers(chat.Shopify, bad(1, "555-SHOE")), customers(chat.Shopify, bad(2, "555-SHOP")), customers(chat.Shopify, bad(1, "555-SHED")), orders(order))
		found, total, err := s.UnreadablePhones(h.ctx, h.config.Shop.ID, 1)
		if err != nil || total != 2 || len(found) != 1 || found[0].Raw != "555-SHOP" || found[0].Problem == "" || found[0].Customer.Name != "Jane Doe" || !found[0].At.Equal(at(2)) {
			t.Errorf("%d unreadable phones: %+v, %v", total, found, err)
		}
		if all, _, _ := s.Shoppers(h.ctx, h.config.Shop.ID); all != 0 || h.counts().WithPhone != 0 {
			t.Errorf("%d shoppers without a phone", all)
		}
		h.apply(customers(chat.Shopify, jane(3)))
		none := jane(4)
		none.Phones = nil
		h.apply(customers(chat.Shopify, bad(3, "555-SHUT")), customers(chat.Shopify, none))
		if found, total, _ := s.UnreadablePhones(h.ctx, h.config.Shop.ID, 9); total != 1 || found[0].Raw != "555-555-SHIP" {
			t.Errorf("%d unreadable phones: %+v", total, found)
		}
	})
}

// Consents are kept for the phone that they name, else for the customer's own.
func TestConsentsOfDirectory(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		consent := chat.ConsentRecord{CustomerID: "601", State: chat.ConsentRevoked, Level: "single_opt_in", At: at(2)}
		h.apply(chat.DirectoryUpdate{Vendor: chat.Shopify, Consents: []chat.ConsentRecord{consent, {CustomerID: "601"}}})
		if n := must[int](t)(store.CountRows(h.ctx, s, "consents")); n != 0 {
			t.Errorf("%d consents of an unknown customer without a phone", n)
		}
		h.apply(customers(chat.Shopify, jane(1)), chat.DirectoryUpdate{Vendor: chat.Shopify, Consents: []chat.ConsentRecord{consent, {CustomerID: "601"}}})
		if n := must[int](t)(store.CountRows(h.ctx, s, "consents WHERE phone = '"+string(phone)+"' AND kind = 'marketing'")); n != 1 {
			t.Errorf("%d consents", n)
		}
	})
}
