package bridge

import (
	"context"
	"errors"

	"sidetext/chat"
)

// refused deals with a message that the helpdesk refuses for good. It must hold
// up nothing that comes after it: whatever may be the matter is tried once, and
// then it is left out.
func (s *syncing) refused(ctx context.Context, add saying, no *chat.SendError) error {
	last, remote := add.last(), s.sight.Ticket.Remote
	if seen, err := s.desk.TicketState(ctx, remote); err != nil {
		return err
	} else if seen.Remote == "" {
		return &chat.SendError{Outcome: chat.NotSent, Problem: gone, Cause: no} // the next try puts another in its place
	}
	if there, err := s.desk.HasMessage(ctx, remote, s.name(last)); err != nil {
		return err
	} else if there { // it was done all the same
		return s.added(ctx, last, true)
	}
	if last.Way != chat.In {
		return s.leaveOut(ctx, last, no)
	}
	if !s.sure { // merged into another, or deleted?
		before := s.sight.Shopper.Customer
		if err := s.person(ctx); err != nil && refusal(err) == nil {
			return err
		}
		if s.sure = true; s.sight.Shopper.Customer != before {
			return s.mirror(ctx, add)
		}
	}
	if len(add.fresh) > 1 { // which of them?
		for i := range add.fresh {
			if err := s.mirror(ctx, add.part(i, i+1)); err != nil {
				return err
			}
		}
		return nil
	}
	if !s.brief && len(add.dialogue) > 0 { // something that it quotes?
		s.brief = true
		return s.mirror(ctx, add)
	}
	return s.leaveOut(ctx, last, no)
}

var gone = chat.Problem{Code: "gone", Text: "The ticket is gone from the helpdesk."}

// leaveOut lets the ticket go on without an entry.
func (s *syncing) leaveOut(ctx context.Context, e chat.Entry, no *chat.SendError) error {
	s.Log.Warn("the helpdesk refuses a message; its ticket goes on without", "error", no,
		"shop", s.d.Shop, "conversation", s.d.Conversation, "entry", e.Seq)
	return s.turn(ctx, func(t *chat.Turn) error { t.Omit(e, s.name(e), no.Problem.Text); return nil })
}

// message adds to a ticket what was left out of it, although later messages are
// there by now. It says how many texts came before instead of quoting them: one
// of those may have been what was refused.
func (c *Worker) message(ctx context.Context, d chat.Delivery, p chat.MessagePayload) error {
	desk, err := c.Helpdesks.Helpdesk(ctx, d)
	if errors.Is(err, chat.ErrNotFound) {
		return c.Finish(ctx, d)
	}
	if err != nil {
		return err
	}
	var left []chat.Entry
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) (err error) {
		left, err = t.History.After(p.Entry-1, 1)
		return err
	})
	if err != nil {
		return err
	}
	if len(left) == 0 || left[0].Seq != p.Entry {
		return c.Finish(ctx, d)
	}
	seen, err := desk.TicketState(ctx, d.Ticket)
	if err != nil {
		return err
	}
	if seen.Remote == "" {
		return &chat.SendError{Outcome: chat.Rejected, Problem: gone, Cause: chat.ErrNotFound}
	}
	customer, err := c.bring(ctx, desk, t.Snapshot(), left, d, p, seen.Remote)
	if err != nil {
		return err
	}
	t, err = c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) error {
		if chat.HelpdeskAccount(t.Helpdesk) == d.Account {
			t.Shopper.Customer = customer
			t.TicketMerged(d.Ticket, seen.Remote)
		}
		d.Ticket = seen.Remote
		t.AddedLate(left[0], d)
		return nil
	})
	return c.kept(t, err, "keep what was added to a ticket")
}

// bring adds an entry to the ticket that it is missing from, unless it is there,
// with links to its files. It returns the helpdesk's id of the shopper.
func (c *Worker) bring(ctx context.Context, desk Helpdesk, sight chat.Snapshot, left []chat.Entry, d chat.Delivery, p chat.MessagePayload, remote string) (customer string, err error) {
	customer = sight.Shopper.Customer
	there, err := desk.HasMessage(ctx, remote, p.Name)
	if err != nil {
		return "", err
	}
	sight.Ticket = &chat.Ticket{Remote: remote} // it may be older than the conversation's
	former := sight.Conversation.Former(left[0].Seq)
	add := saying{fresh: left}
	if !there && left[0].Way == chat.In && !former {
		if add.dialogue, err = c.omitted(ctx, d, p); err != nil {
			return "", err
		}
		if customer, err = desk.FindOrCreateCustomer(ctx, sight.Shopper); err != nil {
			return "", err
		}
		sight.Shopper.Customer = customer
	}
	if !there {
		if err := add.post(ctx, desk, sight, p.Name); err != nil {
			return "", err
		}
	}
	err = linkFiles(ctx, desk, sight, p.Name, left[0], true)
	if refusal(err) != nil {
		c.Log.Warn("files not linked", "error", err, "shop", d.Shop, "conversation", d.Conversation, "entry", p.Entry)
		return customer, nil
	}
	return customer, err
}

// omitted is the dialogue before the entry of d with all its texts left out. Of
// an older ticket than the newest there is none.
func (c *Worker) omitted(ctx context.Context, d chat.Delivery, p chat.MessagePayload) (chat.Dialogue, error) {
	s, err := c.Snapshots.TicketSnapshot(ctx, d.Shop, d.Conversation)
	if err != nil || s.Ticket == nil || s.Ticket.Remote != d.Ticket {
		return nil, err
	}
	return s.Dialogue(p.Entry).Emptied(), nil
}
