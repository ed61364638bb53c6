package bridge

import (
	"context"
	"errors"

	"sidetext/chat"
)

// notes adds to a new ticket what agents should know who read it. A note that
// the helpdesk refuses is left out.
func (s *syncing) notes(ctx context.Context) error {
	k := s.sight.Ticket
	if k.Before != "" {
		_, err := note(ctx, s.desk, k.Remote, string(k.ID)+"-before", "Earlier texts with this shopper are in ticket #"+k.Before+".", s.again)
		if err := s.spare(err, "the ticket before could not be mentioned"); err != nil {
			return err
		}
	}
	if s.sight.Shopper.Email != "" {
		return nil
	}
	_, err := note(ctx, s.desk, k.Remote, string(k.ID)+"-no-email", noEmail(s.sight), s.again)
	return s.spare(err, "the missing e-mail address could not be mentioned")
}

// noEmail says how to answer a shopper without an e-mail address.
func noEmail(s chat.Snapshot) string {
	const unreachable = "No e-mail address is known for this shopper: a reply from this ticket can't be delivered."
	if s.Conversation.OptedOut || !s.Shopper.Phone.Reachable() {
		return unreachable + " No texts can be sent either."
	}
	return unreachable + " Answer with “Text via SMS” in the sidebar."
}

// spare goes on without something that the helpdesk refuses for good and that is
// not worth a person's while.
func (s *syncing) spare(err error, what string) error {
	if refusal(err) == nil {
		return err
	}
	s.Log.Warn(what, "error", err, "shop", s.d.Shop, "conversation", s.d.Conversation, "ticket", s.sight.Ticket.ID)
	return nil
}

// refusal is what a helpdesk says that refuses one thing for good, and nothing
// else on the account.
func refusal(err error) *chat.SendError {
	var send *chat.SendError
	if errors.As(err, &send) && send.Outcome == chat.Rejected && !send.WholeAccount {
		return send
	}
	return nil
}
