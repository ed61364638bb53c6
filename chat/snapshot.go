package chat

// A LineConfig is a line with its shop's settings and connections.
type LineConfig struct {
	Shop     Shop
	Line     Line
	Helpdesk string // the connected helpdesk's account, or empty
	Shopify  string // the connected Shopify store's account, or empty
}

// A Snapshot is a conversation as read at one revision, with some of its entries.
type Snapshot struct {
	LineConfig
	Shopper      Shopper
	Conversation Conversation
	Escalation   *Escalation // the open one
	Ticket       *Ticket     // the newest one
	Entries      []Entry     // in order
	Earlier      bool        // there are entries before these
	Spans        []Span      // of the escalations that are open, or ended after the first entry
	Omitted      int         // how many texts of the ticket's dialogue come before Entries
}

// Snapshot returns the conversation as the turn leaves it, with the entries that
// the turn changed or added.
func (t *Turn) Snapshot() Snapshot {
	return Snapshot{
		LineConfig: LineConfig{t.Shop, t.Line, t.Helpdesk, t.Shopify}, Shopper: t.Shopper, Conversation: t.Conversation,
		Escalation: t.Escalation, Ticket: t.Ticket, Entries: append(t.Changed[:len(t.Changed):len(t.Changed)], t.Added...),
	}
}
