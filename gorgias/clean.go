package gorgias

import (
	"html"
	"strings"
	"unicode"
)

// clean makes a text safe to show beside others: it replaces all kinds of line
// breaks by "\n" and removes control characters and bidirectional overrides.
func clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n",
		"\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t':
			return c
		case unicode.IsControl(c), c >= 0x202A && c <= 0x202E, c >= 0x2066 && c <= 0x2069:
			return -1
		}
		return c
	}, s)
	return strings.TrimSpace(s)
}

// singleLine cleans s and joins its lines.
func singleLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// htmlText returns the text as HTML with its line breaks.
func htmlText(s string) string {
	return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>")
}
