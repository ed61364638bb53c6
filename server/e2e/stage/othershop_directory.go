package stage

import (
	"crypto/rand"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// addDirectory gives the other shop connections and one of everything in its directory.
func (n *OtherShop) addDirectory(t *testing.T, now time.Time) {
	t.Helper()
	ctx, db := t.Context(), n.App.Store
	for _, v := range chat.Vendors() {
		// Paused: no vendor has this store.
		Must(t, db.SaveConnection(ctx, chat.Connection{
			Shop: n.Shop.ID, Vendor: v, Account: "goldfinch.myshopify.com", Token: "goldfinch-token", Secret: "goldfinch-secret", Endpoint: rand.Text(),
			Status: chat.ConnectionPaused, ConnectedAt: now, CheckedAt: now,
		}))
		_, err := db.AddEvent(ctx, chat.VendorEvent{Shop: n.Shop.ID, Vendor: v, Key: "key-" + Canary + string(v), Topic: "customers/update", Body: []byte(`{"id":"` + Canary + `"}`), ReceivedAt: now})
		Must(t, err)
	}
	waiting, err := db.WaitingEvents(ctx, n.Shop.ID, 1)
	Must(t, err)
	for _, e := range waiting {
		_, err := db.ApplyEvents(ctx, n.Shop.ID, []store.AppliedEvent{{ID: e.ID, Problem: Canary + " can't be read."}}, now)
		Must(t, err)
	}
	phone := chat.PhoneRecord{Raw: "415 555 0777", Country: "US", Source: chat.ShopifyCustomerPhone, Phone: Berta}
	unreadable := chat.PhoneRecord{Raw: Canary + " 12", Source: chat.BillingPhone, Problem: "This is no phone."}
	for _, u := range []chat.DirectoryUpdate{
		{Vendor: chat.Shopify,
			Customers: []chat.CustomerRecord{{ID: "9900601", Name: "Berta " + Canary, Email: "berta@goldfinch.example", Phones: []chat.PhoneRecord{phone, unreadable}, UpdatedAt: now}},
			Orders:    []chat.OrderRecord{{ID: "9904501", CustomerID: "9900601", Name: "#" + Canary, CreatedAt: now, UpdatedAt: now}},
			Consents:  []chat.ConsentRecord{{CustomerID: "9900601", Phone: phone, State: chat.ConsentGiven, At: now}}},
		{Vendor: chat.Recharge,
			Customers:     []chat.CustomerRecord{{ID: "9900033", ShopifyID: "9900601", UpdatedAt: now}},
			Subscriptions: []chat.SubscriptionRecord{{ID: "9901111", CustomerID: "9900033", Status: "active", Product: Canary + " coffee", UpdatedAt: now}},
			Charges:       []chat.ChargeRecord{{ID: "9909999", CustomerID: "9900033", Status: "queued", ScheduledOn: "2030-01-01", UpdatedAt: now}}},
	} {
		_, err := db.ApplyUpdate(ctx, n.Shop.ID, u, now)
		Must(t, err)
	}
	Must(t, db.AddPrivacyRequest(ctx, chat.PrivacyRequest{
		ID: chat.NewID[string](now), Shop: n.Shop.ID, Kind: chat.PrivacyExport, Topic: "customers/data_request", Person: "berta@goldfinch.example",
		CustomerID: "9900601", Email: "berta@goldfinch.example", At: now, Due: now.Add(time.Hour),
	}))
}
