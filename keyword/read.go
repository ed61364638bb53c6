// Package keyword says what a shopper means by a text. Nothing here acts, asks
// or remembers: a text and the state of the conversation go in, a meaning comes
// out.
//
// It would rather not understand than misunderstand. A text that holds a known
// word and something else besides is Unknown, and a person reads it. Only the
// wish not to be texted is also found within longer texts, as the law wants it.
package keyword

import "regexp"

// An Intent is what a shopper wants.
type Intent string

const (
	Unknown     Intent = "unknown"      // a person should read it
	Nothing     Intent = "nothing"      // thanks, an OK, a reaction: no answer is expected
	StopTexts   Intent = "stop_texts"   // no more texts; says nothing about a subscription
	StartTexts  Intent = "start_texts"  // texts again
	CarrierHelp Intent = "carrier_help" // HELP: who is texting, and how to stop it
	Menu        Intent = "menu"         // what can be done here
	Chose       Intent = "chose"        // Choice says what
	End         Intent = "end"          // end the subscription
	Person      Intent = "person"       // somebody to talk to
)

// State is what else the meaning of a text depends on.
type State struct {
	OptedOut bool     // of the line that was texted: "YES" is a carrier word only then
	Menu     []Choice // the menu last sent, in its order; nil if there was none
}

// A Meaning is what a text was found to say.
type Meaning struct {
	Intent Intent
	// Choice is what was chosen, by number or in words: with Chose, and with End
	// and Person too, so that "5" and "end my subscription" mean the same.
	Choice Choice
	// Exact is set when the text is a carrier word and nothing else, so that the
	// carrier has acted on it by itself. Otherwise it may or may not have.
	Exact bool
	// Word is the carrier word that the text consists of, in capitals, politeness
	// aside. Shoppers who text CANCEL, END or QUIT often mean their subscription.
	Word string
}

// Read says what a text means. What it can't be sure of, and a text without any
// words, is Unknown; whether a picture came with it, the caller knows.
func Read(text string, s State) Meaning {
	if m, ok := exactly(text, s); ok {
		return m
	}
	said := listen(text)
	if m, ok := reaction(said); ok {
		return m
	}
	if m, ok := nearly(said); ok {
		return m
	}
	silence := wantsSilence(said)
	end := wantsEnd(said)
	switch {
	case silence == no:
		// Read on.
	case silence == unsure || end || endsSomething(said):
		return Meaning{Intent: Unknown}
	default:
		return Meaning{Intent: StopTexts}
	}
	if c, ok := answered(said, s.Menu); ok {
		return chose(c)
	}
	switch {
	case end:
		return chose(known("end"))
	case s.OptedOut && again.MatchString(said.core):
		return Meaning{Intent: StartTexts}
	case said.isGreeting() || menu.MatchString(said.core):
		return Meaning{Intent: Menu}
	case wantsPerson(said):
		return chose(known("person"))
	case said.isThanks():
		return Meaning{Intent: Nothing}
	}
	if word := wish(said.core); word != "" {
		return chose(known(word))
	}
	if rest := how.ReplaceAllString(said.core, ""); rest != said.core && wish(rest) != "" {
		return Meaning{Intent: Menu} // they ask how: that is what the menu shows
	}
	return Meaning{Intent: Unknown}
}

// chose is the meaning of a choice, however it was made.
func chose(c Choice) Meaning {
	switch c.Word {
	case "end":
		return Meaning{Intent: End, Choice: c}
	case "person":
		return Meaning{Intent: Person, Choice: c}
	}
	return Meaning{Intent: Chose, Choice: c}
}

var (
	menu = full(`(?:FRAME)?(?:(?:see|show|show me|send|send me|get|open|give me|back to|go to|what are|whats) )?(?:the |my |your |all |main )*(?:menu|options?|choices|commands|keywords)`,
		`(?:go )?back`, `start over`, `(?:what )?can (?:i|you) do(?: here)?`, `what can (?:i|you) do(?: here)?`, `modify`,
		`(?:FRAME)?(?:manage|modify|change|update|edit)(?: my| the)? subscription`, `manage`, `opciones`)
	how   = regexp.MustCompile(`^(?:how (?:do|can|could|would|should) (?:i|we) |how to )`)
	again = full(`(?:please )?(?:re ?subscribe(?: me)?|opt (?:me )?(?:back )?in|(?:start|resume)(?: sending)?(?: me)? (?:texts|messages|texting)(?: me)?(?: again)?|text me again)`)
)
