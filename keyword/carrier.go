package keyword

import "strings"

// carrier has the words that carriers act on by themselves, as Twilio does by
// default (Twilio, "Support for opt-out keywords").
var carrier = map[string]Intent{
	"STOP": StopTexts, "STOPALL": StopTexts, "UNSUBSCRIBE": StopTexts, "CANCEL": StopTexts,
	"END": StopTexts, "QUIT": StopTexts, "REVOKE": StopTexts, "OPTOUT": StopTexts,
	"START": StartTexts, "UNSTOP": StartTexts, "YES": StartTexts,
	"HELP": CarrierHelp, "INFO": CarrierHelp,
}

// exactly reads a text that is a carrier word and nothing else.
func exactly(text string, s State) (Meaning, bool) {
	word := strings.Map(func(r rune) rune { // not ToUpper: a carrier knows no ſ
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, strings.TrimSpace(text))
	intent, ok := carrier[word]
	if !ok || word == "YES" && !s.OptedOut {
		return Meaning{}, false
	}
	return Meaning{Intent: intent, Exact: true, Word: word}, true
}

// nearly reads a carrier word that is decorated: "Stop!", "“STOP”", "help pls".
// Whether the carrier saw it as its own, nobody knows.
//
// Politeness may surround a word that can mean nothing else. "Please cancel" is
// left alone: it may be about an order. "Yes!" is too: a block that only the
// carrier can lift is not lifted by guessing.
func nearly(said utterance) (Meaning, bool) {
	if strings.Contains(said.core, " ") { // no carrier word has two
		return Meaning{}, false
	}
	if word := strings.ToUpper(said.words); carrier[word] == StopTexts {
		return Meaning{Intent: StopTexts, Word: word}, true
	}
	word := strings.ToUpper(said.core)
	switch word {
	case "CANCEL", "END", "QUIT", "YES":
		return Meaning{}, false
	}
	intent, ok := carrier[word]
	if !ok {
		return Meaning{}, false
	}
	return Meaning{Intent: intent, Word: word}, true
}
