package onboarding

import (
	"context"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/widget"
)

// DisconnectVendor starts the job that removes the webhooks that we registered at a
// vendor, and deletes the connection. It is deleted even if the vendor refuses. What
// the directory knows stays.
func (o *Onboarding) DisconnectVendor(ctx context.Context, shop chat.ShopID, v chat.Vendor) error {
	c, err := o.Connections.Connection(ctx, shop, v)
	if err != nil {
		return err
	}
	return o.Jobs.Start(ctx, shop, vendorJobs[v].disconnect, func(ctx context.Context, report func(widget.Step)) error {
		list := checklist{report}
		list.announce(widget.Step{ID: "webhooks", Name: "Webhooks"}, widget.Step{ID: "forget", Name: "Access data"})
		_ = list.run("webhooks", "Webhooks", func() (stepResult, error) {
			// Half of the time is left for the rest, whatever the vendor does.
			ctx, cancel := context.WithTimeout(ctx, JobTimeout/2)
			defer cancel()
			api, err := o.vendorAccount(c, false)
			if err == nil {
				err = o.removeWebhooks(ctx, api, c, nil)
			}
			if err != nil {
				o.Log.Warn("webhooks left at vendor", "shop", shop, "vendor", v, errorAttribute(err))
				return stepResult{Warned: true, Detail: left(v, err)}, nil
			}
			return stepResult{Detail: "Removed from " + v.Name() + "."}, nil
		})
		return list.run("forget", "Access data", func() (stepResult, error) {
			defer o.Events.Publish(hub.Event{Kind: cluster.SettingsChanged})
			return stepResult{Detail: "Deleted. What Sidetext knows of your customers stays."}, o.Connections.RemoveConnection(context.WithoutCancel(ctx), shop, v, o.Now())
		})
	})
}

// left says why webhooks are still registered, and that it does no harm.
func left(v chat.Vendor, err error) string {
	return "They could not be removed: " + messageFor(err) + " From now on Sidetext refuses them, and " + v.Name() + " removes them after some failed deliveries."
}
