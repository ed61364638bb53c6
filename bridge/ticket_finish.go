package bridge

import (
	"context"
	"errors"
	"time"

	"sidetext/chat"
)

// finish records the ticket's state and removes the delivery.
func (s *ticketSync) finish(ctx context.Context, state TicketState) error {
	return s.record(ctx, func(t *chat.Turn) error {
		unchanged := t.Conversation.Seq == s.lastRead()
		if err := recordReplies(t, state.Replies); err != nil {
			return err
		}
		t.Ticket.Tagged = s.snapshot.Ticket.Tagged
		t.Ticket.Mirrored = max(t.Ticket.Mirrored, s.settledUpTo())
		switch {
		case state.Open:
			t.TicketReopened()
		case unchanged:
			t.TicketClosed()
		default:
			t.SyncTicket() // a newer entry may have to reopen it
		}
		t.Done = append(t.Done, s.delivery)
		if s.snapshot.Conversation.Seq > s.lastRead() {
			t.SyncTicket() // the snapshot did not hold all entries
		}
		return nil
	})
}

// lastRead is the newest entry of the snapshot.
func (s *ticketSync) lastRead() int64 {
	if n := len(s.snapshot.Entries); n > 0 {
		return s.snapshot.Entries[n-1].Seq
	}
	return s.snapshot.Ticket.Mirrored
}

// settledUpTo is the entry up to which nothing has to be added to the ticket any
// more, whatever happens. A new escalation hands over up to chat.MaxDialogue
// entries from before it.
func (s *ticketSync) settledUpTo() int64 {
	if s.snapshot.Escalation != nil {
		return s.lastRead()
	}
	return min(s.lastRead(), s.snapshot.Conversation.Seq-chat.MaxDialogue)
}

// recordReplies records agents' replies by e-mail, each once. A reply from before
// the ticket's first entry belongs to a ticket that was merged into this one.
func recordReplies(t *chat.Turn, replies []EmailReply) error {
	if len(replies) == 0 {
		return nil
	}
	first, err := t.History.After(t.Ticket.From-1, 1)
	if err != nil || len(first) == 0 {
		return err
	}
	const skew = time.Minute // between the helpdesk's clock and ours
	for _, r := range replies {
		if r.At.Add(skew).Before(first[0].At) {
			continue
		}
		err := t.AddEventOnce(chat.RepliedByMail, r.By, "", "gorgias:"+r.ID)
		if errors.Is(err, chat.ErrRepeat) {
			continue
		}
		if err != nil {
			return err
		}
		t.AgentReplied(r.By)
	}
	return nil
}
