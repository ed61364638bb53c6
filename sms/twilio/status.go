package twilio

import (
	"fmt"

	"sidetext/chat"
)

// states is Twilio's life cycle of a message in our words
// (twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks).
var states = map[string]chat.State{
	"accepted": chat.Queued, "scheduled": chat.Queued, "queued": chat.Queued,
	"sending": chat.Sending,
	"sent":    chat.Sent, "partially_delivered": chat.Sent,
	"delivered": chat.Delivered, "read": chat.Delivered,
	"undelivered": chat.Failed, "failed": chat.Failed, "canceled": chat.Failed,
}

// state says what Twilio's word means. One that we don't know still proves that
// Twilio has the text.
func state(word string) chat.State {
	if s, ok := states[word]; ok {
		return s
	}
	return chat.Queued
}

// Status reads what Twilio says became of a text. Token is the one that stood in
// the address which Twilio called. Reports come late, doubled and out of order:
// chat.State.Follows decides whether one is news.
func Status(body []byte, token chat.AttemptID) (chat.Report, error) {
	f := read(body)
	report := chat.Report{Token: token, ID: f.get("MessageSid", "SmsSid")}
	if report.ID == "" {
		return chat.Report{}, fmt.Errorf("twilio: read status: %w", chat.Invalid("The request has no MessageSid."))
	}
	return said(report, f.get("MessageStatus", "SmsStatus"), f.get("ErrorCode")), nil
}

// said adds to a report what Twilio says by its word for a state and by a code,
// "" or "0" for none.
func said(report chat.Report, word, code string) chat.Report {
	report.State = state(word)
	if report.State != chat.Failed {
		return report
	}
	if code == "" || code == "0" {
		code = word
	}
	p, follows := problem(code), effects[code]
	report.Problem, report.OptedOut, report.Looped = &p, follows.OptedOut, follows.Looped
	return report
}
