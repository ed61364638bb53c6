package chat

// OptOutInWords is OptOut for a shopper who did not use a carrier's word, so that
// the carrier blocks nothing: then a bare YES is no carrier's word for START.
func (t *Turn) OptOutInWords(why string) {
	inWords := !t.Conversation.OptedOut || t.Conversation.Dialog.InWords
	t.OptOut(why)
	t.Conversation.Dialog.InWords = inWords
}

// OptOut records that the shopper wants silence from this line.
func (t *Turn) OptOut(why string) {
	t.Conversation.Dialog.InWords = false
	if !t.Conversation.OptedOut {
		t.Conversation.OptedOut = true
		t.choose(OptedOut, why)
		if t.Escalation != nil {
			t.SyncTicket()
		}
	}
}

// OptIn records that the shopper wants to be texted again.
func (t *Turn) OptIn() {
	t.ClearPossibleOptOut()
	t.Conversation.Dialog.InWords = false
	if t.Conversation.OptedOut {
		t.Conversation.OptedOut = false
		t.choose(OptedIn, "")
	}
}

// MayWantSilence records that the text just heard may be a wish for silence. From now on,
// and for what waits to leave, automation sends nothing.
func (t *Turn) MarkPossibleOptOut() { t.Conversation.Dialog.DoubtAt = t.Conversation.Seq }

// WantsTexts ends the doubt: the shopper asks for something that is answered by text.
func (t *Turn) ClearPossibleOptOut() { t.Conversation.Dialog.DoubtAt = 0 }

func (t *Turn) choose(event Event, why string) {
	t.add(Entry{Kind: Happened, Event: event, By: Author{Role: BySystem}, Text: why, Said: t.said})
}

// hush keeps automation silent until there has been a pause.
func (t *Turn) hush() {
	t.Conversation.Dialog.BurstAt, t.Conversation.Dialog.Burst = t.At, veryMany
}

// veryMany automatic answers are more than any rule allows.
const veryMany = 1 << 20
