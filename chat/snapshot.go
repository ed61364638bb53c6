package chat

// A Door is where texts come in: a line, and what its shop has chosen.
type LineConfig struct {
	Shop     Shop
	Line     Line
	Helpdesk string // the connected helpdesk's account, or empty
}

// A Sight is what can be seen of a conversation.
type Snapshot struct {
	LineConfig
	Shopper      Shopper
	Conversation Conversation
	Escalation   *Escalation // the open one
	Ticket       *Ticket     // the newest one
	Entries      []Entry     // in order
	Earlier      bool        // there are entries before these
	Spans        []Span      // what escalations handed over, of those that ended since the first entry
	Omitted      int         // how many texts of the ticket's dialogue come before Entries
}

// Sight is what the turn leaves to be seen: the conversation, and what changed.
func (t *Turn) Snapshot() Snapshot {
	return Snapshot{
		LineConfig: LineConfig{t.Shop, t.Line, t.Helpdesk}, Shopper: t.Shopper, Conversation: t.Conversation,
		Escalation: t.Escalation, Ticket: t.Ticket, Entries: append(t.Changed[:len(t.Changed):len(t.Changed)], t.Added...),
	}
}
