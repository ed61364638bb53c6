package onboarding

import (
	"context"
	"errors"
	"strings"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/widget"
)

// vendorJobs names the jobs of each vendor.
var vendorJobs = map[chat.Vendor]struct{ connect, check, disconnect string }{
	chat.Shopify:  {ShopifyConnect, ShopifyCheck, ShopifyDisconnect},
	chat.Recharge: {RechargeConnect, RechargeCheck, RechargeDisconnect},
}

// connectVendor starts the job that connects c, which has no endpoint yet.
func (o *Onboarding) connectVendor(ctx context.Context, c chat.Connection) error {
	api, err := o.vendorAccount(c, false)
	if err != nil {
		return err
	}
	return o.Jobs.Start(ctx, c.Shop, vendorJobs[c.Vendor].connect, func(ctx context.Context, report func(widget.Step)) error {
		list := checklist{report}
		list.announce(api.steps()...)
		list.announce(widget.Step{ID: "keep", Name: "Access data"}, widget.Step{ID: "webhooks", Name: "Webhooks"}, widget.Step{ID: "import", Name: "First import"})
		former, err := o.Connections.Connection(ctx, c.Shop, c.Vendor)
		known := err == nil
		if err != nil && !errors.Is(err, chat.ErrNotFound) {
			return err
		}
		notes, err := api.inspect(ctx, list, &c)
		if err != nil {
			return err
		}
		err = list.run("keep", "Access data", func() (stepResult, error) {
			return stepResult{Detail: "Stored encrypted."}, o.keep(ctx, &c, former, known)
		})
		if err != nil {
			return err
		}
		o.registerFirst(ctx, list, api, &c, notes)
		if known && (former.Account != c.Account || former.ClientID != c.ClientID || former.Token != c.Token || former.Secret != c.Secret) {
			o.giveUp(ctx, list, former, c)
		}
		return list.run("import", "First import", func() (stepResult, error) {
			if known && former.Status != chat.ConnectionActive {
				if err := o.Connections.SetConnectionStatus(ctx, c.Shop, c.Vendor, chat.ConnectionActive, chat.Problem{}, o.Now()); err != nil {
					return stepResult{}, err
				}
			}
			err := o.reconcile(ctx, c)
			o.resumed(c)
			return stepResult{Detail: "It has started. Its progress is on the page “Directory”."}, err
		})
	})
}

// keep saves a connection with which everything works. That of the same store keeps
// its address for webhooks.
func (o *Onboarding) keep(ctx context.Context, c *chat.Connection, former chat.Connection, known bool) error {
	if err := o.sameStore(ctx, *c); err != nil {
		return err
	}
	c.Endpoint, c.ConnectedAt = randomSecret(), o.Now()
	if known && former.Account == c.Account {
		c.Endpoint, c.Registered = former.Endpoint, former.Registered
		if len(c.Settings) == 0 {
			c.Settings = former.Settings
		}
	}
	c.Status = chat.ConnectionActive
	defer o.Events.Publish(hub.Event{Kind: cluster.SettingsChanged})
	return o.Connections.SaveConnection(ctx, *c)
}

// sameStore refuses to connect Shopify and Recharge of two stores: each would describe
// customers of its own.
func (o *Onboarding) sameStore(ctx context.Context, c chat.Connection) error {
	for _, v := range chat.Vendors() {
		if v == c.Vendor {
			continue
		}
		other, err := o.Connections.Connection(ctx, c.Shop, v)
		if errors.Is(err, chat.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if ofShopify(c.Account) && ofShopify(other.Account) && c.Account != other.Account {
			return &chat.Error{Kind: chat.KindInvalid, Code: "other_store", Text: "This is the store " + c.Account + ", but " + v.Name() + " is connected to " + other.Account +
				". Both have to be of the same store. Connect " + c.Vendor.Name() + " of " + other.Account + ", or disconnect " + v.Name() + " first."}
		}
	}
	return nil
}

func ofShopify(account string) bool { return strings.HasSuffix(account, ".myshopify.com") }

// registerFirst registers the webhooks of a new connection. If that fails, the
// connection works all the same, and the next round of checks tries again.
func (o *Onboarding) registerFirst(ctx context.Context, list checklist, api vendorAccount, c *chat.Connection, notes []Note) {
	_ = list.run("webhooks", "Webhooks", func() (stepResult, error) {
		report, result, err := o.register(ctx, api, c, notes)
		if err != nil {
			o.Log.Warn("webhooks not registered", "shop", c.Shop, "vendor", c.Vendor, "made", report.made, errorAttribute(err))
			return stepResult{Warned: true, Detail: "They could not be registered yet: " + messageFor(err) + " Sidetext tries again in a few minutes."}, nil
		}
		return result, nil
	})
}

// register registers the webhooks of a connection, and saves what came of it.
func (o *Onboarding) register(ctx context.Context, api vendorAccount, c *chat.Connection, notes []Note) (report webhookReport, result stepResult, err error) {
	if report, err = o.registerWebhooks(ctx, api, *c); err != nil {
		return report, result, err
	}
	result, note := report.describe(c.Vendor)
	if note != "" {
		notes = append(notes, Note{Text: note})
	}
	if c.Registered, err = report.encode(notes); err != nil {
		return report, result, err
	}
	c.CheckedAt = o.Now()
	return report, result, o.Connections.SaveRegistration(ctx, *c)
}

// giveUp removes the webhooks that a replaced access had registered, as far as the
// vendor still lets us.
func (o *Onboarding) giveUp(ctx context.Context, list checklist, former, now chat.Connection) {
	_ = list.run("former", "Former access", func() (stepResult, error) {
		inUse, err := RegisteredBy(now)
		if err != nil {
			return stepResult{}, err
		}
		api, err := o.vendorAccount(former, false)
		if err == nil {
			err = o.removeWebhooks(ctx, api, former, inUse.Webhooks)
		}
		if err != nil {
			return stepResult{Warned: true, Detail: "Its webhooks could not be removed, because " + former.Vendor.Name() + " no longer accepts it. They do no harm: " + former.Vendor.Name() + " removes them after some failed deliveries."}, nil
		}
		return stepResult{Detail: "Its webhooks are removed."}, nil
	})
}
