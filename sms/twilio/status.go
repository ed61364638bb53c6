package twilio

import (
	"fmt"

	"sidetext/chat"
)

// states maps Twilio's states of a message to ours
// (twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks).
var states = map[string]chat.State{
	"accepted": chat.Queued, "scheduled": chat.Queued, "queued": chat.Queued,
	"sending": chat.Sending,
	"sent":    chat.Sent, "partially_delivered": chat.Sent,
	"delivered": chat.Delivered, "read": chat.Delivered,
	"undelivered": chat.Failed, "failed": chat.Failed, "canceled": chat.Failed,
}

// parseState returns our state for Twilio's. An unknown one still proves that Twilio has
// the text.
func parseState(name string) chat.State {
	if s, ok := states[name]; ok {
		return s
	}
	return chat.Queued
}

// Status parses a status callback. Token is the one in the URL that Twilio called. Reports
// come late, twice and out of order: chat.State.Follows decides whether one is new.
func Status(body []byte, token chat.AttemptID) (chat.Report, error) {
	f := parseForm(body)
	report := chat.Report{Token: token, ID: f.get("MessageSid", "SmsSid")}
	if report.ID == "" {
		return chat.Report{}, fmt.Errorf("twilio: read status: %w", chat.Invalid("The request has no MessageSid."))
	}
	return withState(report, f.get("MessageStatus", "SmsStatus"), f.get("ErrorCode")), nil
}

// withState adds Twilio's state and error code to a report. No code is "" or "0".
func withState(report chat.Report, state, code string) chat.Report {
	report.State = parseState(state)
	if report.State != chat.Failed {
		return report
	}
	if code == "" || code == "0" {
		code = state
	}
	p, effect := problemFor(code), codeEffects[code]
	report.Problem, report.OptedOut, report.Looped = &p, effect.OptedOut, effect.Looped
	return report
}
