package chat

// OptOutInWords is OptOut for a shopper who wrote it in other words than a carrier
// keyword. The carrier then blocks nothing, and a bare YES does not opt in again.
func (t *Turn) OptOutInWords(why string) {
	inWords := !t.Conversation.OptedOut || t.Conversation.Dialog.InWords
	t.OptOut(why)
	t.Conversation.Dialog.InWords = inWords
}

// OptOut records that the shopper wants no more texts from this line.
func (t *Turn) OptOut(why string) {
	t.Conversation.Dialog.InWords = false
	if !t.Conversation.OptedOut {
		t.Conversation.OptedOut = true
		t.addOptEvent(OptedOut, why)
		if t.Escalation != nil {
			t.SyncTicket()
		}
	}
}

// OptIn records that the shopper wants to get texts again.
func (t *Turn) OptIn() {
	t.ClearPossibleOptOut()
	t.Conversation.Dialog.InWords = false
	if t.Conversation.OptedOut {
		t.Conversation.OptedOut = false
		t.addOptEvent(OptedIn, "")
	}
}

// MarkPossibleOptOut records that the text just received may be an opt-out.
// Automation sends nothing from now on, not even its texts that still wait.
func (t *Turn) MarkPossibleOptOut() { t.Conversation.Dialog.PossibleOptOutSeq = t.Conversation.Seq }

// ClearPossibleOptOut undoes MarkPossibleOptOut: the shopper asked for something
// that is answered by text.
func (t *Turn) ClearPossibleOptOut() { t.Conversation.Dialog.PossibleOptOutSeq = 0 }

func (t *Turn) addOptEvent(event Event, why string) {
	t.add(Entry{Kind: EventEntry, Event: event, By: Author{Role: BySystem}, Text: why, ReceivedAt: t.receivedAt})
}

// muteAutomation stops automatic answers until the shopper pauses, by counting
// more of them than any limit allows.
func (t *Turn) muteAutomation() {
	t.Conversation.Dialog.BurstAt, t.Conversation.Dialog.Burst = t.At, mutedBurst
}

const mutedBurst = 1 << 20
