package bridge

import (
	"context"
	"errors"
	"time"

	"sidetext/chat"
)

// codeLasts is how long a sign-in code works. Later there is no use in posting it.
const codeLasts = 10 * time.Minute

// postCode posts a sign-in code on a ticket.
func (c *Worker) postCode(ctx context.Context, d chat.Delivery, p chat.CodePayload) error {
	if c.Now().Sub(d.At) > codeLasts {
		return c.Finish(ctx, d)
	}
	return c.postText(ctx, d, p.Text)
}

// postNote posts an internal note on a ticket.
func (c *Worker) postNote(ctx context.Context, d chat.Delivery, p chat.NotePayload) error {
	return c.postText(ctx, d, p.Text)
}

// post posts a text for agents on a ticket, under the name of its delivery. When
// the ticket is gone, there is nothing to do.
func (c *Worker) postText(ctx context.Context, d chat.Delivery, text string) error {
	desk, err := c.Helpdesks.Helpdesk(ctx, d)
	if errors.Is(err, chat.ErrNotFound) {
		return c.Finish(ctx, d)
	}
	if err != nil {
		return err
	}
	at, err := addNote(ctx, desk, d.Ticket, string(d.ID), text, d.Tries > 1)
	if refusal(err) != nil {
		ticket, read := desk.TicketState(ctx, d.Ticket)
		if read != nil || ticket.Remote != "" {
			return errors.Join(read, err)
		}
		err = nil
	}
	if err != nil {
		return err
	}
	if at != "" && at != d.Ticket {
		return c.postedOnMerged(ctx, d, at)
	}
	return c.Finish(ctx, d)
}

// postedOnMerged finishes a delivery whose ticket was merged into another, at, and
// saves which one that is.
func (c *Worker) postedOnMerged(ctx context.Context, d chat.Delivery, at string) error {
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) error {
		t.Done = append(t.Done, d.ID)
		if chat.HelpdeskAccount(t.Helpdesk) == d.Account {
			t.TicketMerged(d.Ticket, at)
			t.SyncTicket() // its state and its tags are the other ticket's
		}
		return nil
	})
	return c.finishTurn(t, err, "save ticket merge")
}

// note adds a message for agents only. On a later try, again, it first checks
// whether the message is there. at is the ticket that has it, or empty when the
// ticket is gone.
func addNote(ctx context.Context, desk Helpdesk, remote, name, text string, again bool) (at string, err error) {
	if again {
		ticket, err := desk.TicketState(ctx, remote)
		if err != nil || ticket.Remote == "" {
			return "", err
		}
		remote = ticket.Remote
		if there, err := desk.HasMessage(ctx, remote, name); err != nil || there {
			return remote, err
		}
	}
	return desk.AddNote(ctx, remote, name, text)
}
