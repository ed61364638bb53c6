// Package smstest is the suite that every provider of texts passes. A provider
// brings its adapter, and plays its own part on the other side of the wire; the
// suite brings the cases, and the network's ways of failing.
package smstest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/sms"
)

// A Provider is one provider, seen from both sides of the wire.
type Provider interface {
	Adapter
	// At is the adapter with its requests aimed at an address.
	At(address string) Client
	// Open starts the provider, with an account that has the line's number. It
	// is closed when the test ends.
	Open(t *testing.T, line chat.Line) Exchange
	// File is where a provider at an address keeps a file of the line's account.
	File(line chat.Line, address string) string

	// Deliver is the request by which the provider delivers a text, signed with
	// the line's token. Extra are fields that our adapter does not know.
	Deliver(line chat.Line, text chat.Incoming, extra map[string]string) sms.Webhook
	// Report is the request by which it says what became of a text.
	Report(line chat.Line, report chat.Report) sms.Webhook
	// Signature is the name of the header that proves who sent a webhook.
	Signature() string
	// Answer is what it answers when asked to send a text.
	Answer(Answer) Response
}

// An Adapter reads what a provider calls us with.
type Adapter interface {
	Verify(w sms.Webhook, tokens ...chat.Secret) error
	Inbound(body []byte) (chat.Incoming, error)
	Status(body []byte, token chat.AttemptID) (chat.Report, error)
}

// A Client asks a provider to send, and what became of texts.
type Client interface {
	Send(ctx context.Context, line chat.Line, out chat.Outgoing, callback string) (sms.Sent, error)
	Status(ctx context.Context, line chat.Line, id string) (chat.Report, error)
	Sent(ctx context.Context, line chat.Line, to chat.Phone, since time.Time) ([]chat.Record, error)
	Received(ctx context.Context, line chat.Line, since time.Time) ([]chat.Incoming, error)
	Files(ctx context.Context, line chat.Line, in chat.Incoming) ([]chat.Media, error)
	Fetch(ctx context.Context, line chat.Line, m chat.Media) (chat.File, error)
}

// An Exchange is a provider at work, whose deliveries and reports get lost.
type Exchange interface {
	Address() string
	// Text has somebody text the line's number, and returns the provider's name
	// for the text. Files become available at their second fetch.
	Text(from chat.Phone, text string, files ...chat.File) string
}

// An Answer is what a provider may say to a text.
type Answer int

const (
	Accepted  Answer = iota // with the id SentID, as queued, in two parts
	NotMobile               // the number can't be texted
	OptedOut                // the shopper has told the carrier to stop
	TooMany                 // not now, but in seven seconds
	Denied                  // the credentials are wrong
	Broken                  // something went wrong over there
	MixedUp                 // accepted, but it is another text, to another phone, that it speaks of
)

// SentID is the provider's name for a text that it accepted.
const SentID = "SM0123456789abcdef0123456789abcdef"

// A Response is an answer as it is written.
type Response struct {
	Status int
	Header map[string]string
	Body   string
}

func (r Response) write(w http.ResponseWriter) {
	for name, value := range r.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(r.Status)
	_, _ = w.Write([]byte(r.Body)) // whoever doesn't read it has his reasons
}

// Run holds a provider against the suite.
func Run(t *testing.T, p Provider) {
	t.Run("signature", func(t *testing.T) { t.Parallel(); signature(t, p) })
	t.Run("inbound", func(t *testing.T) { t.Parallel(); inbound(t, p) })
	t.Run("status", func(t *testing.T) { t.Parallel(); status(t, p) })
	t.Run("send", func(t *testing.T) { t.Parallel(); answers(t, p) })
	t.Run("network", func(t *testing.T) { t.Parallel(); network(t, p) })
	t.Run("unreached", func(t *testing.T) { t.Parallel(); unreached(t, p) })
	t.Run("broken", func(t *testing.T) { t.Parallel(); broken(t, p) })
	t.Run("evidence", func(t *testing.T) { t.Parallel(); evidence(t, p) })
	t.Run("catch-up", func(t *testing.T) { t.Parallel(); catchUp(t, p) })
	t.Run("asking", func(t *testing.T) { t.Parallel(); asking(t, p) })
}

var line = chat.Line{
	Number: "+14155550100", Account: "AC0123456789abcdef0123456789abcdef",
	Token: "the line's own auth token", Endpoint: "e1",
}

func text(change func(*chat.Incoming)) chat.Incoming {
	in := chat.Incoming{
		Account: line.Account, ID: "SM00000000000000000000000000000001",
		From: "+14155550123", To: line.Number, Text: "Skip my next order 👍 & thanks + 100%",
	}
	if change != nil {
		change(&in)
	}
	return in
}
