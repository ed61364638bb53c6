package onboarding

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/recharge"
	"sidetext/server/cluster"
	"sidetext/shopify"
	"sidetext/widget"
)

// A ConnectionStore stores the shops' connections to vendors, and starts reading the
// vendors' lists.
type ConnectionStore interface {
	SaveConnection(ctx context.Context, c chat.Connection) error
	Connection(ctx context.Context, shop chat.ShopID, v chat.Vendor) (chat.Connection, error)
	ConnectionAt(ctx context.Context, v chat.Vendor, endpoint string) (chat.Connection, error)
	Connections(ctx context.Context) ([]chat.Connection, error)
	SetConnectionStatus(ctx context.Context, shop chat.ShopID, v chat.Vendor, status chat.ConnectionStatus, problem chat.Problem, now time.Time) error
	SaveRegistration(ctx context.Context, c chat.Connection) error
	RemoveConnection(ctx context.Context, shop chat.ShopID, v chat.Vendor, now time.Time) error
	StartReconciliation(ctx context.Context, c chat.Connection, parts []string, since, now time.Time) error
	Reconciliations(ctx context.Context, shop chat.ShopID) ([]chat.Reconciliation, error)
}

// A ShopifyClient is a store in Shopify, as the access of one connection sees it.
type ShopifyClient interface {
	Installation(ctx context.Context) (shopify.Installation, error)
	TestRead(ctx context.Context) (shopify.TestRead, error)
	Webhooks(ctx context.Context) ([]shopify.Webhook, error)
	CreateWebhook(ctx context.Context, topicName, address string) (shopify.Webhook, error)
	UpdateWebhook(ctx context.Context, id, address string) (shopify.Webhook, error)
	DeleteWebhook(ctx context.Context, id string) error
}

// A RechargeClient is a store in Recharge, as one token sees it.
type RechargeClient interface {
	Token(ctx context.Context) (recharge.TokenInfo, error)
	Store(ctx context.Context) (recharge.Store, error)
	ShopSettings(ctx context.Context) (json.RawMessage, error)
	TestRead(ctx context.Context) error
	Webhooks(ctx context.Context) ([]recharge.Webhook, error)
	CreateWebhook(ctx context.Context, topic, address string) (recharge.Webhook, error)
	DeleteWebhook(ctx context.Context, id string) error
}

// Vendors makes clients of the vendors. A client for background work leaves room for
// what a person waits for.
type Vendors struct {
	Shopify  func(c chat.Connection, background bool) (ShopifyClient, error)
	Recharge func(c chat.Connection, background bool) (RechargeClient, error)
}

// A vendorAccount is a store at either vendor.
type vendorAccount interface {
	// steps lists the steps of inspect, in order.
	steps() []widget.Step
	// inspect checks whether the vendor can be used, step by step. It fills in what it
	// reads: the account, its scopes and settings. Notes are what works, but not as well
	// as it could. A *chat.SendError says that the vendor refused something.
	inspect(ctx context.Context, list checklist, c *chat.Connection) (notes []Note, err error)
	// wanted are the webhooks that c needs, with the scopes that it has.
	wanted(public string, c chat.Connection) []chat.Registration
	webhookAPI
}

func (o *Onboarding) vendorAccount(c chat.Connection, background bool) (vendorAccount, error) {
	if c.Vendor == chat.Shopify {
		client, err := o.Vendors.Shopify(c, background)
		return shopifyAccount{client, c.ClientID != ""}, err
	}
	client, err := o.Vendors.Recharge(c, background)
	return rechargeAccount{client, c}, err
}

// vendorProblem is the problem of a connection that the vendor refuses as a whole,
// until the merchant does something about it.
func vendorProblem(err error) (chat.Problem, bool) {
	var refusal *chat.SendError
	if !errors.As(err, &refusal) || !refusal.WholeAccount {
		return chat.Problem{}, false
	}
	switch refusal.Problem.Code {
	case "token", "scope", "shop_closed":
		return refusal.Problem, true
	}
	return chat.Problem{}, false
}

// resumed publishes that deliveries to the connection's vendor can run.
func (o *Onboarding) resumed(c chat.Connection) {
	o.Events.Publish(hub.Event{Kind: cluster.SettingsChanged})
	o.Events.Publish(hub.Event{Kind: cluster.AccountResumed, Subject: c.VendorAccount()})
	o.Wake()
}

// overlap is how much of a list is read again, because clocks and the times of records
// are not exact.
const overlap = time.Hour

// reconcile starts reading the lists of a connection's vendor: what has changed since
// they were last read completely, or everything.
func (o *Onboarding) reconcile(ctx context.Context, c chat.Connection) error {
	all, err := o.Connections.Reconciliations(ctx, c.Shop)
	if err != nil {
		return err
	}
	parts := vendorParts(c.Vendor)
	return o.Connections.StartReconciliation(ctx, c, parts, since(all, c.Vendor, parts), o.Now())
}

// since is from when on changes can be missing in the directory; zero: any time.
func since(all []chat.Reconciliation, v chat.Vendor, parts []string) (earliest time.Time) {
	known := map[string]chat.Reconciliation{}
	for _, r := range all {
		if r.Vendor == v {
			known[r.Part] = r
		}
	}
	for i, part := range parts {
		from := known[part].Since
		if r := known[part]; r.Done() {
			from = r.StartedAt.Add(-overlap)
		}
		if from.IsZero() {
			return time.Time{}
		}
		if i == 0 || from.Before(earliest) {
			earliest = from
		}
	}
	return earliest
}
