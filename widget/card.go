package widget

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
)

// A Card contains what the card in a ticket's sidebar shows, as texts for agents. All
// agents of the helpdesk can read it. Empty fields are not shown.
//
// The helpdesk stores the card with the customer and refreshes it only on an event
// of one of the customer's tickets, so agents may see an old one.
type Card struct {
	Name       string
	Phone      string // formatted for people
	Email      string // the address, or a text that there is none
	Consent    string // whether texts may be sent: "Allowed"
	Wants      string // "End the subscription"
	LastText   string // cut at 200 characters
	LastTextAt time.Time
	State      string // "Waiting for an agent"; empty: no texts yet
	Launch     string // a launch token, required for the link

	// What the directory knows of the shopper: see ShowProfile.
	FailedCharge  string // "2 Dec · $49.00"
	NextCharge    string // "9 Dec · Coffee, Filter · $49.00"
	Subscriptions string // "Coffee 250 g, every 4 weeks"
	LastOrder     string // "#1001 · 28 Nov · On its way"
	Tracking      string // "UPS 1Z999AA1"
	TrackingURL   string // https only
	Shared        string // "1 more person"
	Marketing     string // only if withdrawn
}

// JSON returns the response for the helpdesk. It always has a field, because an empty
// response would hide the card with its link.
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
		Name          string `json:"name,omitempty"`
		Phone         string `json:"phone,omitempty"`
		Shared        string `json:"shared_phone,omitempty"`
		Email         string `json:"email,omitempty"`
		Consent       string `json:"consent,omitempty"`
		Marketing     string `json:"marketing,omitempty"`
		Wants         string `json:"wants,omitempty"`
		LastText      string `json:"last_text,omitempty"`
		LastTextAt    string `json:"last_text_at,omitempty"`
		State         string `json:"state"`
		FailedCharge  string `json:"failed_charge,omitempty"`
		NextCharge    string `json:"next_charge,omitempty"`
		Subscriptions string `json:"subscriptions,omitempty"`
		LastOrder     string `json:"last_order,omitempty"`
		Tracking      string `json:"tracking,omitempty"`
		TrackingURL   string `json:"tracking_url,omitempty"`
		Launch        string `json:"launch,omitempty"`
	}{
		singleLine(c.Name), singleLine(c.Phone), singleLine(c.Shared), singleLine(c.Email), singleLine(c.Consent), singleLine(c.Marketing),
		singleLine(c.Wants), singleLine(c.LastText), at, state,
		singleLine(c.FailedCharge), singleLine(c.NextCharge), singleLine(c.Subscriptions), singleLine(c.LastOrder), singleLine(c.Tracking), c.TrackingURL,
		c.Launch,
	})
}

// singleLine joins the lines of s, cuts it to 200 characters, and removes control
// characters and bidirectional overrides.
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
