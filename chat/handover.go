package chat

import (
	"cmp"
	"slices"
	"time"
)

// Escalate hands the conversation to a person, from the present exchange on,
// but not before entry first if that is not 0. When a person has it already, the
// reason is added to those known, if it is a new one. An empty wants stands for
// what the reason says.
func (t *Turn) Escalate(reason Reason, wants string, first int64) {
	need := Need{reason, cmp.Or(wants, reason.Wants())}
	if t.Escalation != nil {
		t.alsoNeeds(need)
		return
	}
	t.escalate(need, first, Author{Role: BySystem}, need.why())
}

// takeOver gives the conversation to the agent who answers, unless a person has
// it already. What was said before stays out of what is handed over.
func (t *Turn) takeOver(agent Author) {
	if t.Escalation == nil {
		t.escalate(Need{Reason: TakenOver}, t.Conversation.Seq+1, agent, "")
	}
	t.Escalation.Agent = agent
}

// Answered records that an agent answered outside of this conversation, by
// e-mail: it has an agent now, and automation stays silent.
func (t *Turn) AgentReplied(agent Author) {
	t.Conversation.LastAt = t.At
	if t.Escalation != nil {
		t.Escalation.Agent = agent
	}
}

// escalate opens an escalation with an event that says who brought it about, and
// why.
func (t *Turn) escalate(n Need, first int64, by Author, why string) {
	from := max(first, t.Conversation.OwnedFrom, t.exchange(n.Reason), t.Conversation.Seq-MaxDialogue+1)
	t.Escalation = &Escalation{
		ID: NewID[EscalationID](t.At), Shop: t.Conversation.Shop, Conversation: t.Conversation.ID,
		Reason: n.Reason, Wants: n.Wants, From: from, At: t.At,
	}
	t.Conversation.Mode, t.Conversation.Escalation = Human, t.Escalation.ID
	t.AddEvent(Escalated, by, why)
	t.ticket(from)
	t.SyncTicket()
}

// exchange is where the present exchange begins: at the shopper's first text
// after a pause or, when they have said nothing since the conversation was
// handed back, at what comes next. An answer to the menu belongs to the exchange
// of that menu, also after a pause.
func (t *Turn) exchange(reason Reason) int64 {
	since := cmp.Or(t.Conversation.Dialog.Since, t.Conversation.Seq+1)
	if t.answersMenu(reason) {
		return min(since, t.Conversation.Dialog.MenuSeq)
	}
	return since
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
	return slices.ContainsFunc(Snapshot{Entries: since, Spans: spans}.HandedOver(), Entry.Mirrored)
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

// HandBack gives the conversation back to automation. When an agent did so, the
// ticket gets a note for the others: from here on it no longer gets what the
// shopper texts. What else ends an escalation shows in the helpdesk by itself.
func (t *Turn) HandBack(by Author, why string) {
	if t.Escalation == nil {
		return
	}
	if k := t.Ticket; by.Role == ByAgent && t.Helpdesk != "" && k != nil && k.Open && !k.Lost && k.Remote != "" {
		t.postNote(cmp.Or(by.Name, "An agent") + " handed the texts back to automation. They come here again when they need a person.")
	}
	t.Escalation.EndedAt = t.At
	t.Ended, t.Escalation = t.Escalation, nil
	t.Conversation.Mode, t.Conversation.Escalation = Automated, ""
	// What the shopper said about texts outlasts the exchange.
	d := t.Conversation.Dialog
	t.Conversation.Dialog = Dialog{DoubtAt: d.DoubtAt, InWords: d.InWords, PoliteAt: d.PoliteAt}
	t.AddEvent(HandedBack, by, why)
}

// Closed records that the ticket was closed in the helpdesk; the conversation
// goes back to automation.
func (t *Turn) TicketClosed() {
	if t.Ticket == nil || !t.Ticket.Open {
		return
	}
	t.Ticket.Open, t.Ticket.ClosedAt = false, t.At
	t.AddEvent(TicketClosed, Author{Role: BySystem}, "")
	t.HandBack(Author{Role: BySystem}, "The ticket was closed.")
}

// Reopened records that the ticket is open again; a person has the
// conversation.
func (t *Turn) TicketReopened() {
	if t.Ticket == nil || t.Ticket.Open {
		return
	}
	t.Ticket.Open, t.Ticket.ClosedAt = true, time.Time{}
	t.AddEvent(TicketReopened, Author{Role: BySystem}, "")
	if t.Conversation.Former(t.Ticket.From) {
		return // the ticket is of the person who had the phone before
	}
	if t.Escalation == nil {
		t.escalate(Need{Reason: TakenOver}, 0, Author{Role: BySystem}, "the ticket was reopened")
	}
}
