// Package app wires the program together, and starts and stops it.
package app

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"

	"sidetext/bridge"
	"sidetext/bridge/courier"
	"sidetext/bridge/directory"
	"sidetext/gorgias"
	"sidetext/hub"
	"sidetext/recharge"
	"sidetext/server/cluster"
	"sidetext/server/console"
	"sidetext/server/helpdesk"
	"sidetext/server/hooks"
	"sidetext/server/metrics"
	"sidetext/server/onboarding"
	"sidetext/server/popup"
	"sidetext/server/web"
	"sidetext/shopify"
	"sidetext/sms/twilio"
	"sidetext/store"
	"sidetext/widget"
)

// An App is the whole program. Run runs it.
type App struct {
	Settings Settings
	Log      *slog.Logger

	Store       *store.Store
	Bus         hub.Bus
	Hub         *hub.Hub
	Events      cluster.Events
	Twilio      *twilio.Client
	Gorgias     *gorgias.Accounts
	Shopify     *shopify.Accounts
	Recharge    *recharge.Accounts
	Launcher    *widget.Launcher
	Bridge      *bridge.Bridge
	Courier     *courier.Courier
	CatchUp     *bridge.CatchUp
	Directory   *directory.Directory
	Jobs        *onboarding.Jobs
	Onboarding  *onboarding.Onboarding
	Canary      *cluster.Canary
	Revoked     *cluster.RevokedSessions
	Maintenance *cluster.Maintenance
	Metrics     *metrics.Metrics
	Web         *web.Web
	Hooks       *hooks.Hooks
	VendorHooks *hooks.Vendors
	Popup       *popup.Popup
	Console     *console.Console
	Public      *fiber.App // the public HTTP server

	serving  atomic.Bool // started, and not stopping
	degraded atomic.Bool // at the last health check
}

