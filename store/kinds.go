package store

import (
	"strings"

	"sidetext/chat"
)

// kindsWhere lists, for an SQL condition, the kinds of deliveries that are as
// asked for. The names are our own constants.
func kindsWhere(is func(chat.KindSpec) bool) string {
	var names []string
	for _, k := range chat.Kinds() {
		if is(k) {
			names = append(names, "'"+string(k.Name)+"'")
		}
	}
	return "kind IN (" + strings.Join(names, ", ") + ")"
}

// atHelpdesk are the deliveries that the helpdesk has to do.
func helpdeskKinds() string { return kindsWhere(func(k chat.KindSpec) bool { return k.Helpdesk }) }
