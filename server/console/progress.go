package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/onboarding"
	"sidetext/server/web"
	"sidetext/widget"
)

// A setupFlow is a job of onboarding, with a page to watch it.
type setupFlow struct {
	name  string // in /api/setup/{name}
	what  string // in the store
	page  string
	form  string // where it is started
	Doing string
	Done  string
	Wrong string
	Again string // the label of the link back to the form

	Thing  string // what it is about: "Gorgias"; empty: a number
	vendor chat.Vendor
	effect effect
}

// An effect is what a job does to a connection.
type effect int

const (
	checks effect = iota // changes nothing that matters here
	connects
	disconnects
)

var setupFlows = append([]setupFlow{
	{name: "gorgias", what: onboarding.GorgiasConnect, page: "/connect/gorgias/progress", form: "/connect/gorgias", Thing: "Gorgias", effect: connects,
		Doing: "Connecting Gorgias …", Done: "Gorgias is connected", Wrong: "Gorgias is not connected yet", Again: "Change and try again"},
	{name: "number", what: onboarding.NumberConnect, page: "/connect/number/progress", form: "/connect/number",
		Doing: "Connecting your number …", Done: "Your number is connected", Wrong: "Your number is not connected yet", Again: "Change and try again"},
	{name: "number-check", what: onboarding.NumberCheck, page: checkPage, form: "/connect/number", Doing: "Checking …"},
	{name: "disconnect", what: onboarding.GorgiasDisconnect, page: "/disconnect/gorgias/progress", form: "/disconnect/gorgias", Thing: "Gorgias", effect: disconnects,
		Doing: "Disconnecting Gorgias …", Done: "Gorgias is disconnected", Wrong: "Gorgias is still connected", Again: "Try again"},
}, append(vendorFlows(chat.Shopify, onboarding.ShopifyConnect, onboarding.ShopifyCheck, onboarding.ShopifyDisconnect),
	vendorFlows(chat.Recharge, onboarding.RechargeConnect, onboarding.RechargeCheck, onboarding.RechargeDisconnect)...)...)

// vendorFlows are the jobs of a vendor.
func vendorFlows(v chat.Vendor, connect, check, disconnect string) []setupFlow {
	name, form, off := v.Name(), "/connect/"+string(v), "/disconnect/"+string(v)
	return []setupFlow{
		{name: connect, what: connect, page: form + "/progress", form: form, Thing: name, vendor: v, effect: connects,
			Doing: "Connecting " + name + " …", Done: name + " is connected", Wrong: name + " is not connected yet", Again: "Change and try again"},
		{name: check, what: check, page: form + "/check", form: form, Thing: name, vendor: v,
			Doing: "Checking " + name + " …", Done: name + " works", Wrong: name + " could not be used", Again: "To the connection"},
		{name: disconnect, what: disconnect, page: off + "/progress", form: off, Thing: name, vendor: v, effect: disconnects,
			Doing: "Disconnecting " + name + " …", Done: name + " is disconnected", Wrong: name + " is still connected", Again: "Try again"},
	}
}

// abandoned is after how long a job can't be running any more: the server was
// stopped in the middle.
const abandoned = 3 * time.Minute

// The states of a job. The first three are those in the store.
const (
	setupDoing       = "doing"
	setupDone        = "done"
	setupFailed      = "failed"
	setupInterrupted = "interrupted"
)

type progressView struct {
	State string        `json:"state"`
	Steps []widget.Step `json:"steps"`
	At    relTime       `json:"-"` // of the last change
}

func (k *Console) progressOf(v visit, what string) (p progressView, err error) {
	setup, err := k.Store.Setup(v, v.shop.ID, what)
	if err != nil {
		return p, err
	}
	p = progressView{setup.State, []widget.Step{}, k.relTime(setup.At)}
	if err := json.Unmarshal(setup.Steps, &p.Steps); err != nil {
		return p, fmt.Errorf("decode steps of job: %w", err)
	}
	if p.State == setupDoing && k.Now().Sub(setup.At) > abandoned {
		p.State = setupInterrupted
	}
	return p, nil
}

// progress handles GET /api/setup/{name}.
func (k *Console) progress(one setupFlow) func(*fiber.Ctx, visit) error {
	return func(c *fiber.Ctx, v visit) error {
		p, err := k.progressOf(v, one.what)
		if err != nil {
			return err
		}
		return c.JSON(p)
	}
}

type flowPage struct {
	web.PageFrame
	Flow           setupFlow
	Name           string // of the flow, for the page's script
	Form           string
	Directory      bool // the import that it started can be watched there
	Advice         bool // it is done, and something could be better
	StillConnected bool // what it is about is still connected as before
	Lines          []lineView
	progressView
}

// progressPage handles the page that shows a job's progress.
func (k *Console) progressPage(one setupFlow) func(*fiber.Ctx, visit) error {
	return func(c *fiber.Ctx, v visit) error {
		p, err := k.progressOf(v, one.what)
		if errors.Is(err, chat.ErrNotFound) {
			return redirect(c, one.form, "")
		}
		if err != nil {
			return err
		}
		if one.what == onboarding.NumberCheck && p.State != setupDoing {
			return k.showCheckResult(c, v, p.State)
		}
		connected, err := k.isConnected(v, one)
		if err != nil {
			return err
		}
		if p.State == setupDone && one.effect != checks && connected != (one.effect == connects) {
			return redirect(c, "/", "") // it was undone since then
		}
		page := flowPage{PageFrame: k.frame(c, v, one.Doing), Flow: one, Name: one.name, Form: one.form, progressView: p}
		switch p.State {
		case setupDoing:
			page.Watch = true
		case setupDone:
			page.Title = one.Done
			page.Directory = one.vendor != "" && one.effect == connects
			page.Advice = slices.ContainsFunc(p.Steps, func(s widget.Step) bool { return s.State == widget.Warned })
			if page.Lines, err = k.lines(v); err != nil {
				return err
			}
			for _, cookie := range []formCookie{gorgiasCookie, numberCookie, shopifyCookie} {
				k.Forms.forget(c, cookie)
			}
		default:
			page.Title, page.StillConnected = one.Wrong, connected && one.effect == connects
			if page.StillConnected {
				page.Title = "That did not work"
			}
		}
		return web.Render(c, "progress.html", page)
	}
}

// isConnected reports whether what a job connects, or disconnects, is connected now.
func (k *Console) isConnected(v visit, one setupFlow) (bool, error) {
	var err error
	switch {
	case one.vendor != "":
		_, err = k.Directory.Connection(v, v.shop.ID, one.vendor)
	case one.effect != checks:
		_, err = k.Store.Helpdesk(v, v.shop.ID)
	default:
		return false, nil
	}
	if errors.Is(err, chat.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