// Open makes an App that does not run yet. Each of more adds routes.
func Open(ctx context.Context, settings Settings, log *slog.Logger, more ...func(fiber.Router)) (*App, error) {
	a := &App{Settings: settings, Log: log, Metrics: metrics.New(), Twilio: twilio.New(settings.TwilioURL)}
	var err error
	if a.Gorgias, err = gorgias.NewAccounts(settings.GorgiasURL, settings.GorgiasLimits); err != nil {
		return nil, err
	}
	if a.Shopify, err = shopify.NewAccounts(settings.ShopifyURL, settings.ShopifyVersion, settings.ShopifyLimits); err != nil {
		return nil, err
	}
	if a.Recharge, err = recharge.NewAccounts(settings.RechargeURL, settings.RechargeLimits); err != nil {
		return nil, err
	}
	if a.Launcher, err = widget.NewLauncher(derive(settings.SecretKey, "launch tokens")); err != nil {
		return nil, err
	}
	if a.Store, err = store.Open(ctx, settings.DatabaseURL, settings.SecretKey, log); err != nil {
		return nil, err
	}
	a.Store.PhoneZone = phoneZone
	if a.Bus, err = cluster.OpenBus(ctx, settings.RedisURL, settings.Shared(), a.Store, log); err != nil {
		return nil, errors.Join(err, a.Store.Close())
	}
	if err := a.wire(more...); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// wire makes the parts, in the order in which they need each other.
func (a *App) wire(more ...func(fiber.Router)) (err error) {
	settings, db, now, log := a.Settings, a.Store, a.Store.Now, a.Log
	links := popup.FileLinks{Launcher: a.Launcher, PublicURL: settings.PublicURL, Now: now}
	helpdesks := helpdesk.Finder{Store: db, Accounts: a.Gorgias, FileLinks: links.Of}
	a.Bridge, a.Courier, a.CatchUp = newBridge(db, a.Twilio, settings.PublicURL, helpdesks, a.Metrics, log)
	a.Directory = a.newDirectory()
	a.Directory.Register(a.Courier)
	a.Web = web.New(settings.PublicURL, derive(settings.SecretKey, "sessions"), db, now, log)
	forms, err := console.NewFormCookies(derive(settings.SecretKey, "form cookies"), a.Web.Cookies.Secure(), now)
	if err != nil {
		return err
	}

	// All handlers of events are there before the hub subscribes to the bus.
	lines := &hooks.LineCache{Find: db.LineConfig}
	connections := newConnectionCache(db)
	sessionEnded, alerts := cluster.NewSignal(), popup.NewAlertQueue()
	handlers := cluster.Handlers{}
	handlers.On(cluster.SettingsChanged, func(hub.Event) { lines.Reset(); connections.Reset() })
	handlers.On(cluster.SessionEnded, func(hub.Event) { sessionEnded.Set() })
	handlers.On(cluster.ShopAlert, alerts.Add)
	handleDeliveryEvents(handlers, a.Courier)
	rooms := &popup.Rooms{Store: db, GorgiasURL: settings.GorgiasURL, Metrics: a.Metrics, Now: now}
	a.Hub = hub.New(rooms.Read, hub.Settings{Node: db.Node(), Bus: a.Bus, ReadRevisions: rooms.Revisions, OnEvent: handlers.Handle}, log)
	a.Events = cluster.Events{Handlers: handlers, Bus: a.Hub}
	publishDeliveryEvents(a.Courier, a.Hub)

	a.Jobs = onboarding.NewJobs(db, now, log)
	a.Onboarding = &onboarding.Onboarding{
		Store: db, Jobs: a.Jobs, Accounts: a.Gorgias, Twilio: a.Twilio, CatchUp: a.CatchUp, Events: a.Events, Wake: a.Courier.Wake,
		Connections: db, Vendors: onboarding.NewVendors(a.Shopify, a.Recharge),
		PublicURL: settings.PublicURL, Now: now, Log: log,
	}
	refusals := &hooks.Refusals{}
	a.Hooks = &hooks.Hooks{
		Store: db, Bridge: a.Bridge, Launcher: a.Launcher, Lines: lines, Refusals: refusals, Metrics: a.Metrics,
		PublicURL: settings.PublicURL, Now: now, Log: log,
	}
	a.VendorHooks = newVendorHooks(a, connections)
	a.Popup = &popup.Popup{
		Web: a.Web, Store: db, Bridge: a.Bridge, Hub: a.Hub, Rooms: rooms, Events: a.Events, Alerts: alerts, Launcher: a.Launcher,
		Limiter: popup.NewLimiter(), Wake: a.Courier.Wake, Now: now, Log: log,
	}
	a.Bridge.Publish = a.Popup.Broadcast
	a.Directory.Published, a.Directory.Recheck = a.Popup.PublishRevision, a.Onboarding.CheckVendor
	a.Console = &console.Console{
		Web: a.Web, Store: db, Onboarding: a.Onboarding, Directory: db, Events: a.Events, Forms: forms, Wake: a.Courier.Wake,
		ForgetRefusal: refusals.Forget, GorgiasURL: settings.GorgiasURL, Now: now, Log: log,
	}
	a.Canary = cluster.NewCanary(cluster.CanarySettings{Store: db, Hub: a.Hub, Bus: a.Bus, Now: now})
	a.Revoked = &cluster.RevokedSessions{Store: db, Hub: a.Hub, Ended: sessionEnded, Cause: popup.ErrSignedOut, Now: now, Log: log}
	a.Maintenance = &cluster.Maintenance{Leases: db, Now: now, Log: log, Tasks: []cluster.Task{
		{Name: "refresh helpdesks", Do: a.Onboarding.Refresh},
		{Name: "reconcile directories", Do: a.Directory.ReconcileDaily},
		{Name: "check vendors", Do: a.Onboarding.CheckVendors},
		{Name: "delete expired", Do: a.deleteExpired},
	}}
	a.Metrics.Watch(metrics.Sources{
		Hub: a.Hub.Stats, Bus: a.Bus.Health, Canary: a.Canary.Took, ClockSkew: db.Skew, RetriedWrites: db.RetriedWrites,
		Queues: db, NodeTimeout: 3 * cluster.CanaryInterval,
	})
	a.Public = a.Web.Serve(append([]func(fiber.Router){a.Hooks.Routes, a.VendorHooks.Routes, a.Popup.Routes, a.Console.Routes}, more...)...)
	return nil
}

// derive makes a key for one purpose out of the secret key.
func derive(key []byte, purpose string) []byte {
	derived, err := hkdf.Key(sha256.New, key, nil, "sidetext "+purpose, 32)
	if err != nil {
		panic(err) // only of a length that no hash allows
	}
	return derived
}

// deleteExpired is a task of the maintenance.
func (a *App) deleteExpired(ctx context.Context) error {
	done, err := a.Store.DeleteExpired(ctx, a.Store.Now())
	a.Metrics.UnmatchedReports.Add(float64(done.UnmatchedReports))
	if err == nil && done != (store.Deleted{}) {
		a.Log.Info("deleted expired rows", "deleted", done)
	}
	return err
}

// Close closes what Open opened. Run does so itself.
func (a *App) Close() error {
	a.Twilio.Close()
	a.Gorgias.Close()
	a.Shopify.Close()
	a.Recharge.Close()
	if bus, ok := a.Bus.(interface{ Close() }); ok {
		bus.Close()
	}
	return a.Store.Close()
}
