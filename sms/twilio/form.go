package twilio

import (
	"strings"
	"unicode/utf8"
)

// A field is one name and value of a form, decoded.
type field struct{ name, value string }

// parseFields decodes all fields of a form (application/x-www-form-urlencoded), in
// order. What is malformed is kept as it is: url.ParseQuery would drop it, which may be
// a shopper's text.
func parseFields(body []byte) []field {
	var all []field
	for pair := range strings.SplitSeq(string(body), "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		all = append(all, field{unescape(name), unescape(value)})
	}
	return all
}

func unescape(s string) string {
	if !strings.ContainsAny(s, "+%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			out = append(out, ' ')
		case s[i] == '%' && i+2 < len(s) && hexDigit(s[i+1]) >= 0 && hexDigit(s[i+2]) >= 0:
			out = append(out, byte(hexDigit(s[i+1])<<4|hexDigit(s[i+2])))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return string(out)
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// A form maps names to values, the first one of each name.
type form map[string]string

func parseForm(body []byte) form {
	f := form{}
	for _, field := range parseFields(body) {
		if _, repeated := f[field.name]; !repeated {
			f[field.name] = field.value
		}
	}
	return f
}

// get returns the storable value of the first of the names that has one.
func (f form) get(names ...string) string {
	for _, name := range names {
		if value := f[name]; value != "" {
			return storable(value)
		}
	}
	return ""
}

// storable returns s as a text that every database can store. Postgres refuses NUL and
// invalid UTF-8, and texts can have both; they are replaced by U+FFFD.
func storable(s string) string {
	const replacement = string(utf8.RuneError)
	return strings.ReplaceAll(strings.ToValidUTF8(s, replacement), "\x00", replacement)
}
