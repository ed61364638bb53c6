package chat

import (
	"strings"
	"time"
	"unicode"
)

// MenuLasts is how long after a menu a digit counts as an answer to it.
const MenuLasts = 24 * time.Hour

// SentMenu records that the newest entry is the menu.
func (t *Turn) SentMenu() {
	t.Conversation.Dialog.MenuAt, t.Conversation.Dialog.MenuSeq = t.At, t.Conversation.Seq
}

// answersMenu reports whether the text received in this turn is probably an answer
// to the last menu: it led to a reason that the menu offers, or is a number.
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

// onMenu reports whether the menu has a choice that leads to this reason.
func (r Reason) onMenu() bool {
	return r == OrderStatus || r == AskedForChange || r == EndSubscription || r == AskedForPerson
}
