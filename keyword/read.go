// Package keyword says what a shopper means by a text. Nothing here acts, asks
// or remembers: a text and the state of the conversation go in, a meaning comes
// out.
//
// A text is read for two things, one apart from the other: whether it asks for
// silence, and what else it wants. The first is found anywhere in a text and in
// any reasonable words, as 47 CFR 64.1200(a)(10) asks for. The second has to be
// the whole of what is left: a text that holds a known word and something else
// besides is Unknown, and a person reads it.
package keyword

//go:generate go run ./corpus/write

// An Intent is what a shopper wants, apart from silence.
type Intent string

const (
	Unknown     Intent = "unknown"      // a person should read it
	Nothing     Intent = "nothing"      // thanks, an OK, a reaction: no answer is expected
	Machine     Intent = "machine"      // a phone wrote it by itself: a person should read it, but nothing answers it
	StartTexts  Intent = "start_texts"  // texts again
	CarrierHelp Intent = "carrier_help" // HELP: who is texting, and how to stop it
	Menu        Intent = "menu"         // what can be done here
	Chose       Intent = "chose"        // a change; Choice says which
	End         Intent = "end"          // end the subscription
	ChangeOrder Intent = "change_order" // cancel or change one order
	OrderStatus Intent = "order_status" // where is my order?
	Person      Intent = "person"       // a person to talk to
)

// State is what else the meaning of a text depends on.
type State struct {
	OptedOut bool     // of the line that was texted
	InWords  bool     // opted out in words of their own, so that no carrier blocks the line
	Menu     []Choice // the menu last sent, in its order; nil if there was none
	Sent     []string // what was sent lately; needed for a text that Quotes
}

// A Meaning is what a text was found to say.
type Meaning struct {
	// Silence says whether the text asks for no more texts. If it is Clear or
	// Possible, nothing may answer the text by SMS.
	Silence Silence
	// Intent is what else the text wants: Nothing if there is nothing else.
	Intent Intent
	// Choice is what was chosen, by number or in words: with Chose, End,
	// OrderStatus and Person, so that "3" and "end my subscription" mean the same.
	Choice Choice
	// Greeting is set with Menu when the text only greets, as "hi", and doesn't
	// ask for the menu.
	Greeting bool
	// Exact is set when the text is a carrier word and nothing else, so that the
	// carrier has acted on it by itself. Otherwise it may or may not have.
	Exact bool
	// Word is the opt-out word that the text consists of, in capitals.
	Word string
}

// Ambiguous reports whether the text is a word that stops all texts, but with
// which shoppers often mean their subscription, as CANCEL.
func (m Meaning) Ambiguous() bool { return ambiguous[m.Word] }

// Read says what a text means. What it can't be sure of, and a text without any
// words, is Unknown; whether a picture came with it, the caller knows.
func Read(text string, s State) Meaning {
	if m, ok := exactly(text, s); ok {
		return m
	}
	own, quotation := text, notQuoted
	if Quotes(text) {
		own, quotation = withoutQuotation(text, s.Sent)
	}
	said := listen(own)
	if quotation == copiesUs { // a line of the menu is the choice, however it is marked
		if c, ok := answered(said, s.Menu); ok {
			return chose(c)
		}
	}
	if m, ok := reaction(said, quotation); ok {
		return m
	}
	if m, ok := nearly(said); ok {
		return m
	}
	if m, ok := automatic(said); ok {
		return m
	}
	silence := findSilence(said)
	if silence.level == None {
		m := said.wants(s)
		if silence.ends && m.Intent == Unknown {
			return chose(known("end"))
		}
		return m
	}
	if quotation == reactionLike { // the words may be somebody's else
		silence.level = Possible
	}
	m := Meaning{Silence: silence.level, Intent: Nothing}
	if silence.besides != nil {
		m = said.only(silence.besides).wants(State{OptedOut: s.OptedOut})
		m.Silence = silence.level
		if m.Intent == Menu || m.Intent == CarrierHelp || m.Intent == StartTexts {
			m.Intent, m.Choice, m.Greeting = Unknown, Choice{}, false
		}
	}
	if silence.level == Clear && m.Intent == Nothing && !brief(said.core) && !merelySilence(said.words) {
		m.Intent = Unknown // a ticket does no harm
	}
	if silence.ends && m.Intent != End {
		m.Intent, m.Choice = End, known("end")
	}
	return m
}

// wants reads what a shopper wants, apart from silence.
func (u utterance) wants(s State) Meaning {
	if c, ok := answered(u, s.Menu); ok {
		return chose(c)
	}
	switch {
	case wantsEnd(u):
		return chose(known("end"))
	case s.OptedOut && again.MatchString(u.core):
		return Meaning{Intent: StartTexts}
	case u.isGreeting():
		return Meaning{Intent: Menu, Greeting: true}
	case menu.MatchString(u.core):
		return Meaning{Intent: Menu}
	case wantsPerson(u):
		return chose(known("person"))
	case u.isThanks():
		return Meaning{Intent: Nothing}
	}
	if word := wish(u.core); word != "" {
		return chose(known(word))
	}
	switch {
	case changesOrder(u):
		return Meaning{Intent: ChangeOrder}
	case asksStatus(u):
		return chose(known("status"))
	}
	if rest := how.ReplaceAllString(u.core, ""); rest != u.core && wish(rest) != "" {
		return Meaning{Intent: Menu} // they ask how: that is what the menu shows
	}
	return Meaning{Intent: Unknown}
}

// chose is the meaning of a choice, however it was made.
func chose(c Choice) Meaning {
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
