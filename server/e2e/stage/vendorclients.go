package stage

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"sidetext/recharge"
	"sidetext/shopify"
)

// A shopifyClient is the store as a client shows it.
type shopifyClient struct{ *Vendors }

func (s shopifyClient) call(name string) error {
	s.Shopify.Calls = append(s.Shopify.Calls, name)
	for failing, err := range s.Shopify.Fails {
		if failing == name || failing+" " == name[:min(len(failing)+1, len(name))] {
			return err
		}
	}
	return nil
}

func (s shopifyClient) Installation(context.Context) (shopify.Installation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Shopify.Installed, s.call("Installation")
}

func (s shopifyClient) TestRead(context.Context) (shopify.TestRead, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Shopify.Read, s.call("TestRead")
}

func (s shopifyClient) Webhooks(context.Context) ([]shopify.Webhook, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.Shopify.Hooks), s.call("Webhooks")
}

func (s shopifyClient) CreateWebhook(_ context.Context, topic, address string) (w shopify.Webhook, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.call("CreateWebhook " + topic); err != nil {
		return w, err
	}
	w = shopify.Webhook{ID: s.id(), Name: topic, Topic: topicOf(topic), Address: address}
	s.Shopify.Hooks = append(s.Shopify.Hooks, w)
	return w, nil
}

func (s shopifyClient) UpdateWebhook(_ context.Context, id, address string) (shopify.Webhook, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.Shopify.Hooks {
		if s.Shopify.Hooks[i].ID == id {
			s.Shopify.Hooks[i].Address = address
		}
	}
	return shopify.Webhook{}, s.call("UpdateWebhook " + id)
}

func (s shopifyClient) DeleteWebhook(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.call("DeleteWebhook " + id)
	if err == nil {
		s.Shopify.Hooks = slices.DeleteFunc(s.Shopify.Hooks, func(w shopify.Webhook) bool { return w.ID == id })
	}
	return err
}

// A rechargeClient is the store as a token shows it.
type rechargeClient struct{ *Vendors }

func (r rechargeClient) call(name string) error {
	r.Recharge.Calls = append(r.Recharge.Calls, name)
	return r.Recharge.Fails[name]
}

func (r rechargeClient) Token(context.Context) (recharge.TokenInfo, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Recharge.Info, r.call("Token")
}

func (r rechargeClient) Store(context.Context) (recharge.Store, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Recharge.Shop, r.call("Store")
}

func (r rechargeClient) ShopSettings(context.Context) (json.RawMessage, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return json.RawMessage(r.Recharge.Settings), r.call("ShopSettings")
}

func (r rechargeClient) TestRead(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.call("TestRead")
}

func (r rechargeClient) Webhooks(context.Context) ([]recharge.Webhook, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.Recharge.Hooks), r.call("Webhooks")
}

func (r rechargeClient) CreateWebhook(_ context.Context, topic, address string) (w recharge.Webhook, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.call("CreateWebhook"); err != nil {
		return w, err
	}
	w = recharge.Webhook{ID: r.id(), Topic: topic, Address: address}
	r.Recharge.Hooks = append(r.Recharge.Hooks, w)
	return w, nil
}

func (r rechargeClient) DeleteWebhook(_ context.Context, id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.call("DeleteWebhook")
	if err == nil {
		r.Recharge.Hooks = slices.DeleteFunc(r.Recharge.Hooks, func(w recharge.Webhook) bool { return w.ID == id })
	}
	return err
}

// topicOf is a topic as it stands in a webhook: "orders/create" of ORDERS_CREATE.
func topicOf(name string) string {
	at := strings.LastIndexByte(name, '_')
	if strings.HasPrefix(name, "APP_") {
		at = len("APP")
	}
	return strings.ToLower(name[:at] + "/" + name[at+1:])
}
