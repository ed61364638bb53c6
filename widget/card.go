package widget

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
)

// A Card is what the card in a ticket's sidebar shows. All is in words for
// agents, who all can read it; empty fields are not shown.
//
// The helpdesk keeps a card with the customer and asks for it only when
// something happens to one of their tickets, so it may be old when it is seen.
type Card struct {
	Name       string
	Phone      string // as people write it
	Email      string // the address, or that there is none
	Consent    string // whether texts may be sent: "Allowed"
	Wants      string // "End the subscription"
	LastText   string // cut at 200 characters
	LastTextAt time.Time
	State      string // "Waiting for an agent"; empty: no texts yet
	NextOrder  string
	Launch     string // a launch token; the link needs it
}

// JSON is the card as the answer to the helpdesk. It always has a field: an
// empty answer would hide the card, and with it the link.
func (c Card) JSON() ([]byte, error) {
	state := singleLine(c.State)
	if state == "" {
		state = "No texts with this shopper yet"
	}
	var at string
	if !c.LastTextAt.IsZero() {
		at = c.LastTextAt.UTC().Format(time.RFC3339)
	}
	return json.Marshal(struct {
		Name       string `json:"name,omitempty"`
		Phone      string `json:"phone,omitempty"`
		Email      string `json:"email,omitempty"`
		Consent    string `json:"consent,omitempty"`
		Wants      string `json:"wants,omitempty"`
		LastText   string `json:"last_text,omitempty"`
		LastTextAt string `json:"last_text_at,omitempty"`
		State      string `json:"state"`
		NextOrder  string `json:"next_order,omitempty"`
		Launch     string `json:"launch,omitempty"`
	}{singleLine(c.Name), singleLine(c.Phone), singleLine(c.Email), singleLine(c.Consent), singleLine(c.Wants), singleLine(c.LastText), at,
		state, singleLine(c.NextOrder), c.Launch})
}

// singleLine makes one short line that cannot hide or turn round what follows it.
func singleLine(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c), c >= 0x202A && c <= 0x202E, c >= 0x2066 && c <= 0x2069:
			return -1
		}
		return c
	}, s)
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return string(r)
}
