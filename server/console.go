package main

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"net/url"
	"sync"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/public"
	"sidetext/sms"
	"sidetext/store"
)

// A console is the merchant's side: a few pages that the server writes, each
// about the one shop that the session names. All of it works without scripts.
type console struct {
	*server
	notes notes
}

// console adds the merchant's pages.
func (s *server) console(app *fiber.App) {
	k := &console{server: s}
	app.Use("/public/console/pages", func(*fiber.Ctx) error { return chat.ErrNotFound }) // they are ours to fill in
	app.Get("/sign-in", k.signInPage)
	app.Post("/sign-in", s.sameOrigin, asPage(s, k.signIn))
	app.Post("/sign-out", s.sameOrigin, asPage(s, k.signOut))

	get := func(path string, do func(*fiber.Ctx, visit) error) { app.Get(path, k.visited(do)) }
	post := func(path string, do func(*fiber.Ctx, visit) error) {
		app.Post(path, asPage(s, s.sameOrigin), asPage(s, k.visited(do)))
	}
	get("/", k.home)
	post("/settings", k.saveSettings)
	post("/shop", k.saveName)
	post("/shop/email", k.saveEmail)
	get("/connect/gorgias", k.gorgiasPage)
	post("/connect/gorgias", k.connectDesk)
	post("/connect/gorgias/repair", k.repairDesk)
	post("/connect/gorgias/card", k.saveCardTitle)
	get("/connect/number", k.numberPage)
	post("/connect/number", k.connectNumber)
	post(checkPage, k.beginCheck)
	post("/connect/number/pace", k.savePace)
	post("/connect/number/key", k.saveSigningKey)
	get("/disconnect/gorgias", k.disconnectPage)
	post("/disconnect/gorgias", k.disconnectDesk)
	for _, course := range courses {
		get(course.page, k.progressPage(course))
		get("/api/setup/"+course.name, k.progress(course))
	}
	get("/failed", k.failedPage)
	post("/failed/retry", k.retryAll)
	post("/failed/:id/retry", k.retry)
	post("/failed/:id/let-go", k.letGo)
	get("/shoppers", k.shoppersPage)
	post("/shoppers", k.importShoppers)
}

// A visit is a request of somebody who is signed in.
type visit struct {
	context.Context
	session store.Session
	shop    chat.Shop
}

// visited lets only a signed-in merchant in, and shows only their shop.
func (k *console) visited(do func(*fiber.Ctx, visit) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		session, err := k.session(c, store.MerchantSession)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), handleWithin)
		defer cancel()
		shop, err := k.store.Shop(ctx, session.Shop)
		if err != nil {
			return err
		}
		return do(c, visit{ctx, session, shop})
	}
}

// asPage shows whoever sent a form in a browser what went wrong as a page, too.
func asPage(s *server, do fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		err := do(c)
		if err == nil || !wantsPage(c) {
			return err
		}
		told := s.told(c, err)
		return s.errorPage(c.Status(statuses[told.Kind]), told)
	}
}

func wantsPage(c *fiber.Ctx) bool { return c.Accepts("json", "html") == "html" }

// A pageFrame is what every page shows around its own.
type pageFrame struct {
	Title string
	Shop  string // empty: nobody is signed in
	Flash *flash
	Watch bool // ask again by itself, for browsers without scripts
}

func (k *console) frame(c *fiber.Ctx, v visit, title string) pageFrame {
	return pageFrame{Title: title, Shop: v.shop.Name, Flash: flashes[c.Query("m")]}
}

// A flash is said once, at the top of a page. Addresses end up in histories and
// logs: they carry only the flash's name.
type flash struct{ Tone, Text string }

