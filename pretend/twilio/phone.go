package twilio

import (
	"slices"
	"strings"
	"time"
)

// A Line is a message on a shopper's phone.
type Line struct {
	Way    string // "in" to the store, "out" to the shopper
	By     string // "shopper", "store", or "carrier" for its automatic replies
	Peer   string // the other number
	Text   string
	Media  []Media
	At     time.Time
	Status string // "sent" for a shopper's text, "delivered" for others
	SID    string // of the message, or empty
}

// keepLines is the number of lines that a phone keeps.
const keepLines = 1000

// Keywords says what handles STOP, START and HELP on a number.
type Keywords int

const (
	Default  Keywords = iota // the carrier layer, with its fixed words
	Off                      // the webhook only
	Advanced                 // Advanced Opt-Out of the number's service: also says OptOutType
)

// keywordClasses are the carrier's keywords for long codes and their classes
// (twilio.com/docs/messaging/tutorials/advanced-opt-out).
var keywordClasses = map[string]string{
	"STOP": "STOP", "STOPALL": "STOP", "UNSUBSCRIBE": "STOP", "CANCEL": "STOP", "END": "STOP",
	"QUIT": "STOP", "REVOKE": "STOP", "OPTOUT": "STOP",
	"START": "START", "YES": "START", "UNSTOP": "START",
	"HELP": "HELP", "INFO": "HELP",
}

var carrierReplies = map[string]string{
	"STOP":  "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.",
	"START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
	"HELP":  "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}

// Screen returns the newest 1000 lines of a phone, oldest first.
func (t *Twilio) Screen(phone string) []Line {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := t.phones[phone]
	return slices.Clone(lines[max(0, len(lines)-keepLines):])
}

// OptedOut reports whether the carrier blocks texts from number to phone.
func (t *Twilio) OptedOut(number, phone string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.blocked[pair{number, phone}]
}

// Block makes the carrier block texts from number to phone, as after a STOP.
func (t *Twilio) Block(number, phone string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.block(number, phone, true)
}

// block blocks or unblocks a number, or all numbers of its service.
func (t *Twilio) block(number, phone string, on bool) {
	own := t.number(number)
	for _, n := range t.numbers {
		if n.Phone == number || own != nil && own.Pool != "" && n.Pool == own.Pool {
			t.blocked[pair{n.Phone, phone}] = on
		}
	}
}

// applyKeyword handles a keyword as the carrier does before the webhook is called, and
// returns its class, or "".
//
// Twilio does not document whether it replies to START without a block, or to a second
// STOP. Here it does not.
func (t *Twilio) applyKeyword(n *Number, phone, body string) string {
	word := keywordClass(body)
	if word == "" || n.Keywords == Off {
		return ""
	}
	blocked := t.blocked[pair{n.Phone, phone}]
	if (word == "START") != blocked {
		return word
	}
	if word != "HELP" {
		t.block(n.Phone, phone, word == "STOP")
	}
	t.addLine(phone, Line{Way: "out", By: "carrier", Peer: n.Phone, Text: carrierReplies[word], Status: "delivered"})
	return word
}

// keywordClass returns "STOP", "START" or "HELP" if the whole body is such a keyword in
// any case, else "".
func keywordClass(body string) string {
	return keywordClasses[strings.ToUpper(strings.TrimSpace(body))]
}

// showOnPhone adds a delivered message to its phone.
func (t *Twilio) showOnPhone(m *Message) {
	t.addLine(m.To, Line{Way: "out", By: "store", Peer: m.From, Text: m.Body, Media: m.Media, Status: "delivered", SID: m.SID})
}

func (t *Twilio) addLine(phone string, line Line) {
	line.At = time.Now()
	lines := append(t.phones[phone], line)
	if len(lines) > 2*keepLines {
		lines = slices.Clone(lines[keepLines:])
	}
	t.phones[phone] = lines
	t.Changes.Notify()
}
