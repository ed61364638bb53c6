package onboarding

import (
	"cmp"
	"context"
	"errors"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/server/helpdesk"
	"sidetext/widget"
)

// DisconnectGorgias starts the job that removes what we installed in the helpdesk, and
// deletes the connection. The connection is deleted even if the helpdesk refuses: what
// could not be removed is named, so that the merchant can delete it, and is reused when
// the helpdesk is connected again.
func (o *Onboarding) DisconnectGorgias(ctx context.Context, shop chat.ShopID) error {
	h, err := o.Store.Helpdesk(ctx, shop)
	if err != nil {
		return err
	}
	client, err := o.Accounts.Client(h.Account, h.Username, h.Key)
	if err != nil {
		return err
	}
	return o.Jobs.Start(ctx, shop, GorgiasDisconnect, func(ctx context.Context, report func(widget.Step)) error {
		step := widget.Step{ID: "remove", Name: "Card and integrations", State: widget.Doing}
		report(step)
		before, err := helpdesk.MadeBy(h)
		var left []widget.Leftover
		if err == nil {
			left, err = widget.Remove(ctx, client, before.Widget)
		}
		if err != nil {
			return err
		}
		for _, l := range left {
			o.Log.Warn("integration left in helpdesk", "shop", shop, "name", l.Name, "off", l.Off, "error", l.Err())
		}
		step.State, step.Detail, step.Link = removed(left)
		report(step)
		defer o.Events.Publish(hub.Event{Kind: cluster.SettingsChanged})
		defer o.Events.Publish(hub.Event{Kind: cluster.SessionEnded})
		return o.Store.RemoveHelpdesk(context.WithoutCancel(ctx), shop, o.Now())
	})
}

// removed describes what could not be removed from a helpdesk.
func removed(left []widget.Leftover) (state widget.Progress, detail, link string) {
	if len(left) == 0 {
		return widget.Done, "Removed. The tag stays, because tickets and rules may use it.", ""
	}
	lockedOut := true
	for _, l := range left {
		link = cmp.Or(link, l.Link)
		var e *gorgias.Error
		lockedOut = lockedOut && errors.As(l.Err(), &e) && (e.BadKey() || e.NoAccount())
	}
	if lockedOut {
		return widget.Warned, "Gorgias refuses the API key, so the integrations named Sidetext are still there. You can delete them in the settings of Gorgias.", link
	}
	return widget.Warned, widget.DescribeLeftovers(left), link
}
