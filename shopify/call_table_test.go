package shopify_test

import (
	"context"

	"sidetext/shopify"
)

const (
	webhookJSON  = `{"id":"gid://shopify/WebhookSubscription/1","topic":"ORDERS_CREATE","uri":"https://x.example/hooks/shopify/e1","format":"JSON","filter":"","includeFields":[],"apiVersion":{"handle":"2026-10"}}`
	lastPage     = `"pageInfo":{"hasNextPage":false,"endCursor":null}`
	throttleCost = `"extensions":{"cost":{"requestedQueryCost":120,"actualQueryCost":null,"throttleStatus":{"maximumAvailable":2000.0,"currentlyAvailable":40,"restoreRate":20.0}}}`
)

// calls are all calls of a client, each with an answer that satisfies it, and for a
// mutation the one that refuses it.
var calls = map[string]struct {
	do      func(context.Context, *shopify.Client) error
	ok      string
	refused string
}{
	"installation": {
		func(ctx context.Context, c *shopify.Client) error { _, err := c.Installation(ctx); return err },
		`{"data":{"shop":{"name":"Acme"},"currentAppInstallation":{"accessScopes":[]},"publicApiVersions":[]}}`, "",
	},
	"test read": {
		func(ctx context.Context, c *shopify.Client) error { _, err := c.TestRead(ctx); return err },
		`{"data":{"orders":{"nodes":[]}}}`, "",
	},
	"revoke consent": {
		func(ctx context.Context, c *shopify.Client) error { return c.RevokeSMSConsent(ctx, "601", noon) },
		`{"data":{"customerSmsMarketingConsentUpdate":{"customer":{"id":"gid://shopify/Customer/601"},"userErrors":[]}}}`,
		`{"data":{"customerSmsMarketingConsentUpdate":{"customer":null,"userErrors":[{"field":["input"],"message":"Canary 555","code":"INCLUSION"}]}}}`,
	},
	"webhooks": {
		func(ctx context.Context, c *shopify.Client) error { _, err := c.Webhooks(ctx); return err },
		`{"data":{"webhookSubscriptions":{"nodes":[` + webhookJSON + `],` + lastPage + `}}}`, "",
	},
	"create webhook": {
		func(ctx context.Context, c *shopify.Client) error {
			_, err := c.CreateWebhook(ctx, "ORDERS_CREATE", "https://x.example/hooks/shopify/e1")
			return err
		},
		`{"data":{"webhookSubscriptionCreate":{"webhookSubscription":` + webhookJSON + `,"userErrors":[]}}}`,
		`{"data":{"webhookSubscriptionCreate":{"webhookSubscription":null,"userErrors":[{"field":["webhookSubscription","uri"],"message":"Canary has already been taken"}]}}}`,
	},
	"update webhook": {
		func(ctx context.Context, c *shopify.Client) error {
			_, err := c.UpdateWebhook(ctx, "gid://shopify/WebhookSubscription/1", "https://x.example/hooks/shopify/e1")
			return err
		},
		`{"data":{"webhookSubscriptionUpdate":{"webhookSubscription":` + webhookJSON + `,"userErrors":[]}}}`,
		`{"data":{"webhookSubscriptionUpdate":{"webhookSubscription":null,"userErrors":[{"field":null,"message":"Canary"}]}}}`,
	},
	"delete webhook": {
		func(ctx context.Context, c *shopify.Client) error {
			return c.DeleteWebhook(ctx, "gid://shopify/WebhookSubscription/1")
		},
		`{"data":{"webhookSubscriptionDelete":{"deletedWebhookSubscriptionId":"gid://shopify/WebhookSubscription/1","userErrors":[]}}}`,
		`{"data":{"webhookSubscriptionDelete":{"deletedWebhookSubscriptionId":null,"userErrors":[{"field":["id"],"message":"Canary"}]}}}`,
	},
}
