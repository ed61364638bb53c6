// Package keyword finds out what a shopper means by a text. Its functions are pure:
// they turn a text and the state of the conversation into a meaning.
//
// A text is read for two things independently: whether it asks for silence, which
// is to get no more texts, and what else it wants. A wish for silence is found
// anywhere in a text and in any reasonable words, as 47 CFR 64.1200(a)(10) requires.
// Any other wish has to be all that is left: a text with a known word and something
// else is Unknown, and a person reads it.
package keyword

//go:generate go run ./corpus/write

// An Intent is what a shopper wants, apart from silence.
type Intent string

const (
	Unknown     Intent = "unknown"      // a person should read it
	Nothing     Intent = "nothing"      // thanks, an OK, a reaction: no answer is expected
	Machine     Intent = "machine"      // written by a phone: a person should read it, but no SMS may answer it
	StartTexts  Intent = "start_texts"  // get texts again
	CarrierHelp Intent = "carrier_help" // HELP: who sends the texts, and how to opt out
	Menu        Intent = "menu"         // see what can be done by text
	Chose       Intent = "chose"        // a change; Choice says which
	End         Intent = "end"          // end the subscription
	ChangeOrder Intent = "change_order" // cancel or change one order
	OrderStatus Intent = "order_status" // where is my order?
	Person      Intent = "person"       // talk to a person
)

// State is the part of a conversation that the meaning of a text depends on.
type State struct {
	OptedOut bool     // from the line that was texted
	InWords  bool     // opted out in other words than carriers know, so that no carrier blocks the line
	Menu     []Choice // the last menu that was sent; nil if there was none
	Sent     []string // texts sent to the shopper lately; needed if Quotes reports true
}

// A Meaning is what a shopper means by a text.
type Meaning struct {
	// Silence says whether the text asks for no more texts. If it is Clear or
	// Possible, the text must not be answered by SMS.
	Silence Silence
	// Intent is what else the text wants: Nothing if there is nothing else.
	Intent Intent
	// Choice is set with Chose, End, OrderStatus and Person, whether the text has
	// the number or the words: "3" and "end my subscription" mean the same.
	Choice Choice
	// Greeting is set with Menu if the text only greets ("hi") and doesn't ask for
	// the menu.
	Greeting bool
	// Exact is set if the text is a carrier word and nothing else, so that the
	// carrier has acted on it by itself. Otherwise the carrier may have done so.
	Exact bool
	// Word is the opt-out word that the text consists of, in capitals.
	Word string
}

// Ambiguous reports whether the text is a word that stops all texts, but often is
// about the subscription, such as CANCEL.
func (m Meaning) Ambiguous() bool { return ambiguousWords[m.Word] }

// Read returns what a text means. The intent is Unknown if it is not certain or if
// the text has no words, whether or not a picture came with it.
func Read(text string, s State) Meaning {
	if m, ok := readCarrierWord(text, s); ok {
		return m
	}
	own, quotation := text, notQuoted
	if Quotes(text) {
		own, quotation = cutQuotation(text, s.Sent)
	}
	u := normalize(own)
	if quotation == copiesUs { // a copied line of the menu is a choice
		if c, ok := readAnswer(u, s.Menu); ok {
			return meaningOf(c)
		}
	}
	if m, ok := readReaction(u, quotation); ok {
		return m
	}
	if m, ok := readDecoratedWord(u); ok {
		return m
	}
	if m, ok := readAutoReply(u); ok {
		return m
	}
	silence := findSilence(u)
	if silence.level == None {
		m := u.readIntent(s)
		if silence.ends && m.Intent == Unknown {
			return meaningOf(knownChoice("end"))
		}
		return m
	}
	if quotation == reactionLike { // the words may be someone else's
		silence.level = Possible
	}
	m := Meaning{Silence: silence.level, Intent: Nothing}
	if silence.rest != nil {
		m = u.only(silence.rest).readIntent(State{OptedOut: s.OptedOut})
		m.Silence = silence.level
		if m.Intent == Menu || m.Intent == CarrierHelp || m.Intent == StartTexts {
			m.Intent, m.Choice, m.Greeting = Unknown, Choice{}, false
		}
	}
	if silence.level == Clear && m.Intent == Nothing && !isShortWish(u.core) && !onlySilence(u.words) {
		m.Intent = Unknown // a ticket does no harm
	}
	if silence.ends && m.Intent != End {
		m.Intent, m.Choice = End, knownChoice("end")
	}
	return m
}

// readIntent returns what a shopper wants, apart from silence.
func (u utterance) readIntent(s State) Meaning {
	if c, ok := readAnswer(u, s.Menu); ok {
		return meaningOf(c)
	}
	switch {
	case wantsEnd(u):
		return meaningOf(knownChoice("end"))
	case s.OptedOut && resubscribe.MatchString(u.core):
		return Meaning{Intent: StartTexts}
	case u.isGreeting():
		return Meaning{Intent: Menu, Greeting: true}
	case asksMenu.MatchString(u.core):
		return Meaning{Intent: Menu}
	case wantsPerson(u):
		return meaningOf(knownChoice("person"))
	case u.isThanks():
		return Meaning{Intent: Nothing}
	}
	if word := requestedChange(u.core); word != "" {
		return meaningOf(knownChoice(word))
	}
	switch {
	case wantsOrderChange(u):
		return Meaning{Intent: ChangeOrder}
	case wantsStatus(u):
		return meaningOf(knownChoice("status"))
	}
	if rest := asksHow.ReplaceAllString(u.core, ""); rest != u.core && requestedChange(rest) != "" {
		return Meaning{Intent: Menu} // asks how to do it, which the menu shows
	}
	return Meaning{Intent: Unknown}
}

// meaningOf returns the meaning of a choice.
func meaningOf(c Choice) Meaning {
	intent := Chose
	switch c.Word {
	case "end":
		intent = End
	case "person":
		intent = Person
	case "status":
		intent = OrderStatus
	}
	return Meaning{Intent: intent, Choice: c}
}
