package bridge

import (
	"cmp"
	"strings"
	"time"
	"unicode"

	"sidetext/chat"
	"sidetext/keyword"
)

// decide acts on a text that was just received. meaning is what the text means
// by itself; it is read again where the conversation's state or a quoted text may
// change that. superseded says that the shopper has opted out or in after
// sending it.
func decide(t *chat.Turn, in chat.Incoming, meaning keyword.Meaning, superseded bool) error {
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
		meaning = keyword.Read(in.Text, state)
	}
	if handleCarrierWord(t, in, meaning, superseded) {
		return nil
	}
	why, wants := escalationReason(in, meaning)
	if why != "" && why != chat.UnknownKeyword && strings.ContainsFunc(in.Text, unicode.IsLetter) {
		t.ClearPossibleOptOut() // a request in words, not a digit for an old menu
	}
	switch {
	case meaning.Intent == keyword.Machine:
		escalateQuietly(t, why, wants)
	case meaning.Intent == keyword.Menu && len(in.Media) == 0:
		sendMenu(t)
	case why != "":
		escalate(t, why, wants)
	}
	return nil
}

// handleCarrierWord handles the words that carriers act on too (STOP, START,
// HELP), and opt-outs in other words. It reports whether the text was one.
func handleCarrierWord(t *chat.Turn, in chat.Incoming, meaning keyword.Meaning, superseded bool) bool {
	stops := in.Keyword == chat.Stop || meaning.Silence == keyword.Clear
	starts := in.Keyword == chat.Start || meaning.Intent == keyword.StartTexts
	switch {
	case stops:
		if !superseded {
			optOut(t, in, meaning)
		}
		if in.Keyword == "" {
			escalateRemainder(t, in, meaning) // else the text is only the carrier's word
		}
		return true
	case meaning.Silence == keyword.Possible:
		t.MarkPossibleOptOut()
		escalateRemainder(t, in, meaning)
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
	case in.Keyword == chat.Help || meaning.Intent == keyword.CarrierHelp:
		// The carrier answers its own word; a second answer would confuse.
		if in.Keyword == "" && !meaning.Exact {
			t.ClearPossibleOptOut()
			sendHelp(t)
		}
		return true
	case meaning.Intent == keyword.Menu && !meaning.Greeting:
		t.ClearPossibleOptOut()
	}
	return false
}

// optOut opts the shopper out. Carriers take words such as CANCEL for an opt-out; a
// shopper who meant the subscription gets no more texts, so an agent has to ask.
func optOut(t *chat.Turn, in chat.Incoming, meaning keyword.Meaning) {
	if in.Keyword == chat.Stop || meaning.Exact {
		t.OptOut(nameOrShopper(t.Shopper) + " texted " + cmp.Or(meaning.Word, "a word that stops all texts") + ".")
	} else {
		t.OptOutInWords(nameOrShopper(t.Shopper) + " asked for no more texts.")
	}
	if meaning.Ambiguous() {
		escalateQuietly(t, chat.CarrierOptOut, "Texted "+meaning.Word+". It may mean the subscription")
	}
}

// nameOrShopper is the subject of a sentence about a shopper.
func nameOrShopper(p chat.Shopper) string { return cmp.Or(p.Name, "The shopper") }

// escalate asks for an agent, and acknowledges that by SMS. If no ticket can be
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
