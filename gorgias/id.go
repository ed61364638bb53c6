package gorgias

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An ID identifies an object of an account. Zero means none.
type ID int64

func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// ParseID parses a positive decimal id.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("gorgias: invalid id")
	}
	return ID(n), nil
}

// UnmarshalJSON accepts a number, a number in a string, or null.
func (id *ID) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	n, err := strconv.ParseUint(strings.Trim(string(data), `"`), 10, 63)
	if err != nil {
		return fmt.Errorf("gorgias: invalid id")
	}
	*id = ID(n)
	return nil
}

// A Time is a date and time in Gorgias' format: with a zone or, in older parts of
// the API, without one and in UTC. The zero Time is null.
type Time struct{ time.Time }

var timeLayouts = []string{
	time.RFC3339, // accepts fractions of a second
	"2006-01-02T15:04:05",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05",
}

// UnmarshalJSON accepts an ISO 8601 date and time, "" or null.
func (t *Time) UnmarshalJSON(data []byte) error {
	t.Time = time.Time{}
	s := string(data)
	if s == "null" || s == `""` {
		return nil
	}
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return fmt.Errorf("gorgias: invalid date")
	}
	for _, layout := range timeLayouts {
		if at, err := time.Parse(layout, s[1:len(s)-1]); err == nil {
			t.Time = at.UTC()
			return nil
		}
	}
	return fmt.Errorf("gorgias: invalid date")
}

// MarshalJSON writes UTC with microseconds and an offset, as Gorgias does.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(t.UTC().Format(`"2006-01-02T15:04:05.000000+00:00"`)), nil
}
