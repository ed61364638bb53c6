package bridge

import (
	"cmp"
	"strings"
	"time"
	"unicode"

	"sidetext/chat"
	"sidetext/keyword"
)

// decide acts on a text that was just received. means is the text's meaning by
// itself; it is read again where the conversation's state or a quoted text may
// change that. superseded says that the shopper has opted out or in since they
// sent it.
func decide(t *chat.Turn, in chat.Incoming, means keyword.Meaning, superseded bool) error {
	state := keyword.State{OptedOut: t.Conversation.OptedOut, InWords: t.Conversation.Dialog.InWords}
	// While an agent has the conversation, a digit answers the agent, not the menu.
	if at := t.Conversation.Dialog.MenuAt; !at.IsZero() && t.At.Sub(at) < chat.MenuLasts && t.Escalation == nil {
		state.Menu = keyword.Default
	}
	quotes := keyword.Quotes(in.Text)
	if quotes {
		var err error
		state.Sent, err = recentlySent(t)
		if err != nil {
			return err
		}
	}
	if state.OptedOut || state.Menu != nil || quotes {
		means = keyword.Read(in.Text, state)
	}
	if handleCarrierWord(t, in, means, superseded) {
		return nil
	}
	why, wants := escalationReason(in, means)
	if why != "" && why != chat.UnknownKeyword && strings.ContainsFunc(in.Text, unicode.IsLetter) {
		t.ClearPossibleOptOut() // a request in words, not a digit for an old menu
	}
	switch {
	case means.Intent == keyword.Machine:
		escalateQuietly(t, why, wants)
	case means.Intent == keyword.Menu && len(in.Media) == 0:
		sendMenu(t)
	case why != "":
		escalate(t, why, wants)
	}
	return nil
}

// handleCarrierWord handles the words that carriers act on too (STOP, START,
// HELP), and opt-outs in other words. It reports whether the text was one.
func handleCarrierWord(t *chat.Turn, in chat.Incoming, means keyword.Meaning, superseded bool) bool {
	stops := in.Keyword == chat.Stop || means.Silence == keyword.Clear
	starts := in.Keyword == chat.Start || means.Intent == keyword.StartTexts
	switch {
	case stops:
		if !superseded {
			optOut(t, in, means)
		}
		if in.Keyword == "" {
			escalateRemainder(t, in, means) // else the text is only the carrier's word
		}
		return true
	case means.Silence == keyword.Possible:
		t.MarkPossibleOptOut()
		escalateRemainder(t, in, means)
		if t.Conversation.OptedOut {
			escalateQuietly(t, chat.UnknownKeyword, "")
		} else {
			escalateQuietly(t, chat.MaybeOptOut, "")
		}
		return true
	case starts:
		if !superseded {
			t.OptIn()
		}
		return true
	case in.Keyword == chat.Help || means.Intent == keyword.CarrierHelp:
		// The carrier answers its own word; a second answer would confuse.
		if in.Keyword == "" && !means.Exact {
			t.ClearPossibleOptOut()
			sendHelp(t)
		}
		return true
	case means.Intent == keyword.Menu && !means.Greeting:
		t.ClearPossibleOptOut()
	}
	return false
}

// optOut opts the shopper out. Carriers take words such as CANCEL for an opt-out; a
// shopper who meant the subscription gets no more texts, so an agent has to ask.
func optOut(t *chat.Turn, in chat.Incoming, means keyword.Meaning) {
	if in.Keyword == chat.Stop || means.Exact {
		t.OptOut(nameOrShopper(t.Shopper) + " texted " + cmp.Or(means.Word, "a word that stops all texts") + ".")
	} else {
		t.OptOutInWords(nameOrShopper(t.Shopper) + " asked for no more texts.")
	}
	if means.Ambiguous() {
		escalateQuietly(t, chat.CarrierOptOut, "Texted "+means.Word+". It may mean the subscription")
	}
}

// nameOrShopper is the subject of a sentence about a shopper.
func nameOrShopper(p chat.Shopper) string { return cmp.Or(p.Name, "The shopper") }

// escalate calls for an agent, and acknowledges that by SMS. If no ticket can be
// made, it texts how to reach the shop instead. No text is sent in an escalated
// conversation, nor to a shopper who may want none. A text that was not understood
// is not acknowledged: it may be an opt-out in words that we do not know.
func escalate(t *chat.Turn, why chat.Reason, wants string) {
	silent := t.Escalation != nil || why == chat.MaybeOptOut
	if t.Escalation == nil && !mayEscalate(t) {
		if !silent {
			decline(t, declineText(t.Shop))
		}
		return
	}
	t.Escalate(why, wants, 0)
	if t.Shop.Settings.Acknowledge && !silent && why != chat.UnknownKeyword {
		t.Answer(acknowledgement(t.Shopper))
	}
}

// decline answers a shopper whose requests make no tickets, once a day whatever
// they text: more answers would only pay senders who profit from each text.
func decline(t *chat.Turn, text string) {
	if t.At.Sub(t.Conversation.Dialog.DeclinedAt) > declineInterval && answer(t, text) {
		t.Conversation.Dialog.DeclinedAt = t.At
	}
}

// declineInterval is the time between two such answers to a shopper.
const declineInterval = 24 * time.Hour

// sendMenu sends the menu, if the shopper can use it: every choice needs an agent.
func sendMenu(t *chat.Turn) {
	if !mayEscalate(t) {
		decline(t, declineText(t.Shop))
	} else if answer(t, keyword.Render(menuIntro(t.Shop), keyword.Default)) {
		t.SentMenu()
	}
}

// sendHelp answers HELP. It mentions the menu only to shoppers who can use it.
func sendHelp(t *chat.Turn) {
	if mayEscalate(t) {
		answer(t, helpText(t.Shop, true))
	} else {
		decline(t, helpText(t.Shop, false))
	}
}

// mayEscalate reports whether this shopper's requests may become a ticket.
func mayEscalate(t *chat.Turn) bool {
	s := t.Shop.Settings
	return t.Helpdesk != "" && s.AutoTickets && (t.Shopper.Phone.Reachable() || t.Shopper.Email != "") && (t.Shopper.Purchased || !s.MustHaveBought)
}

// answer sends a text of automation and reports whether it did. It sends none in an
// escalated conversation, nor after burstMax answers in a burst, because the other
// side is likely a machine too. A burst ends after a pause of burstPause.
func answer(t *chat.Turn, text string) bool {
	if t.Escalation != nil {
		return false
	}
	d := &t.Conversation.Dialog
	if t.At.Sub(d.BurstAt) > burstPause {
		d.BurstAt, d.Burst = t.At, 0
	}
	if d.Burst >= burstMax {
		d.BurstAt = t.At
		return false
	}
	d.Burst++
	before := len(t.Added)
	t.Answer(text)
	return len(t.Added) > before
}

const (
	burstPause = 10 * time.Minute
	burstMax   = 5
)
