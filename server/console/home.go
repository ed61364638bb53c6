package console

import (
	"context"
	"errors"
	"net/mail"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/server/onboarding"
	"sidetext/server/web"
	"sidetext/sms"
)

// A homeView is the overview of a shop.
type homeView struct {
	web.PageFrame
	Name      string
	Lines     []lineView
	Desk      *helpdeskView
	Vendors   []vendorView // that know the shop's customers
	Known     bool         // one of the vendors is connected
	Settings  chat.Settings
	Zones     []zoneGroup // that a merchant can choose
	UsualZone string      // the one of the shop's number, as merchants read it
	All       int64       // shoppers
	Purchased int64
	Trouble   []trouble
	Ready     bool // all three steps are done
	Stuck     bool // something is delayed or has failed
	NoEmail   bool // shoppers who can't be helped by text are not told where to write
	NoTickets bool // with these settings no text becomes a ticket
}

// A helpdeskView is a connected helpdesk.
type helpdeskView struct {
	Account, Host, Home, Username string
	Author                        string // whose key it is, and so the author of our notes; empty if unknown
	Agents                        int
	Made                          []installedView
}

// An installedView is something that is installed in a helpdesk, and where to see it.
type installedView struct{ Name, What, Link string }

// home handles GET /.
func (k *Console) home(c *fiber.Ctx, v visit) error {
	view := homeView{PageFrame: k.frame(c, v, v.shop.Name), Name: v.shop.Name, Settings: v.shop.Settings}
	var err error
	if view.Lines, err = k.lines(v); err != nil {
		return err
	}
	view.Zones, view.UsualZone = zoneGroups, "UTC"
	if len(view.Lines) > 0 {
		view.UsualZone = zoneWords(sms.TimeZone(view.Lines[0].Number))
	}
	if view.Desk, err = k.helpdesk(v, v.shop.ID); err != nil {
		return err
	}
	if view.Vendors, err = k.vendors(v, v.shop.ID); err != nil {
		return err
	}
	view.Known = slices.ContainsFunc(view.Vendors, func(one vendorView) bool { return one.Connected })
	if view.All, view.Purchased, err = k.Store.Shoppers(v, v.shop.ID); err != nil {
		return err
	}
	if view.Trouble, err = k.troubles(v, v.shop.ID); err != nil {
		return err
	}
	more, err := k.directoryTroubles(v, view.Vendors)
	if err != nil {
		return err
	}
	view.Trouble = append(view.Trouble, more...)
	for _, l := range view.Lines {
		if l.Checked.Bad > 0 {
			view.Trouble = append(view.Trouble, trouble{"bad", "The last check of " + sms.FormatPhone(l.Number) + " found " + plural(l.Checked.Bad, "thing", "things") + " wrong.", checkPage, "See what to do"})
		}
		if l.Signing.Refused != "" {
			view.Trouble = append(view.Trouble, trouble{"bad", "Twilio’s requests about " + sms.FormatPhone(l.Number) + " are refused: their signature can’t be verified.", "#numbers", "See what to do"})
		}
		view.Stuck = view.Stuck || l.Compared.Trouble != ""
	}
	view.Stuck = view.Stuck || slices.ContainsFunc(view.Trouble, func(t trouble) bool { return t.Tone != "" })
	view.NoEmail = view.Settings.Email == ""
	view.Ready = len(view.Lines) > 0 && view.Desk != nil && (view.Purchased > 0 || view.Known)
	view.NoTickets = view.Settings.AutoTickets && view.Settings.MustHaveBought && view.Purchased == 0 && view.Desk != nil
	return web.Render(c, "home.html", view)
}

