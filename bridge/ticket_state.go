package bridge

import (
	"context"
	"fmt"

	"sidetext/chat"
)

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
