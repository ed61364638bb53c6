package chat

// Former reports whether an entry, or what began with it, is of a person who had
// the phone before.
func (c Conversation) Former(seq int64) bool { return seq < c.OwnedFrom }

// forgetFormerOwner ends what a person who had the phone before has left open in
// the conversation: the escalation and the exchange with automation. What the
// present one says then begins anew.
func (t *Turn) forgetFormerOwner() {
	if t.Escalation != nil && t.Conversation.Former(t.Escalation.From) {
		t.HandBack(Author{Role: BySystem}, "The number belongs to another customer now.")
	}
	if d := t.Conversation.Dialog; d.Since > 0 && t.Conversation.Former(d.Since) {
		t.Conversation.Dialog = Dialog{}
	}
}
