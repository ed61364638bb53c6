package onboarding

import (
	"context"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
)

// PauseVendor pauses an active connection: webhooks are kept, and nothing is requested
// from the vendor.
func (o *Onboarding) PauseVendor(ctx context.Context, shop chat.ShopID, v chat.Vendor) error {
	c, err := o.Connections.Connection(ctx, shop, v)
	if err != nil {
		return err
	}
	if c.Status != chat.ConnectionActive {
		return &chat.Error{Kind: chat.KindConflict, Code: "not_active", Text: "Only a connection that works can be paused."}
	}
	defer o.Events.Publish(hub.Event{Kind: cluster.SettingsChanged})
	return o.Connections.SetConnectionStatus(ctx, shop, v, chat.ConnectionPaused, chat.Problem{}, o.Now())
}

// ResumeVendor resumes a paused connection. What waited is applied, and what has
// changed at the vendor meanwhile is read.
func (o *Onboarding) ResumeVendor(ctx context.Context, shop chat.ShopID, v chat.Vendor) error {
	c, err := o.Connections.Connection(ctx, shop, v)
	if err != nil {
		return err
	}
	if c.Status != chat.ConnectionPaused {
		return &chat.Error{Kind: chat.KindConflict, Code: "not_paused", Text: "The connection is not paused."}
	}
	if err := o.Connections.SetConnectionStatus(ctx, shop, v, chat.ConnectionActive, chat.Problem{}, o.Now()); err != nil {
		return err
	}
	defer o.resumed(c)
	return o.reconcile(ctx, c)
}
