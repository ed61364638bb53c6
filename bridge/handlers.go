package bridge

import (
	"context"
	"log/slog"
	"time"

	"sidetext/chat"
)

// A Worker has the handlers of deliveries, each in a file of its own. The courier decides
// when they run.
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

	Finish   func(context.Context, chat.Delivery) error                                      // deletes a delivery that is done
	Postpone func(ctx context.Context, d chat.Delivery, due time.Time, problem string) error // returns a delivery to the outbox until due

	fetching chan struct{} // has a place for each file that may be in memory at once
}

// An Engine runs handlers. The courier is the real one.
type Engine interface {
	Handle(chat.DeliveryKind, func(context.Context, chat.Delivery) error)
	HandleExpired(chat.DeliveryKind, func(context.Context, chat.Delivery) error)
}

// Register gives the engine a handler for each kind of delivery.
func (w *Worker) Register(e Engine) {
	w.fetching = make(chan struct{}, maxFetching)
	e.Handle(chat.SendSMS, chat.Decoded(w.sendSMS))
	e.HandleExpired(chat.SendSMS, w.expireSMS)
	e.Handle(chat.SyncTicket, chat.Decoded(func(ctx context.Context, d chat.Delivery, _ chat.SyncPayload) error { return w.syncTicket(ctx, d) }))
	e.Handle(chat.CheckStatus, chat.Decoded(w.checkStatus))
	e.Handle(chat.FetchMedia, chat.Decoded(w.fetchMedia))
	e.Handle(chat.PostCode, chat.Decoded(w.postCode))
	e.Handle(chat.PostNote, chat.Decoded(w.postNote))
	e.Handle(chat.AddMessage, chat.Decoded(w.addMessage))
}

// saveTimeout bounds saving the outcome of a delivery, whatever time is left for
// the delivery itself.
const saveTimeout = 5 * time.Second

// savingContext returns a context for saving the outcome of a delivery.
func savingContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
}
