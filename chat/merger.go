package chat

// A Merger says that the helpdesk merged one of the conversation's tickets into
// another. Both are the helpdesk's ids.
type Merger struct{ From, Into string }

// Merge records that the helpdesk merged ticket from into another. That one is
// the conversation's from then on: texts, notes and codes go there. Recording it
// again changes nothing.
func (t *Turn) TicketMerged(from, into string) {
	if from == "" || into == "" || from == into {
		return
	}
	t.Mergers = append(t.Mergers, Merger{from, into})
	k := t.Ticket
	if k == nil || k.Lost || k.Remote != from {
		return // an older ticket: agents work in the newest
	}
	k.Remote, k.Tagged = into, nil // the other ticket may not have our tags
	t.AddEvent(TicketMerged, Author{Role: BySystem}, "#"+from+" was merged into #"+into)
}