var flashes = map[string]*flash{
	"saved":       {"accent", "Saved."},
	"named":       {"accent", "Saved. Shoppers will know you by this name."},
	"name":        {"bad", "The name was not saved: it should have between 1 and 80 characters."},
	"signed-out":  {"accent", "You have signed out."},
	"busy":        {"warn", "This is being worked on already. Here is how far it is."},
	"not-there":   {"warn", "Gorgias is not connected."},
	"pace":        {"bad", "The pace was not saved: it should be a whole number from 1 to 1,000, or empty."},
	"key-saved":   {"accent", "The signing key was saved. Requests that Twilio signs with it are accepted from now on."},
	"key-removed": {"accent", "The signing key was removed. Requests have to be signed with the Auth Token again."},
	"key-missing": {"bad", "The signing key was not saved: please paste the secret that Twilio showed when the shared key was created."},
	"key-odd":     {"bad", "The signing key was not saved: a secret has no spaces or special characters. Please copy it again."},
	"key-name":    {"bad", "The signing key was not saved: this is the shared key’s ID. Please paste its secret, which Twilio shows once, when the key is created."},
	"again":       {"accent", "It is tried again as soon as it can be. If it fails once more, it comes back here."},
	"all-again":   {"accent", "All of it is tried again as soon as it can be. What fails once more comes back here."},
	"let-go":      {"accent", "It is gone from here and will not be tried again."},
	"gone":        {"warn", "This is not here any more: it was tried again or let go already."},
	"emailed":     {"accent", "Saved. Shoppers who can’t be helped by text are told to write there."},
	"email":       {"bad", "The e-mail address was not saved. It should look like help@example.com, with at most 80 characters."},
	"card":        {"bad", "The title was not saved: it should have between 1 and 40 characters, and no braces."},
}

// back ends a form: the browser asks for path anew, so that reloading it sends
// nothing twice.
func back(c *fiber.Ctx, path, message string) error {
	if message != "" {
		path += "?m=" + url.QueryEscape(message)
	}
	return c.Redirect(path, fiber.StatusSeeOther)
}

// pages are read once. A page that can't be read stops the program's start, and
// every test.
var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"phone": sms.Show, "grouped": grouped[int64], "groupedInt": grouped[int], "sign": sign,
}).ParseFS(public.FS, "console/pages/*.html"))

// sign is the address of one of the shared icons.
func sign(name string) string { return "/public/common/icons.svg#" + name }

func (s *server) render(c *fiber.Ctx, name string, data any) error {
	var text bytes.Buffer // a page that fails half-way is not sent at all
	if err := pages.ExecuteTemplate(&text, name, data); err != nil {
		return err
	}
	c.Type("html", "utf-8")
	return c.Send(text.Bytes())
}

// errorPage shows a person what went wrong. The status is set already.
func (s *server) errorPage(c *fiber.Ctx, told *chat.Error) error {
	if told.Kind == chat.KindSignedOut {
		return s.render(c, "signed-out.html", struct{ pageFrame }{pageFrame{Title: "Sign in", Flash: flashes[c.Query("m")]}})
	}
	title, text := "That did not work", told.Text
	if told.Kind == chat.KindNotFound {
		title, text = "There is nothing here", "The address may be incomplete, or what was here is gone."
	}
	return s.render(c, "error.html", struct {
		pageFrame
		Text string
		Kind string
	}{pageFrame{Title: title}, text, errorSigns[told.Kind]})
}

var errorSigns = map[chat.Kind]string{chat.KindNotFound: "search", chat.KindUnavailable: "offline", chat.KindForbidden: "stop"}

// notes remember, per shop and while the server runs, what the next page should
// know and an address must not say: what was typed, and what an upload brought.
type notes struct {
	mu   sync.Mutex
	kept map[chat.ShopID]note
}

type note struct {
	desk   deskForm
	number numberForm
	tally  *tally
}

// maxNotes bounds them. A lost note costs somebody a little typing.
const maxNotes = 1000

func (n *notes) of(shop chat.ShopID) note {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.kept[shop]
}

func (n *notes) change(shop chat.ShopID, change func(*note)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.kept == nil || len(n.kept) >= maxNotes {
		n.kept = map[chat.ShopID]note{}
	}
	one := n.kept[shop]
	change(&one)
	n.kept[shop] = one
}

// problemOf is what may be told of err, or err itself when nothing may be.
func problemOf(err error) (text string, other error) {
	var told *chat.Error
	if errors.As(err, &told) && told.Kind == chat.KindInvalid {
		return told.Text, nil
	}
	return "", err
}
