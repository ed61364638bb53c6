package web

import (
	"errors"
	"runtime/debug"
	"strings"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
)

// Explain is the fiber.ErrorHandler: the one place that turns an error into a
// response. A *chat.Error is shown; everything else is logged, and the client
// learns only that something failed.
func (w *Web) Explain(c *fiber.Ctx, err error) error {
	setHeaders(c) // a request that can't be parsed comes here past the middleware
	problem := w.problem(c, err)
	status := statuses[problem.Kind]
	if strings.HasPrefix(c.Path(), "/hooks/") {
		return c.Status(status).Send(nil)
	}
	if WantsPage(c) {
		return errorPage(c.Status(status), problem)
	}
	return c.Status(status).JSON(fiber.Map{"code": problem.Code, "text": problem.Text})
}

// AsPage shows a browser that sent a form the handler's error as a page. Other
// clients get the error as from any handler.
func (w *Web) AsPage(do fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		err := do(c)
		if err == nil || !WantsPage(c) {
			return err
		}
		problem := w.problem(c, err)
		return errorPage(c.Status(statuses[problem.Kind]), problem)
	}
}

// problem returns what the client may know of err, and logs what it may not.
func (w *Web) problem(c *fiber.Ctx, err error) *chat.Error {
	var problem *chat.Error
	var fiberError *fiber.Error
	switch {
	case errors.As(err, &problem):
		if problem.Kind == chat.KindUnavailable {
			// While the database is unreachable every request fails: one a minute is logged.
			w.unavailable.Do(func() { w.Log.Error("request unavailable", "route", c.Route().Path, "error", err) })
		}
	case errors.As(err, &fiberError) && fiberError.Code == fiber.StatusRequestEntityTooLarge:
		problem = &chat.Error{Kind: chat.KindTooLarge, Code: "too_large", Text: "Request too large (limit 256 KB)."}
	case errors.As(err, &fiberError) && (fiberError.Code == fiber.StatusBadRequest || fiberError.Code == fiber.StatusRequestTimeout || fiberError.Code == fiber.StatusRequestHeaderFieldsTooLarge):
		problem = chat.Invalid("The request can't be read.")
	case errors.As(err, &fiberError) && fiberError.Code < 500:
		problem = &chat.Error{Kind: chat.KindNotFound, Code: "not_found", Text: chat.ErrNotFound.Text}
	default:
		w.Log.Error("request failed", "route", c.Route().Path, "error", err)
		problem = &chat.Error{Kind: chat.KindInternal, Code: "broken", Text: "Something went wrong on our side. Please try again."}
	}
	return problem
}

var statuses = map[chat.Kind]int{
	chat.KindInvalid: 400, chat.KindSignedOut: 401, chat.KindForbidden: 403, chat.KindNotFound: 404, chat.KindConflict: 409,
	chat.KindTooLarge: 413, chat.KindTooMany: 429, chat.KindInternal: 500, chat.KindUnavailable: 503,
}

func (w *Web) logPanic(c *fiber.Ctx, _ any) {
	w.Log.Error("handler panicked", "route", c.Route().Path, "stack", string(debug.Stack()))
}
