// Package web is what the handlers of webhooks, pop-up and console share:
// errors and their responses, headers, sessions, and pages.
package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/filesystem"
	"github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/valyala/fasthttp"
	"golang.org/x/time/rate"

	"sidetext/chat"
	"sidetext/public"
	"sidetext/store"
)

const (
	// maxBody is the size limit of a request, in bytes: many times what a browser, a
	// provider of texts or the helpdesk sends.
	maxBody = 256 << 10
	// maxVendorBody is the limit for a webhook of Shopify or Recharge. An order with
	// many lines has hundreds of kilobytes.
	maxVendorBody = 2 << 20
	// HandleTimeout limits what a request takes on our side; none waits for a
	// vendor.
	HandleTimeout = 5 * time.Second
	// WriteTimeout limits how long a browser may take to receive a response.
	WriteTimeout = 15 * time.Second
)

// A SessionStore finds sessions.
type SessionStore interface {
	Session(ctx context.Context, id string, role store.SessionRole, now time.Time) (store.Session, error)
}

// Web serves what is the same for every address.
type Web struct {
	PublicURL string // the origin under which vendors and browsers reach the server
	Cookies   Cookies
	Sessions  SessionStore
	Now       func() time.Time
	Log       *slog.Logger

	unavailable rate.Sometimes // limits how often that is logged
}

// limitBody sets the size limit of a request before its body is read.
func limitBody(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path := header.RequestURI()
	if bytes.HasPrefix(path, []byte("/hooks/shopify/")) || bytes.HasPrefix(path, []byte("/hooks/recharge/")) {
		return fasthttp.RequestConfig{MaxRequestBodySize: maxVendorBody}
	}
	return fasthttp.RequestConfig{}
}

// New makes a Web for publicURL. The key signs session cookies.
func New(publicURL string, key []byte, sessions SessionStore, now func() time.Time, log *slog.Logger) *Web {
	return &Web{
		PublicURL: publicURL, Cookies: Cookies{key: key, secure: publicURL[:5] == "https"}, Sessions: sessions, Now: now, Log: log,
		unavailable: rate.Sometimes{First: 1, Interval: time.Minute},
	}
}

// Serve makes the public HTTP server. Each of routes adds addresses; every other
// address responds with 404.
func (w *Web) Serve(routes ...func(fiber.Router)) *fiber.App {
	app := fiber.New(fiber.Config{
		AppName: "Sidetext", ServerHeader: "", DisableStartupMessage: true,
		// Otherwise strings of one request change with the next one's bytes.
		Immutable:    true,
		BodyLimit:    maxBody,
		ReadTimeout:  10 * time.Second, // also for slow headers
		WriteTimeout: WriteTimeout,
		IdleTimeout:  60 * time.Second,
		// Otherwise each open pop-up keeps the 4 KiB that its handshake was read
		// with.
		ReduceMemoryUsage: true,
		ErrorHandler:      w.Explain,
		// Vendors sign the address byte for byte.
		UnescapePath: false, StrictRouting: true, CaseSensitive: true,
		DisableDefaultContentType: false,
	})
	// Otherwise a socket's Close does nothing, and its connection is recycled for
	// another client while it may still be written to.
	app.Server().KeepHijackedConns = true
	app.Server().HeaderReceived = limitBody
	app.Use(recover.New(recover.Config{EnableStackTrace: true, StackTraceHandler: w.logPanic}), securityHeaders, refuseCompressed)
	for _, add := range routes {
		add(app)
	}
	app.Use("/public/console/pages", func(*fiber.Ctx) error { return chat.ErrNotFound }) // templates
	app.Use("/public", cached, filesystem.New(filesystem.Config{Root: http.FS(public.FS), PathPrefix: ""}))
	app.Use(func(*fiber.Ctx) error { return chat.ErrNotFound })
	return app
}
