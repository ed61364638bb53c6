package bridge

import (
	"context"
	"errors"

	"sidetext/chat"
)

// code posts a sign-in code on a ticket.
func (c *Carrier) code(ctx context.Context, d chat.Delivery) error {
	desk, err := c.Desks.Desk(ctx, d.Shop)
	if errors.Is(err, chat.ErrNotFound) {
		return c.Finish(ctx, d)
	}
	if err != nil {
		return err
	}
	if err := desk.Note(ctx, d.Ticket, d.Text, string(d.ID), d.Tries > 1); err != nil {
		return err
	}
	return c.Finish(ctx, d)
}
