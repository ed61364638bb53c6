package web

import (
	"bytes"
	"html/template"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"sidetext/chat"
	"sidetext/public"
	"sidetext/sms"
)

// A PageFrame is what every rendered page has around its own content.
type PageFrame struct {
	Title string
	Shop  string // empty: no one is signed in
	Flash *Flash
	Watch bool // reload every two seconds, for browsers without scripts
}

// A Flash is a message that is shown once, at the top of a page.
type Flash struct{ Tone, Text string }

// SignedOut names the flash of the page that is shown after signing out.
const SignedOut = "signed-out"

var signedOut = &Flash{"accent", "You have signed out."}

// pages are parsed once. A page that can't be parsed stops the program's start,
// and every test.
var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"phone": sms.FormatPhone, "grouped": Grouped[int64], "groupedInt": Grouped[int], "icon": iconAddress,
}).ParseFS(public.FS, "console/pages/*.html"))

// iconAddress returns the address of one of the shared icons.
func iconAddress(name string) string { return "/public/common/icons.svg#" + name }

// Grouped writes a number as people read it: 1,204.
func Grouped[T int | int64](n T) string { return message.NewPrinter(language.English).Sprint(n) }

// Render responds with one of the pages that are templates.
func Render(c *fiber.Ctx, name string, data any) error {
	var text bytes.Buffer // a page that fails half-way is not sent at all
	if err := pages.ExecuteTemplate(&text, name, data); err != nil {
		return err
	}
	c.Type("html", "utf-8")
	return c.Send(text.Bytes())
}

// Page responds with one of the embedded files.
func Page(name string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		text, err := public.FS.ReadFile(name)
		if err != nil {
			return err
		}
		c.Type("html", "utf-8")
		return c.Send(text)
	}
}

// WantsPage reports whether the client prefers a page to JSON.
func WantsPage(c *fiber.Ctx) bool { return c.Accepts("json", "html") == "html" }

// errorPage shows a person what went wrong. The status is set already.
func errorPage(c *fiber.Ctx, problem *chat.Error) error {
	if problem.Kind == chat.KindSignedOut {
		frame := PageFrame{Title: "Sign in"}
		if c.Query("m") == SignedOut {
			frame.Flash = signedOut
		}
		return Render(c, "signed-out.html", struct{ PageFrame }{frame})
	}
	title, text := "That did not work", problem.Text
	if problem.Kind == chat.KindNotFound {
		title, text = "There is nothing here", "The address may be incomplete, or what was here is gone."
	}
	return Render(c, "error.html", struct {
		PageFrame
		Text string
		Kind string
	}{PageFrame{Title: title}, text, errorIcons[problem.Kind]})
}

var errorIcons = map[chat.Kind]string{chat.KindNotFound: "search", chat.KindUnavailable: "offline", chat.KindForbidden: "stop"}
