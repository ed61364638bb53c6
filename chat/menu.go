package chat

import (
	"strings"
	"time"
	"unicode"
)

// MenuLasts is how long digits answer a menu.
const MenuLasts = 24 * time.Hour

// SentMenu records that the newest entry is the menu.
func (t *Turn) SentMenu() {
	t.Conversation.Dialog.MenuAt, t.Conversation.Dialog.MenuSeq = t.At, t.Conversation.Seq
}

// answersMenu reports whether the text heard in this turn is likely an answer to
// the last menu: it names a choice, or is a number that the menu may not have.
func (t *Turn) answersMenu(reason Reason) bool {
	d := t.Conversation.Dialog
	if d.MenuSeq == 0 || t.At.Sub(d.MenuAt) >= MenuLasts {
		return false
	}
	for _, e := range t.Added {
		if e.Way == In {
			return reason.onMenu() || strings.ContainsFunc(e.Text, unicode.IsDigit) && !strings.ContainsFunc(e.Text, unicode.IsLetter)
		}
	}
	return false
}

// onMenu reports whether a choice of the menu leads to this reason.
func (r Reason) onMenu() bool {
	return r == OrderStatus || r == AskedForChange || r == EndSubscription || r == AskedForPerson
}
