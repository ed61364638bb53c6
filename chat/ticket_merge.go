package chat

// A TicketMerge says that the helpdesk merged one of the conversation's tickets
// into another. Both are ids of the helpdesk.
type TicketMerge struct{ From, Into string }

// TicketMerged records that the helpdesk merged ticket from into ticket into,
// which gets the conversation's texts, notes and codes from now on. Recording it
// again changes nothing.
func (t *Turn) TicketMerged(from, into string) {
	if from == "" || into == "" || from == into {
		return
	}
	t.TicketMerges = append(t.TicketMerges, TicketMerge{from, into})
	k := t.Ticket
	if k == nil || k.Lost || k.Remote != from {
		return // an older ticket: agents work in the newest
	}
	k.Remote, k.Tagged = into, nil // the other ticket may not have our tags
	t.AddEvent(TicketMerged, Author{Role: BySystem}, "#"+from+" was merged into #"+into)
}
