// Package smstest is the test suite that every SMS provider has to pass. A provider
// supplies its adapter and a fake of its server; the suite has the cases and the faults
// of the network.
package smstest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/sms"
)

// A Provider is an adapter together with the provider's side of the connection.
type Provider interface {
	Adapter
	// NewClient returns a client that makes its requests to a base URL.
	NewClient(baseURL string) Client
	// StartServer starts a fake of the provider, with an account that has the line's
	// number. It is closed when the test ends.
	StartServer(t *testing.T, line chat.Line) Server
	// FileURL returns the URL of a file of the line's account on a server.
	FileURL(line chat.Line, baseURL string) string

	// InboundWebhook returns the request that delivers a text, signed with the line's
	// token. Extra are fields that the adapter does not know.
	InboundWebhook(line chat.Line, text chat.Incoming, extra map[string]string) sms.Webhook
	// StatusWebhook returns the request that reports the state of a text.
	StatusWebhook(line chat.Line, report chat.Report) sms.Webhook
	// SignatureHeader returns the name of the header with a webhook's signature.
	SignatureHeader() string
	// SendResponse returns a response to a request to send a text.
	SendResponse(Answer) Response
}

// An Adapter verifies and parses webhooks.
type Adapter interface {
	Verify(w sms.Webhook, tokens ...chat.Secret) error
	Inbound(body []byte) (chat.Incoming, error)
	Status(body []byte, token chat.AttemptID) (chat.Report, error)
}

// A Client makes requests to a provider.
type Client interface {
	Send(ctx context.Context, line chat.Line, out chat.Outgoing, callback string) (sms.Sent, error)
	Status(ctx context.Context, line chat.Line, id string) (chat.Report, error)
	Sent(ctx context.Context, line chat.Line, to chat.Phone, since time.Time) ([]chat.Record, error)
	Received(ctx context.Context, line chat.Line, since time.Time) ([]chat.Incoming, error)
	Files(ctx context.Context, line chat.Line, in chat.Incoming) ([]chat.Media, error)
	Fetch(ctx context.Context, line chat.Line, m chat.Media) (chat.File, error)
}

// A Server is a fake of a provider whose webhooks are lost.
type Server interface {
	URL() string
	// SendText sends a text to the line's number and returns its id. Files become
	// available at their second fetch.
	SendText(from chat.Phone, text string, files ...chat.File) string
}

// An Answer is a response to a request to send a text.
type Answer int

const (
	Accepted  Answer = iota // queued, with the id SentID, in two parts
	NotMobile               // the number can't receive texts
	OptedOut                // the shopper has opted out at the carrier
	TooMany                 // retry after seven seconds
	Denied                  // the credentials are wrong
	Broken                  // internal error
	MixedUp                 // accepted, but the response is about another text to another phone
)

// SentID is the id of a text that the provider accepted.
const SentID = "SM0123456789abcdef0123456789abcdef"

// A Response is an HTTP response.
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
	_, _ = w.Write([]byte(r.Body)) // the client may have closed the connection
}

// Run runs the suite for a provider.
func Run(t *testing.T, p Provider) {
	t.Run("signature", func(t *testing.T) { t.Parallel(); testSignature(t, p) })
	t.Run("inbound", func(t *testing.T) { t.Parallel(); testInbound(t, p) })
	t.Run("status", func(t *testing.T) { t.Parallel(); testStatus(t, p) })
	t.Run("send", func(t *testing.T) { t.Parallel(); testSendAnswers(t, p) })
	t.Run("send faults", func(t *testing.T) { t.Parallel(); testSendFaults(t, p) })
	t.Run("not sent", func(t *testing.T) { t.Parallel(); testSendNotSent(t, p) })
	t.Run("lost", func(t *testing.T) { t.Parallel(); testSendLost(t, p) })
	t.Run("sent and status", func(t *testing.T) { t.Parallel(); testSentAndStatus(t, p) })
	t.Run("received", func(t *testing.T) { t.Parallel(); testReceived(t, p) })
	t.Run("query faults", func(t *testing.T) { t.Parallel(); testQueryFaults(t, p) })
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
