package bridge

import (
	"context"

	"sidetext/chat"
)

// createTicket creates the ticket with the entries that the escalation began
// with. A ticket that an earlier try created is found by its name.
func (s *ticketSync) createTicket(ctx context.Context) error {
	k, entries := s.snapshot.Ticket, openingEntries(s.snapshot.Entries)
	last := entries[len(entries)-1].Seq
	dialogue := s.snapshot.Dialogue(last + 1)
	mayExist := s.retried
	remote, err := s.desk.CreateTicket(ctx, s.snapshot, dialogue, mayExist)
	if refusal(err) != nil && !mayExist { // it may have been created all the same
		mayExist = true
		remote, err = s.desk.CreateTicket(ctx, s.snapshot, dialogue, mayExist)
	}
	if err != nil {
		return err
	}
	k.Remote, k.Mirrored = remote, last
	if !mayExist { // an earlier try may have set other tags
		k.Tagged = s.snapshot.Reasons()
	}
	if err := s.linkFiles(ctx, entries, mayExist); err != nil {
		return err
	}
	return s.record(ctx, func(t *chat.Turn) error {
		t.Ticket.Remote, t.Ticket.Tagged = k.Remote, k.Tagged
		t.AddEvent(chat.TicketOpened, chat.Author{Role: chat.BySystem}, "#"+remote)
		for _, e := range entries {
			if err := t.MarkMirrored(asMirrored(e, mayExist)); err != nil {
				return err
			}
		}
		return nil
	})
}

// openingEntries returns the entries that a ticket begins with: those up to the
// escalation that called for it. Later entries do not change them, so that a
// later try knows what a ticket says that an earlier one created.
func openingEntries(entries []chat.Entry) []chat.Entry {
	n := 0
	for i, e := range entries {
		if e.Event == chat.TicketLost || n == 0 && e.Event == chat.Escalated {
			n = i + 1
		}
	}
	// From the same turn: the acknowledgement; or, with nothing before, the text
	// with which an agent took over.
	for n < len(entries) && (entries[n].By.Role == chat.ByAutomation || n == 1 && entries[n].Way == chat.Out) {
		n++
	}
	return entries[:max(n, 1)]
}

// replaceTicket handles a ticket that was trashed or deleted, or that cannot be
// reopened: a new one gets the entries that this one lacks and those of the open
// escalation. With neither, there is no new one.
func (s *ticketSync) replaceTicket(ctx context.Context) error {
	pending := pendingMessages(s.snapshot)
	return s.record(ctx, func(t *chat.Turn) error {
		t.Ticket.Lost, t.Ticket.Open = true, false
		t.AddEvent(chat.TicketLost, chat.Author{Role: chat.BySystem}, "#"+t.Ticket.Remote)
		t.Done = append(t.Done, s.delivery)
		if t.Escalation == nil && !anyInbound(pending) || s.formerOwner() {
			return nil
		}
		var from int64
		if t.Escalation != nil {
			from = t.Escalation.From
		}
		if len(pending) > 0 && (from == 0 || pending[0].entries[0].Seq < from) {
			from = pending[0].entries[0].Seq
		}
		t.NewTicket(from)
		t.SyncTicket()
		return nil
	})
}
