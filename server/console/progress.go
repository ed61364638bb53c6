package console

import (
	"encoding/json"
	"errors"
	"fmt"
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
}

var setupFlows = []setupFlow{
	{"gorgias", onboarding.GorgiasConnect, "/connect/gorgias/progress", "/connect/gorgias",
		"Connecting Gorgias …", "Gorgias is connected", "Gorgias is not connected yet", "Change and try again"},
	{"number", onboarding.NumberConnect, "/connect/number/progress", "/connect/number",
		"Connecting your number …", "Your number is connected", "Your number is not connected yet", "Change and try again"},
	{name: "number-check", what: onboarding.NumberCheck, page: checkPage, form: "/connect/number", Doing: "Checking …"},
	{"disconnect", onboarding.GorgiasDisconnect, "/disconnect/gorgias/progress", "/disconnect/gorgias",
		"Disconnecting Gorgias …", "Gorgias is disconnected", "Gorgias is still connected", "Try again"},
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
	StillConnected bool // the helpdesk is still connected as before
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
		desk, err := k.helpdesk(v, v.shop.ID)
		if err != nil {
			return err
		}
		if p.State == setupDone && one.what != onboarding.NumberConnect && (desk != nil) != (one.what == onboarding.GorgiasConnect) {
			return redirect(c, "/", "") // it was undone since then
		}
		page := flowPage{PageFrame: k.frame(c, v, one.Doing), Flow: one, Name: one.name, Form: one.form, progressView: p}
		switch p.State {
		case setupDoing:
			page.Watch = true
		case setupDone:
			page.Title = one.Done
			if page.Lines, err = k.lines(v); err != nil {
				return err
			}
			k.Forms.forget(c, gorgiasCookie)
			k.Forms.forget(c, numberCookie)
		default:
			page.Title, page.StillConnected = one.Wrong, desk != nil && one.what == onboarding.GorgiasConnect
			if page.StillConnected {
				page.Title = "That did not work"
			}
		}
		return web.Render(c, "progress.html", page)
	}
}
