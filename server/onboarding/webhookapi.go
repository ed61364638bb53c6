package onboarding

import (
	"context"

	"sidetext/chat"
	"sidetext/shopify"
)

func (a shopifyAccount) list(ctx context.Context) (all []webhook, err error) {
	found, err := a.client.Webhooks(ctx)
	for _, w := range found {
		topic := w.Topic
		if topic == "" {
			topic = w.Name // one that we do not know
		}
		all = append(all, webhook{w.ID, topic, w.Address, w.Changed})
	}
	return all, err
}

func (a shopifyAccount) create(ctx context.Context, r chat.Registration) (string, error) {
	name := r.Topic
	for _, t := range shopify.Topics {
		if t.Topic == r.Topic {
			name = t.Name
		}
	}
	w, err := a.client.CreateWebhook(ctx, name, r.Address)
	return w.ID, err
}

func (a shopifyAccount) move(ctx context.Context, w webhook) (string, error) {
	_, err := a.client.UpdateWebhook(ctx, w.id, w.address)
	return w.id, err
}

func (a shopifyAccount) remove(ctx context.Context, id string) error {
	return a.client.DeleteWebhook(ctx, id)
}

func (a shopifyAccount) limit() int { return 0 }

func (a rechargeAccount) list(ctx context.Context) (all []webhook, err error) {
	found, err := a.client.Webhooks(ctx)
	for _, w := range found {
		all = append(all, webhook{id: w.ID, topic: w.Topic, address: w.Address})
	}
	return all, err
}

func (a rechargeAccount) create(ctx context.Context, r chat.Registration) (string, error) {
	w, err := a.client.CreateWebhook(ctx, r.Topic, r.Address)
	return w.ID, err
}

// move replaces the webhook. The old one goes first: Recharge may have no room for
// both, and what is lost between them is read when the lists are compared.
func (a rechargeAccount) move(ctx context.Context, w webhook) (string, error) {
	if err := a.client.DeleteWebhook(ctx, w.id); err != nil {
		return "", err
	}
	return a.create(ctx, chat.Registration{Topic: w.topic, Address: w.address})
}

func (a rechargeAccount) remove(ctx context.Context, id string) error {
	return a.client.DeleteWebhook(ctx, id)
}

func (a rechargeAccount) limit() int { return maxPerTopic }
