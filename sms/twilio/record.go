package twilio

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"sidetext/chat"
)

// A record is a text as Twilio's API shows it
// (twilio.com/docs/messaging/api/message-resource).
type record struct {
	SID       string     `json:"sid"`
	Account   string     `json:"account_sid"`
	Service   string     `json:"messaging_service_sid"`
	Direction string     `json:"direction"` // "inbound", "outbound-api", "outbound-reply" …
	From      chat.Phone `json:"from"`      // empty until a service has chosen its sender
	To        chat.Phone `json:"to"`
	Body      string     `json:"body"`
	Status    string     `json:"status"`
	Code      figure     `json:"error_code"`
	Segments  figure     `json:"num_segments"`
	Media     figure     `json:"num_media"`
	Created   moment     `json:"date_created"`
	Sent      moment     `json:"date_sent"` // none until it is sent; of an inbound text, when the webhook was called
}

func (m record) report() chat.Report {
	return said(chat.Report{ID: m.SID}, m.Status, string(m.Code))
}

// A figure is a number, which Twilio writes now as a number, now as a string,
// now as null; here it is its digits, or nothing.
type figure string

func (f *figure) UnmarshalJSON(raw []byte) error {
	*f = figure(bytes.Trim(raw, `"`))
	if *f == "null" {
		*f = ""
	}
	return nil
}

// int is the number, 0 for none.
func (f figure) int() int {
	n, _ := strconv.Atoi(string(f))
	return n
}

// A moment is a time in RFC 2822, to the second; zero when there is none, or
// none that can be read: nobody doubts an accepted text because of its date.
type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(raw []byte) error {
	var s string
	_ = json.Unmarshal(raw, &s)
	m.Time, _ = time.Parse(time.RFC1123Z, s)
	return nil
}
