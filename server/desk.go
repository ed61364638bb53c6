package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/sms"
)

// desks finds the helpdesk that a delivery is for, while the shop is connected
// to it. What nobody waits for leaves most of the helpdesk's budget to the rest.
type desks struct{ *server }

func (s desks) Desk(ctx context.Context, d chat.Delivery) (bridge.Desk, error) {
	h, err := s.store.Helpdesk(ctx, d.Shop)
	if err != nil {
		return nil, err
	}
	if chat.HelpdeskAccount(h.Account) != d.Account {
		return nil, chat.ErrNotFound
	}
	client, err := s.accounts.Client(h.Account, h.Username, h.Key)
	if err != nil {
		return nil, err
	}
	if !d.Urgent {
		client = client.Background()
	}
	found, err := s.store.Shop(ctx, d.Shop)
	if err != nil {
		return nil, err
	}
	made, err := madeBy(h)
	return &desk{api: client, made: made, tag: found.Settings.Tag, files: s.fileLink}, err
}

// A desk is Gorgias as the bridge needs it.
type desk struct {
	api   *gorgias.Client
	made  made
	tag   string
	files func(chat.Sight) (func(chat.Media) string, error) // addresses for agents

	seen gorgias.Ticket // the ticket that See found
}

func (d *desk) Person(ctx context.Context, p chat.Shopper) (string, error) {
	c, err := d.api.Person(ctx, p)
	return c.ID.String(), next(err)
}

func (d *desk) Open(ctx context.Context, s chat.Sight, begins chat.Dialogue, again bool) (string, error) {
	external := string(s.Ticket.ID)
	if again {
		found, err := d.api.TicketsByExternalID(ctx, external)
		if err != nil {
			return "", next(err)
		}
		if len(found) > 0 {
			return found[0].ID.String(), nil
		}
	}
	talk, err := d.talk(s, begins)
	if err != nil {
		return "", next(err)
	}
	k, err := d.api.CreateTicket(ctx, talk.Ticket(external, external+"-open", d.tags(s)...))
	return k.ID.String(), next(err)
}

// tags are the shop's own and one for the reason.
func (d *desk) tags(s chat.Sight) []string {
	if s.Escalation == nil {
		return []string{d.tag}
	}
	return []string{d.tag, reasonTag(s.Escalation.Reason)}
}

var reasonTags = map[chat.Reason]string{
	chat.UnknownKeyword: "sms-not-understood", chat.EndSubscription: "sms-end-subscription", chat.CarrierOptOut: "sms-stopped-texts",
	chat.AskedForPerson: "sms-asked-for-person", chat.AskedForChange: "sms-wants-change", chat.ActionFailed: "sms-action-failed", chat.TakenOver: "sms-agent",
	chat.ChangeOrder: "sms-change-order", chat.OrderStatus: "sms-order-status", chat.MaybeOptOut: "sms-maybe-opt-out",
}

func reasonTag(why chat.Reason) string { return reasonTags[why] }

func (d *desk) See(ctx context.Context, remote string) (there, open bool, err error) {
	id, err := gorgias.ParseID(remote)
	if err != nil {
		return false, false, err
	}
	k, err := d.api.Ticket(ctx, id)
	d.seen = k
	var e *gorgias.Error
	if errors.As(err, &e) && e.Gone() {
		return false, false, nil
	}
	return err == nil && k.ID == id && k.TrashedAt.IsZero(), k.Status == gorgias.Open, next(err)
}

func (d *desk) Said(ctx context.Context, remote, name string) (bool, error) {
	id, err := gorgias.ParseID(remote)
	if err != nil {
		return false, err
	}
	_, there, err := d.api.FindMessage(ctx, id, name)
	return there, next(err)
}

func (d *desk) Append(ctx context.Context, s chat.Sight, name string, fresh []chat.Entry, dialogue chat.Dialogue) error {
	talk, err := d.talk(s, dialogue)
	if err != nil {
		return next(err)
	}
	if d.seen.ID.String() == s.Ticket.Remote {
		talk.Subject = d.seen.Subject
	}
	return d.post(ctx, s.Ticket.Remote, talk.Text(name, fresh...))
}

