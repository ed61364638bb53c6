package hooks

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/metrics"
)

// An EventStore keeps vendors' webhooks.
type EventStore interface {
	AddEvent(ctx context.Context, e chat.VendorEvent) (added bool, err error)
	// SaveRefusedWebhook saves when a webhook with a wrong signature came; zero: a right one
	// came since.
	SaveRefusedWebhook(ctx context.Context, c chat.Connection, at time.Time) error
}

// Vendors serves the webhooks of Shopify and Recharge. Each is stored, and worked on
// later; the vendors wait five seconds at most.
type Vendors struct {
	Store       EventStore
	Connections *ConnectionCache
	// Topics are what is worked on, of each vendor. Other topics are acknowledged and
	// not stored.
	Topics map[chat.Vendor][]string
	// VerifyShopify reports whether the signature of a body was made with one of the
	// secrets.
	VerifyShopify func(secrets []chat.Secret, signature string, body []byte) bool
	// VerifyRecharge returns an error unless the headers have a signature of the body
	// that was made with one of the secrets.
	VerifyRecharge func(secrets []chat.Secret, header func(name string) string, body []byte, now time.Time) error
	Wake           func() // called after a webhook was stored
	Metrics        *metrics.Metrics
	Now            func() time.Time
	Log            *slog.Logger

	refused limitedLog
}

// Routes adds the addresses that vendors call.
func (v *Vendors) Routes(r fiber.Router) {
	r.Post("/hooks/shopify/:endpoint", v.shopify)
	r.Post("/hooks/recharge/:endpoint", v.recharge)
	r.Post("/hooks/recharge/:endpoint/*", v.recharge)
}

// shopify handles POST /hooks/shopify/:endpoint. Shopify's signature covers the body
// and not the headers.
func (v *Vendors) shopify(c *fiber.Ctx) error {
	return v.receive(c, chat.Shopify, func(connection chat.Connection, secrets []chat.Secret, now time.Time) (topic string, err error) {
		if !strings.EqualFold(c.Get("X-Shopify-Shop-Domain"), connection.Account) || !v.VerifyShopify(secrets, c.Get("X-Shopify-Hmac-Sha256"), c.BodyRaw()) {
			return "", errBadSignature
		}
		return c.Get("X-Shopify-Topic"), nil
	})
}

// recharge handles POST /hooks/recharge/:endpoint/*, where the rest of the path is the
// topic: Recharge names it nowhere else.
func (v *Vendors) recharge(c *fiber.Ctx) error {
	return v.receive(c, chat.Recharge, func(_ chat.Connection, secrets []chat.Secret, now time.Time) (topic string, err error) {
		if err := v.VerifyRecharge(secrets, func(name string) string { return c.Get(name) }, c.BodyRaw(), now); err != nil {
			return "", errBadSignature
		}
		if topic = c.Params("*"); topic == "" {
			topic = wrapperTopic(c.BodyRaw(), v.Topics[chat.Recharge])
		}
		return topic, nil
	})
}

// errBadSignature is answered with 401, which Shopify demands.
var errBadSignature = &chat.Error{Kind: chat.KindSignedOut, Code: "signature", Text: "The signature is wrong."}

// receive stores a webhook whose signature verify has checked. It answers 200, because
// Recharge repeats what is answered with another success, or returns an error with
// which the vendor tries again.
func (v *Vendors) receive(c *fiber.Ctx, vendor chat.Vendor, verify func(chat.Connection, []chat.Secret, time.Time) (topic string, err error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), hookTimeout)
	defer cancel()
	now := v.Now()
	endpoint := VendorEndpoint{vendor, c.Params("endpoint")}
	connection, err := v.Connections.Get(ctx, endpoint, now)
	if errors.Is(err, chat.ErrNotFound) {
		return err
	}
	if err != nil {
		v.count(vendor, metrics.WebhookUnavailable)
		return notSaved(err)
	}
	// Without a secret nothing can be verified.
	secrets := slices.DeleteFunc(connection.Secrets(now), func(s chat.Secret) bool { return s == "" })
	topic, err := verify(connection, secrets, now)
	if err != nil || len(secrets) == 0 {
		v.refuse(ctx, connection, now)
		return errBadSignature
	}
	outcome := metrics.WebhookStored
	switch body := c.BodyRaw(); {
	case !slices.Contains(v.Topics[vendor], topic) && !isWrapper(topic, v.Topics[vendor]):
		outcome = metrics.WebhookUnknownTopic
	case !isObject(body):
		outcome = metrics.WebhookUnreadable
	default:
		added, err := v.Store.AddEvent(ctx, vendorEvent(c, connection, topic, body, now))
		switch {
		case err != nil:
			v.count(vendor, metrics.WebhookUnavailable)
			return notSaved(err)
		case added:
			v.Wake()
		default:
			outcome = metrics.WebhookRepeated
		}
	}
	v.clearRefusal(ctx, connection)
	v.count(vendor, outcome)
	return c.Status(fiber.StatusOK).Send(nil)
}

func (v *Vendors) count(vendor chat.Vendor, outcome string) {
	v.Metrics.VendorWebhooks.WithLabelValues(string(vendor), outcome).Inc()
}

// refuse counts a webhook that could not be verified. It logs that, and saves it for the
// console, once a minute at most for each connection.
func (v *Vendors) refuse(ctx context.Context, c chat.Connection, now time.Time) {
	v.count(c.Vendor, metrics.WebhookRefused)
	v.Metrics.HooksRefused.Inc()
	if !v.refused.due(c.Endpoint, now) {
		return
	}
	v.Log.Warn("webhook refused", "shop", c.Shop, "vendor", c.Vendor, "reason", "bad signature",
		"hint", "if the vendor's webhooks don't arrive, check the secret in the console")
	if err := v.Store.SaveRefusedWebhook(ctx, c, now); err != nil {
		v.Log.Error("save refusal", "shop", c.Shop, "vendor", c.Vendor, "error", err)
	}
	v.Connections.Reset() // so that the next verified webhook sees it
}

// clearRefusal ends the notice of a refusal, because a webhook was verified after it.
// Only a connection with a refusal costs a write.
func (v *Vendors) clearRefusal(ctx context.Context, c chat.Connection) {
	if c.RefusedAt.IsZero() {
		return
	}
	if err := v.Store.SaveRefusedWebhook(ctx, c, time.Time{}); err != nil {
		v.Log.Error("clear refusal", "shop", c.Shop, "vendor", c.Vendor, "error", err)
	}
	v.Connections.Reset()
}
