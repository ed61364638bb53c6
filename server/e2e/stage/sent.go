package stage

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"sidetext/bridge"
	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/server/demo"
)

var Ben = chat.Author{Role: chat.ByAgent, ID: "1", Name: "Ben Okafor"}

// A SentText is a text that an agent has sent.
type SentText struct {
	*Stage
	To   string
	Text string
	ID   chat.ConversationID
	Seq  int64
}

// SendAsAgent sends a text from an agent to a phone.
func (s *Stage) SendAsAgent(to, text string) SentText {
	s.T.Helper()
	s.Log.AddSecrets(text)
	id := s.Conversation(to).Conversation.ID
	seq, err := s.App.Bridge.Reply(context.Background(), s.Shop.ID, id, Ben, bridge.Reply{ID: "text " + text, Text: text, Seen: 1 << 40})
	Must(s.T, err)
	return SentText{s, to, text, id, seq}
}

// Entry returns the text's entry.
func (y SentText) Entry() chat.Entry {
	y.T.Helper()
	found, err := y.App.Store.EntriesAfter(context.Background(), y.Shop.ID, y.ID, y.Seq-1)
	Must(y.T, err)
	return found[0]
}

// WaitForState waits until the text is in this state.
func (y SentText) WaitForState(state chat.State) chat.Entry {
	y.T.Helper()
	Until(y.T, fmt.Sprintf("%q is %s", y.Text, state), func() bool { return y.Entry().State == state })
	return y.Entry()
}

// Accepted returns the messages with this text that Twilio has accepted.
func (y SentText) Accepted() []twilio.Message {
	return slices.DeleteFunc(y.World.Twilio.Accepted(), func(m twilio.Message) bool { return m.Body != y.Text })
}

// Report reports a status as Twilio does, to its callback address or to another
// one.
func (y SentText) Report(m twilio.Message, status, code, address string) int {
	y.T.Helper()
	form := url.Values{"MessageSid": {m.SID}, "SmsSid": {m.SID}, "AccountSid": {demo.TwilioAccount}, "MessageStatus": {status}, "To": {m.To}, "From": {m.From}}
	if code != "" {
		form.Set("ErrorCode", code)
	}
	if address == "" {
		address = m.Callback
	}
	return y.Call(TwilioRequest{Path: strings.TrimPrefix(address, y.URL), Form: form, Token: demo.TwilioToken}).Status
}

// ReportsOf returns Twilio's reports about a message.
func (s *Stage) ReportsOf(sid string) []twilio.Call {
	return slices.DeleteFunc(s.World.Twilio.Calls(), func(c twilio.Call) bool { return c.Kind != twilio.StatusCall || c.SID != sid })
}
