package console

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/web"
	"sidetext/widget"
)

// A checkView is the result of the last check of one number.
type checkView struct {
	State      string // empty: it was never checked
	At         relTime
	Findings   []widget.Step
	Problem    string // why it could not be checked
	Bad        int64
	Warned     int64
	Repairable bool // by Sidetext
}

// checked is what p, the last check of a shop's numbers, found at this one.
func (p progressView) checked(line chat.LineID) (seen checkView) {
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
		seen.Repairable = seen.Repairable || step.Repairable
	}
	return seen
}

// startCheck handles POST /connect/number/check. With a line in the form, that
// one's webhook is set again first.
func (k *Console) startCheck(c *fiber.Ctx, v visit) error {
	return k.redirectToProgress(c, k.Onboarding.CheckNumbers(v, v.shop.ID, chat.LineID(formValue(c, "line"))), checkPage)
}

const checkPage = "/connect/number/check"

// showCheckResult shows the findings of a check that has ended.
func (k *Console) showCheckResult(c *fiber.Ctx, v visit, state string) error {
	view := struct {
		web.PageFrame
		Lines []lineView
		State string
		Tone  string
		At    relTime
	}{PageFrame: k.frame(c, v, ""), State: state}
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
		view.Tone, view.Title = "bad", plural(bad, "thing is", "things are")+" wrong with "+strings.ToLower(whose)
	case state == setupInterrupted:
		view.Tone, view.Title = "warn", "The check was interrupted"
	case unseen > 0 || state == setupFailed:
		view.Tone, view.Title = "warn", whose+" could not be checked"
	case warned > 0:
		view.Tone, view.Title = "warn", plural(warned, "thing", "things")+" could be better"
	case len(view.Lines) > 1:
		view.Tone, view.Title = "good", "Your numbers work"
	default:
		view.Tone, view.Title = "good", "Your number works"
	}
	return web.Render(c, "number-check.html", view)
}
