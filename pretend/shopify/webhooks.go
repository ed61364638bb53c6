package shopify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"sidetext/pretend/wire"
)

// Sign returns the X-Shopify-Hmac-Sha256 of a body: base64 of its HMAC-SHA256 with the
// app's secret (shopify.dev/docs/apps/build/webhooks/verify-deliveries).
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// SignedRequest returns a webhook of any topic and body, as the store sends it.
func (s *Shopify) SignedRequest(ctx context.Context, address, topic string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = s.header(topic, newID(), time.Now())
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Shopify-Hmac-Sha256", s.sign(body))
	return r, nil
}

func newWebhooks(s *Shopify) *wire.Webhooks {
	waits := s.account.Waits
	if waits == nil {
		// 8 retries in 4 hours, exponential; the waits themselves are not documented.
		for wait := 56 * time.Second; len(waits) < 8; wait *= 2 {
			waits = append(waits, wait)
		}
	}
	out := &wire.Webhooks{
		Workers: s.workers, Changes: s.Changes, Timeout: 5 * time.Second, Waits: waits,
		Accepts: func(status int) bool { return status >= 200 && status <= 299 },
		Sign: func(h wire.Webhook, _ time.Time) http.Header {
			return http.Header{"X-Shopify-Hmac-Sha256": {s.sign(h.Body)}}
		},
		// A subscription made through the API is removed after its last failure.
		GiveUp: func(h wire.Webhook) { s.update(func() { s.removeSubscription(h.Subscription) }) },
	}
	out.Init(time.Second)
	return out
}

// sign signs with the app's secret, or with the former one soon after a rotation.
func (s *Shopify) sign(body []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Now().Before(s.signingUntil) {
		return Sign(s.signingSecret, body)
	}
	return Sign(s.secret, body)
}

// header returns the headers of a webhook except its signature
// (shopify.dev/docs/apps/build/webhooks/delivery-structure).
func (s *Shopify) header(topic, event string, at time.Time) http.Header {
	h := http.Header{}
	for name, value := range map[string]string{
		"User-Agent": "Shopify-Captain-Hook", "X-Shopify-Topic": topic, "X-Shopify-Shop-Domain": s.account.Store,
		"X-Shopify-API-Version": s.account.AppVersion, "X-Shopify-Webhook-Id": newID(), "X-Shopify-Event-Id": event,
		"X-Shopify-Triggered-At": at.UTC().Format(time.RFC3339Nano),
	} {
		h.Set(name, value)
	}
	return h
}

// fire schedules the webhooks of a topic ("ORDERS_CREATE"): one for each subscription, with
// the payload as it is now.
func (s *Shopify) fire(topic string, payload map[string]any) {
	event, at := newID(), time.Now()
	for _, sub := range s.subscriptions {
		if sub.Topic != topic || !s.hasScope(topicScope(topic)) {
			continue
		}
		chosen := payload
		if len(sub.Fields) > 0 {
			chosen = map[string]any{}
			for name, value := range payload {
				if slices.Contains(sub.Fields, name) {
					chosen[name] = value
				}
			}
		}
		h := s.webhook(topicName(topic), sub.URI, event, at, chosen)
		h.Subscription = sub.ID
		if sub.Name != "" {
			h.Header.Set("X-Shopify-Name", sub.Name)
		}
		s.pending = append(s.pending, h)
	}
}

func (s *Shopify) webhook(topic, address, event string, at time.Time, payload map[string]any) wire.Webhook {
	body, err := json.Marshal(payload)
	if err != nil {
		panic(err) // payloads consist of maps, slices and strings
	}
	return wire.Webhook{Topic: topic, Address: address, Header: s.header(topic, event, at), Body: body, At: at}
}

// topicName is the topic's name in webhooks: "orders/create" of "ORDERS_CREATE".
func topicName(topic string) string {
	known := map[string]string{
		"CUSTOMERS_MARKETING_CONSENT_UPDATE": "customers_marketing_consent/update",
		"CUSTOMERS_PURCHASING_SUMMARY":       "customers/purchasing_summary",
		"FULFILLMENT_EVENTS_CREATE":          "fulfillment_events/create",
		"APP_SCOPES_UPDATE":                  "app/scopes_update",
	}
	if name := known[topic]; name != "" {
		return name
	}
	return strings.ToLower(strings.Replace(topic, "_", "/", 1))
}

// newID returns a random UUID.
func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	const digits = "0123456789abcdef"
	var out []byte
	for i, c := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out = append(out, '-')
		}
		out = append(out, digits[c>>4], digits[c&15])
	}
	return string(out)
}

// Subscriptions returns the app's subscriptions.
func (s *Shopify) Subscriptions() (out []Subscription) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range s.subscriptions {
		out = append(out, *sub)
	}
	return out
}

// DeleteWebhook deletes a subscription, as Shopify does after its last failure.
func (s *Shopify) DeleteWebhook(id int64) { s.update(func() { s.removeSubscription(id) }) }
