package main

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/filesystem"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"sidetext/chat"
	"sidetext/public"
)

const (
	// maxBody is how large a request may be, in bytes: many times what any
	// vendor sends.
	maxBody = 256 << 10
	// within is how long a request may take on our side; none waits for a
	// vendor.
	handleWithin = 5 * time.Second
	// hookWithin is how long a vendor's request may wait for the store: less than
	// the patience that we ask Twilio for (sms/twilio's Fragment), so that it hears
	// a clear no and tries again.
	hookWithin = 2 * time.Second
	// writeWithin is how long a browser may take to take an answer.
	writeWithin = 15 * time.Second
)

// routes is the public side. Whatever is not here does not exist.
func (s *server) routes(more ...func(*fiber.App)) *fiber.App {
	app := fiber.New(fiber.Config{
		AppName: "Sidetext", ServerHeader: "", DisableStartupMessage: true,
		// Without it strings of one request change under the next one's bytes.
		Immutable:    true,
		BodyLimit:    maxBody,
		ReadTimeout:  10 * time.Second, // also for slow headers
		WriteTimeout: writeWithin,
		IdleTimeout:  60 * time.Second,
		// Otherwise each open pop-up keeps the 4 KiB that its handshake was read
		// with.
		ReduceMemoryUsage: true,
		ErrorHandler:      s.explain,
		// The signature covers the address byte for byte.
		UnescapePath: false, StrictRouting: true, CaseSensitive: true,
		DisableDefaultContentType: false,
	})
	// Without it a socket's Close does nothing, and its connection is recycled
	// for a stranger while somebody may still write to it.
	app.Server().KeepHijackedConns = true
	app.Use(recover.New(recover.Config{EnableStackTrace: true, StackTraceHandler: s.panicked}), secured, unpacked)

	app.Post("/hooks/twilio/:endpoint/inbound", s.twilioInbound)
	app.Post("/hooks/twilio/:endpoint/status/:token?", s.twilioStatus)
	app.Post("/hooks/gorgias/:endpoint/event", s.gorgiasEvent)
	app.Get("/hooks/gorgias/:endpoint/card", s.gorgiasCard)

	app.Get("/popup", page("popup/index.html"))
	app.Post("/api/launch", s.sameOrigin, s.launch)
	app.Post("/api/code", s.sameOrigin, s.makeCode)
	app.Post("/api/session", s.sameOrigin, s.useCode)
	app.Delete("/api/session", s.sameOrigin, s.endSession)
	app.Get("/api/media/:id", s.media)
	app.Get("/files/:id", s.file)
	app.Get("/live", s.knock, s.upgrade())

	s.console(app)
	for _, add := range more {
		add(app)
	}
	app.Use("/public", cached, filesystem.New(filesystem.Config{Root: http.FS(public.FS), PathPrefix: ""}))
	app.Use(func(*fiber.Ctx) error { return chat.ErrNotFound })
	return app
}

// secured sets what browsers are told with every answer.
func secured(c *fiber.Ctx) error {
	secure(c)
	return c.Next()
}

func secure(c *fiber.Ctx) {
	for name, value := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
			"font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), microphone=(), geolocation=()",
		"Referrer-Policy":              "no-referrer",
		"Strict-Transport-Security":    "max-age=31536000",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Cache-Control":                "no-store",
	} {
		c.Set(name, value)
	}
}

// unpacked refuses what would have to be unpacked first: no vendor and no
// browser sends that, and a few kilobytes can hold gigabytes.
func unpacked(c *fiber.Ctx) error {
	if len(c.Request().Header.PeekAll(fiber.HeaderContentEncoding)) > 0 {
		return chat.Invalid("The request should not be compressed.")
	}
	return c.Next()
}

// cached lets browsers keep our own files for a while, but ask.
func cached(c *fiber.Ctx) error {
	c.Set("Cache-Control", "no-cache")
	return c.Next()
}

// page answers with one of the embedded pages.
func page(name string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		text, err := public.FS.ReadFile(name)
		if err != nil {
			return err
		}
		c.Type("html", "utf-8")
		return c.Send(text)
	}
}

// sameOrigin lets only our own pages change anything: a browser says where a
// request comes from, and whoever says nothing is not a page of ours.
func (s *server) sameOrigin(c *fiber.Ctx) error {
	from := c.Get("Sec-Fetch-Site")
	if from == "same-origin" || (from == "" && c.Get("Origin") == s.settings.PublicURL) {
		return c.Next()
	}
	return &chat.Error{Kind: chat.KindForbidden, Code: "cross_origin", Text: "This can only be done from Sidetext's own pages."}
}

// explain is the one place that turns an error into an answer. What a person
// may be told is told; everything else is logged, and only its time is shown.
func (s *server) explain(c *fiber.Ctx, err error) error {
	secure(c) // what can't be read comes here past everything else
	told := s.told(c, err)
	status := statuses[told.Kind]
	if strings.HasPrefix(c.Path(), "/hooks/") {
		return c.Status(status).Send(nil)
	}
	if c.Accepts("json", "html") == "html" {
		return s.errorPage(c.Status(status), told)
	}
	return c.Status(status).JSON(fiber.Map{"code": told.Code, "text": told.Text})
}

func (s *server) told(c *fiber.Ctx, err error) *chat.Error {
	var told *chat.Error
	var fiberError *fiber.Error
	switch {
	case errors.As(err, &told):
		if told.Kind == chat.KindUnavailable {
			// While the database is away that is every request: one now and then says it.
			s.unserved.Do(func() { s.log.Error("a request could not be served now", "route", c.Route().Path, "error", err) })
		}
	case errors.As(err, &fiberError) && fiberError.Code == fiber.StatusRequestEntityTooLarge:
		told = &chat.Error{Kind: chat.KindTooLarge, Code: "too_large", Text: "This is more than we take in one request."}
	case errors.As(err, &fiberError) && (fiberError.Code == fiber.StatusBadRequest || fiberError.Code == fiber.StatusRequestTimeout || fiberError.Code == fiber.StatusRequestHeaderFieldsTooLarge):
		told = chat.Invalid("The request can't be read.")
	case errors.As(err, &fiberError) && fiberError.Code < 500:
		told = &chat.Error{Kind: chat.KindNotFound, Code: "not_found", Text: chat.ErrNotFound.Text}
	default:
		s.log.Error("a request failed", "route", c.Route().Path, "error", err)
		told = &chat.Error{Kind: chat.KindInternal, Code: "broken", Text: "Something went wrong on our side. It has been noted; please try again."}
	}
	return told
}

var statuses = map[chat.Kind]int{
	chat.KindInvalid: 400, chat.KindSignedOut: 401, chat.KindForbidden: 403, chat.KindNotFound: 404, chat.KindConflict: 409,
	chat.KindTooLarge: 413, chat.KindTooMany: 429, chat.KindInternal: 500, chat.KindUnavailable: 503,
}

func (s *server) panicked(c *fiber.Ctx, _ any) {
	s.log.Error("a handler panicked", "route", c.Route().Path, "stack", stack())
}
