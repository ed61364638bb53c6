package onboarding

import (
	"context"
	"errors"
	"slices"

	"sidetext/chat"
	"sidetext/sms"
	"sidetext/widget"
)

// CheckNumbers starts the job that checks whether a shop's numbers work. The
// webhook of the line repair is set again first, unless repair is empty.
func (o *Onboarding) CheckNumbers(ctx context.Context, shop chat.ShopID, repair chat.LineID) error {
	lines, err := o.Store.LineConfigs(ctx, shop)
	if err != nil {
		return err
	}
	if len(lines) == 0 || repair != "" && !slices.ContainsFunc(lines, func(d chat.LineConfig) bool { return d.Line.ID == repair }) {
		return chat.ErrNotFound
	}
	return o.Jobs.Start(ctx, shop, NumberCheck, func(ctx context.Context, report func(widget.Step)) error {
		var errs []error
		for _, d := range lines { // an error does not keep the others from being checked
			errs = append(errs, o.checkNumber(ctx, d.Line, d.Line.ID == repair, report))
		}
		return errors.Join(errs...)
	})
}

// progresses maps the state of a finding to that of a step.
var progresses = map[string]widget.Progress{"ok": widget.Done, "warn": widget.Warned, "bad": widget.Failed}

// checkNumber reports a step for the number itself, and one for each finding.
func (o *Onboarding) checkNumber(ctx context.Context, line chat.Line, repair bool, report func(widget.Step)) error {
	number := widget.Step{ID: string(line.ID), Name: sms.FormatPhone(line.Number), State: widget.Doing}
	report(number)
	inbound := HookURL(o.PublicURL, line, "inbound")
	if repair {
		step := widget.Step{ID: finding(line, "mend"), Name: "Repair", State: widget.Done, Detail: "Webhook address set."}
		if err := o.Twilio.SetWebhook(ctx, line, inbound); err != nil {
			step.State, step.Detail = widget.Failed, messageFor(err)
		}
		report(step)
	}
	found, err := o.Twilio.Inspect(ctx, line, inbound)
	for _, f := range found {
		report(widget.Step{ID: finding(line, f.ID), Name: f.Name, State: progresses[f.State], Detail: f.Detail, Fix: f.Fix, Repairable: f.Repairable})
	}
	if err == nil {
		err = o.resume(ctx, line) // Twilio responds again
	}
	number.State = widget.Done
	if err != nil {
		number.State, number.Detail = widget.Failed, messageFor(err)
	}
	report(number)
	return err
}

func finding(line chat.Line, what string) string { return string(line.ID) + "/" + what }
