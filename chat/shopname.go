package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxShopName is how long a shop's name may be, in characters.
const MaxShopName = 80

// ParseShopName cleans a name that shoppers will read: it joins its words with
// single spaces. It reports whether the result is a name: 1 to MaxShopName visible
// characters.
func ParseShopName(typed string) (string, bool) {
	name := strings.Join(strings.Fields(typed), " ")
	hidden := strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) })
	n := utf8.RuneCountInString(name)
	return name, n > 0 && n <= MaxShopName && !hidden && utf8.ValidString(name)
}
