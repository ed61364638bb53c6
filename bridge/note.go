package bridge

import (
	"context"
	"errors"
	"time"

	"sidetext/chat"
)

// codeLasts is how long a sign-in code works. Later it is of no use to post it.
const codeLasts = 10 * time.Minute

// code posts a sign-in code on a ticket.
func (c *Worker) code(ctx context.Context, d chat.Delivery) error {
	if c.Now().Sub(d.At) > codeLasts {
		return c.Finish(ctx, d)
	}
	return c.note(ctx, d)
}

// note posts a note on a ticket, named by its delivery. With the ticket, what was
// to be noted on it is gone.
func (c *Worker) note(ctx context.Context, d chat.Delivery) error {
	desk, err := c.Helpdesks.Helpdesk(ctx, d)
	if errors.Is(err, chat.ErrNotFound) {
		return c.Finish(ctx, d)
	}
	if err != nil {
		return err
	}
	at, err := note(ctx, desk, d.Ticket, string(d.ID), d.Text, d.Tries > 1)
	if refusal(err) != nil {
		seen, look := desk.TicketState(ctx, d.Ticket)
		if look != nil || seen.Remote != "" {
			return errors.Join(look, err)
		}
		err = nil
	}
	if err != nil {
		return err
	}
	if at != "" && at != d.Ticket {
		return c.elsewhere(ctx, d, at)
	}
	return c.Finish(ctx, d)
}

// elsewhere removes a delivery that was carried out on another ticket than it
// names, into which that was merged, and keeps which one that is.
func (c *Worker) elsewhere(ctx context.Context, d chat.Delivery, at string) error {
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) error {
		t.Done = append(t.Done, d.ID)
		if chat.HelpdeskAccount(t.Helpdesk) == d.Account {
			t.TicketMerged(d.Ticket, at)
			t.SyncTicket() // its state and its tags are the other ticket's
		}
		return nil
	})
	return c.kept(t, err, "keep that a ticket was merged")
}

// note adds something for agents only; on a new try, unless it is there. at is
// the ticket that has it, or empty when the ticket is gone.
func note(ctx context.Context, desk Helpdesk, remote, name, text string, again bool) (at string, err error) {
	if again {
		seen, err := desk.TicketState(ctx, remote)
		if err != nil || seen.Remote == "" {
			return "", err
		}
		remote = seen.Remote
		if there, err := desk.HasMessage(ctx, remote, name); err != nil || there {
			return remote, err
		}
	}
	return desk.AddNote(ctx, remote, name, text)
}
