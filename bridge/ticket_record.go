package bridge

import (
	"context"
	"errors"
	"fmt"

	"sidetext/chat"
)

// formerOwner reports whether the ticket belongs to the number's former owner.
func (s *ticketSync) formerOwner() bool {
	return s.snapshot.Conversation.OfFormerOwner(s.snapshot.Ticket.From)
}

// record saves a step that was taken in the helpdesk.
func (s *ticketSync) record(ctx context.Context, do func(*chat.Turn) error) error {
	id, c := s.snapshot.Ticket.ID, s.snapshot.Conversation
	t, err := s.bridge.Turns.Turn(ctx, c.Shop, c.ID, s.bridge.Now(), func(t *chat.Turn) error {
		if t.Ticket == nil || t.Ticket.ID != id || t.Ticket.Lost || t.Helpdesk != s.snapshot.Helpdesk {
			return fmt.Errorf("ticket %s was replaced", id)
		}
		return do(t)
	})
	return s.bridge.finishTurn(t, err, "save ticket sync")
}

// name is the helpdesk's name for a message that ends with e.
func (s *ticketSync) name(e chat.Entry) string {
	return fmt.Sprintf("%s-%d", s.snapshot.Ticket.ID, e.Seq)
}

// recordMirrored records that the ticket has the entries up to e. found says that
// its message was found there.
func (s *ticketSync) recordMirrored(ctx context.Context, e chat.Entry, found bool) error {
	return s.record(ctx, func(t *chat.Turn) error { return t.MarkMirrored(asMirrored(e, found)) })
}

// asMirrored returns an entry in the state that the ticket shows. For a message
// that was found there it is unknown: Sent is assumed, so that a failure is noted.
func asMirrored(e chat.Entry, found bool) chat.Entry {
	if found && e.State != "" {
		e.State = chat.Sent
	}
	return e
}

// ignoreRefusal logs a refusal for good and returns nil: the ticket is complete
// without what was refused. Other errors are returned.
func (s *ticketSync) ignoreRefusal(err error, event string) error {
	if refusal(err) == nil {
		return err
	}
	s.log.Warn(event, "error", err)
	return nil
}

// refusal returns the error of a helpdesk that refuses one request for good, and
// not every request of the account; otherwise nil.
func refusal(err error) *chat.SendError {
	var send *chat.SendError
	if errors.As(err, &send) && send.Outcome == chat.Rejected && !send.WholeAccount {
		return send
	}
	return nil
}
