package main

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/hub"
	"sidetext/sms"
	"sidetext/widget"
)

// A deskForm is the form for a helpdesk, as it was filled in. The key is never
// shown again.
type deskForm struct {
	Address, Username string
	AddressProblem    string
	UsernameProblem   string
	KeyProblem        string
}

func (f deskForm) Wrong() bool { return f.AddressProblem+f.UsernameProblem+f.KeyProblem != "" }

type deskPage struct {
	pageFrame
	Form      deskForm
	Connected bool
	CardTitle string
	Author    string // whose name stands on our notes, if it could be mistaken for a person's
}

// author is the name on our notes when it is a person's, or empty.
func (d *deskView) author() string {
	if d == nil || d.Author == "" || widget.IsOurUser(d.Author) {
		return ""
	}
	return d.Author
}

// gorgiasPage handles GET /connect/gorgias.
func (k *console) gorgiasPage(c *fiber.Ctx, v visit) error {
	form := k.notes.of(v.shop.ID).desk
	desk, err := k.desk(v, v.shop.ID)
	if err != nil {
		return err
	}
	if desk != nil && form.Address == "" {
		form = deskForm{Address: desk.Host, Username: desk.Username}
	}
	return k.render(c, "connect-gorgias.html", deskPage{k.frame(c, v, "Connect Gorgias"), form, desk != nil, v.shop.Settings.CardTitle, desk.author()})
}

// connectDesk handles POST /connect/gorgias.
func (k *console) connectDesk(c *fiber.Ctx, v visit) error {
	form := deskForm{Address: typed(c, "address"), Username: typed(c, "username")}
	key := typed(c, "key")
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
		err = k.connectGorgias(v, v.shop.ID, account, form.Username, chat.Secret(key))
		if form.KeyProblem, err = problemOf(err); err != nil {
			return k.begun(c, err, "/connect/gorgias/progress")
		}
	}
	if form.Wrong() {
		return k.render(c.Status(fiber.StatusBadRequest), "connect-gorgias.html", deskPage{pageFrame: k.frame(c, v, "Connect Gorgias"), Form: form})
	}
	k.notes.change(v.shop.ID, func(n *note) { n.desk = form })
	return k.begun(c, nil, "/connect/gorgias/progress")
}

// repairDesk handles POST /connect/gorgias/repair: it connects once more with
// what is known.
func (k *console) repairDesk(c *fiber.Ctx, v visit) error {
	h, err := k.store.Helpdesk(v, v.shop.ID)
	if errors.Is(err, chat.ErrNotFound) {
		return back(c, "/connect/gorgias", "not-there")
	}
	if err == nil {
		err = k.connectGorgias(v, v.shop.ID, h.Account, h.Username, h.Key)
	}
	return k.begun(c, err, "/connect/gorgias/progress")
}

// saveCardTitle handles POST /connect/gorgias/card: it keeps the card's title and
// has the installed card show it.
func (k *console) saveCardTitle(c *fiber.Ctx, v visit) error {
	title, ok := cardTitle(typed(c, "title"))
	if !ok {
		return back(c, "/connect/gorgias", "card")
	}
	if err := k.store.ChangeShop(v, v.shop.ID, func(shop *chat.Shop) { shop.Settings.CardTitle = title }); err != nil {
		return err
	}
	k.tellNodes(hub.Event{Kind: nodesSettings})
	return k.repairDesk(c, v)
}

// cardTitle tidies what is to stand above the card, and says whether it can.
func cardTitle(typed string) (string, bool) {
	title, ok := shopName(typed)
	return title, ok && utf8.RuneCountInString(title) <= 40 && !strings.ContainsAny(title, "{}")
}

// begun leads to the page that shows how far setting up is, also when it was
// begun before.
func (k *console) begun(c *fiber.Ctx, err error, progress string) error {
	var told *chat.Error
	switch {
	case err == nil:
		return back(c, progress, "")
	case errors.As(err, &told) && told.Kind == chat.KindConflict:
		return back(c, progress, "busy")
	}
	return err
}

// disconnectPage handles GET /disconnect/gorgias: it says what would happen.
func (k *console) disconnectPage(c *fiber.Ctx, v visit) error {
	desk, err := k.desk(v, v.shop.ID)
	if err != nil {
		return err
	}
	if desk == nil {
		return back(c, "/", "not-there")
	}
	return k.render(c, "disconnect.html", struct {
		pageFrame
		Desk *deskView
	}{k.frame(c, v, "Disconnect Gorgias"), desk})
}

// disconnectDesk handles POST /disconnect/gorgias.
func (k *console) disconnectDesk(c *fiber.Ctx, v visit) error {
	err := k.disconnectGorgias(v, v.shop.ID)
	if errors.Is(err, chat.ErrNotFound) {
		return back(c, "/", "not-there")
	}
	k.notes.change(v.shop.ID, func(n *note) { n.desk = deskForm{} })
	return k.begun(c, err, "/disconnect/gorgias/progress")
}

// A numberForm is the form for a number, as it was filled in. The token is never
// shown again.
type numberForm struct {
	Number, Account string
	NumberProblem   string
	AccountProblem  string
	TokenProblem    string
}

func (f numberForm) Wrong() bool { return f.NumberProblem+f.AccountProblem+f.TokenProblem != "" }

type numberView struct {
	pageFrame
	Form  numberForm
	Lines []lineView
}

// numberPage handles GET /connect/number.
func (k *console) numberPage(c *fiber.Ctx, v visit) error {
	lines, err := k.lines(v)
	if err != nil {
		return err
	}
	return k.render(c, "connect-number.html", numberView{k.frame(c, v, "Connect a number"), k.notes.of(v.shop.ID).number, lines})
}

// connectNumber handles POST /connect/number.
func (k *console) connectNumber(c *fiber.Ctx, v visit) error {
	form := numberForm{Number: typed(c, "number"), Account: typed(c, "account")}
	token := typed(c, "token")
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
		err = k.connectTwilio(v, v.shop.ID, form.Number, form.Account, chat.Secret(token))
		if form.NumberProblem, err = problemOf(err); err != nil {
			return k.begun(c, err, "/connect/number/progress")
		}
	}
	if form.Wrong() {
		lines, err := k.lines(v)
		if err != nil {
			return err
		}
		return k.render(c.Status(fiber.StatusBadRequest), "connect-number.html", numberView{k.frame(c, v, "Connect a number"), form, lines})
	}
	k.notes.change(v.shop.ID, func(n *note) { n.number = form })
	return k.begun(c, nil, "/connect/number/progress")
}

func emailProblem(address string) string {
	switch {
	case address == "":
		return "Please enter the e-mail address shown as Username."
	case strings.Count(address, "@") != 1 || strings.HasPrefix(address, "@") || strings.HasSuffix(address, "@") ||
		strings.ContainsFunc(address, unprintable) || strings.Contains(address, ":"):
		return "This is not an e-mail address. It should look like anna@example.com."
	}
	return ""
}

func sidProblem(sid string) string {
	hex := strings.TrimLeft(strings.TrimPrefix(sid, "AC"), "0123456789abcdef") == ""
	switch {
	case sid == "":
		return "Please paste the Account SID."
	case strings.HasPrefix(sid, "SK"):
		return "This is an API key. Please paste the Account SID, which starts with AC."
	case !strings.HasPrefix(sid, "AC") || len(sid) != 34 || !hex:
		return "An Account SID starts with AC and has 34 characters."
	}
	return ""
}

// unprintable reports what can't be part of a key or an address: it was pasted
// along with it.
func unprintable(c rune) bool { return c <= ' ' || c >= 0x7f }
