package bridge

import (
	"context"
	"fmt"

	"sidetext/chat"
)

// A Carrier knows how each kind of delivery is carried out; the courier knows
// when.
type Carrier struct {
	*Bridge
	Sender Sender
	Desks  Desks
	Sights Sights
	Finish func(context.Context, chat.Delivery) error // removes a delivery that is done
}

// Carry makes a delivery happen and removes it.
func (c *Carrier) Carry(ctx context.Context, d chat.Delivery) error {
	switch d.Kind {
	case chat.SendSMS:
		return c.text(ctx, d)
	case chat.SyncTicket:
		return c.ticket(ctx, d)
	case chat.PostCode:
		return c.code(ctx, d)
	}
	return fmt.Errorf("bridge: there is no delivery of kind %q", d.Kind)
}

// Lapsed deals with a delivery whose lease ended before its work did. It
// returns whether the work may be done again.
func (c *Carrier) Lapsed(ctx context.Context, d chat.Delivery) (again bool, err error) {
	if d.Kind.Repeats() {
		return true, nil
	}
	return false, c.lapsedText(ctx, d)
}
