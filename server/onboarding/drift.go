package onboarding

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sidetext/chat"
	"sidetext/server/cluster"
	"sidetext/widget"
)

// checkEvery is how long a check of a connection holds. Recharge deletes a webhook
// after 48 hours of failures, Shopify after four.
const checkEvery = time.Hour

// ErrPaused refuses what needs requests to a vendor.
var ErrPaused = &chat.Error{Kind: chat.KindConflict, Code: "paused", Text: "The connection is paused. Resume it first."}

// checksAtOnce is how many connections are checked at the same time. A vendor that does
// not answer takes most of a minute for each of its connections.
const checksAtOnce = 8

// CheckVendors checks the connections that have not been checked for an hour, a few at a
// time: it compares webhooks and scopes with what is needed, and repairs what it can.
// One that can't be checked now is checked in the next round.
func (o *Onboarding) CheckVendors(ctx context.Context) error {
	all, err := o.Connections.Connections(ctx)
	if err != nil {
		return err
	}
	errs := make([]error, len(all))
	places := make(chan struct{}, checksAtOnce)
	var checks sync.WaitGroup
	for i, c := range all {
		if c.Status == chat.ConnectionPaused || o.Now().Sub(c.CheckedAt) < checkEvery {
			continue
		}
		places <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		checks.Go(func() {
			defer func() { <-places }()
			err := o.checkInBackground(ctx, c)
			// A refusal is logged where it is saved.
			if _, refused := vendorProblem(err); err != nil && !refused {
				errs[i] = fmt.Errorf("check %s of shop %s: %w", c.Vendor, c.Shop, err)
			}
		})
	}
	checks.Wait()
	return errors.Join(errs...)
}

func (o *Onboarding) checkInBackground(ctx context.Context, c chat.Connection) error {
	ctx, cancel := context.WithTimeout(ctx, JobTimeout)
	defer cancel()
	key := jobKey(c.Shop, vendorJobs[c.Vendor].check)
	err := o.Jobs.begin(ctx, key)
	if errors.Is(err, errBusy) {
		return nil // a merchant connects, checks or disconnects it
	}
	if err != nil {
		return err
	}
	defer o.Jobs.ended(key)
	c, err = o.Connections.Connection(ctx, c.Shop, c.Vendor) // it may have changed while others were checked
	if errors.Is(err, chat.ErrNotFound) || err == nil && c.Status == chat.ConnectionPaused {
		return nil
	}
	if err != nil {
		return err
	}
	api, err := o.vendorAccount(c, true)
	if err != nil {
		return err
	}
	return cluster.Safely(ctx, o.Log, func(ctx context.Context) error { return o.check(ctx, c, api, quiet) })
}

// CheckVendor starts the job that checks a connection now.
func (o *Onboarding) CheckVendor(ctx context.Context, shop chat.ShopID, v chat.Vendor) error {
	c, err := o.Connections.Connection(ctx, shop, v)
	if err != nil {
		return err
	}
	if c.Status == chat.ConnectionPaused {
		return ErrPaused
	}
	api, err := o.vendorAccount(c, false)
	if err != nil {
		return err
	}
	return o.Jobs.Start(ctx, shop, vendorJobs[v].check, func(ctx context.Context, report func(widget.Step)) error {
		list := checklist{report}
		list.announce(api.steps()...)
		list.announce(widget.Step{ID: "webhooks", Name: "Webhooks"})
		return o.check(ctx, c, api, list)
	})
}

// check compares a connection with what is needed, and repairs it. If the vendor
// refuses it as a whole, it is broken until a check finds that it works again; then,
// and after webhooks were lost, what has changed meanwhile is read.
func (o *Onboarding) check(ctx context.Context, c chat.Connection, api vendorAccount, list checklist) error {
	found := c
	notes, err := api.inspect(ctx, list, &found)
	found.Account = c.Account // a store's name does not change
	if err != nil {
		return o.broken(ctx, found, err)
	}
	var report webhookReport
	err = list.run("webhooks", "Webhooks", func() (result stepResult, err error) {
		report, result, err = o.register(ctx, api, &found, notes)
		return result, err
	})
	if err != nil {
		return o.broken(ctx, found, err)
	}
	if report.lost > 0 {
		o.Log.Warn("webhooks were lost", "shop", c.Shop, "vendor", c.Vendor, "webhooks", report.lost)
	}
	repaired := c.Status == chat.ConnectionBroken
	if repaired {
		if err := o.Connections.SetConnectionStatus(ctx, c.Shop, c.Vendor, chat.ConnectionActive, chat.Problem{}, o.Now()); err != nil {
			return err
		}
		o.Log.Info("connection works again", "shop", c.Shop, "vendor", c.Vendor)
	}
	if repaired || report.lost > 0 {
		if err := o.reconcile(ctx, c); err != nil {
			return err
		}
		o.resumed(c)
	}
	return nil
}

// broken marks a connection that the vendor refuses as a whole. Of other errors, such
// as a vendor that does not answer, it only returns err.
func (o *Onboarding) broken(ctx context.Context, c chat.Connection, err error) error {
	problem, refused := vendorProblem(err)
	if !refused {
		return err
	}
	if c.Status == chat.ConnectionBroken && c.Problem.Code == chat.ProblemUninstalled {
		problem = c.Problem // the vendor's refusal follows from it, and says less
	}
	c.CheckedAt = o.Now()
	if saved := o.Connections.SaveRegistration(ctx, c); saved != nil {
		return errors.Join(saved, err)
	}
	if saved := o.Connections.SetConnectionStatus(ctx, c.Shop, c.Vendor, chat.ConnectionBroken, problem, o.Now()); saved != nil {
		return errors.Join(saved, err)
	}
	o.Log.Warn("connection is broken", "shop", c.Shop, "vendor", c.Vendor, "code", problem.Code)
	return err
}
