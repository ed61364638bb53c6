// Package console is the merchant's side: a few pages that the server renders,
// each about the one shop that the session names. All of it works without scripts.
package console

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/cluster"
	"sidetext/server/onboarding"
	"sidetext/server/web"
	"sidetext/store"
)

// Console serves the console.
type Console struct {
	Web           *web.Web
	Store         *store.Store
	Onboarding    *onboarding.Onboarding
	Directory     DirectoryStore
	Events        cluster.Events
	Forms         FormCookies
	Wake          func()            // has the courier claim deliveries
	ForgetRefusal func(chat.LineID) // the signing key of a line was changed
	GorgiasURL    string            // with {account}
	Now           func() time.Time
	Log           *slog.Logger
}

// Routes adds the console's pages.
func (k *Console) Routes(r fiber.Router) {
	r.Get("/sign-in", k.signInPage)
	r.Post("/sign-in", k.Web.SameOrigin, k.Web.AsPage(k.signIn))
	r.Post("/sign-out", k.Web.SameOrigin, k.Web.AsPage(k.signOut))

	get := func(path string, do func(*fiber.Ctx, visit) error) { r.Get(path, k.signedIn(do)) }
	post := func(path string, do func(*fiber.Ctx, visit) error) {
		r.Post(path, k.Web.AsPage(k.Web.SameOrigin), k.Web.AsPage(k.signedIn(do)))
	}
	get("/", k.home)
	post("/settings", k.saveSettings)
	post("/shop", k.saveName)
	post("/shop/email", k.saveEmail)
	get("/connect/gorgias", k.gorgiasPage)
	post("/connect/gorgias", k.connectGorgias)
	post("/connect/gorgias/repair", k.repairGorgias)
	post("/connect/gorgias/card", k.saveCardTitle)
	get("/connect/number", k.numberPage)
	post("/connect/number", k.connectNumber)
	post(checkPage, k.startCheck)
	post("/connect/number/pace", k.savePace)
	post("/connect/number/key", k.saveSigningKey)
	get("/disconnect/gorgias", k.disconnectPage)
	post("/disconnect/gorgias", k.disconnectGorgias)
	get("/connect/shopify", k.shopifyPage)
	post("/connect/shopify", k.connectShopify)
	get("/connect/recharge", k.rechargePage)
	post("/connect/recharge", k.connectRecharge)
	k.vendorRoutes(get, post)
	for _, flow := range setupFlows {
		get(flow.page, k.progressPage(flow))
		get("/api/setup/"+flow.name, k.progress(flow))
	}
	get("/failed", k.failedPage)
	post("/failed/retry", k.retryAll)
	post("/failed/:id/retry", k.retry)
	post("/failed/:id/dismiss", k.dismiss)
	get("/directory", k.directoryPage)
	get("/api/directory", k.directoryProgress)
	get("/directory/phones", k.phonesPage)
	post("/directory/events/retry", k.retryEvents)
	get("/directory/requests/:id/data", k.exportPerson)
	post("/directory/requests/:id/done", k.finishRequest)
	get("/shoppers", k.shoppersPage)
	post("/shoppers", k.importShoppers)
}

// A visit is a request of a signed-in merchant.
type visit struct {
	context.Context
	session store.Session
	shop    chat.Shop
}

// signedIn runs do for a signed-in merchant, with their shop.
func (k *Console) signedIn(do func(*fiber.Ctx, visit) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		session, err := k.Web.Session(c, store.MerchantSession)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), web.HandleTimeout)
		defer cancel()
		shop, err := k.Store.Shop(ctx, session.Shop)
		if err != nil {
			return err
		}
		return do(c, visit{ctx, session, shop})
	}
}

// frame makes the frame of a page for the visit's shop.
func (k *Console) frame(c *fiber.Ctx, v visit, title string) web.PageFrame {
	return web.PageFrame{Title: title, Shop: v.shop.Name, Flash: flashes[c.Query("m")]}
}

// redirect ends a form with a redirect to path, so that reloading the page sends nothing
// twice.
func redirect(c *fiber.Ctx, path, message string) error {
	if message != "" {
		path += "?m=" + url.QueryEscape(message)
	}
	return c.Redirect(path, fiber.StatusSeeOther)
}

// redirectToProgress redirects to the page that shows the progress of a job, also if the job
// was started before.
func (k *Console) redirectToProgress(c *fiber.Ctx, err error, progress string) error {
	var problem *chat.Error
	switch {
	case err == nil:
		return redirect(c, progress, "")
	case errors.As(err, &problem) && problem.Kind == chat.KindConflict:
		return redirect(c, progress, "busy")
	}
	return err
}
