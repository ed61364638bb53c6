package chat

import (
	"cmp"
	"slices"
	"time"
)

// handedOver is how many entries of the present exchange go to the helpdesk at
// most when a person is called: enough to understand, not the whole history.
const handedOver = 12

// Escalate hands the conversation to a person, from the present exchange on,
// but not before entry first if that is not 0. It does nothing when a person
// has it already.
func (t *Turn) Escalate(reason Reason, wants string, first int64) {
	if t.Escalation != nil {
		return
	}
	if wants == "" {
		wants = reason.Wants()
	}
	from := max(first, t.Conversation.OwnedFrom, t.Conversation.Dialog.Since, t.Conversation.Seq-handedOver+1, 1)
	t.Escalation = &Escalation{
		ID: NewID[EscalationID](t.At), Shop: t.Conversation.Shop, Conversation: t.Conversation.ID,
		Reason: reason, Wants: wants, From: from, At: t.At,
	}
	t.Conversation.Mode, t.Conversation.Escalation = Human, t.Escalation.ID
	t.Happen(Escalated, Author{Role: BySystem}, wants)
	t.ticket(from)
	t.Sync()
}

// ticket makes sure that there is a ticket to hand over to: the newest, while
// it is open or may still be reopened, else another. One that lacks what was
// said in time to reopen it is reopened for that, and goes on.
func (t *Turn) ticket(from int64) {
	if old := t.Ticket; old != nil && !old.Lost && !t.Conversation.Former(old.From) {
		within := t.Shop.Settings.ReopenWithin
		if old.Open || within < 0 || t.At.Sub(old.ClosedAt) <= within || t.lacks(old) {
			return
		}
	}
	t.NewTicket(from)
}

// lacks reports whether something was handed over that a ticket does not say
// yet: the helpdesk was away. Where that can't be found out it is taken for so,
// which loses nothing.
func (t *Turn) lacks(k *Ticket) bool {
	const enough = 2000
	since, err := t.Recall.After(k.Mirrored, enough)
	if err != nil || len(since) == enough {
		return true
	}
	return slices.ContainsFunc(Sight{Entries: since}.HandedOver(), Entry.Tells)
}

// NewTicket begins another ticket that starts with entry from.
func (t *Turn) NewTicket(from int64) {
	fresh := &Ticket{
		ID: NewID[TicketID](t.At), Shop: t.Conversation.Shop, Conversation: t.Conversation.ID,
		Open: true, From: from, Mirrored: from - 1,
	}
	if t.Ticket != nil {
		fresh.Before = cmp.Or(t.Ticket.Remote, t.Ticket.Before)
		t.Retired = t.Ticket
		if t.Conversation.Former(t.Ticket.From) {
			// Another person's: this conversation has no more to do with it.
			fresh.Before = ""
			if t.Ticket.Open {
				t.Ticket.Open, t.Ticket.ClosedAt = false, t.At
			}
			t.Ticket.Lost = true
		}
	}
	t.Ticket, t.Conversation.Ticket = fresh, fresh.ID
}

// Sync has the ticket brought up to date. Without a helpdesk there is nothing
// to do: connecting one calls for every open escalation. Until there is a ticket
// no agent sees the shopper, so opening it is urgent.
func (t *Turn) Sync() {
	if t.Helpdesk == "" || t.Ticket == nil {
		return
	}
	urgent := t.Ticket.Remote == "" && !t.Ticket.Lost
	for i, d := range t.Deliveries {
		if d.Kind == SyncTicket {
			t.Deliveries[i].Urgent = d.Urgent || urgent
			return
		}
	}
	t.Deliveries = append(t.Deliveries, Delivery{
		ID: NewID[DeliveryID](t.At), Shop: t.Conversation.Shop, Kind: SyncTicket,
		Account: HelpdeskAccount(t.Helpdesk), Lane: "ticket/" + string(t.Conversation.ID),
		Conversation: t.Conversation.ID, Urgent: urgent, At: t.At, Due: t.At,
	})
}

// HandBack gives the conversation back to automation.
func (t *Turn) HandBack(by Author, why string) {
	if t.Escalation == nil {
		return
	}
	t.Escalation.EndedAt = t.At
	t.Ended, t.Escalation = t.Escalation, nil
	t.Conversation.Mode, t.Conversation.Escalation = Automated, ""
	t.Conversation.Dialog = Dialog{}
	t.Happen(HandedBack, by, why)
}

// Closed records that the ticket was closed in the helpdesk; the conversation
// goes back to automation.
func (t *Turn) Closed() {
	if t.Ticket == nil || !t.Ticket.Open {
		return
	}
	t.Ticket.Open, t.Ticket.ClosedAt = false, t.At
	t.Happen(TicketClosed, Author{Role: BySystem}, "")
	t.HandBack(Author{Role: BySystem}, "The ticket was closed.")
}

// Reopened records that the ticket is open again; a person has the
// conversation.
func (t *Turn) Reopened() {
	if t.Ticket == nil || t.Ticket.Open {
		return
	}
	t.Ticket.Open, t.Ticket.ClosedAt = true, time.Time{}
	t.Happen(TicketReopened, Author{Role: BySystem}, "")
	if t.Conversation.Former(t.Ticket.From) {
		return // what is done for the person who had the phone before is no matter of this one
	}
	t.Escalate(TakenOver, "", 0)
}

// HandedOver picks out of entries, which are in order, those that people in the
// helpdesk are to see: what was said while a person had the conversation, the
// text that called for one and, while one has it, the exchange that led there.
// What automation dealt with by itself stays out.
func (s Sight) HandedOver() []Entry {
	var human bool
	called := map[int64]bool{} // the revisions of turns that called for a person
	for i := len(s.Entries) - 1; i >= 0; i-- {
		switch e := s.Entries[i]; e.Event {
		case Escalated:
			human, called[e.Rev] = false, true
		case HandedBack:
			human = true
		}
	}
	// Now human says how it was at the beginning: the first change tells.
	var handed []Entry
	for _, e := range s.Entries {
		if e.Event == Escalated {
			human = true
		}
		if human || called[e.Rev] || (s.Escalation != nil && e.Seq >= s.Escalation.From) {
			handed = append(handed, e)
		}
		if e.Event == HandedBack {
			human = false
		}
	}
	return handed
}
