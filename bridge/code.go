package bridge

import (
	"context"
	"errors"

	"sidetext/chat"
)

// code posts a sign-in code on a ticket.
func (c *Carrier) code(ctx context.Context, d chat.Delivery) error {
	desk, err := c.Desks.Desk(ctx, d)
	if errors.Is(err, chat.ErrNotFound) {
		return c.Finish(ctx, d)
	}
	if err != nil {
		return err
	}
	if err := note(ctx, desk, d.Ticket, string(d.ID), d.Text, d.Tries > 1); err != nil {
		return err
	}
	return c.Finish(ctx, d)
}
