package onboarding

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"sidetext/chat"
)

// Registered is what is known of a connection at its vendor since the last check: the
// JSON in Connection.Registered.
type Registered struct {
	Webhooks map[string]string `json:"webhooks"` // by topic: the vendor's id
	// Notes are what works, but not as well as it could, for merchants.
	Notes []Note `json:"notes,omitempty"`
}

// A Note is something that works, but not as well as it could.
type Note struct {
	Text  string `json:"text"`            // with what to do about it
	Minor bool   `json:"minor,omitempty"` // many shops live with it
}

// RegisteredBy reads what is registered for a connection.
func RegisteredBy(c chat.Connection) (r Registered, err error) {
	if len(c.Registered) > 0 {
		if err = json.Unmarshal(c.Registered, &r); err != nil {
			return r, fmt.Errorf("decode registration: %w", err)
		}
	}
	if r.Webhooks == nil {
		r.Webhooks = map[string]string{}
	}
	return r, nil
}

// describe joins what is known into a sentence. A part that ends in a space has no
// value.
func describe(parts ...string) string {
	var known []string
	for _, part := range parts {
		if part != "" && !strings.HasSuffix(part, " ") {
			known = append(known, part)
		}
	}
	return strings.Join(known, ", ") + "."
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}
