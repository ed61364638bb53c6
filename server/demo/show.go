package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/pretend"
	"sidetext/public"
	"sidetext/server/app"
	"sidetext/server/onboarding"
)

// A Show is the program together with the simulated vendors around it.
type Show struct {
	World *pretend.World
	App   *app.App
	Shop  chat.Shop // after Prepare

	folder string
}

// Settings configure a Show.
type Settings struct {
	PublicURL     string // where App will listen
	Seed          pretend.Seed
	GorgiasLimits gorgias.Limits // zero: as Gorgias documents them
	Log           *slog.Logger
}

// New starts the simulated vendors and opens the program. Close ends both.
func New(ctx context.Context, settings Settings) (s *Show, err error) {
	s = &Show{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.folder, err = os.MkdirTemp("", "sidetext-demo-"); err != nil {
		return s, err
	}
	if s.World, err = pretend.New(settings.Seed); err != nil {
		return s, err
	}
	if err = s.World.Start(context.WithoutCancel(ctx)); err != nil {
		return s, err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // documented never to fail
	// The helpdesk's address ends with the account's name.
	template := s.World.GorgiasURL()
	template = template[:len(template)-len(HelpdeskAccount)] + "{account}"
	s.App, err = app.Open(ctx, app.Settings{
		PublicURL: settings.PublicURL, DatabaseURL: "sqlite:" + s.DatabasePath(), SecretKey: key,
		GorgiasURL: template, TwilioURL: s.World.TwilioURL(), GorgiasLimits: settings.GorgiasLimits,
		ShopifyURL: s.World.ShopifyURL() + "/{shop}", ShopifyVersion: ShopifyVersion, RechargeURL: s.World.RechargeURL(),
	}, settings.Log, s.routes)
	return s, err
}

// DatabasePath is the path of the program's database.
func (s *Show) DatabasePath() string { return filepath.Join(s.folder, "demo.db") }

// routes adds the demo's page to the server's.
func (s *Show) routes(r fiber.Router) {
	r.Get("/demo", func(c *fiber.Ctx) error {
		text, err := public.FS.ReadFile("demo/index.html")
		if err != nil {
			return err
		}
		c.Type("html", "utf-8")
		return c.Send(text)
	})
	r.All("/demo/world/:what", adaptor.HTTPHandler(s.World))
}

// Prepare sets the shop up as a merchant would. App has to be running.
func (s *Show) Prepare(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, onboarding.JobTimeout)
	defer cancel()
	db, connect := s.App.Store, s.App.Onboarding
	if s.Shop, err = db.AddShop(ctx, "Willow & Oak", db.Now()); err != nil {
		return err
	}
	if err := db.ChangeShop(ctx, s.Shop.ID, func(shop *chat.Shop) { shop.Settings.Email = ShopEmail }); err != nil {
		return err
	}
	if err := connect.ConnectTwilio(ctx, s.Shop.ID, Number, TwilioAccount, TwilioToken); err != nil {
		return err
	}
	if err := connect.ConnectGorgias(ctx, s.Shop.ID, HelpdeskAccount, HelpdeskOwner, HelpdeskKey); err != nil {
		return err
	}
	var known []chat.Shopper
	for _, p := range people {
		if p.Email != "" {
			known = append(known, chat.Shopper{ID: chat.NewID[chat.ShopperID](db.Now()), Phone: chat.Phone(p.Phone), Name: p.Name, Email: p.Email})
		}
	}
	if _, err := db.ImportShoppers(ctx, s.Shop.ID, known); err != nil {
		return err
	}
	return s.finishJobs(ctx, onboarding.NumberConnect, onboarding.GorgiasConnect)
}

// finishJobs waits for jobs of onboarding, and returns an error unless all are done.
func (s *Show) finishJobs(ctx context.Context, jobs ...string) error {
	s.App.Jobs.Wait()
	for _, job := range jobs {
		if p, err := s.App.Store.Setup(ctx, s.Shop.ID, job); err != nil || p.State != "done" {
			return errors.Join(err, fmt.Errorf("the demo could not set up %s: %s", job, p.Steps))
		}
	}
	return nil
}

// ConnectVendors connects Shopify and Recharge, after Prepare.
func (s *Show) ConnectVendors(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, onboarding.JobTimeout)
	defer cancel()
	connect := s.App.Onboarding
	if err := connect.ConnectShopify(ctx, s.Shop.ID, onboarding.ShopifyAccess{Store: Store, ClientID: ShopifyClient, Secret: ShopifySecret}); err != nil {
		return err
	}
	if err := connect.ConnectRecharge(ctx, s.Shop.ID, onboarding.RechargeAccess{Token: RechargeToken, Secret: RechargeSecret}); err != nil {
		return err
	}
	if err := s.finishJobs(ctx, onboarding.ShopifyConnect, onboarding.RechargeConnect); err != nil {
		return err
	}
	// As the owner does on the page of the app's settings.
	c, err := s.App.Store.Connection(ctx, s.Shop.ID, chat.Shopify)
	if err == nil {
		s.World.Shopify.SetComplianceURL(s.App.Settings.PublicURL + "/hooks/shopify/" + c.Endpoint)
	}
	return err
}

// Close ends the vendors and deletes the database. The program has closed itself
// when it stopped.
func (s *Show) Close() error {
	var err error
	if s.World != nil {
		err = s.World.Close()
	}
	if s.folder != "" {
		err = errors.Join(err, os.RemoveAll(s.folder))
	}
	return err
}
