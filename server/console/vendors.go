package console

import (
	"context"
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/onboarding"
	"sidetext/server/web"
)

// A vendorView is the state of a vendor that knows the shop's customers.
type vendorView struct {
	ID        chat.Vendor
	Name      string
	Purpose   string // what it is good for
	Connected bool
	Account   string
	Status    chat.ConnectionStatus
	Problem   string // of a broken one: why, and what to do
	ByApp     bool   // with an app's client id and secret
	Since     relTime
	Checked   relTime
	Scopes    []string
	Webhooks  []string // their topics
	Notes     []onboarding.Note
}

// Broken reports whether the vendor refuses requests.
func (v vendorView) Broken() bool { return v.Status == chat.ConnectionBroken }

// Paused reports whether the merchant has paused the connection.
func (v vendorView) Paused() bool { return v.Status == chat.ConnectionPaused }

// Active reports whether the connection is used.
func (v vendorView) Active() bool { return v.Status == chat.ConnectionActive }

var vendorPurposes = map[chat.Vendor]string{
	chat.Shopify:  "Knows who your customers are, what they ordered, and where their parcels are.",
	chat.Recharge: "Knows your subscribers, what they subscribe to, and their next charge.",
}

// vendors are the states of all vendors, in order.
func (k *Console) vendors(ctx context.Context, shop chat.ShopID) (all []vendorView, err error) {
	for _, v := range chat.Vendors() {
		one, err := k.vendor(ctx, shop, v)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func (k *Console) vendor(ctx context.Context, shop chat.ShopID, v chat.Vendor) (view vendorView, err error) {
	view = vendorView{ID: v, Name: v.Name(), Purpose: vendorPurposes[v]}
	c, err := k.Directory.Connection(ctx, shop, v)
	if errors.Is(err, chat.ErrNotFound) {
		return view, nil
	}
	if err != nil {
		return view, err
	}
	registered, err := onboarding.RegisteredBy(c)
	if err != nil {
		return view, err
	}
	view.Connected, view.Account, view.Status, view.Problem = true, c.Account, c.Status, c.Problem.Text
	view.ByApp, view.Since, view.Checked = c.ClientID != "", k.relTime(c.ConnectedAt), k.relTime(c.CheckedAt)
	view.Scopes, view.Notes = slices.Sorted(slices.Values(c.Scopes)), registered.Notes
	if !c.RefusedAt.IsZero() {
		view.Notes = append([]onboarding.Note{{Text: wrongSecret(c)}}, view.Notes...)
	}
	for topic := range registered.Webhooks {
		view.Webhooks = append(view.Webhooks, topic)
	}
	slices.Sort(view.Webhooks)
	return view, nil
}

// wrongSecret explains webhooks whose signature does not fit.
func wrongSecret(c chat.Connection) string {
	switch {
	case c.Vendor == chat.Recharge:
		return "Webhooks from Recharge arrive with a signature that does not fit the API client secret, so Sidetext refuses them. In Recharge open Tools & apps, API tokens, and your token; copy its API Client Secret, and replace it here together with the token."
	case c.ClientID != "":
		return "Webhooks from Shopify arrive with a signature that does not fit the app’s secret, so Sidetext refuses them. Copy the secret from the app’s settings in the Dev Dashboard, and replace it here. Webhooks that were made by hand in the Shopify admin, under Settings, Notifications, have another secret: delete those that point to Sidetext."
	}
	return "Webhooks from Shopify arrive with a signature that does not fit the API secret key, so Sidetext refuses them. In the Shopify admin open Settings, Apps, Develop apps, your app, API credentials; copy the API secret key, and replace it here together with the token. Webhooks that were made by hand under Settings, Notifications, have another secret: delete those that point to Sidetext."
}

// directoryTroubles are the problems of the vendors and of what they sent, for the
// overview.
func (k *Console) directoryTroubles(v visit, vendors []vendorView) (found []trouble, err error) {
	for _, one := range vendors {
		switch at := "/connect/" + string(one.ID); {
		case one.Broken():
			found = append(found, trouble{"bad", one.Name + " refuses requests, so updates from your store may be missing.", at, "See what to do"})
		case slices.ContainsFunc(one.Notes, func(n onboarding.Note) bool { return !n.Minor }):
			found = append(found, trouble{"warn", "A check of " + one.Name + " found something that keeps data from arriving.", at, "See what to do"})
		}
	}
	_, failed, err := k.Directory.FailedEvents(v, v.shop.ID, 0)
	if err != nil {
		return nil, err
	}
	if failed > 0 {
		found = append(found, trouble{"warn", plural(int64(failed), "message", "messages") + " from your store could not be applied.", "/directory#events", "See which"})
	}
	requests, err := k.Directory.PrivacyRequests(v, v.shop.ID)
	open := 0
	for _, r := range requests {
		if r.Kind == chat.PrivacyExport && r.DoneAt.IsZero() {
			open++
		}
	}
	if open > 0 {
		found = append(found, trouble{"warn", plural(int64(open), "customer asks", "customers ask") + " for the data that you have about them.", "/directory#requests", "See what to do"})
	}
	return found, err
}

// vendorRoutes adds what both vendors have.
func (k *Console) vendorRoutes(get, post func(string, func(*fiber.Ctx, visit) error)) {
	for _, v := range chat.Vendors() {
		at := "/connect/" + string(v)
		post(at+"/check", k.checkVendor(v))
		post(at+"/pause", k.pauseVendor(v, "paused", k.Onboarding.PauseVendor))
		post(at+"/resume", k.pauseVendor(v, "resumed", k.Onboarding.ResumeVendor))
		get("/disconnect/"+string(v), k.disconnectVendorPage(v))
		post("/disconnect/"+string(v), k.disconnectVendor(v))
	}
}

// checkVendor handles POST /connect/{vendor}/check.
func (k *Console) checkVendor(vendor chat.Vendor) func(*fiber.Ctx, visit) error {
	at := "/connect/" + string(vendor)
	return func(c *fiber.Ctx, v visit) error {
		err := k.Onboarding.CheckVendor(v, v.shop.ID, vendor)
		switch {
		case errors.Is(err, chat.ErrNotFound):
			return redirect(c, at, "no-vendor")
		case errors.Is(err, onboarding.ErrPaused):
			return redirect(c, at, "is-paused")
		}
		return k.redirectToProgress(c, err, at+"/check")
	}
}

// pauseVendor handles POST /connect/{vendor}/pause and resume.
func (k *Console) pauseVendor(vendor chat.Vendor, done string, do func(context.Context, chat.ShopID, chat.Vendor) error) func(*fiber.Ctx, visit) error {
	at := "/connect/" + string(vendor)
	return func(c *fiber.Ctx, v visit) error {
		err := do(v, v.shop.ID, vendor)
		var problem *chat.Error
		switch {
		case errors.Is(err, chat.ErrNotFound):
			return redirect(c, at, "no-vendor")
		case errors.As(err, &problem) && problem.Kind == chat.KindConflict:
			return redirect(c, at, "vendor-changed")
		case err != nil:
			return err
		}
		k.Log.Info("connection "+done, "shop", v.shop.ID, "vendor", vendor)
		return redirect(c, at, done)
	}
}

// disconnectVendorPage handles GET /disconnect/{vendor}: it says what would happen.
func (k *Console) disconnectVendorPage(vendor chat.Vendor) func(*fiber.Ctx, visit) error {
	return func(c *fiber.Ctx, v visit) error {
		view, err := k.vendor(v, v.shop.ID, vendor)
		if err != nil {
			return err
		}
		if !view.Connected {
			return redirect(c, "/connect/"+string(vendor), "no-vendor")
		}
		return web.Render(c, "disconnect-vendor.html", struct {
			web.PageFrame
			Vendor vendorView
		}{k.frame(c, v, "Disconnect "+view.Name), view})
	}
}

// disconnectVendor handles POST /disconnect/{vendor}.
func (k *Console) disconnectVendor(vendor chat.Vendor) func(*fiber.Ctx, visit) error {
	return func(c *fiber.Ctx, v visit) error {
		err := k.Onboarding.DisconnectVendor(v, v.shop.ID, vendor)
		if errors.Is(err, chat.ErrNotFound) {
			return redirect(c, "/connect/"+string(vendor), "no-vendor")
		}
		return k.redirectToProgress(c, err, "/disconnect/"+string(vendor)+"/progress")
	}
}
