package bridge

import (
	"cmp"
	"strings"
	"time"
	"unicode"

	"sidetext/chat"
	"sidetext/keyword"
)

// decide says what a text that was just heard brings about. means is what it
// says by itself: where the state of the conversation or what was sent before may
// make it something else, it is read again. overtaken says that it came late, and
// that the shopper opted out or in since they said it.
func decide(t *chat.Turn, in chat.Incoming, means keyword.Meaning, overtaken bool) error {
	state := keyword.State{OptedOut: t.Conversation.OptedOut, InWords: t.Conversation.Dialog.InWords}
	// A number that a person gets answers that person's question, not the menu.
	if at := t.Conversation.Dialog.MenuAt; !at.IsZero() && t.At.Sub(at) < chat.MenuLasts && t.Escalation == nil {
		state.Menu = keyword.Default
	}
	quotes := keyword.Quotes(in.Text)
	if quotes {
		var err error
		if state.Sent, err = sentLately(t); err != nil {
			return err
		}
	}
	if state.OptedOut || state.Menu != nil || quotes {
		means = keyword.Read(in.Text, state)
	}
	if carrier(t, in, means, overtaken) {
		return nil
	}
	why, wants := reason(in, means)
	if why != "" && why != chat.UnknownKeyword && strings.ContainsFunc(in.Text, unicode.IsLetter) {
		t.ClearPossibleOptOut() // a wish in words, and not a digit for an old menu
	}
	switch {
	case means.Intent == keyword.Machine:
		callQuietly(t, why, wants)
	case means.Intent == keyword.Menu && len(in.Media) == 0:
		showMenu(t)
	case why != "":
		person(t, why, wants)
	}
	return nil
}

// carrier deals with the words that carriers act on by themselves, and with
// wishes for silence in other words. It reports whether the text was one.
func carrier(t *chat.Turn, in chat.Incoming, means keyword.Meaning, overtaken bool) bool {
	stops := in.Keyword == chat.Stop || means.Silence == keyword.Clear
	starts := in.Keyword == chat.Start || means.Intent == keyword.StartTexts
	switch {
	case stops:
		if !overtaken {
			optOut(t, in, means)
		}
		if in.Keyword == "" {
			silently(t, in, means) // else the whole text was the carrier's word
		}
		return true
	case means.Silence == keyword.Possible:
		t.MarkPossibleOptOut()
		silently(t, in, means)
		if t.Conversation.OptedOut {
			callQuietly(t, chat.UnknownKeyword, "")
		} else {
			callQuietly(t, chat.MaybeOptOut, "")
		}
		return true
	case starts:
		if !overtaken {
			t.OptIn()
		}
		return true
	case in.Keyword == chat.Help || means.Intent == keyword.CarrierHelp:
		// Where the carrier answers, a second answer would confuse.
		if in.Keyword == "" && !means.Exact {
			t.ClearPossibleOptOut()
			showHelp(t)
		}
		return true
	case means.Intent == keyword.Menu && !means.Greeting:
		t.ClearPossibleOptOut()
	}
	return false
}

// optOut opts the shopper out. The carrier took a word as CANCEL for all texts; a
// shopper who meant the subscription hears nothing more from us, so that a person
// has to find out.
func optOut(t *chat.Turn, in chat.Incoming, means keyword.Meaning) {
	if in.Keyword == chat.Stop || means.Exact {
		t.OptOut(texter(t.Shopper) + " texted " + cmp.Or(means.Word, "a word that stops all texts") + ".")
	} else {
		t.OptOutInWords(texter(t.Shopper) + " asked for no more texts.")
	}
	if means.Ambiguous() {
		callQuietly(t, chat.CarrierOptOut, "Texted "+means.Word+". It may mean the subscription")
	}
}

// texter begins a sentence about a shopper.
func texter(p chat.Shopper) string { return cmp.Or(p.Name, "The shopper") }

// person calls for a person, or says politely where to write when none can be
// called. A conversation that a person has already gets the reason and no text;
// so does a shopper who may want no more texts. A text that was not understood is
// not acknowledged: it may be a wish for silence in words that we do not know.
func person(t *chat.Turn, why chat.Reason, wants string) {
	silent := t.Escalation != nil || why == chat.MaybeOptOut
	if t.Escalation == nil && !mayCall(t) {
		if !silent {
			decline(t, sorry(t.Shop))
		}
		return
	}
	t.Escalate(why, wants, 0)
	if t.Shop.Settings.Acknowledge && !silent && why != chat.UnknownKeyword {
		t.Answer(passedOn(t.Shopper))
	}
}

// decline answers a shopper whose wishes make no tickets, once a day whatever
// they text: more answers would only serve those who make money from each text.
func decline(t *chat.Turn, text string) {
	if t.At.Sub(t.Conversation.Dialog.DeclinedAt) > politeAgain && answer(t, text) {
		t.Conversation.Dialog.DeclinedAt = t.At
	}
}

// politeAgain is how long such a shopper gets no other answer.
const politeAgain = 24 * time.Hour

// showMenu sends the menu, if anything on it works for this shopper now: all of
// it needs a person.
func showMenu(t *chat.Turn) {
	if !mayCall(t) {
		decline(t, sorry(t.Shop))
	} else if answer(t, keyword.Render(menuIntro(t.Shop), keyword.Default)) {
		t.SentMenu()
	}
}

// showHelp answers HELP, and names the menu only to those who can use it.
func showHelp(t *chat.Turn) {
	if mayCall(t) {
		answer(t, help(t.Shop, true))
	} else {
		decline(t, help(t.Shop, false))
	}
}

// mayCall reports whether this shopper's wish may become a ticket.
func mayCall(t *chat.Turn) bool {
	s := t.Shop.Settings
	return t.Helpdesk != "" && s.AutoTickets && (t.Shopper.Phone.Reachable() || t.Shopper.Email != "") && (t.Shopper.Purchased || !s.MustHaveBought)
}

// answer answers, unless a person has the conversation, or the two sides have
// been answering each other so fast that the other one is likely a machine too:
// then only a pause ends the silence. It reports whether it did.
func answer(t *chat.Turn, text string) bool {
	if t.Escalation != nil {
		return false
	}
	d := &t.Conversation.Dialog
	if t.At.Sub(d.BurstAt) > burstLasts {
		d.BurstAt, d.Burst = t.At, 0
	}
	if d.Burst >= burstMost {
		d.BurstAt = t.At
		return false
	}
	d.Burst++
	before := len(t.Added)
	t.Answer(text)
	return len(t.Added) > before
}

const (
	burstLasts = 10 * time.Minute
	burstMost  = 5
)
