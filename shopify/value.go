package shopify

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// unmarshal is json.Unmarshal that leaves a field zero if its value has another type
// than expected: a webhook must not be lost because of a field that Shopify changed.
func unmarshal(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	if unexpected := new(json.UnmarshalTypeError); errors.As(err, &unexpected) {
		return nil
	}
	return err
}

// The types of values in webhooks and answers. They accept every JSON value, and are
// zero for one that makes no sense.
type (
	// An id is the number of an object, written as a number, in a string, or as the
	// end of a global id: "gid://shopify/Customer/601". It has no sign and no zeros in
	// front.
	id string
	// A text is a string, without characters that cannot be shown or stored.
	text string
	// A moment is a time with an offset.
	moment struct{ time.Time }
	// A count is a whole number that is not negative.
	count int
)

func (i *id) UnmarshalJSON(data []byte) error {
	*i = ""
	s := string(data)
	if len(data) > 0 && data[0] == '"' && json.Unmarshal(data, &s) != nil {
		return nil
	}
	if kind, ok := strings.CutPrefix(s, "gid://shopify/"); ok {
		_, s, _ = strings.Cut(kind, "/")
		s, _, _ = strings.Cut(s, "?")
	}
	*i = parseID(s)
	return nil
}

// parseID returns s as an id if it is a positive number.
func parseID(s string) id {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n == 0 {
		return ""
	}
	return id(strconv.FormatUint(n, 10))
}

func (t *text) UnmarshalJSON(data []byte) error {
	*t = ""
	var s string
	switch {
	case len(data) == 0:
	case isPlain(data):
		*t = text(data[1 : len(data)-1])
	case data[0] == '"':
		if json.Unmarshal(data, &s) == nil {
			*t = text(clean(s))
		}
	case data[0] == '-' || data[0] >= '0' && data[0] <= '9':
		*t = text(data) // an amount of money may be a number
	}
	return nil
}

// isPlain reports whether data is a JSON string that contains what it stands for, and
// that clean would not change. Most are.
func isPlain(data []byte) bool {
	if len(data) < 2 || data[0] != '"' || data[1] == ' ' || data[len(data)-2] == ' ' {
		return false
	}
	for i, c := range data[1 : len(data)-1] {
		if c < ' ' || c > '~' || c == '\\' || c == ' ' && data[i] == ' ' {
			return false
		}
	}
	return true
}

// clean makes a text one line, without control characters and bidirectional overrides.
func clean(s string) string {
	return strings.Join(strings.FieldsFunc(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && !unicode.IsSpace(c) || c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069 {
			return -1
		}
		return c
	}, s), unicode.IsSpace), " ")
}

func (t text) lower() string { return strings.ToLower(string(t)) }

func (m *moment) UnmarshalJSON(data []byte) error {
	m.Time = time.Time{}
	if len(data) < 2 || data[0] != '"' {
		return nil
	}
	// RFC3339 accepts fractions of a second.
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05 Z0700"} {
		if at, err := time.Parse(layout, string(data[1:len(data)-1])); err == nil && at.Year() > 1970 && at.Year() < 2200 {
			m.Time = at.UTC()
			return nil
		}
	}
	return nil
}

func (n *count) UnmarshalJSON(data []byte) error {
	f, err := strconv.ParseFloat(string(bytes.Trim(data, `"`)), 64)
	if err != nil || !(f > 0) {
		f = 0
	}
	*n = count(min(f, 1e9))
	return nil
}
