package recharge

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sidetext/pretend/wire"
)

// A Hook is a subscription to a topic.
type Hook struct {
	ID       int64    `json:"id"`
	Address  string   `json:"address"`
	Topic    string   `json:"topic"`
	Included []string `json:"included_objects"`
	Version  string   `json:"version"`
}

func (h *Hook) id() int64 { return h.ID }

func (h *Hook) field(name string) []string { return common(name, h.ID, time.Time{}, time.Time{}) }

// Topics are the topics that can be subscribed to.
func Topics() []string {
	return strings.Fields(`address/created address/updated
charge/created charge/failed charge/max_retries_reached charge/paid charge/refunded charge/uncaptured charge/upcoming charge/updated charge/deleted
customer/activated customer/created customer/deactivated customer/payment_method_updated customer/updated customer/deleted
onetime/created onetime/deleted onetime/updated
order/cancelled order/created order/deleted order/processed order/payment_captured order/upcoming order/updated order/success
plan/created plan/deleted plan/updated
subscription/activated subscription/cancelled subscription/created subscription/deleted subscription/skipped subscription/unskipped
subscription/updated subscription/swapped subscription/paused
store/updated recharge/uninstalled async_batch/processed bundle_selection/created bundle_selection/updated bundle_selection/deleted`)
}

// topicScope is the scope that a topic needs: that of its object.
func topicScope(topic string) string {
	object, _, _ := strings.Cut(topic, "/")
	return map[string]string{
		"address": "read_customers", "customer": "read_customers", "subscription": "read_subscriptions", "onetime": "read_subscriptions",
		"bundle_selection": "read_subscriptions", "charge": "read_orders", "order": "read_orders", "plan": "read_products",
	}[object]
}

// maxHooks is the number of subscriptions that a token may have for one topic.
const maxHooks = 10

func newWebhooks(r *Recharge) *wire.Webhooks {
	waits := r.account.Waits
	if waits == nil {
		// 19 retries in 48 hours; the waits themselves are not documented.
		waits = slices.Repeat([]time.Duration{48 * time.Hour / 19}, 19)
	}
	out := &wire.Webhooks{
		Workers: r.senders, Changes: r.Changes, Timeout: 5 * time.Second, Waits: waits,
		Accepts: func(status int) bool { return status == http.StatusOK },
		// The timestamp is that of the event, so that a retry has the same signature.
		Sign: func(h wire.Webhook, _ time.Time) http.Header { return r.sign(h.At, h.Body) },
		// The subscription is deleted after its last failure, and the owner gets an e-mail.
		GiveUp: func(h wire.Webhook) {
			r.update(func() {
				if hook := find(r.hooks, h.Subscription); hook != nil {
					r.hooks = remove(r.hooks, hook)
					r.mails = append(r.mails, "The webhook "+hook.Topic+" has been deleted.")
				}
			})
		},
	}
	out.Init(5 * time.Second)
	return out
}

func (r *Recharge) sign(at time.Time, body []byte) http.Header {
	r.mu.Lock()
	secret := r.secret
	r.mu.Unlock()
	return Sign(secret, at, body)
}

// SignedRequest returns a webhook of any body, as Recharge sends it. It has no topic.
func (r *Recharge) SignedRequest(ctx context.Context, address string, body []byte) (*http.Request, error) {
	out, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	out.Header = r.sign(time.Now(), body)
	out.Header.Set("Content-Type", "application/json")
	return out, nil
}

// fire schedules the webhooks of a topic: the object in its wrapper, with the included
// objects beside it.
func (r *Recharge) fire(topic, wrapper string, object any, customer int64) {
	for _, h := range r.hooks {
		if h.Topic == topic && r.lacks(topicScope(topic)) == nil {
			r.pending = append(r.pending, r.webhook(h, wrapper, object, customer))
		}
	}
}

