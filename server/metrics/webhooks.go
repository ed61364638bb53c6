package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"sidetext/chat"
)

// The outcomes of a webhook of Shopify or Recharge.
const (
	WebhookStored       = "stored"
	WebhookRepeated     = "repeated"      // it was stored before
	WebhookUnknownTopic = "unknown_topic" // acknowledged and not stored
	WebhookUnreadable   = "unreadable"    // not a JSON object: acknowledged and not stored
	WebhookRefused      = "refused"       // a bad signature
	WebhookUnavailable  = "unavailable"   // the database could not keep it: the vendor tries again
)

// vendorWebhooks makes the counter of vendors' webhooks, with all its labels.
func vendorWebhooks() *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sidetext_vendor_webhooks_total", Help: "Webhooks of Shopify and Recharge, by what became of them.",
	}, []string{"vendor", "outcome"})
	for _, v := range chat.Vendors() {
		for _, outcome := range []string{WebhookStored, WebhookRepeated, WebhookUnknownTopic, WebhookUnreadable, WebhookRefused, WebhookUnavailable} {
			c.WithLabelValues(string(v), outcome)
		}
	}
	return c
}
