package recharge

import (
	"context"
	"net/http"
	"strings"
)

// Uninstalled is the topic of the webhook that Recharge sends when the store no longer
// uses it.
const Uninstalled = "recharge/uninstalled"

// Topics are those that a shop's connection needs. Each has its own address: Recharge
// does not name the topic in its requests.
var Topics = []string{
	"customer/created", "customer/updated", "customer/deleted", "customer/payment_method_updated",
	"address/created", "address/updated",
	"subscription/created", "subscription/updated", "subscription/activated", "subscription/cancelled",
	"subscription/skipped", "subscription/unskipped", "subscription/swapped", "subscription/paused", "subscription/deleted",
	"charge/created", "charge/updated", "charge/upcoming", "charge/paid", "charge/failed",
	"charge/max_retries_reached", "charge/deleted",
	"order/processed",
	Uninstalled,
}

// A Webhook is a registration for a topic. Recharge deletes it after failing for 48
// hours.
type Webhook struct {
	ID      string
	Topic   string
	Address string
	Version string // of the format of its requests: "2021-11"
}

func newWebhook(o object) Webhook {
	return Webhook{o.id("id"), o.text("topic"), o.text("address"), o.text("version")}
}

// Webhooks lists the webhooks that were registered with this token.
func (c *Client) Webhooks(ctx context.Context) ([]Webhook, error) {
	return readList(ctx, c, request{"list webhooks", http.MethodGet, "/webhooks", nil, nil, ""}, "webhooks", newWebhook)
}

// CreateWebhook registers a webhook. List the webhooks first: Recharge may accept a
// second one with the same topic and address.
func (c *Client) CreateWebhook(ctx context.Context, topic, address string) (Webhook, error) {
	r := request{"create webhook", http.MethodPost, "/webhooks", nil,
		body{"topic": topic, "address": address, "version": "2021-11"}, topicScope(topic)}
	return readObject(ctx, c, r, "webhook", "", newWebhook)
}

// DeleteWebhook removes a webhook.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	return c.call(ctx, request{"delete webhook", http.MethodDelete, path("webhooks", id), nil, nil, ""}, nil)
}

// topicScope returns the scope that a topic needs.
func topicScope(topic string) string {
	switch kind, _, _ := strings.Cut(topic, "/"); kind {
	case "customer", "address":
		return "read_customers"
	case "subscription", "onetime":
		return "read_subscriptions"
	case "charge", "order":
		return "read_orders"
	}
	return ""
}
