package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/widget"
)

// A course is something that takes a while, with a page to watch it.
type course struct {
	name  string // in /api/setup/{name}
	what  string // in the store
	page  string
	form  string // where it is begun
	Doing string
	Done  string
	Wrong string
	Again string // what the way back to the form is called
}

var courses = []course{
	{"gorgias", setupGorgias, "/connect/gorgias/progress", "/connect/gorgias",
		"Connecting Gorgias …", "Gorgias is connected", "Gorgias is not connected yet", "Change and try again"},
	{"number", setupTwilio, "/connect/number/progress", "/connect/number",
		"Connecting your number …", "Your number is connected", "Your number is not connected yet", "Change and try again"},
	{name: "number-check", what: setupCheck, page: checkPage, form: "/connect/number", Doing: "Checking …"},
	{"disconnect", setupDisconnect, "/disconnect/gorgias/progress", "/disconnect/gorgias",
		"Disconnecting Gorgias …", "Gorgias is disconnected", "Gorgias is still connected", "Try again"},
}

// abandoned is after how long nobody can be working on a set-up any more: the
// server was stopped in the middle.
const abandoned = 3 * time.Minute

// How far a course is. The first three are as the store has them.
const (
	courseDoing       = "doing"
	courseDone        = "done"
	courseFailed      = "failed"
	courseInterrupted = "interrupted"
)

type progressView struct {
	State string        `json:"state"`
	Steps []widget.Step `json:"steps"`
	At    when          `json:"-"` // of the last change
}

func (k *console) howFar(v visit, what string) (p progressView, err error) {
	setup, err := k.store.Setup(v, v.shop.ID, what)
	if err != nil {
		return p, err
	}
	p = progressView{setup.State, []widget.Step{}, k.when(setup.At)}
	if err := json.Unmarshal(setup.Steps, &p.Steps); err != nil {
		return p, fmt.Errorf("read the steps of a set-up: %w", err)
	}
	if p.State == courseDoing && k.now().Sub(setup.At) > abandoned {
		p.State = courseInterrupted
	}
	return p, nil
}

// progress handles GET /api/setup/{name}.
func (k *console) progress(one course) func(*fiber.Ctx, visit) error {
	return func(c *fiber.Ctx, v visit) error {
		p, err := k.howFar(v, one.what)
		if err != nil {
			return err
		}
		return c.JSON(p)
	}
}

type coursePage struct {
	pageFrame
	Course course
	Name   string // of the course, for the page's script
	Form   string
	Kept   bool // a helpdesk that was connected before still is
	Lines  []lineView
	progressView
}

// progressPage handles the pages on which to watch.
func (k *console) progressPage(one course) func(*fiber.Ctx, visit) error {
	return func(c *fiber.Ctx, v visit) error {
		p, err := k.howFar(v, one.what)
		if errors.Is(err, chat.ErrNotFound) {
			return back(c, one.form, "")
		}
		if err != nil {
			return err
		}
		if one.what == setupCheck && p.State != courseDoing {
			return k.foundPage(c, v, p.State)
		}
		desk, err := k.desk(v, v.shop.ID)
		if err != nil {
			return err
		}
		if p.State == courseDone && one.what != setupTwilio && (desk != nil) != (one.what == setupGorgias) {
			return back(c, "/", "") // it has been undone since
		}
		page := coursePage{pageFrame: k.frame(c, v, one.Doing), Course: one, Name: one.name, Form: one.form, progressView: p}
		switch p.State {
		case courseDoing:
			page.Watch = true
		case courseDone:
			page.Title = one.Done
			if page.Lines, err = k.lines(v); err != nil {
				return err
			}
			k.notes.change(v.shop.ID, func(n *note) { n.desk, n.number = deskForm{}, numberForm{} })
		default:
			page.Title, page.Kept = one.Wrong, desk != nil && one.what == setupGorgias
			if page.Kept {
				page.Title = "That did not work"
			}
		}
		return k.render(c, "progress.html", page)
	}
}