func (d *desk) Note(ctx context.Context, remote, name, text string) error {
	return d.post(ctx, remote, gorgias.Note(name, d.made.Me, text))
}

func (d *desk) LinkFiles(ctx context.Context, s chat.Sight, name string, e chat.Entry) error {
	address, err := d.files(s)
	if err != nil {
		return err
	}
	from := cmp.Or(s.Shopper.Name, sms.Show(s.Shopper.Phone))
	return d.post(ctx, s.Ticket.Remote, gorgias.FilesNote(name, d.made.Me, from, e.Media, address))
}

func (d *desk) post(ctx context.Context, remote string, draft gorgias.MessageDraft) error {
	id, err := gorgias.ParseID(remote)
	if err != nil {
		return err
	}
	_, err = d.api.CreateMessage(ctx, id, draft)
	return next(err)
}

func (d *desk) Reopen(ctx context.Context, remote string) error {
	id, err := gorgias.ParseID(remote)
	if err != nil {
		return err
	}
	return next(d.api.SetStatus(ctx, id, gorgias.Open))
}

func (d *desk) Tag(ctx context.Context, remote string, why chat.Reason) error {
	id, err := gorgias.ParseID(remote)
	if err != nil {
		return err
	}
	err = next(d.api.AddTags(ctx, id, d.tag, reasonTag(why)))
	var send *chat.SendError
	if errors.As(err, &send) && send.Problem.Code == "forbidden" {
		send.All = false // whoever may not tag may do all the rest
	}
	return err
}

func (d *desk) talk(s chat.Sight, dialogue chat.Dialogue) (gorgias.Talk, error) {
	id, err := gorgias.ParseID(s.Shopper.Customer)
	if err != nil {
		return gorgias.Talk{}, err
	}
	return gorgias.Talk{
		Shopper: s.Shopper, Phone: sms.Show(s.Shopper.Phone), Dialogue: dialogue,
		Shop: s.Shop.Name, Zone: zone(s.Shop.Settings.TimeZone, s.Line.Number),
		Customer: gorgias.Customer{ID: id, Email: s.Shopper.Email}, Support: d.made.Support,
	}, nil
}

// next says what an error of the helpdesk means for the next step.
func next(err error) error {
	var e *gorgias.Error
	var plain *chat.Error
	switch {
	case errors.As(err, &plain): // nothing was asked: it can't be
		return &chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: plain.Code, Text: plain.Text}, Cause: err}
	case !errors.As(err, &e):
		return err
	}
	send := &chat.SendError{Outcome: chat.Rejected, After: e.RetryAfter, Cause: err}
	switch {
	case e.BadKey():
		send.All, send.After = true, 5*time.Minute
		send.Problem = chat.Problem{Code: "key", Text: "Gorgias refuses the API key. Please connect Gorgias again."}
	case e.NoAccount():
		send.All, send.After = true, 15*time.Minute
		send.Problem = chat.Problem{Code: "account", Text: "This Gorgias account does not exist any more."}
	case e.Quota():
		send.All, send.After = true, 15*time.Minute
		send.Problem = chat.Problem{Code: "quota", Text: "The Gorgias plan is used up: it takes no more tickets for now."}
	case e.Forbidden():
		send.All, send.After = true, 5*time.Minute
		send.Problem = chat.Problem{Code: "forbidden", Text: "The owner of the API key may not do this in Gorgias."}
	case e.Status == 429:
		send.Outcome, send.All = chat.NotSent, e.Written // our own turn is late for what is not urgent only
		send.Problem = chat.Problem{Code: "busy", Text: "Gorgias asks us to slow down."}
	case e.Temporary() || e.Unknown():
		send.Outcome = chat.Lost
		send.All = e.Status == 0 && !e.Written // nobody there: nothing else would fare better
		send.Problem = chat.Problem{Code: "unreachable", Text: "Gorgias does not answer."}
	default:
		send.Problem = chat.Problem{Code: "refused", Text: "Gorgias refused it (" + cmp.Or(e.Message, fmt.Sprint(e.Status)) + ")."}
	}
	return send
}
