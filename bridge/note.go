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
func (c *Carrier) code(ctx context.Context, d chat.Delivery) error {
	if c.Now().Sub(d.At) > codeLasts {
		return c.Finish(ctx, d)
	}
	return c.note(ctx, d)
}

// note posts a note on a ticket, named by its delivery. With the ticket, what was
// to be noted on it is gone.
func (c *Carrier) note(ctx context.Context, d chat.Delivery) error {
	desk, err := c.Desks.Desk(ctx, d)
	if errors.Is(err, chat.ErrNotFound) {
		return c.Finish(ctx, d)
	}
	if err != nil {
		return err
	}
	err = note(ctx, desk, d.Ticket, string(d.ID), d.Text, d.Tries > 1)
	if refusal(err) != nil {
		if there, _, look := desk.See(ctx, d.Ticket); look != nil || there {
			return errors.Join(look, err)
		}
		err = nil
	}
	if err != nil {
		return err
	}
	return c.Finish(ctx, d)
}

// note adds something for agents only; on a new try, unless it is there.
func note(ctx context.Context, desk Desk, remote, name, text string, again bool) error {
	if again {
		if there, err := desk.Said(ctx, remote, name); err != nil || there {
			return err
		}
	}
	return desk.Note(ctx, remote, name, text)
}
