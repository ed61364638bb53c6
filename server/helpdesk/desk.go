package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"sidetext/bridge"
	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/sms"
)

// A desk is Gorgias as a bridge.Helpdesk.
type desk struct {
	api   *gorgias.Client
	made  Made
	tag   string
	files func(chat.Snapshot) (func(chat.Media) string, error) // addresses for agents

	seen gorgias.Ticket // the ticket that TicketState found
}

func (d *desk) FindOrCreateCustomer(ctx context.Context, p chat.Shopper) (string, error) {
	c, err := d.api.EnsureCustomer(ctx, p)
	return c.ID.String(), sendError(err)
}

func (d *desk) CreateTicket(ctx context.Context, s chat.Snapshot, begins chat.Dialogue, again bool) (string, error) {
	external := string(s.Ticket.ID)
	if again {
		found, err := d.api.TicketsByExternalID(ctx, external)
		if err != nil {
			return "", sendError(err)
		}
		if len(found) > 0 {
			return found[0].ID.String(), nil
		}
	}
	draft, err := d.drafter(s, begins)
	if err != nil {
		return "", sendError(err)
	}
	k, err := d.api.CreateTicket(ctx, draft.Ticket(external, external+"-open", append([]string{d.tag}, d.tagNames(s.Reasons())...)...))
	return k.ID.String(), sendError(err)
}

func (d *desk) TicketState(ctx context.Context, remote string) (bridge.TicketState, error) {
	id, err := gorgias.ParseID(remote)
	if err != nil {
		return bridge.TicketState{}, err
	}
	k, err := d.api.Ticket(ctx, id)
	d.seen = k
	var e *gorgias.Error
	if errors.As(err, &e) && e.Gone() || errors.Is(err, gorgias.ErrWrongObject) {
		return bridge.TicketState{}, nil
	}
	if err != nil || !k.TrashedAt.IsZero() {
		return bridge.TicketState{}, sendError(err)
	}
	return bridge.TicketState{Remote: k.ID.String(), Open: k.Status == gorgias.Open, Replies: emailReplies(k)}, nil
}

// emailReplies returns the newest twenty answers of agents in a ticket, oldest first.
func emailReplies(k gorgias.Ticket) (found []bridge.EmailReply) {
	const enough = 20
	for _, m := range k.Messages {
		if m.IsAgentReply() {
			by := gorgias.User{ID: m.Sender.ID, Name: m.Sender.Name, Email: m.Sender.Email}.DisplayName()
			found = append(found, bridge.EmailReply{ID: m.ID.String(), At: m.CreatedAt.Time,
				By: chat.Author{Role: chat.ByAgent, ID: m.Sender.ID.String(), Name: by}})
		}
	}
	slices.SortFunc(found, func(a, b bridge.EmailReply) int { return a.At.Compare(b.At) })
	return found[max(0, len(found)-enough):]
}

func (d *desk) HasMessage(ctx context.Context, remote, name string) (bool, error) {
	id, err := gorgias.ParseID(remote)
	if err != nil {
		return false, err
	}
	_, there, err := d.api.FindMessage(ctx, id, name)
	return there, sendError(err)
}

func (d *desk) AddMessage(ctx context.Context, s chat.Snapshot, name string, fresh []chat.Entry, dialogue chat.Dialogue) error {
	draft, err := d.drafter(s, dialogue)
	if err != nil {
		return sendError(err)
	}
	if d.seen.ID.String() == s.Ticket.Remote {
		draft.Subject = d.seen.Subject
	}
	_, err = d.post(ctx, s.Ticket.Remote, draft.Text(name, fresh...))
	return err
}

func (d *desk) AddNote(ctx context.Context, remote, name, text string) (at string, err error) {
	return d.post(ctx, remote, gorgias.Note(name, d.made.Me, text))
}

func (d *desk) LinkFiles(ctx context.Context, s chat.Snapshot, name string, e chat.Entry) error {
	address, err := d.files(s)
	if err != nil {
		return err
	}
	from := cmp.Or(s.Shopper.Name, sms.FormatPhone(s.Shopper.Phone))
	_, err = d.post(ctx, s.Ticket.Remote, gorgias.FilesNote(name, d.made.Me, from, e.Media, address))
	return err
}

// post adds a message and returns the ticket that has it.
func (d *desk) post(ctx context.Context, remote string, draft gorgias.MessageDraft) (at string, err error) {
	id, err := gorgias.ParseID(remote)
	if err != nil {
		return "", err
	}
	m, err := d.api.CreateMessage(ctx, id, draft)
	if err != nil {
		return "", sendError(err)
	}
	return m.TicketID.String(), nil
}

func (d *desk) ReopenTicket(ctx context.Context, remote string) error {
	id, err := gorgias.ParseID(remote)
	if err != nil {
		return err
	}
	return sendError(d.api.SetStatus(ctx, id, gorgias.Open))
}

func (d *desk) drafter(s chat.Snapshot, dialogue chat.Dialogue) (gorgias.Drafter, error) {
	id, err := gorgias.ParseID(s.Shopper.Customer)
	if err != nil {
		return gorgias.Drafter{}, err
	}
	return gorgias.Drafter{
		Shopper: s.Shopper, Phone: sms.FormatPhone(s.Shopper.Phone), Dialogue: dialogue,
		Shop: s.Shop.Name, Zone: location(s.Shop.Settings.TimeZone, s.Line.Number),
		Customer: gorgias.Customer{ID: id, Email: s.Shopper.Email}, Support: d.made.Support,
	}, nil
}
