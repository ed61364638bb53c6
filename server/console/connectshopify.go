package console

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/onboarding"
	"sidetext/server/web"
	"sidetext/shopify"
)

// A shopifyForm is the form for a store in Shopify, as it was filled in. The secret and
// the token are never shown again.
type shopifyForm struct {
	Store, ClientID string
	Older           bool   // an older token is used: that part of the form is open
	StoreProblem    string `json:"-"`
	ClientIDProblem string `json:"-"`
	SecretProblem   string `json:"-"`
	TokenProblem    string `json:"-"`
}

func (f shopifyForm) Wrong() bool {
	return f.StoreProblem+f.ClientIDProblem+f.SecretProblem+f.TokenProblem != ""
}

type shopifyView struct {
	web.PageFrame
	Form   shopifyForm
	Vendor vendorView
	Needed []string // the names of the scopes to enter
}

// shopifyPage handles GET /connect/shopify.
func (k *Console) shopifyPage(c *fiber.Ctx, v visit) error {
	var form shopifyForm
	k.Forms.read(c, v, shopifyCookie, &form)
	return k.showShopify(c, v, form)
}

func (k *Console) showShopify(c *fiber.Ctx, v visit, form shopifyForm) error {
	vendor, err := k.vendor(v, v.shop.ID, chat.Shopify)
	if err != nil {
		return err
	}
	if form.Store == "" && !form.Wrong() {
		form.Store, form.Older = vendor.Account, vendor.Connected && !vendor.ByApp
	}
	title := "Connect Shopify"
	if vendor.Connected {
		title = "Shopify"
	}
	return web.Render(c, "connect-shopify.html", shopifyView{k.frame(c, v, title), form, vendor, onboarding.ScopeNames(chat.Shopify)})
}

// connectShopify handles POST /connect/shopify.
func (k *Console) connectShopify(c *fiber.Ctx, v visit) error {
	secret, token := secretValue(c, "secret"), secretValue(c, "token")
	form := shopifyForm{Store: formValue(c, "store"), ClientID: formValue(c, "client_id"), Older: token != ""}
	_, err := shopify.ParseStore(form.Store)
	if form.StoreProblem, err = problemOf(err); err != nil {
		return err
	}
	form.ClientIDProblem = clientIDProblem(form.ClientID, token)
	form.SecretProblem = secretProblem(secret, "the client secret")
	if token != "" {
		form.TokenProblem = secretProblem(token, "the access token")
	}
	if form.SecretProblem == "" && strings.HasPrefix(secret, "shpat_") {
		form.SecretProblem = "This is an access token. Please paste it under “I have an older token”, and the app’s API secret key here."
	}
	if form.TokenProblem == "" && strings.HasPrefix(token, "shpss_") {
		form.TokenProblem = "This is a secret. An access token starts with shpat_."
	}
	if strings.HasPrefix(form.ClientID, "shpat_") || strings.HasPrefix(form.ClientID, "shpss_") {
		form.ClientID = "" // never shown again
	}
	if !form.Wrong() {
		access := onboarding.ShopifyAccess{Store: form.Store, ClientID: form.ClientID, Secret: chat.Secret(secret), Token: chat.Secret(token)}
		err = k.Onboarding.ConnectShopify(v, v.shop.ID, access)
		if form.StoreProblem, err = problemOf(err); err != nil {
			return k.redirectToProgress(c, err, "/connect/shopify/progress")
		}
	}
	if form.Wrong() {
		return k.showShopify(c.Status(fiber.StatusBadRequest), v, form)
	}
	if _, err := k.Forms.save(c, v, shopifyCookie, form); err != nil {
		return err
	}
	return k.redirectToProgress(c, nil, "/connect/shopify/progress")
}

// clientIDProblem says what is wrong with an app's client id, which an older token
// replaces.
func clientIDProblem(id, token string) string {
	switch {
	case id == "" && token == "":
		return "Please paste the client ID."
	case strings.HasPrefix(id, "shpat_"):
		return "This is an older access token. Please paste it under “I have an older token”."
	case strings.HasPrefix(id, "shpss_"):
		return "This is the client secret. The client ID is above it, and has only letters and digits."
	case id != "" && token != "":
		return "Please enter a client ID or an older token, not both."
	case strings.ContainsFunc(id, unprintable):
		return "A client ID has no spaces or special characters. Please copy it again."
	}
	return ""
}
