package main

import (
	"context"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/store"
)

// How a merchant signs in: by a link that the operator's `sidetext link` prints.
// Its secret is behind the #, which browsers keep to themselves: no log and no
// proxy sees it, and a scanner that opens the link does not use it up. The page
// puts it into a form, and a person sends that.

type signInView struct {
	pageFrame
	Used bool // the link was good once, or never
}

// signInPage handles GET /sign-in. It looks at nothing and changes nothing.
func (k *console) signInPage(c *fiber.Ctx) error {
	return k.render(c, "sign-in.html", signInView{pageFrame: pageFrame{Title: "Sign in"}})
}

// signIn handles POST /sign-in.
func (k *console) signIn(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), handleWithin)
	defer cancel()
	secret := typed(c, "secret")
	if i := strings.LastIndexByte(secret, '#'); i >= 0 { // somebody pasted the whole link
		secret = secret[i+1:]
	}
	session, err := k.store.UseSignInLink(ctx, secret, k.now())
	if errors.Is(err, chat.ErrNotFound) {
		return k.render(c.Status(fiber.StatusForbidden), "sign-in.html", signInView{pageFrame: pageFrame{Title: "This link can’t be used"}, Used: true})
	}
	if err != nil {
		return err
	}
	// Whoever was signed in here before is not any more.
	if old, ok := k.cookies.read(c, store.MerchantSession, k.now()); ok {
		if err := k.store.EndSession(ctx, old, k.now()); err != nil {
			return err
		}
	}
	if err := k.cookies.give(c, session, k.now()); err != nil {
		return err
	}
	k.log.Info("a merchant signed in", "shop", session.Shop)
	return back(c, "/", "")
}

// signOut handles POST /sign-out. Signing out twice is fine.
func (k *console) signOut(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), handleWithin)
	defer cancel()
	if id, ok := k.cookies.read(c, store.MerchantSession, k.now()); ok {
		if err := k.store.EndSession(ctx, id, k.now()); err != nil {
			return err
		}
	}
	k.cookies.take(c, store.MerchantSession)
	c.Set(fiber.HeaderClearSiteData, `"cache"`)
	return back(c, "/", "signed-out")
}

// maxTyped is how much of a field is read, in bytes.
const maxTyped = 1000

// typed is what was entered in a field of a form; never what an address says.
func typed(c *fiber.Ctx, field string) string {
	return strings.TrimSpace(cut(string(c.Request().PostArgs().Peek(field)), maxTyped))
}
