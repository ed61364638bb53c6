package console

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/web"
	"sidetext/store"
)

// How a merchant signs in: by a link that the operator's `sidetext link` prints.
// Its secret is in the fragment, which browsers don't send: no log and no proxy sees
// it, and a scanner that opens the link does not use it up. The page puts it into a
// form, which a person sends.

type signInView struct {
	web.PageFrame
	Used bool // the link was used, or never valid
}

// signInPage handles GET /sign-in. It changes nothing.
func (k *Console) signInPage(c *fiber.Ctx) error {
	return web.Render(c, "sign-in.html", signInView{PageFrame: web.PageFrame{Title: "Sign in"}})
}

// signIn handles POST /sign-in.
func (k *Console) signIn(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), web.HandleTimeout)
	defer cancel()
	secret := formValue(c, "secret")
	if i := strings.LastIndexByte(secret, '#'); i >= 0 { // the whole link was pasted
		secret = secret[i+1:]
	}
	session, err := k.Store.UseSignInLink(ctx, secret, k.Now())
	if errors.Is(err, chat.ErrNotFound) {
		return web.Render(c.Status(fiber.StatusForbidden), "sign-in.html", signInView{PageFrame: web.PageFrame{Title: "This link can’t be used"}, Used: true})
	}
	if err != nil {
		return err
	}
	// The browser's previous session ends.
	if old, ok := k.Web.Cookies.Read(c, store.MerchantSession, k.Now()); ok {
		if err := k.Store.EndSession(ctx, old, k.Now()); err != nil {
			return err
		}
	}
	if err := k.Web.Cookies.SetSession(c, session, k.Now()); err != nil {
		return err
	}
	k.Log.Info("merchant signed in", "shop", session.Shop)
	return redirect(c, "/", "")
}

// signOut handles POST /sign-out. Signing out twice is fine.
func (k *Console) signOut(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), web.HandleTimeout)
	defer cancel()
	if id, ok := k.Web.Cookies.Read(c, store.MerchantSession, k.Now()); ok {
		if err := k.Store.EndSession(ctx, id, k.Now()); err != nil {
			return err
		}
	}
	k.Web.Cookies.Clear(c, store.MerchantSession)
	c.Set(fiber.HeaderClearSiteData, `"cache"`)
	return redirect(c, "/", web.SignedOut)
}

// maxTyped is how much of a field is read, in bytes.
const maxTyped = 1000

// formValue returns what was entered in a field of a form, never a query parameter.
func formValue(c *fiber.Ctx, field string) string {
	return strings.TrimSpace(cut(string(c.Request().PostArgs().Peek(field)), maxTyped))
}

// cut shortens text to at most n bytes, between characters.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return strings.TrimSpace(text[:n])
}
