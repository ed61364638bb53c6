package chat_test

import (
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

// changeOwner does what an import does when a row names another person.
func (w *world) changeOwner() { w.saved.Conversation.OwnedFrom = w.saved.Conversation.Seq + 1 }

// TestNewOwnerStartsAfresh: whatever a former owner left open, the new owner's first
// text starts a new exchange, and the new ticket has nothing of the former owner's.
func TestNewOwnerStartsAfresh(t *testing.T) {
	t.Parallel()
	closed := func(turn *chat.Turn) error { turn.Ticket.Remote = "77"; turn.TicketClosed(); return nil }
	for name, before := range map[string]func(t *testing.T, w *world){
		"ticket open":   func(t *testing.T, w *world) { w.escalate(t) },
		"ticket closed": func(t *testing.T, w *world) { w.escalate(t); w.must(t, closed) },
		"handed back": func(t *testing.T, w *world) {
			w.escalate(t)
			w.must(t, func(turn *chat.Turn) error { turn.HandBack(chat.Author{}, ""); return nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.saved.Shop.Settings.ReopenWithin = -1
			w.receive(t, "SM1", "where is my order")
			before(t, w)
			old := *w.saved.Ticket
			w.changeOwner()
			from := w.saved.Conversation.OwnedFrom
			w.advance(time.Second)
			if w.receive(t, "SM2", "hello").Escalation != nil {
				t.Fatal("the former owner's escalation is still open")
			}
			turn := w.escalate(t)
			switch k := turn.Ticket; {
			case k.ID == old.ID, k.From < from, k.Before != "", turn.Escalation.From < from:
				t.Errorf("the new owner's ticket is %+v, the escalation is from %d, want from %d", k, turn.Escalation.From, from)
			case turn.Retired == nil || turn.Retired.Open || !turn.Retired.Lost:
				t.Errorf("the former owner's ticket is %+v", turn.Retired)
			}
			// The new ticket is reopened like any other.
			w.must(t, closed)
			w.advance(time.Minute)
			w.receive(t, "SM3", "hello again")
			if again := w.escalate(t); again.Ticket.ID != turn.Ticket.ID {
				t.Error("the new owner's ticket is not reopened")
			}
		})
	}
}

func TestReopenedTicketOfFormerOwnerDoesNotEscalate(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.receive(t, "SM1", "help")
	w.escalate(t)
	w.must(t, func(turn *chat.Turn) error { turn.Ticket.Remote = "77"; turn.TicketClosed(); return nil })
	w.changeOwner()
	turn := w.must(t, func(turn *chat.Turn) error { turn.TicketReopened(); return nil })
	if turn.Escalation != nil || !turn.Ticket.Open || !slices.Equal(events(turn), []chat.Event{chat.TicketReopened}) {
		t.Errorf("events %v, escalation %+v", events(turn), turn.Escalation)
	}
}

func TestNewOwnerDoesNotAnswerOldMenu(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.receive(t, "SM1", "menu")
	w.saved.Conversation.Dialog.MenuAt = w.saved.At
	w.changeOwner()
	w.advance(time.Minute)
	if turn := w.receive(t, "SM2", "2"); !turn.Conversation.Dialog.MenuAt.IsZero() || turn.Conversation.Dialog.Since != turn.Conversation.Seq {
		t.Errorf("dialog %+v", turn.Conversation.Dialog)
	}
}
