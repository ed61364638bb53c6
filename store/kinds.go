package store

import (
	"strings"

	"sidetext/chat"
)

// kindsWhere returns the SQL condition that a delivery's kind satisfies is. The names
// are our own constants, so they need no escaping.
func kindsWhere(is func(chat.KindSpec) bool) string {
	var names []string
	for _, k := range chat.Kinds() {
		if is(k) {
			names = append(names, "'"+string(k.Name)+"'")
		}
	}
	return "kind IN (" + strings.Join(names, ", ") + ")"
}

// helpdeskKinds is the SQL condition that a delivery is for the helpdesk.
func helpdeskKinds() string { return kindsWhere(func(k chat.KindSpec) bool { return k.Helpdesk }) }