func (r *Recharge) webhook(h *Hook, wrapper string, object any, customer int64) wire.Webhook {
	payload := map[string]any{wrapper: object}
	for _, name := range h.Included {
		switch name {
		case "customer":
			payload["customer"] = r.customerView(customer)
		case "addresses":
			payload["addresses"] = views(r.addressesOf(customer), r.showAddress)
		}
	}
	return wire.Webhook{Subscription: h.ID, Topic: h.Topic, Address: h.Address, Body: encode(payload), At: time.Now()}
}

func (r *Recharge) fireCharge(topic string, c *Charge) {
	r.fire(topic, "charge", r.showCharge(c), c.Customer.ID)
}

// fireItem sends the topic of what has happened to a subscription or onetime.
func (r *Recharge) fireItem(verb string, of item) {
	switch of := of.(type) {
	case *Subscription:
		r.fire("subscription/"+verb, "subscription", r.showSubscription(of), of.CustomerID)
	case *Onetime:
		if strings.HasSuffix(verb, "skipped") {
			verb = "updated"
		}
		r.fire("onetime/"+verb, "onetime", r.showOnetime(of), of.CustomerID)
	}
}

func (r *Recharge) listHooks(in *request) (int, any, *failure) {
	return page(r, in, list[*Hook]{"webhooks", r.hooks, "", nil, func(h *Hook) view { return view{object: h} }})
}

func (r *Recharge) getHook(in *request) (int, any, *failure) {
	return one(r, in, "webhook", r.hooks, func(h *Hook) view { return view{object: h} })
}

func (r *Recharge) postHook(in *request) (int, any, *failure) {
	h := &Hook{Included: []string{}, Version: "2021-11"}
	return r.saveHook(in, h, http.StatusOK)
}

func (r *Recharge) putHook(in *request) (int, any, *failure) {
	h := find(r.hooks, in.pathID())
	if h == nil {
		return 0, nil, notFound
	}
	return r.saveHook(in, h, http.StatusOK)
}

func (r *Recharge) saveHook(in *request, h *Hook, status int) (int, any, *failure) {
	next := *h
	if fail := in.decode(&next); fail != nil {
		return 0, nil, fail
	}
	next.ID = h.ID
	same := 0
	for _, other := range r.hooks {
		if other.Topic == next.Topic && other.ID != next.ID {
			same++
		}
	}
	u, err := url.Parse(next.Address)
	local := err == nil && (u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127."))
	switch {
	case !slices.Contains(Topics(), next.Topic):
		return 0, nil, invalid("topic", []string{"Not a valid choice."})
	case err != nil || u.Host == "" || u.Scheme != "https" && !local:
		return 0, nil, invalid("address", []string{"Not a valid URL."})
	case same >= maxHooks:
		return 0, nil, invalid("topic", []string{"The maximum number of webhooks for this topic has been reached."})
	}
	if fail := r.lacks(topicScope(next.Topic)); fail != nil {
		return 0, nil, fail
	}
	*h = next
	if h.ID == 0 {
		h.ID = r.nextID()
		r.hooks = insert(r.hooks, h)
	}
	return status, map[string]any{"webhook": h}, nil
}

func (r *Recharge) deleteHook(in *request) (int, any, *failure) {
	h := find(r.hooks, in.pathID())
	if h == nil {
		return 0, nil, notFound
	}
	r.hooks = remove(r.hooks, h)
	return http.StatusNoContent, nil, nil
}

// testHook handles POST /webhooks/{id}/test. The payload of a test is not documented.
func (r *Recharge) testHook(in *request) (int, any, *failure) {
	h := find(r.hooks, in.pathID())
	if h == nil {
		return 0, nil, notFound
	}
	wrapper, _, _ := strings.Cut(h.Topic, "/")
	r.pending = append(r.pending, r.webhook(h, wrapper, map[string]any{"id": 1}, 0))
	return http.StatusOK, map[string]any{}, nil
}
