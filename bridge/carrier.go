package bridge

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"sidetext/chat"
)

// A Carrier knows how each kind of delivery is carried out; the courier knows
// when.
type Worker struct {
	*Bridge
	Sender       Sender
	StatusReader StatusReader
	Helpdesks    Helpdesks
	Snapshots    Snapshots
	Attempts     Attempts
	Fetcher      Fetcher
	MediaStore   MediaStore
	Log          *slog.Logger

	Finish   func(context.Context, chat.Delivery) error                                      // removes a delivery that is done
	Postpone func(ctx context.Context, d chat.Delivery, due time.Time, problem string) error // gives one back until later
}

// Carry makes a delivery happen and removes it.
func (c *Worker) Handle(ctx context.Context, d chat.Delivery) error {
	switch d.Kind {
	case chat.SendSMS:
		return c.text(ctx, d)
	case chat.SyncTicket:
		return c.ticket(ctx, d)
	case chat.CheckStatus:
		return c.trace(ctx, d)
	case chat.FetchMedia:
		return c.media(ctx, d)
	case chat.PostCode:
		return c.code(ctx, d)
	case chat.PostNote:
		return c.note(ctx, d)
	case chat.AddMessage:
		return c.message(ctx, d)
	}
	return fmt.Errorf("bridge: there is no delivery of kind %q", d.Kind)
}

// Lapsed deals with a delivery whose carrier is gone before its work was done. It
// returns whether the work may simply be done again.
func (c *Worker) Expired(ctx context.Context, d chat.Delivery) (again bool, err error) {
	if d.Kind.Repeats() {
		return true, nil
	}
	return false, c.lapsedText(ctx, d)
}
