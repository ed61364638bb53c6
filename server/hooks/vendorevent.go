package hooks

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
)

// vendorEvent makes the event of a webhook. Shopify names each webhook, with an id that
// stays when it is repeated, and each event, with an id that all its webhooks share;
// Recharge names neither.
func vendorEvent(c *fiber.Ctx, of chat.Connection, topic string, body []byte, now time.Time) chat.VendorEvent {
	e := chat.VendorEvent{Shop: of.Shop, Vendor: of.Vendor, Topic: topic, Body: body, ReceivedAt: now}
	if of.Vendor != chat.Shopify {
		e.Key = contentHash(topic, body)
		return e
	}
	e.Key = topic + "/" + cmp.Or(headerID(c, "X-Shopify-Webhook-Id"), contentHash(topic, body))
	if id := headerID(c, "X-Shopify-Event-Id"); id != "" {
		e.EventID = topic + "/" + id
	}
	// A time that can't be parsed is unknown.
	e.TriggeredAt, _ = time.Parse(time.RFC3339Nano, c.Get("X-Shopify-Triggered-At"))
	return e
}

// maxHeaderID is the length of an id that is stored as it is. Shopify's have 36 characters;
// Postgres refuses to index some thousand.
const maxHeaderID = 200

// headerID returns the id in a header, or the hash of a long one.
func headerID(c *fiber.Ctx, name string) string {
	id := c.Get(name)
	if len(id) > maxHeaderID {
		return contentHash(name, []byte(id))
	}
	return id
}

func contentHash(topic string, body []byte) string {
	hash := sha256.New()
	hash.Write([]byte(topic + "\n"))
	hash.Write(body)
	return hex.EncodeToString(hash.Sum(nil))
}

// isObject reports whether a body is a JSON object.
func isObject(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) && json.Valid(body)
}

// wrapperTopic returns the name under which a body has its object, such as
// "subscription", if some topic is about such objects; else "". Included objects stand
// beside it; of these the customer is the one that says least.
func wrapperTopic(body []byte, topics []string) string {
	var wrapped map[string]json.RawMessage
	if json.Unmarshal(body, &wrapped) != nil {
		return ""
	}
	found := ""
	for _, topic := range topics {
		name, _, _ := strings.Cut(topic, "/")
		if _, ok := wrapped[name]; ok && (found == "" || found == "customer") {
			found = name
		}
	}
	return found
}

// isWrapper reports whether a topic is what wrapperTopic returns.
func isWrapper(topic string, topics []string) bool {
	for _, t := range topics {
		if name, _, _ := strings.Cut(t, "/"); name == topic {
			return true
		}
	}
	return false
}

// A limitedLog limits how often something is logged for a key.
type limitedLog struct {
	mu   sync.Mutex
	last map[string]time.Time
}

const (
	logInterval   = time.Minute
	maxLoggedKeys = 10_000
)

// due reports whether the last log line for the key is old enough, and counts this one.
func (l *limitedLog) due(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, ok := l.last[key]
	if since := now.Sub(last); ok && since >= 0 && since < logInterval {
		return false
	}
	if l.last == nil || len(l.last) >= maxLoggedKeys {
		l.last = map[string]time.Time{}
	}
	l.last[key] = now
	return true
}
