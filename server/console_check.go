package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/sms"
	"sidetext/widget"
)

// checkNumbers finds out in the background whether a shop's numbers really
// work. mend is one to be put right first, or empty.
func (s *server) checkNumbers(ctx context.Context, shop chat.ShopID, mend chat.LineID) error {
	doors, err := s.store.LineConfigs(ctx, shop)
	if err != nil {
		return err
	}
	if len(doors) == 0 || mend != "" && !slices.ContainsFunc(doors, func(d chat.LineConfig) bool { return d.Line.ID == mend }) {
		return chat.ErrNotFound
	}
	return s.setups.start(ctx, shop, setupCheck, func(ctx context.Context, report func(widget.Step)) error {
		var errs []error
		for _, d := range doors { // one that can't be looked at hides no other
			errs = append(errs, s.checkNumber(ctx, d.Line, d.Line.ID == mend, report))
		}
		return errors.Join(errs...)
	})
}

// progresses is how a finding looks as a step.
var progresses = map[string]widget.Progress{"ok": widget.Done, "warn": widget.Warned, "bad": widget.Failed}

// checkNumber reports a step for the number itself, and one for each finding.
func (s *server) checkNumber(ctx context.Context, line chat.Line, mend bool, report func(widget.Step)) error {
	whole := widget.Step{ID: string(line.ID), Name: sms.Show(line.Number), State: widget.Doing}
	report(whole)
	inbound := s.hook(line, "inbound")
	if mend {
		step := widget.Step{ID: finding(line, "mend"), Name: "Putting it right", State: widget.Done, Detail: "Twilio has the address of Sidetext again."}
		if err := s.twilio.SetWebhook(ctx, line, inbound); err != nil {
			step.State, step.Detail = widget.Failed, saidOf(err)
		}
		report(step)
	}
	found, err := s.twilio.Inspect(ctx, line, inbound)
	for _, f := range found {
		report(widget.Step{ID: finding(line, f.ID), Name: f.Name, State: progresses[f.State], Detail: f.Detail, Fix: f.Fix, Ours: f.Ours})
	}
	if err == nil {
		err = s.resume(ctx, line) // whatever it waited for, Twilio answers now
	}
	whole.State = widget.Done
	if err != nil {
		whole.State, whole.Detail = widget.Failed, saidOf(err)
	}
	report(whole)
	return err
}

func finding(line chat.Line, what string) string { return string(line.ID) + "/" + what }

// A checkedView is what the last check found at one number.
type checkedView struct {
	State    string // empty: it was never checked
	At       when
	Findings []widget.Step
	Problem  string // why it could not be looked at
	Bad      int64
	Warned   int64
	Mendable bool // by us
}

// checked is what p, the last check of a shop's numbers, found at this one.
func (p progressView) checked(line chat.LineID) (seen checkedView) {
	for _, step := range p.Steps {
		of, _, part := strings.Cut(step.ID, "/")
		if of != string(line) {
			continue
		}
		seen.State, seen.At = p.State, p.At
		if !part {
			if step.State == widget.Failed {
				seen.Problem = step.Detail
			}
			continue
		}
		seen.Findings = append(seen.Findings, step)
		switch step.State {
		case widget.Failed:
			seen.Bad++
		case widget.Warned:
			seen.Warned++
		}
		seen.Mendable = seen.Mendable || step.Ours
	}
	return seen
}

// beginCheck handles POST /connect/number/check. With a line in the form, that
// one is put right first.
func (k *console) beginCheck(c *fiber.Ctx, v visit) error {
	return k.begun(c, k.checkNumbers(v, v.shop.ID, chat.LineID(typed(c, "line"))), checkPage)
}

const checkPage = "/connect/number/check"

// foundPage shows what a check found once it has ended.
func (k *console) foundPage(c *fiber.Ctx, v visit, state string) error {
	view := struct {
		pageFrame
		Lines []lineView
		State string
		Tone  string
		At    when
	}{pageFrame: k.frame(c, v, ""), State: state}
	var err error
	if view.Lines, err = k.lines(v); err != nil {
		return err
	}
	var bad, warned, unseen int64
	for _, l := range view.Lines {
		bad, warned = bad+l.Checked.Bad, warned+l.Checked.Warned
		if l.Checked.Problem != "" {
			unseen++
		}
		if l.Checked.At.Known() {
			view.At = l.Checked.At
		}
	}
	whose := "Your number"
	if len(view.Lines) > 1 {
		whose = "Your numbers"
	}
	switch {
	case bad > 0:
		view.Tone, view.Title = "bad", amount(bad, "thing is", "things are")+" wrong with "+strings.ToLower(whose)
	case state == courseInterrupted:
		view.Tone, view.Title = "warn", "The check was interrupted"
	case unseen > 0 || state == courseFailed:
		view.Tone, view.Title = "warn", whose+" could not be checked"
	case warned > 0:
		view.Tone, view.Title = "warn", amount(warned, "thing", "things")+" could be better"
	case len(view.Lines) > 1:
		view.Tone, view.Title = "good", "Your numbers work"
	default:
		view.Tone, view.Title = "good", "Your number works"
	}
	return k.render(c, "number-check.html", view)
}
