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

// A Sent is something that an agent has texted.
type SentText struct {
	*Stage
	To   string
	Text string
	ID   chat.ConversationID
	Seq  int64
}

// Say has an agent text somebody.
func (s *Stage) SendAsAgent(to, text string) SentText {
	s.T.Helper()
	s.Log.AddSecrets(text)
	id := s.Conversation(to).Conversation.ID
	seq, err := s.App.Bridge.Reply(context.Background(), s.Shop.ID, id, Ben, bridge.Reply{ID: "saying " + text, Text: text, Seen: 1 << 40})
	Must(s.T, err)
	return SentText{s, to, text, id, seq}
}

// Now is what is known of it.
func (y SentText) Entry() chat.Entry {
	y.T.Helper()
	found, err := y.App.Store.EntriesAfter(context.Background(), y.Shop.ID, y.ID, y.Seq-1)
	Must(y.T, err)
	return found[0]
}

func (y SentText) WaitForState(state chat.State) chat.Entry {
	y.T.Helper()
	Until(y.T, fmt.Sprintf("%q is %s", y.Text, state), func() bool { return y.Entry().State == state })
	return y.Entry()
}

// Accepted is what Twilio believes it was asked to send.
func (y SentText) Accepted() []twilio.Message {
	return slices.DeleteFunc(y.World.Twilio.Accepted(), func(m twilio.Message) bool { return m.Body != y.Text })
}

// Report tells of a text as Twilio does, with its own callback address or
// another one.
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

func (s *Stage) ReportsOf(sid string) []twilio.Call {
	return slices.DeleteFunc(s.World.Twilio.Calls(), func(c twilio.Call) bool { return c.Kind != twilio.StatusCall || c.SID != sid })
}
