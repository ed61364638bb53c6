package chat

// OfFormerOwner reports whether an entry, or what began with it, belongs to a
// person who had the phone number before.
func (c Conversation) OfFormerOwner(seq int64) bool { return seq < c.OwnedFrom }

// resetForNewOwner ends the escalation and the exchange with automation that a
// former owner of the phone number left open.
func (t *Turn) resetForNewOwner() {
	if t.Escalation != nil && t.Conversation.OfFormerOwner(t.Escalation.From) {
		t.HandBack(Author{Role: BySystem}, "The number belongs to another customer now.")
	}
	if d := t.Conversation.Dialog; d.Since > 0 && t.Conversation.OfFormerOwner(d.Since) {
		t.Conversation.Dialog = Dialog{}
	}
}
