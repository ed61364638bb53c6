package app

import (
	"context"

	"sidetext/chat"
	"sidetext/recharge"
	"sidetext/server/hooks"
	"sidetext/shopify"
	"sidetext/store"
)

func newConnectionCache(db *store.Store) *hooks.ConnectionCache {
	return &hooks.ConnectionCache{Find: func(ctx context.Context, at hooks.VendorEndpoint) (chat.Connection, error) {
		return db.ConnectionAt(ctx, at.Vendor, at.Endpoint)
	}}
}

// newVendorHooks makes the endpoints for webhooks of Shopify and Recharge.
func newVendorHooks(a *App, connections *hooks.ConnectionCache) *hooks.Vendors {
	return &hooks.Vendors{
		Store: a.Store, Connections: connections, Topics: eventTopics(), VerifyShopify: shopify.Verify, VerifyRecharge: recharge.Verify,
		Wake: a.Courier.Wake, Metrics: a.Metrics, Now: a.Store.Now, Log: a.Log,
	}
}

// eventTopics are the topics of webhooks that are worked on.
func eventTopics() map[chat.Vendor][]string {
	topics := map[chat.Vendor][]string{chat.Recharge: recharge.Topics, chat.Shopify: shopify.PrivacyTopics()}
	for _, t := range shopify.Topics {
		topics[chat.Shopify] = append(topics[chat.Shopify], t.Topic)
	}
	return topics
}
