package twilio

import (
	"strings"
	"unicode/utf8"
)

// A field is one name and value of a form, decoded.
type field struct{ name, value string }

// fields decodes a form (application/x-www-form-urlencoded) and keeps all of
// it, in its order. What is not well formed is kept as it stands: url.ParseQuery
// would drop it, and with it perhaps what a shopper said.
func fields(body []byte) []field {
	var all []field
	for pair := range strings.SplitSeq(string(body), "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		all = append(all, field{decode(name), decode(value)})
	}
	return all
}

func decode(s string) string {
	if !strings.ContainsAny(s, "+%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			out = append(out, ' ')
		case s[i] == '%' && i+2 < len(s) && digit(s[i+1]) >= 0 && digit(s[i+2]) >= 0:
			out = append(out, byte(digit(s[i+1])<<4|digit(s[i+2])))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return string(out)
}

func digit(c byte) int {
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

// A form is fields by name, for reading: the first of a name counts.
type form map[string]string

func read(body []byte) form {
	f := form{}
	for _, field := range fields(body) {
		if _, repeated := f[field.name]; !repeated {
			f[field.name] = field.value
		}
	}
	return f
}

// get returns the first of the names that has a value, as storable makes it.
func (f form) get(names ...string) string {
	for _, name := range names {
		if value := f[name]; value != "" {
			return storable(value)
		}
	}
	return ""
}

// storable is s as a text that every database can keep: Postgres refuses NUL
// and what is not UTF-8, and SMS brings both. A mark stays where something could
// not be kept.
func storable(s string) string {
	const mark = string(utf8.RuneError)
	return strings.ReplaceAll(strings.ToValidUTF8(s, mark), "\x00", mark)
}
