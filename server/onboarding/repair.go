package onboarding

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/server/helpdesk"
	"sidetext/widget"
)

// Refresh updates what we know of all helpdesks, and repairs what is installed
// there.
func (o *Onboarding) Refresh(ctx context.Context) error {
	all, err := o.Store.Helpdesks(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, h := range all {
		client, err := o.Accounts.Client(h.Account, h.Username, h.Key)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, o.repair(ctx, h, client.Background()))
	}
	return errors.Join(errs...)
}

// repair updates the list of agents and repairs the integrations. Gorgias
// switches an integration off after 100 failed calls in a row, which an hour of
// downtime can cause; from then on no event would arrive. What an older release
// installed, or with other settings, is brought up to date.
func (o *Onboarding) repair(ctx context.Context, h chat.Helpdesk, client *gorgias.Client) error {
	ctx, cancel := context.WithTimeout(ctx, JobTimeout)
	defer cancel()
	found, err := widget.Check(ctx, client, nil)
	if err == nil {
		err = o.Store.SaveAgents(ctx, h, agents(found.Agents), o.Now())
	}
	if err != nil {
		return err
	}
	before, err := helpdesk.MadeBy(h)
	if err != nil {
		return err
	}
	shop, err := o.Store.Shop(ctx, h.Shop)
	if err != nil {
		return err
	}
	plan := o.plan(h, shop, before)
	version, err := plan.Version()
	if err != nil {
		return err
	}
	stale := before.Version != version // of an older release, or its settings have changed
	for _, id := range []gorgias.ID{before.Widget.Card, before.Widget.Events} {
		i, err := client.Integration(ctx, id)
		if err != nil {
			return err
		}
		if !i.DeactivatedAt.IsZero() {
			o.Log.Warn("integration switched on again", "shop", h.Shop, "integration", id)
			stale = true
		}
	}
	if !stale {
		return nil
	}
	if before.Widget, err = widget.Install(ctx, client, plan, nil); err != nil {
		return err
	}
	before.Version = version
	if h.Made, err = json.Marshal(before); err != nil {
		return fmt.Errorf("encode installation: %w", err)
	}
	return o.Store.SaveInstallation(ctx, h)
}

// plan is what a shop's helpdesk gets.
func (o *Onboarding) plan(h chat.Helpdesk, shop chat.Shop, before helpdesk.Made) widget.Plan {
	address := o.PublicURL + "/hooks/gorgias/" + h.Endpoint
	return widget.Plan{
		Shop: shop.ID, CardURL: address + "/card", EventURL: address + "/event", PublicURL: o.PublicURL,
		Secret: h.Secret, Tag: shop.Settings.Tag, Title: shop.Settings.CardTitle, Known: before.Widget,
	}
}
