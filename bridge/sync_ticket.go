package bridge

import (
	"context"
	"errors"
	"fmt"

	"sidetext/chat"
)

// Snapshots reads conversations. The store implements it.
type Snapshots interface {
	// TicketSnapshot reads a conversation with the entries around those that its
	// newest ticket lacks.
	TicketSnapshot(ctx context.Context, shop chat.ShopID, id chat.ConversationID) (chat.Snapshot, error)
}

// ticket runs a chat.SyncTicket delivery: it makes the ticket say what the
// conversation says. Each step is recorded before the next one, so that a later
// try resumes where this one ended.
func (w *Worker) ticket(ctx context.Context, d chat.Delivery) error {
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
	sync := ticketSync{Worker: w, desk: desk, delivery: d, snapshot: s, retried: d.Tries > 1}
	if sync.formerOwner() && s.Ticket.Remote == "" {
		w.Log.Warn("ticket not created: number has a new owner", "shop", d.Shop, "conversation", d.Conversation, "ticket", s.Ticket.ID)
		return w.Finish(ctx, d)
	}
	return sync.run(ctx)
}

// A ticketSync brings one ticket up to date.
type ticketSync struct {
	*Worker
	desk     Helpdesk
	delivery chat.Delivery
	snapshot chat.Snapshot // its ticket and customer are updated by the steps
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

// formerOwner reports whether the ticket belongs to the number's former owner.
func (s *ticketSync) formerOwner() bool {
	return s.snapshot.Conversation.Former(s.snapshot.Ticket.From)
}

// record saves a step that was taken in the helpdesk.
func (s *ticketSync) record(ctx context.Context, do func(*chat.Turn) error) error {
	id := s.snapshot.Ticket.ID
	t, err := s.Turns.Turn(ctx, s.delivery.Shop, s.delivery.Conversation, s.Now(), func(t *chat.Turn) error {
		if t.Ticket == nil || t.Ticket.ID != id || t.Ticket.Lost || t.Helpdesk != s.snapshot.Helpdesk {
			return fmt.Errorf("ticket %s was replaced", id)
		}
		return do(t)
	})
	return s.kept(t, err, "save ticket sync")
}

// findCustomer finds or creates the helpdesk's customer for the shopper.
func (s *ticketSync) findCustomer(ctx context.Context) error {
	shopper := s.snapshot.Shopper
	customer, err := s.desk.FindOrCreateCustomer(ctx, shopper)
	if err != nil {
		return err
	}
	s.snapshot.Shopper.Customer, s.customerFound = customer, true
	return s.record(ctx, func(t *chat.Turn) error {
		if t.Shopper.Name != shopper.Name || t.Shopper.Email != shopper.Email {
			return fmt.Errorf("the shopper of %s changed", t.Conversation.ID)
		}
		t.Shopper.Customer = customer
		return nil
	})
}

// createOrRead returns the ticket's state, after creating it if it is new.
func (s *ticketSync) createOrRead(ctx context.Context) (TicketState, error) {
	if remote := s.snapshot.Ticket.Remote; remote != "" {
		return s.desk.TicketState(ctx, remote)
	}
	err := s.createTicket(ctx)
	return TicketState{Remote: s.snapshot.Ticket.Remote, Open: true}, err
}

// recordMerge continues with the ticket that the conversation's was merged into.
func (s *ticketSync) recordMerge(ctx context.Context, into string) error {
	from := s.snapshot.Ticket.Remote
	err := s.record(ctx, func(t *chat.Turn) error { t.TicketMerged(from, into); return nil })
	s.snapshot.Ticket.Remote, s.snapshot.Ticket.Tagged = into, nil
	return err
}

// reopenTicket opens a closed ticket and reports whether it is open now.
func (s *ticketSync) reopenTicket(ctx context.Context) (open bool, err error) {
	remote := s.snapshot.Ticket.Remote
	err = s.desk.ReopenTicket(ctx, remote)
	if refusal(err) == nil {
		return err == nil, err
	}
	state, err := s.desk.TicketState(ctx, remote)
	return state.Open, err
}
