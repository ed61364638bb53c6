package twilio

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// A Message is a message in the account's log.
type Message struct {
	SID       string
	Pool      string // the SID of its Messaging Service, or empty
	From, To  string
	Body      string
	Direction string // "inbound", "outbound-api" or "outbound-reply" (by TwiML)
	Status    string
	ErrorCode int // of a failure, or 0
	Media     []Media
	Callback  string // URL of status callbacks, or empty
	Created   time.Time
	Sent      time.Time // zero until it is sent; of inbound messages, when they were received
}

// Accepted returns all messages that the API has accepted, in that order.
func (t *Twilio) Accepted() []Message {
	return t.filter(func(m *Message) bool { return m.Direction == "outbound-api" })
}

// Messages returns the whole log in the order of acceptance.
func (t *Twilio) Messages() []Message { return t.filter(func(*Message) bool { return true }) }

// Message returns the current state of a message.
func (t *Twilio) Message(sid string) (Message, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if m := t.bySID[sid]; m != nil {
		return *m, true
	}
	return Message{}, false
}

func (t *Twilio) filter(want func(*Message) bool) []Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Message
	for _, m := range t.messages {
		if want(m) {
			out = append(out, *m)
		}
	}
	return out
}

// addToLog returns false if the log is full.
func (t *Twilio) addToLog(m *Message) bool {
	if len(t.messages) >= t.account.MaxMessages {
		return false
	}
	t.messages = append(t.messages, m)
	t.bySID[m.SID] = m
	t.Changes.Notify()
	return true
}

func (t *Twilio) show(m *Message) map[string]any {
	path := "/2010-04-01/Accounts/" + t.account.SID + "/Messages/" + m.SID
	out := map[string]any{
		"sid": m.SID, "account_sid": t.account.SID, "api_version": "2010-04-01",
		"messaging_service_sid": orNull(m.Pool), "from": m.From, "to": m.To, "body": m.Body,
		"status": m.Status, "direction": m.Direction,
		"num_segments": strconv.Itoa(segments(m.Body)), "num_media": strconv.Itoa(len(m.Media)),
		"price": nil, "price_unit": nil, "error_code": nil, "error_message": nil,
		"date_created": formatTime(m.Created), "date_updated": formatTime(m.Created), "date_sent": formatTime(m.Sent),
		"uri": path + ".json", "subresource_uris": map[string]string{"media": path + "/Media.json"},
	}
	if m.ErrorCode != 0 {
		out["error_code"] = m.ErrorCode
	}
	if m.Status == "accepted" { // the service has not selected a sender yet
		out["from"], out["num_segments"] = nil, "0"
	}
	return out
}

// tooLong reports whether a body exceeds the API's limit.
func tooLong(body string) bool { return utf8.RuneCountInString(body) > 1600 }
