package console

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/web"
	"sidetext/sms"
)

// A numberForm is the form for a number, as it was filled in. The token is never
// shown again.
type numberForm struct {
	Number, Account string
	NumberProblem   string `json:"-"`
	AccountProblem  string `json:"-"`
	TokenProblem    string `json:"-"`
}

func (f numberForm) Wrong() bool { return f.NumberProblem+f.AccountProblem+f.TokenProblem != "" }

type numberView struct {
	web.PageFrame
	Form  numberForm
	Lines []lineView
}

// numberPage handles GET /connect/number.
func (k *Console) numberPage(c *fiber.Ctx, v visit) error {
	lines, err := k.lines(v)
	if err != nil {
		return err
	}
	var form numberForm
	k.Forms.read(c, v, numberCookie, &form)
	return web.Render(c, "connect-number.html", numberView{k.frame(c, v, "Connect a number"), form, lines})
}

// connectNumber handles POST /connect/number.
func (k *Console) connectNumber(c *fiber.Ctx, v visit) error {
	form := numberForm{Number: formValue(c, "number"), Account: formValue(c, "account")}
	token := formValue(c, "token")
	_, err := sms.Parse(form.Number, "US")
	if form.NumberProblem, err = problemOf(err); err != nil {
		return err
	}
	form.AccountProblem = sidProblem(form.Account)
	switch {
	case token == "":
		form.TokenProblem = "Please paste the Auth Token."
	case strings.ContainsFunc(token, unprintable):
		form.TokenProblem = "An Auth Token has no spaces or special characters. Please copy it again."
	}
	if !form.Wrong() {
		err = k.Onboarding.ConnectTwilio(v, v.shop.ID, form.Number, form.Account, chat.Secret(token))
		if form.NumberProblem, err = problemOf(err); err != nil {
			return k.redirectToProgress(c, err, "/connect/number/progress")
		}
	}
	if form.Wrong() {
		lines, err := k.lines(v)
		if err != nil {
			return err
		}
		return web.Render(c.Status(fiber.StatusBadRequest), "connect-number.html", numberView{k.frame(c, v, "Connect a number"), form, lines})
	}
	if _, err := k.Forms.save(c, v, numberCookie, form); err != nil {
		return err
	}
	return k.redirectToProgress(c, nil, "/connect/number/progress")
}
