package sms

import (
	"strings"
	"unicode"

	"sidetext/chat"
)

// words are the words that a carrier acts on by itself when a text is nothing
// else. (Twilio's defaults for long codes and toll-free numbers.)
var words = map[string]chat.CarrierWord{
	"STOP": chat.Stop, "STOPALL": chat.Stop, "UNSUBSCRIBE": chat.Stop, "CANCEL": chat.Stop,
	"END": chat.Stop, "QUIT": chat.Stop, "REVOKE": chat.Stop, "OPTOUT": chat.Stop,
	"START": chat.Start, "YES": chat.Start, "UNSTOP": chat.Start,
	"HELP": chat.Help, "INFO": chat.Help,
}

// Word says what a carrier takes a text for, or nothing if it just passes it
// on. The whole text has to be the word, in any case, white space aside.
//
// Nobody documents what carriers make of "Stop." or "“STOP”". So each class is
// read in the way that does no harm if the guess is wrong. Decoration around a
// word of the STOP class is ignored: at worst we are silent towards somebody
// who could still be texted. Around START and HELP it is not: at worst the
// carrier and we both answer, but nobody is texted against a block that is
// still there, and nobody who asks for help is left without an answer.
func Word(text string) chat.CarrierWord {
	if word, ok := words[capitals(strings.TrimSpace(text))]; ok {
		return word
	}
	bare := strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if words[capitals(bare)] == chat.Stop {
		return chat.Stop
	}
	return ""
}

// capitals is strings.ToUpper for ASCII only. The other one would turn letters
// that no carrier knows into S and K.
func capitals(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}
