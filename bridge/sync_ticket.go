package bridge

import (
	"context"
	"errors"
	"log/slog"

	"sidetext/chat"
)

// Snapshots reads conversations. The store implements it.
type Snapshots interface {
	// TicketSnapshot reads a conversation with the entries around those that its
	// newest ticket lacks.
	TicketSnapshot(ctx context.Context, shop chat.ShopID, id chat.ConversationID) (chat.Snapshot, error)
}

// syncTicket runs a chat.SyncTicket delivery: it makes the ticket say what the
// conversation says. Each step is recorded before the next one, so that a later
// try resumes where this one ended.
func (w *Worker) syncTicket(ctx context.Context, d chat.Delivery) error {
	s, err := w.Snapshots.TicketSnapshot(ctx, d.Shop, d.Conversation)
	if err != nil {
		return err
	}
	desk, err := w.Helpdesks.Helpdesk(ctx, d)
	if errors.Is(err, chat.ErrNotFound) {
		return w.Finish(ctx, d) // disconnected; connecting again schedules another sync
	}
	if err != nil {
		return err
	}
	if s.Ticket == nil || s.Ticket.Lost || chat.HelpdeskAccount(s.Helpdesk) != d.Account {
		return w.Finish(ctx, d)
	}
	log := w.Log.With("shop", d.Shop, "conversation", d.Conversation, "ticket", s.Ticket.ID)
	sync := ticketSync{bridge: w.Bridge, desk: desk, log: log, delivery: d.ID, snapshot: s, retried: d.Tries > 1}
	if sync.formerOwner() && s.Ticket.Remote == "" {
		log.Warn("ticket not created: number has a new owner")
		return w.Finish(ctx, d)
	}
	return sync.run(ctx)
}

// A ticketSync brings one ticket up to date.
type ticketSync struct {
	bridge   *Bridge
	desk     Helpdesk
	log      *slog.Logger
	delivery chat.DeliveryID
	snapshot chat.Snapshot // the steps update its ticket and its shopper's customer
	retried  bool          // an earlier try may have taken some steps

	customerFound   bool // the customer was looked up in this run
	dialogueRefused bool // the helpdesk refuses something in the dialogue: quote none of it
}

// run takes the steps of a sync in order.
func (s *ticketSync) run(ctx context.Context) error {
	k := s.snapshot.Ticket
	isNew := k.Remote == ""
	if isNew || s.snapshot.Shopper.Customer == "" {
		if err := s.findCustomer(ctx); err != nil {
			return err
		}
	}
	state, err := s.createOrRead(ctx)
	if err != nil {
		return err
	}
	if state.Remote == "" {
		return s.replaceTicket(ctx)
	}
	if state.Remote != k.Remote {
		if err := s.recordMerge(ctx, state.Remote); err != nil {
			return err
		}
	}
	resumed := s.retried && !isNew
	if isNew || resumed {
		if err := s.addNotes(ctx, resumed); err != nil {
			return err
		}
	}
	messages := pendingMessages(s.snapshot)
	if !state.Open && anyInbound(messages) && !s.formerOwner() {
		// Before the messages, so that a later try finds the ticket open.
		state.Open, err = s.reopenTicket(ctx)
		if err != nil {
			return err
		}
		if !state.Open {
			return s.replaceTicket(ctx) // agents would overlook messages in a closed ticket
		}
	}
	if resumed {
		messages, err = s.skipAdded(ctx, messages)
		if err != nil {
			return err
		}
	}
	if err := s.addMessages(ctx, messages); err != nil {
		return err
	}
	if err := s.setTags(ctx); err != nil {
		return err
	}
	return s.finish(ctx, state)
}
