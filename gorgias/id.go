package gorgias

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An ID names an object of an account. Zero is none.
type ID int64

func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// ParseID reads an id in digits. Zero and less are no ids.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("gorgias: not an id")
	}
	return ID(n), nil
}

// UnmarshalJSON takes a number, a number in a string, or null.
func (id *ID) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	n, err := strconv.ParseUint(strings.Trim(string(data), `"`), 10, 63)
	if err != nil {
		return fmt.Errorf("gorgias: not an id")
	}
	*id = ID(n)
	return nil
}

// A Time is a date and time as Gorgias writes it: with a zone, or, in older
// places, without one and then in UTC. The zero time is null.
type Time struct{ time.Time }

var timeLayouts = []string{
	time.RFC3339, // takes any fraction of a second
	"2006-01-02T15:04:05",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05",
}

// UnmarshalJSON takes a date and time in ISO 8601, "" or null.
func (t *Time) UnmarshalJSON(data []byte) error {
	t.Time = time.Time{}
	s := string(data)
	if s == "null" || s == `""` {
		return nil
	}
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return fmt.Errorf("gorgias: not a date")
	}
	for _, layout := range timeLayouts {
		if at, err := time.Parse(layout, s[1:len(s)-1]); err == nil {
			t.Time = at.UTC()
			return nil
		}
	}
	return fmt.Errorf("gorgias: not a date")
}

// MarshalJSON writes UTC with microseconds and an offset, as Gorgias does.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(t.UTC().Format(`"2006-01-02T15:04:05.000000+00:00"`)), nil
}
