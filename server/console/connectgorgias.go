package console

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/server/web"
	"sidetext/widget"
)

// A gorgiasForm is the form for a helpdesk, as it was filled in. The key is never
// shown again.
type gorgiasForm struct {
	Address, Username string
	AddressProblem    string `json:"-"`
	UsernameProblem   string `json:"-"`
	KeyProblem        string `json:"-"`
}

func (f gorgiasForm) Wrong() bool { return f.AddressProblem+f.UsernameProblem+f.KeyProblem != "" }

type gorgiasView struct {
	web.PageFrame
	Form      gorgiasForm
	Connected bool
	CardTitle string
	Author    string // whose name stands on our notes, if it could be mistaken for a person's
}

// author is the name on our notes if it is a person's, or empty.
func (d *helpdeskView) author() string {
	if d == nil || d.Author == "" || widget.IsOurUser(d.Author) {
		return ""
	}
	return d.Author
}

// gorgiasPage handles GET /connect/gorgias.
func (k *Console) gorgiasPage(c *fiber.Ctx, v visit) error {
	var form gorgiasForm
	k.Forms.read(c, v, gorgiasCookie, &form)
	desk, err := k.helpdesk(v, v.shop.ID)
	if err != nil {
		return err
	}
	if desk != nil && form.Address == "" {
		form = gorgiasForm{Address: desk.Host, Username: desk.Username}
	}
	return web.Render(c, "connect-gorgias.html", gorgiasView{k.frame(c, v, "Connect Gorgias"), form, desk != nil, v.shop.Settings.CardTitle, desk.author()})
}

// connectGorgias handles POST /connect/gorgias.
func (k *Console) connectGorgias(c *fiber.Ctx, v visit) error {
	form := gorgiasForm{Address: formValue(c, "address"), Username: formValue(c, "username")}
	key := formValue(c, "key")
	account, err := gorgias.ParseAccount(form.Address)
	if form.AddressProblem, err = problemOf(err); err != nil {
		return err
	}
	form.UsernameProblem = emailProblem(form.Username)
	switch {
	case key == "":
		form.KeyProblem = "Please paste the API key."
	case strings.ContainsFunc(key, unprintable):
		form.KeyProblem = "An API key has no spaces or special characters. Please copy it again."
	}
	if !form.Wrong() {
		err = k.Onboarding.ConnectGorgias(v, v.shop.ID, account, form.Username, chat.Secret(key))
		if form.KeyProblem, err = problemOf(err); err != nil {
			return k.redirectToProgress(c, err, "/connect/gorgias/progress")
		}
	}
	if form.Wrong() {
		return web.Render(c.Status(fiber.StatusBadRequest), "connect-gorgias.html", gorgiasView{PageFrame: k.frame(c, v, "Connect Gorgias"), Form: form})
	}
	if _, err := k.Forms.save(c, v, gorgiasCookie, form); err != nil {
		return err
	}
	return k.redirectToProgress(c, nil, "/connect/gorgias/progress")
}

// repairGorgias handles POST /connect/gorgias/repair: it connects once more with
// what is saved.
func (k *Console) repairGorgias(c *fiber.Ctx, v visit) error {
	h, err := k.Store.Helpdesk(v, v.shop.ID)
	if errors.Is(err, chat.ErrNotFound) {
		return redirect(c, "/connect/gorgias", "not-there")
	}
	if err == nil {
		err = k.Onboarding.ConnectGorgias(v, v.shop.ID, h.Account, h.Username, h.Key)
	}
	return k.redirectToProgress(c, err, "/connect/gorgias/progress")
}

// saveCardTitle handles POST /connect/gorgias/card: it saves the card's title and
// has the installed card show it.
func (k *Console) saveCardTitle(c *fiber.Ctx, v visit) error {
	title, ok := cardTitle(formValue(c, "title"))
	if !ok {
		return redirect(c, "/connect/gorgias", "card")
	}
	if err := k.Store.ChangeShop(v, v.shop.ID, func(shop *chat.Shop) { shop.Settings.CardTitle = title }); err != nil {
		return err
	}
	k.Events.Publish(hub.Event{Kind: cluster.SettingsChanged})
	return k.repairGorgias(c, v)
}

// cardTitle cleans the title of the card, and reports whether it can be one.
func cardTitle(text string) (string, bool) {
	title, ok := chat.ParseShopName(text)
	return title, ok && utf8.RuneCountInString(title) <= 40 && !strings.ContainsAny(title, "{}")
}

// disconnectPage handles GET /disconnect/gorgias: it says what would happen.
func (k *Console) disconnectPage(c *fiber.Ctx, v visit) error {
	desk, err := k.helpdesk(v, v.shop.ID)
	if err != nil {
		return err
	}
	if desk == nil {
		return redirect(c, "/", "not-there")
	}
	return web.Render(c, "disconnect.html", struct {
		web.PageFrame
		Desk *helpdeskView
	}{k.frame(c, v, "Disconnect Gorgias"), desk})
}

// disconnectGorgias handles POST /disconnect/gorgias.
func (k *Console) disconnectGorgias(c *fiber.Ctx, v visit) error {
	err := k.Onboarding.DisconnectGorgias(v, v.shop.ID)
	if errors.Is(err, chat.ErrNotFound) {
		return redirect(c, "/", "not-there")
	}
	k.Forms.forget(c, gorgiasCookie)
	return k.redirectToProgress(c, err, "/disconnect/gorgias/progress")
}