// helpdesk returns the shop's helpdesk, or nil.
func (k *Console) helpdesk(ctx context.Context, shop chat.ShopID) (*helpdeskView, error) {
	h, err := k.Store.Helpdesk(ctx, shop)
	if errors.Is(err, chat.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	made, err := onboarding.Installed(h)
	if err != nil {
		return nil, err
	}
	home := strings.ReplaceAll(k.GorgiasURL, "{account}", h.Account)
	// Pages of the helpdesk as its own web client addresses them.
	integration := home + "/app/settings/integrations/http/"
	return &helpdeskView{h.Account, h.Account + ".gorgias.com", home + "/app", h.Username, authorOf(h, made.Me.String()), len(h.Agents), []installedView{
		{"Card in the sidebar", "shows the shopper and Text via SMS beside each ticket", integration + made.Widget.Card.String()},
		{"Events", "tells Sidetext about replies and closed tickets", integration + made.Widget.Events.String()},
		{"Tag", "is on every ticket that Sidetext opens", home + "/app/settings/manage-tags"},
	}}, nil
}

// authorOf is the name of the key's owner, as far as the list of agents has it.
func authorOf(h chat.Helpdesk, id string) string {
	for _, a := range h.Agents {
		if a.ID == id {
			return a.Name
		}
	}
	return ""
}

// saveSettings handles POST /settings: the three switches as they stand and, if
// it is there, the time zone.
func (k *Console) saveSettings(c *fiber.Ctx, v visit) error {
	auto, bought, acknowledge := formValue(c, "auto_tickets") == "on", formValue(c, "must_have_bought") == "on", formValue(c, "acknowledge") == "on"
	zone, hasZone := formValue(c, "time_zone"), c.Request().PostArgs().Has("time_zone")
	if !isZone(zone) {
		return chat.Invalid("There is no such time zone. Please choose one from the list.")
	}
	err := k.Store.ChangeShop(v, v.shop.ID, func(shop *chat.Shop) {
		chosen := &shop.Settings
		chosen.AutoTickets, chosen.MustHaveBought, chosen.Acknowledge = auto, bought, acknowledge
		if hasZone {
			chosen.TimeZone = zone
		}
	})
	if err != nil {
		return err
	}
	k.Events.Publish(hub.Event{Kind: cluster.SettingsChanged})
	k.Log.Info("settings changed", "shop", v.shop.ID, "auto_tickets", auto, "must_have_bought", bought, "acknowledge", acknowledge, "time_zone", zone)
	if !web.WantsPage(c) {
		return c.SendStatus(fiber.StatusNoContent)
	}
	return redirect(c, "/", "saved")
}

// saveName handles POST /shop.
func (k *Console) saveName(c *fiber.Ctx, v visit) error {
	name, ok := chat.ParseShopName(formValue(c, "name"))
	if !ok {
		return redirect(c, "/", "name")
	}
	if err := k.Store.ChangeShop(v, v.shop.ID, func(shop *chat.Shop) { shop.Name = name }); err != nil {
		return err
	}
	k.Events.Publish(hub.Event{Kind: cluster.SettingsChanged})
	return redirect(c, "/", "named")
}

// saveEmail handles POST /shop/email.
func (k *Console) saveEmail(c *fiber.Ctx, v visit) error {
	address, ok := shopEmail(formValue(c, "email"))
	if !ok {
		return redirect(c, "/", "email")
	}
	if err := k.Store.ChangeShop(v, v.shop.ID, func(shop *chat.Shop) { shop.Settings.Email = address }); err != nil {
		return err
	}
	k.Events.Publish(hub.Event{Kind: cluster.SettingsChanged})
	return redirect(c, "/", "emailed")
}

// maxShopEmail keeps an answer by text short.
const maxShopEmail = 80

// shopEmail reads an address that shoppers are told to write to: of plain
// characters, so that it fits a text and can be typed from it.
func shopEmail(text string) (string, bool) {
	address := strings.TrimPrefix(strings.TrimSpace(text), "mailto:")
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > maxShopEmail || strings.ContainsFunc(address, unprintable) {
		return "", false
	}
	_, domain, _ := strings.Cut(address, "@")
	dot := strings.LastIndexByte(domain, '.')
	return address, dot > 0 && len(domain)-dot > 2 && !strings.ContainsAny(address, `"[]`)
}
