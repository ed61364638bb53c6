package chat

import (
	"cmp"
	"slices"
	"time"
)

// Escalate hands the conversation over to a person, from the present exchange on,
// but not from before entry first if that is not 0. During an escalation it only
// adds the reason, if it is new. If wants is empty, it is reason.Wants().
func (t *Turn) Escalate(reason Reason, wants string, first int64) {
	need := Need{reason, cmp.Or(wants, reason.Wants())}
	if t.Escalation != nil {
		t.addNeed(need)
		return
	}
	t.escalate(need, first, Author{Role: BySystem}, need.eventText())
}

// takeOver makes agent the one who answered last. Without an escalation it opens
// one, from the next entry on.
func (t *Turn) takeOver(agent Author) {
	if t.Escalation == nil {
		t.escalate(Need{Reason: TakenOver}, t.Conversation.Seq+1, agent, "")
	}
	t.Escalation.Agent = agent
}

// AgentReplied records that an agent answered by e-mail, outside of this
// conversation.
func (t *Turn) AgentReplied(agent Author) {
	t.Conversation.LastAt = t.At
	if t.Escalation != nil {
		t.Escalation.Agent = agent
	}
}

// escalate opens an escalation, with an event that has its author and cause.
func (t *Turn) escalate(n Need, first int64, by Author, why string) {
	from := max(first, t.Conversation.OwnedFrom, t.exchangeStart(n.Reason), t.Conversation.Seq-MaxDialogue+1)
	t.Escalation = &Escalation{
		ID: NewID[EscalationID](t.At), Shop: t.Conversation.Shop, Conversation: t.Conversation.ID,
		Reason: n.Reason, Wants: n.Wants, From: from, At: t.At,
	}
	t.Conversation.Mode, t.Conversation.Escalation = Human, t.Escalation.ID
	t.AddEvent(Escalated, by, why)
	t.ensureTicket(from)
	t.SyncTicket()
}

// exchangeStart returns the first entry of the present exchange: the shopper's
// first text after a pause or, without one since the conversation was handed
// back, the next entry. An answer to the menu belongs to the menu's exchange even
// after a pause.
func (t *Turn) exchangeStart(reason Reason) int64 {
	since := cmp.Or(t.Conversation.Dialog.Since, t.Conversation.Seq+1)
	if t.answersMenu(reason) {
		return min(since, t.Conversation.Dialog.MenuSeq)
	}
	return since
}

// ensureTicket makes sure that there is a ticket for what is handed over: the
// newest while it is open, may still be reopened or lacks entries from an earlier
// escalation; else a new one.
func (t *Turn) ensureTicket(from int64) {
	if old := t.Ticket; old != nil && !old.Lost && !t.Conversation.OfFormerOwner(old.From) {
		within := t.Shop.Settings.ReopenWithin
		if old.Open || within < 0 || t.At.Sub(old.ClosedAt) <= within || t.missesEntries(old) {
			return
		}
	}
	t.NewTicket(from)
}

// missesEntries reports whether a ticket lacks entries that were handed over,
// because the helpdesk could not be reached. It also returns true if that can't be
// found out, because then nothing gets lost.
func (t *Turn) missesEntries(k *Ticket) bool {
	const enough = 2000
	since, err := t.History.After(k.Mirrored, enough)
	if err != nil || len(since) == enough {
		return true
	}
	if len(since) == 0 {
		return false
	}
	spans, err := t.History.Spans(since[0].At)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(Snapshot{Entries: since, Spans: spans}.HandedOver(), Entry.GetsTicketMessage)
}

// NewTicket replaces the ticket with a new one that starts with entry from.
func (t *Turn) NewTicket(from int64) {
	fresh := &Ticket{
		ID: NewID[TicketID](t.At), Shop: t.Conversation.Shop, Conversation: t.Conversation.ID,
		Open: true, From: from, Mirrored: from - 1,
	}
	if t.Ticket != nil {
		fresh.Before = cmp.Or(t.Ticket.Remote, t.Ticket.Before)
		t.Retired = t.Ticket
		if t.Conversation.OfFormerOwner(t.Ticket.From) {
			// The old ticket belongs to another person.
			fresh.Before = ""
			if t.Ticket.Open {
				t.Ticket.Open, t.Ticket.ClosedAt = false, t.At
			}
			t.Ticket.Lost = true
		}
	}
	t.Ticket, t.Conversation.Ticket = fresh, fresh.ID
}

// SyncTicket adds a delivery that brings the ticket up to date. Without a helpdesk
// it does nothing: connecting one syncs every open escalation. Until the ticket
// exists, no agent sees the shopper, so opening it is urgent.
func (t *Turn) SyncTicket() {
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
	t.deliver(Delivery{Kind: SyncTicket, Account: HelpdeskAccount(t.Helpdesk), Urgent: urgent}, SyncPayload{})
}

// HandBack returns the conversation to automation. If an agent did it, the ticket
// gets a note for the others, because it gets no more texts; other causes can be
// seen in the helpdesk.
func (t *Turn) HandBack(by Author, why string) {
	if t.Escalation == nil {
		return
	}
	if k := t.Ticket; by.Role == ByAgent && t.Helpdesk != "" && k != nil && k.Open && !k.Lost && k.Remote != "" {
		t.postNote(cmp.Or(by.Name, "An agent") + " handed the texts back to automation. New texts are added here again when a person is needed.")
	}
	t.Escalation.EndedAt = t.At
	t.Ended, t.Escalation = t.Escalation, nil
	t.Conversation.Mode, t.Conversation.Escalation = Automated, ""
	// What the shopper wants about texts remains.
	d := t.Conversation.Dialog
	t.Conversation.Dialog = Dialog{PossibleOptOutSeq: d.PossibleOptOutSeq, InWords: d.InWords, DeclinedAt: d.DeclinedAt}
	t.AddEvent(HandedBack, by, why)
}

// TicketClosed records that the ticket was closed in the helpdesk, and hands the
// conversation back to automation.
func (t *Turn) TicketClosed() {
	if t.Ticket == nil || !t.Ticket.Open {
		return
	}
	t.Ticket.Open, t.Ticket.ClosedAt = false, t.At
	t.AddEvent(TicketClosed, Author{Role: BySystem}, "")
	t.HandBack(Author{Role: BySystem}, "The ticket was closed.")
}

// TicketReopened records that the ticket is open again, and hands the conversation
// over to a person.
func (t *Turn) TicketReopened() {
	if t.Ticket == nil || t.Ticket.Open {
		return
	}
	t.Ticket.Open, t.Ticket.ClosedAt = true, time.Time{}
	t.AddEvent(TicketReopened, Author{Role: BySystem}, "")
	if t.Conversation.OfFormerOwner(t.Ticket.From) {
		return
	}
	if t.Escalation == nil {
		t.escalate(Need{Reason: TakenOver}, 0, Author{Role: BySystem}, "the ticket was reopened")
	}
}
