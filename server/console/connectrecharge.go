package console

import (
	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/onboarding"
	"sidetext/server/web"
)

// A rechargeForm is the form for a store in Recharge. Both of its fields are secret and
// never shown again.
type rechargeForm struct{ TokenProblem, SecretProblem string }

func (f rechargeForm) Wrong() bool { return f.TokenProblem+f.SecretProblem != "" }

type rechargeView struct {
	web.PageFrame
	Form   rechargeForm
	Vendor vendorView
	Needed []string // the names of the scopes to choose
}

// rechargePage handles GET /connect/recharge.
func (k *Console) rechargePage(c *fiber.Ctx, v visit) error {
	return k.showRecharge(c, v, rechargeForm{})
}

func (k *Console) showRecharge(c *fiber.Ctx, v visit, form rechargeForm) error {
	vendor, err := k.vendor(v, v.shop.ID, chat.Recharge)
	if err != nil {
		return err
	}
	title := "Connect Recharge"
	if vendor.Connected {
		title = "Recharge"
	}
	return web.Render(c, "connect-recharge.html", rechargeView{k.frame(c, v, title), form, vendor, onboarding.ScopeNames(chat.Recharge)})
}

// connectRecharge handles POST /connect/recharge.
func (k *Console) connectRecharge(c *fiber.Ctx, v visit) error {
	token, secret := secretValue(c, "token"), secretValue(c, "secret")
	form := rechargeForm{TokenProblem: secretProblem(token, "the API token"), SecretProblem: secretProblem(secret, "the API client secret")}
	if !form.Wrong() && token == secret {
		form.SecretProblem = "This is the token again. The API client secret is another value, on the token’s edit page."
	}
	if !form.Wrong() {
		err := k.Onboarding.ConnectRecharge(v, v.shop.ID, onboarding.RechargeAccess{Token: chat.Secret(token), Secret: chat.Secret(secret)})
		if form.TokenProblem, err = problemOf(err); err != nil {
			return k.redirectToProgress(c, err, "/connect/recharge/progress")
		}
	}
	if form.Wrong() {
		return k.showRecharge(c.Status(fiber.StatusBadRequest), v, form)
	}
	return k.redirectToProgress(c, nil, "/connect/recharge/progress")
}
