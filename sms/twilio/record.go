package twilio

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"sidetext/chat"
)

// A record is a text in Twilio's API
// (twilio.com/docs/messaging/api/message-resource).
type record struct {
	SID       string      `json:"sid"`
	Account   string      `json:"account_sid"`
	Service   string      `json:"messaging_service_sid"`
	Direction string      `json:"direction"` // "inbound", "outbound-api", "outbound-reply" …
	From      chat.Phone  `json:"from"`      // empty until a service has chosen its sender
	To        chat.Phone  `json:"to"`
	Body      string      `json:"body"`
	Status    string      `json:"status"`
	Code      looseInt    `json:"error_code"`
	Segments  looseInt    `json:"num_segments"`
	Media     looseInt    `json:"num_media"`
	Created   rfc2822Time `json:"date_created"`
	Sent      rfc2822Time `json:"date_sent"` // null until it is sent; for an inbound text, when the webhook was called
}

func (m record) report() chat.Report {
	return withState(chat.Report{ID: m.SID}, m.Status, string(m.Code))
}

// A looseInt is a number that Twilio writes as a number, a string or null. It has the
// digits, or is empty.
type looseInt string

func (n *looseInt) UnmarshalJSON(raw []byte) error {
	*n = looseInt(bytes.Trim(raw, `"`))
	if *n == "null" {
		*n = ""
	}
	return nil
}

// int returns the number, or 0.
func (n looseInt) int() int {
	i, _ := strconv.Atoi(string(n))
	return i
}

// An rfc2822Time is a time in RFC 2822. It is zero if it is missing or invalid, because a
// bad date must not turn an accepted text into an error.
type rfc2822Time struct{ time.Time }

func (t *rfc2822Time) UnmarshalJSON(raw []byte) error {
	var s string
	_ = json.Unmarshal(raw, &s)
	t.Time, _ = time.Parse(time.RFC1123Z, s)
	return nil
}
