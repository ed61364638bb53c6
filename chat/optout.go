package chat

import (
	"slices"
	"time"
)

// OptOutInWords is OptOut for a shopper who wrote it in other words than a carrier
// keyword. The carrier then blocks nothing, and a bare YES does not opt in again.
func (t *Turn) OptOutInWords(why string) {
	inWords := !t.Conversation.OptedOut || t.Conversation.Dialog.InWords
	t.OptOut(why)
	t.Conversation.Dialog.InWords = inWords
}

// OptOut records that the shopper wants no more texts from this line, which the text
// received in this turn says.
func (t *Turn) OptOut(why string) {
	t.optOut(why, Consent{State: ConsentRevoked, Source: ConsentByText, Words: t.receivedWords(), At: t.saidAt()})
}

// optOutByCarrier is OptOut after a report of the provider's.
func (t *Turn) optOutByCarrier(why string) {
	t.optOut(why, Consent{State: ConsentRevoked, Source: ConsentByCarrier, Words: why, At: t.At})
}

func (t *Turn) optOut(why string, evidence Consent) {
	t.addConsent(evidence)
	t.Conversation.Dialog.InWords = false
	if t.Conversation.OptedOut {
		return
	}
	t.Conversation.OptedOut = true
	t.addOptEvent(OptedOut, why)
	if t.Escalation != nil {
		t.SyncTicket()
	}
	if t.Shopify != "" && t.Shopper.Phone.Reachable() {
		account := Connection{Vendor: Shopify, Account: t.Shopify}.VendorAccount()
		t.deliver(Delivery{Kind: WriteConsent, Account: account, Place: t.Conversation.Seq}, ConsentPayload{ConsentRevoked, evidence.At})
	}
}

// OptIn records that the shopper wants to get texts again, which the text received in
// this turn says. Shopify is not told: START allows
// answers, and is no consent to marketing.
func (t *Turn) OptIn() {
	t.addConsent(Consent{State: ConsentGiven, Source: ConsentByText, Words: t.receivedWords(), At: t.saidAt()})
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

// addConsent adds the evidence that the shopper gave or withdrew consent to texts.
func (t *Turn) addConsent(c Consent) {
	c.Phone, c.Kind = t.Shopper.Phone, AllTexts
	t.Consents = append(t.Consents, c)
}

// receivedWords returns the text received in this turn, or "".
func (t *Turn) receivedWords() string {
	for _, e := range slices.Backward(t.Added) {
		if e.Way == In {
			return e.Text
		}
	}
	return ""
}

// saidAt returns when the shopper sent the text received in this turn.
func (t *Turn) saidAt() time.Time {
	if t.receivedAt.IsZero() {
		return t.At
	}
	return t.receivedAt
}

func (t *Turn) addOptEvent(event Event, why string) {
	t.add(Entry{Kind: EventEntry, Event: event, By: Author{Role: BySystem}, Text: why, ReceivedAt: t.receivedAt})
}

// muteAutomation stops automatic answers until the shopper pauses, by counting
// more of them than any limit allows.
func (t *Turn) muteAutomation() {
	t.Conversation.Dialog.BurstAt, t.Conversation.Dialog.Burst = t.At, mutedBurst
}

const mutedBurst = 1 << 20
