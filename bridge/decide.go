package bridge

import (
	"time"

	"sidetext/chat"
	"sidetext/keyword"
)

// decide says what a text that was just heard brings about. means is what it
// says by itself: where the state of the conversation or what was sent before may
// make it something else, it is read again. overtaken says that it came late, and
// that the shopper opted out or in since they said it.
func decide(t *chat.Turn, in chat.Incoming, means keyword.Meaning, overtaken bool) error {
	state := keyword.State{OptedOut: t.Conversation.OptedOut}
	if at := t.Conversation.Dialog.MenuAt; !at.IsZero() && t.At.Sub(at) < menuLasts {
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
	if carrier(t, in, means, overtaken) || t.Escalation != nil {
		return nil
	}
	why, wants := reason(in, means)
	switch {
	case means.Intent == keyword.Machine:
		callQuietly(t, why, wants)
	case means.Intent == keyword.Menu && len(in.Media) == 0:
		if answer(t, keyword.Render(menuIntro(t.Shop), keyword.Default)) {
			t.Conversation.Dialog.MenuAt = t.At
		}
	case why != "":
		person(t, why, wants)
	}
	return nil
}

// carrier deals with the words that carriers act on by themselves, and with
// wishes for silence in other words. It reports whether the text was one.
func carrier(t *chat.Turn, in chat.Incoming, means keyword.Meaning, overtaken bool) bool {
	stops := in.Carrier == chat.Stop || means.Silence == keyword.Clear
	starts := in.Carrier == chat.Start || means.Intent == keyword.StartTexts
	switch {
	case stops:
		if !overtaken {
			optOut(t, in, means)
		}
		if in.Carrier == "" {
			silently(t, in, means) // else the whole text was the carrier's word
		}
		return true
	case means.Silence == keyword.Possible:
		t.MayWantSilence()
		silently(t, in, means)
		callQuietly(t, chat.MaybeOptOut, "")
		return true
	case starts:
		if !overtaken {
			t.OptIn()
		}
		return true
	case in.Carrier == chat.Help || means.Intent == keyword.CarrierHelp:
		// Where the carrier answers, a second answer would confuse.
		if in.Carrier == "" && !means.Exact && t.Escalation == nil {
			t.WantsTexts()
			answer(t, help(t.Shop))
		}
		return true
	case means.Intent == keyword.Menu:
		t.WantsTexts()
	}
	return false
}

// optOut opts the shopper out. The carrier took a word as CANCEL for all texts; a
// shopper who meant the subscription hears nothing more from us, so that a person
// has to find out.
func optOut(t *chat.Turn, in chat.Incoming, means keyword.Meaning) {
	if in.Carrier == chat.Stop || means.Exact {
		t.OptOut("The carrier blocks all further texts.")
	} else {
		t.OptOut("Asked for it in their own words.")
	}
	if means.Ambiguous() {
		callQuietly(t, chat.CarrierOptOut, "")
	}
}

// menuLasts is how long digits answer a menu.
const menuLasts = 24 * time.Hour

// person calls one, or says politely why nobody can be called.
func person(t *chat.Turn, why chat.Reason, wants string) {
	if !mayCall(t) {
		if t.At.Sub(t.Conversation.Dialog.PoliteAt) > politeAgain && answer(t, sorry(t.Shop)) {
			t.Conversation.Dialog.PoliteAt = t.At
		}
		return
	}
	t.Escalate(why, wants, 0)
	if t.Shop.Settings.Acknowledge {
		t.Answer(passedOn(t.Shopper))
	}
}

// politeAgain is how long somebody we can't help is not told so again.
const politeAgain = 24 * time.Hour

// mayCall reports whether this shopper's wish may become a ticket.
func mayCall(t *chat.Turn) bool {
	s := t.Shop.Settings
	return t.Helpdesk != "" && s.AutoTickets && (t.Shopper.Phone.Reachable() || t.Shopper.Email != "") && (t.Shopper.Purchased || !s.MustHaveBought)
}

// answer answers, unless the two sides have been answering each other so fast
// that the other one is likely a machine too: then only a pause ends the
// silence. It reports whether it did.
func answer(t *chat.Turn, text string) bool {
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
