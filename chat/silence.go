package chat

// OptOut records that the shopper wants silence from this line.
func (t *Turn) OptOut(why string) {
	if !t.Conversation.OptedOut {
		t.Conversation.OptedOut = true
		t.choose(OptedOut, why)
		if t.Escalation != nil {
			t.Sync()
		}
	}
}

// OptIn records that the shopper wants to be texted again.
func (t *Turn) OptIn() {
	if t.Conversation.OptedOut {
		t.Conversation.OptedOut = false
		t.choose(OptedIn, "")
	}
}

func (t *Turn) choose(event Event, why string) {
	t.add(Entry{Kind: Happened, Event: event, By: Author{Role: BySystem}, Text: why, Said: t.said})
}

// Overtaken reports whether the shopper opted out or in after they said what
// this turn hears: a word that came late does not undo a later one.
func (t *Turn) Overtaken() (bool, error) {
	if t.said.IsZero() {
		return false, nil
	}
	since, err := t.Recall.After(max(t.Conversation.Seq-farBehind, 0), farBehind)
	for _, e := range since {
		at := e.At
		if !e.Said.IsZero() {
			at = e.Said
		}
		if (e.Event == OptedOut || e.Event == OptedIn) && at.After(t.said) {
			return true, err
		}
	}
	return false, err
}

// hush keeps automation silent until there has been a pause.
func (t *Turn) hush() {
	t.Conversation.Dialog.BurstAt, t.Conversation.Dialog.Burst = t.At, veryMany
}

// veryMany automatic answers are more than any rule allows.
const veryMany = 1 << 20
