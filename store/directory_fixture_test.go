package store_test

import (
	"errors"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// at is a time by the vendors' clocks: so many minutes after the first.
func at(minutes int) time.Time {
	return noon.Add(time.Duration(minutes-1000) * time.Minute).Truncate(time.Second)
}

// own returns a customer's own phone at Shopify.
func own(phone chat.Phone) []chat.PhoneRecord {
	return []chat.PhoneRecord{{Raw: string(phone), Phone: phone, Source: chat.ShopifyCustomerPhone}}
}

// onOrder returns the phone of an order.
func onOrder(phone chat.Phone) []chat.PhoneRecord {
	return []chat.PhoneRecord{{Raw: string(phone), Phone: phone, Source: chat.OrderPhone}}
}

func orders(all ...chat.OrderRecord) chat.DirectoryUpdate {
	return chat.DirectoryUpdate{Vendor: chat.Shopify, Orders: all}
}

func customers(v chat.Vendor, all ...chat.CustomerRecord) chat.DirectoryUpdate {
	return chat.DirectoryUpdate{Vendor: v, Customers: all}
}

func fulfillments(all ...chat.FulfillmentRecord) chat.DirectoryUpdate {
	return chat.DirectoryUpdate{Vendor: chat.Shopify, Fulfillments: all}
}

func subscriptions(all ...chat.SubscriptionRecord) chat.DirectoryUpdate {
	return chat.DirectoryUpdate{Vendor: chat.Recharge, Subscriptions: all}
}

func charges(all ...chat.ChargeRecord) chat.DirectoryUpdate {
	return chat.DirectoryUpdate{Vendor: chat.Recharge, Charges: all}
}

func deletions(v chat.Vendor, all ...chat.Deletion) chat.DirectoryUpdate {
	return chat.DirectoryUpdate{Vendor: v, Deletions: all}
}

func merges(all ...chat.CustomerMerge) chat.DirectoryUpdate {
	return chat.DirectoryUpdate{Vendor: chat.Shopify, Merges: all}
}

// jane is a Shopify customer with the phone of most tests.
func jane(minutes int) chat.CustomerRecord {
	return chat.CustomerRecord{ID: "601", Name: "Jane Doe", Email: "Jane@example.com", Phones: own(phone), UpdatedAt: at(minutes)}
}

// janeAtRecharge is the same person at Recharge.
func janeAtRecharge(minutes int) chat.CustomerRecord {
	return chat.CustomerRecord{ID: "3", ShopifyID: "601", Name: "Jane Doe", Email: "jane@example.com", UpdatedAt: at(minutes)}
}

func janesOrder(id string, minutes int) chat.OrderRecord {
	return chat.OrderRecord{ID: id, CustomerID: "601", Name: "#" + id, Email: "jane@example.com", Customer: "Jane Doe", Phones: onOrder(phone), CreatedAt: at(minutes), UpdatedAt: at(minutes)}
}

func janesSubscription(id string, minutes int) chat.SubscriptionRecord {
	return chat.SubscriptionRecord{ID: id, CustomerID: "3", Status: "active", Product: "Coffee", Quantity: 1, NextCharge: "2026-12-09", UpdatedAt: at(minutes)}
}

func janesCharge(id, status string, minutes int) chat.ChargeRecord {
	return chat.ChargeRecord{ID: id, CustomerID: "3", ShopifyID: "601", Status: status, ScheduledOn: "2026-12-09", Total: "49.00", UpdatedAt: at(minutes)}
}

// apply applies updates, each in its own transaction, and returns the last change.
func (h *shopFixture) apply(updates ...chat.DirectoryUpdate) (change chat.DirectoryChange) {
	h.Helper()
	for _, u := range updates {
		var err error
		if change, err = store.ApplyUpdate(h.ctx, h.Store, h.config.Shop.ID, noon, u); err != nil {
			h.Fatal(err)
		}
	}
	return change
}

// profile returns a phone's profile; a zero one if there is none.
func (h *shopFixture) profile(phone chat.Phone) chat.Profile {
	h.Helper()
	p, err := h.Profile(h.ctx, h.config.Shop.ID, phone)
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		h.Fatal(err)
	}
	return p
}

// people lists Shopify's ids of the customers with a phone, or their names.
func (h *shopFixture) people(phone chat.Phone) (names []string) {
	h.Helper()
	for _, c := range must[[]chat.Customer](h)(h.People(h.ctx, h.config.Shop.ID, phone)) {
		names = append(names, c.Name+"/"+c.ShopifyID+"/"+c.RechargeID)
	}
	return names
}

func (h *shopFixture) counts() store.DirectoryCounts {
	h.Helper()
	return must[store.DirectoryCounts](h)(h.DirectoryCounts(h.ctx, h.config.Shop.ID))
}

// fillDirectory gives a shop rows in each table of the directory, and runs what
// happens rarely: two customers that turn out to be one, deletions, another phone.
func fillDirectory(h *shopFixture) {
	test := janesOrder("9", 9)
	test.Test = true
	h.apply(
		customers(chat.Recharge, chat.CustomerRecord{ID: "3", Name: "Jane Doe", Phones: []chat.PhoneRecord{{Raw: "555-SHIP", Source: chat.RechargeAddressPhone, Problem: "It has letters."}}, UpdatedAt: at(1)}),
		customers(chat.Shopify, jane(2)), customers(chat.Recharge, janeAtRecharge(3)),
		orders(janesOrder("1", 4), janesOrder("2", 5), test), orders(chat.OrderRecord{ID: "4", Email: "guest@example.com", UpdatedAt: at(6)}),
		fulfillments(chat.FulfillmentRecord{ID: "1", OrderID: "1", Status: "success", Numbers: []string{"1Z"}, UpdatedAt: at(7)}),
		subscriptions(janesSubscription("11", 8), janesSubscription("12", 8)), charges(janesCharge("21", "queued", 8), janesCharge("22", "success", 8)),
		customers(chat.Shopify, chat.CustomerRecord{ID: "602", Name: "Jane", Phones: own("+14155550177"), UpdatedAt: at(8)}), merges(chat.CustomerMerge{KeptID: "601", GoneID: "602"}),
		deletions(chat.Shopify, chat.Deletion{Kind: chat.OrderKind, ID: "2", At: at(10)}, chat.Deletion{Kind: chat.CustomerKind, ID: "699"}),
		customers(chat.Shopify, chat.CustomerRecord{ID: "603", Name: "Bob Roe", UpdatedAt: at(8)}), deletions(chat.Shopify, chat.Deletion{Kind: chat.CustomerKind, ID: "603"}),
		chat.DirectoryUpdate{Vendor: chat.Recharge, Complete: []string{"3"}, Subscriptions: []chat.SubscriptionRecord{janesSubscription("11", 8)}, Charges: []chat.ChargeRecord{janesCharge("21", "queued", 8)}},
		chat.DirectoryUpdate{Vendor: chat.Shopify, Consents: []chat.ConsentRecord{{CustomerID: "601", State: chat.ConsentGiven, At: at(9)}}},
	)
}
