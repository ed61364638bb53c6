package onboarding

import "sidetext/widget"

// A checklist reports the steps of a job.
type checklist struct{ report func(widget.Step) }

// A stepResult is how a step ended.
type stepResult struct {
	Warned bool   // it works, but not as well as it could
	Detail string // for merchants
	Fix    string // what to do
}

// quiet is the checklist of work in the background.
var quiet = checklist{func(widget.Step) {}}

// announce reports steps that are still to be done.
func (l checklist) announce(steps ...widget.Step) {
	for _, step := range steps {
		step.State = widget.Waiting
		l.report(step)
	}
}

// run runs one step, and reports how it ended.
func (l checklist) run(id, name string, do func() (stepResult, error)) error {
	step := widget.Step{ID: id, Name: name, State: widget.Doing}
	l.report(step)
	result, err := do()
	step.State, step.Detail, step.Fix = widget.Done, result.Detail, result.Fix
	switch {
	case err != nil:
		step.State, step.Detail = widget.Failed, messageFor(err)
	case result.Warned:
		step.State = widget.Warned
	}
	l.report(step)
	return err
}
