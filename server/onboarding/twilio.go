package onboarding

import (
	"context"
	"strings"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/sms"
	"sidetext/widget"
)

// ConnectTwilio starts the job that connects a number: it checks the number, saves
// its credentials, and has its texts delivered to us.
func (o *Onboarding) ConnectTwilio(ctx context.Context, shop chat.ShopID, number, account string, token chat.Secret) error {
	phone, err := sms.Parse(number, "US")
	if err != nil {
		return err
	}
	line := chat.Line{ID: chat.NewID[chat.LineID](o.Now()), Shop: shop, Number: phone, Provider: "twilio", Account: account, Token: token, Endpoint: randomSecret()}
	lines, err := o.Store.LineConfigs(ctx, shop)
	if err != nil {
		return err
	}
	for _, d := range lines {
		if d.Line.Number == line.Number {
			line.ID, line.Endpoint, line.Service = d.Line.ID, d.Line.Endpoint, d.Line.Service
		}
	}
	return o.Jobs.Start(ctx, shop, NumberConnect, func(ctx context.Context, report func(widget.Step)) error {
		steps := []struct {
			step widget.Step
			do   func() error
			done string
		}{
			{widget.Step{ID: "check", Name: "Account and number"}, func() error { return o.Twilio.Check(ctx, line) }, sms.FormatPhone(phone) + " can send and receive texts."},
			{widget.Step{ID: "keep", Name: "Credentials"}, func() error {
				defer o.Events.Publish(hub.Event{Kind: cluster.SettingsChanged})
				if err := o.Store.SaveLine(ctx, line); err != nil {
					return err
				}
				// From here on comparisons find texts whose webhook is lost.
				if _, err := o.CatchUp.Compare(ctx, chat.LineConfig{Shop: chat.Shop{ID: shop}, Line: line}); err != nil {
					o.Log.Warn("compare number", "shop", shop, "line", line.ID, "error", err)
				}
				return o.resume(ctx, line)
			}, "Stored encrypted."},
			{widget.Step{ID: "webhook", Name: "Webhook"}, func() error { return o.Twilio.SetWebhook(ctx, line, HookURL(o.PublicURL, line, "inbound")) }, "Twilio sends incoming texts to Sidetext."},
			{widget.Step{ID: "arrive", Name: "Incoming texts"}, func() error { return o.checkArrival(ctx, line) }, "They arrive in Sidetext."},
		}
		for _, one := range steps {
			one.step.State = widget.Waiting
			report(one.step)
		}
		for _, one := range steps {
			one.step.State = widget.Doing
			report(one.step)
			err := one.do()
			one.step.State, one.step.Detail = widget.Done, one.done
			if err != nil {
				one.step.State, one.step.Detail = widget.Failed, messageFor(err)
			}
			report(one.step)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// arrives returns what keeps a number's texts from arriving here, if anything does.
func (o *Onboarding) checkArrival(ctx context.Context, line chat.Line) error {
	found, err := o.Twilio.Inspect(ctx, line, HookURL(o.PublicURL, line, "inbound"))
	for _, f := range found {
		if err == nil && f.State == "bad" {
			err = &chat.Error{Kind: chat.KindConflict, Code: f.ID, Text: strings.TrimSpace(f.Detail + " " + f.Fix)}
		}
	}
	return err
}

// resume resumes deliveries that were paused because the line's account did not work.
func (o *Onboarding) resume(ctx context.Context, line chat.Line) error {
	if err := o.Store.MakeTextsDue(ctx, line, o.Now()); err != nil {
		return err
	}
	for _, account := range []string{line.SendAccount(), line.QueryAccount(), line.MediaAccount()} {
		o.Events.Publish(hub.Event{Kind: cluster.AccountResumed, Subject: account})
	}
	return nil
}
