package shopify

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// A Webhook is a webhook subscription that this app made on a store.
type Webhook struct {
	ID      string // "gid://shopify/WebhookSubscription/1"
	Name    string // of the topic in the API: "ORDERS_CREATE"
	Topic   string // in the webhook's header: "orders/create"; empty for one that is not in Topics
	Address string
	Version string // of the API that the payloads have: the app's own setting decides
	// Changed says that payloads are filtered, shortened or not JSON: it was not made by
	// Sidetext, or changed since.
	Changed bool
}

type wireWebhook struct {
	ID      string   `json:"id"`
	Topic   string   `json:"topic"`
	URI     string   `json:"uri"`
	Format  string   `json:"format"`
	Filter  string   `json:"filter"`
	Fields  []string `json:"includeFields"`
	Version struct {
		Handle string `json:"handle"`
	} `json:"apiVersion"`
}

func (w wireWebhook) webhook() Webhook {
	out := Webhook{
		ID: w.ID, Name: w.Topic, Address: w.URI, Version: w.Version.Handle,
		Changed: w.Filter != "" || len(w.Fields) > 0 || w.Format != "" && w.Format != "JSON",
	}
	if i := slices.IndexFunc(Topics, func(t Topic) bool { return t.Name == w.Topic }); i >= 0 {
		out.Topic = Topics[i].Topic
	}
	return out
}

// Webhooks lists the webhook subscriptions that this app made through the API.
func (c *Client) Webhooks(ctx context.Context) ([]Webhook, error) {
	var all []Webhook
	for after := ""; ; {
		var in struct {
			List page[wireWebhook] `json:"webhookSubscriptions"`
		}
		if _, err := c.do(ctx, listWebhooks, map[string]any{"after": optional(after)}, &in); err != nil {
			return nil, err
		}
		for _, w := range in.List.Nodes {
			all = append(all, w.webhook())
		}
		next, err := in.List.next(c, listWebhooks, after)
		if err != nil || next == "" || len(all) >= 5000 {
			return all, err
		}
		after = next
	}
}

// webhookInput is what a subscription should be. The version of the payloads cannot be
// chosen here.
func webhookInput(address string) map[string]any {
	return map[string]any{"uri": address, "format": "JSON"}
}

type webhookPayload struct {
	Webhook    wireWebhook `json:"webhookSubscription"`
	UserErrors []userError `json:"userErrors"`
}

// CreateWebhook registers an address for a topic, like "ORDERS_CREATE". Shopify refuses a
// second webhook with the same topic and address, so list them first.
func (c *Client) CreateWebhook(ctx context.Context, topicName, address string) (Webhook, error) {
	o := createWebhook
	if i := slices.IndexFunc(Topics, func(t Topic) bool { return t.Name == topicName }); i >= 0 {
		o.scope = Topics[i].Scope
	}
	var in struct {
		Payload webhookPayload `json:"webhookSubscriptionCreate"`
	}
	return c.saveWebhook(ctx, o, map[string]any{"topic": topicName, "webhook": webhookInput(address)}, &in, &in.Payload)
}

// UpdateWebhook gives a webhook another address, and makes it send whole payloads of all
// events.
func (c *Client) UpdateWebhook(ctx context.Context, id, address string) (Webhook, error) {
	var in struct {
		Payload webhookPayload `json:"webhookSubscriptionUpdate"`
	}
	input := webhookInput(address)
	input["filter"], input["includeFields"] = "", []string{}
	return c.saveWebhook(ctx, updateWebhook, map[string]any{"id": id, "webhook": input}, &in, &in.Payload)
}

func (c *Client) saveWebhook(ctx context.Context, o operation, variables map[string]any, into any, payload *webhookPayload) (Webhook, error) {
	if _, err := c.do(ctx, o, variables, into); err != nil {
		return Webhook{}, err
	}
	if err := c.refusal(o, payload.UserErrors); err != nil {
		return Webhook{}, err
	}
	if !strings.HasPrefix(payload.Webhook.ID, "gid://") {
		return Webhook{}, c.unreadable(o)
	}
	return payload.Webhook.webhook(), nil
}

// DeleteWebhook removes a webhook.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	var in struct {
		Payload struct {
			ID         string      `json:"deletedWebhookSubscriptionId"`
			UserErrors []userError `json:"userErrors"`
		} `json:"webhookSubscriptionDelete"`
	}
	if _, err := c.do(ctx, deleteWebhook, map[string]any{"id": id}, &in); err != nil {
		return err
	}
	if err := c.refusal(deleteWebhook, in.Payload.UserErrors); err != nil {
		return err
	}
	if in.Payload.ID == "" {
		return c.unreadable(deleteWebhook)
	}
	return nil
}

// A userError says why Shopify did not make a change that was requested properly.
type userError struct {
	Message string `json:"message"`
	Code    string `json:"code"`
}

// refusal returns the error for a mutation's userErrors, or nil if there are none.
func (c *Client) refusal(o operation, errs []userError) error {
	if len(errs) == 0 {
		return nil
	}
	e := &Error{Action: o.action, Change: true, Status: http.StatusOK, Written: true, Refused: true, Code: codeUserError, Scope: o.scope}
	e.setCode(errs[0].Code)
	e.setMessage(errs[0].Message)
	return c.sendError(e)
}

// unreadable returns the error for an answer that lacks what it should have.
func (c *Client) unreadable(o operation) error {
	return c.sendError(&Error{
		Action: o.action, Change: o.change, Status: http.StatusOK, Written: true,
		Code: codeUnreadable, Cause: errUnreadable,
	})
}
