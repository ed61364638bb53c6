package main

import (
	"cmp"
	"context"
	"errors"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/hub"
	"sidetext/widget"
)

// disconnectGorgias removes from the helpdesk what we made there, and forgets
// it. It is forgotten whatever the helpdesk says: what could not be removed is
// named, so that the merchant can delete it, and is found again on connecting.
func (s *server) disconnectGorgias(ctx context.Context, shop chat.ShopID) error {
	h, err := s.store.Helpdesk(ctx, shop)
	if err != nil {
		return err
	}
	client, err := s.accounts.Client(h.Account, h.Username, h.Key)
	if err != nil {
		return err
	}
	return s.setups.start(ctx, shop, setupDisconnect, func(ctx context.Context, report func(widget.Step)) error {
		step := widget.Step{ID: "remove", Name: "Removing the card and the integrations", State: widget.Doing}
		report(step)
		before, err := madeBy(h)
		var left []widget.Leftover
		if err == nil {
			left, err = widget.Remove(ctx, client, before.Widget)
		}
		if err != nil {
			return err
		}
		for _, l := range left {
			s.log.Warn("something of ours stays in a helpdesk", "shop", shop, "name", l.Name, "off", l.Off, "error", l.Err())
		}
		step.State, step.Detail, step.Link = removed(left)
		report(step)
		defer s.tellNodes(hub.Event{Kind: nodesSettings})
		defer s.tellNodes(hub.Event{Kind: nodesSession})
		return s.store.RemoveHelpdesk(context.WithoutCancel(ctx), shop, s.now())
	})
}

// removed says what became of what we made in a helpdesk.
func removed(left []widget.Leftover) (state widget.Progress, detail, link string) {
	if len(left) == 0 {
		return widget.Done, "They are gone. The tag stays, because tickets and rules may use it.", ""
	}
	lockedOut := true
	for _, l := range left {
		link = cmp.Or(link, l.Link)
		var e *gorgias.Error
		lockedOut = lockedOut && errors.As(l.Err(), &e) && (e.BadKey() || e.NoAccount())
	}
	if lockedOut {
		return widget.Warned, "Gorgias does not let us in any more, so the integrations named Sidetext are still there. They can be deleted in its settings.", link
	}
	return widget.Warned, widget.DescribeLeftovers(left), link
}
