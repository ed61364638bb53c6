package bridge

import (
	"context"
	"errors"
	"strings"

	"sidetext/chat"
)

var ticketGone = chat.Problem{Code: "gone", Text: "The ticket is gone from the helpdesk."}

// A lateMessage is an entry that a chat.AddMessage delivery adds to a ticket.
type lateMessage struct {
	entry  chat.Entry
	ticket string // the helpdesk's id
	name   string // the message's, in the helpdesk
}

// addMessage runs a chat.AddMessage delivery: it adds to a ticket an entry that was
// left out of it, although there are later messages by now.
func (w *Worker) addMessage(ctx context.Context, d chat.Delivery, p chat.MessagePayload) error {
	desk, err := w.Helpdesks.Helpdesk(ctx, d)
	if errors.Is(err, chat.ErrNotFound) {
		return w.Finish(ctx, d)
	}
	if err != nil {
		return err
	}
	place, m := p.Entry, lateMessage{ticket: d.Ticket, name: p.Name}
	var found []chat.Entry
	t, err := w.Turns.Turn(ctx, d.Shop, d.Conversation, w.Now(), func(t *chat.Turn) (err error) {
		found, err = t.History.After(place-1, 1)
		return err
	})
	if err != nil {
		return err
	}
	if len(found) == 0 || found[0].Seq != place {
		return w.Finish(ctx, d)
	}
	m.entry = found[0]
	state, err := desk.TicketState(ctx, m.ticket)
	if err != nil {
		return err
	}
	if state.Remote == "" {
		return &chat.SendError{Outcome: chat.Rejected, Problem: ticketGone, Cause: chat.ErrNotFound}
	}
	snapshot := t.Snapshot()
	if err := w.addLate(ctx, desk, &snapshot, m, state.Remote); err != nil {
		return err
	}
	t, err = w.Turns.Turn(ctx, d.Shop, d.Conversation, w.Now(), func(t *chat.Turn) error {
		if chat.HelpdeskAccount(t.Helpdesk) == d.Account {
			t.Shopper.Customer = snapshot.Shopper.Customer
			t.TicketMerged(m.ticket, state.Remote)
		}
		d.Ticket = state.Remote
		t.AddedLate(m.entry, d)
		return nil
	})
	return w.finishTurn(t, err, "save added message")
}

// addLate adds a message with links to its files to the ticket remote, unless it is
// there. It sets the customer of the snapshot's shopper.
func (w *Worker) addLate(ctx context.Context, desk Helpdesk, s *chat.Snapshot, m lateMessage, remote string) error {
	exists, err := desk.HasMessage(ctx, remote, m.name)
	if err != nil {
		return err
	}
	var dialogue chat.Dialogue
	if !exists && m.entry.Way == chat.In && !s.Conversation.OfFormerOwner(m.entry.Seq) {
		dialogue, err = w.omittedDialogue(ctx, s.Conversation, m)
		if err != nil {
			return err
		}
		s.Shopper.Customer, err = desk.FindOrCreateCustomer(ctx, s.Shopper)
		if err != nil {
			return err
		}
	}
	s.Ticket = &chat.Ticket{Remote: remote} // may be older than the conversation's
	if !exists {
		if err := addEntries(ctx, desk, *s, m.name, []chat.Entry{m.entry}, dialogue); err != nil {
			return err
		}
	}
	err = linkEntryFiles(ctx, desk, *s, m.name, m.entry, true)
	if refusal(err) != nil {
		w.Log.Warn("files not linked", "error", err, "shop", s.Conversation.Shop, "conversation", s.Conversation.ID, "entry", m.entry.Seq)
		return nil
	}
	return err
}

// omittedDialogue returns the dialogue before a message with all texts omitted:
// one of them may be what the helpdesk refused. A ticket older than the newest
// gets none.
func (w *Worker) omittedDialogue(ctx context.Context, c chat.Conversation, m lateMessage) (chat.Dialogue, error) {
	s, err := w.Snapshots.TicketSnapshot(ctx, c.Shop, c.ID)
	if err != nil || s.Ticket == nil || s.Ticket.Remote != m.ticket {
		return nil, err
	}
	return s.Dialogue(m.entry.Seq).Emptied(), nil
}

// addEntries adds entries to the snapshot's ticket as one message of that name.
func addEntries(ctx context.Context, desk Helpdesk, s chat.Snapshot, name string, entries []chat.Entry, dialogue chat.Dialogue) error {
	last := entries[len(entries)-1]
	if last.Way == chat.In && !s.Conversation.OfFormerOwner(last.Seq) {
		return desk.AddMessage(ctx, s, name, entries, dialogue)
	}
	_, err := desk.AddNote(ctx, s.Ticket.Remote, name, entriesNote(s, entries))
	return err
}

// entriesNote returns the note for entries that are not the shopper's own texts.
func entriesNote(s chat.Snapshot, entries []chat.Entry) string {
	last := entries[len(entries)-1]
	switch {
	case last.Way == chat.In: // the helpdesk would show it under the new owner's name
		var texts []string
		for _, e := range entries {
			texts = append(texts, e.Summary())
		}
		return "Texted before the number belonged to another customer: " + strings.Join(texts, "\n")
	case last.Event == chat.OptedOut:
		return optOutNote(s.Shopper)
	default:
		return agentTextNote(last)
	}
}
