package sms

import "sidetext/chat"

// A Webhook is a request that a provider made to us, as far as an adapter has
// to know it: read once, not decoded, not trusted.
type Webhook struct {
	Method string // "POST"
	// URL is where the provider was told to call: the public address from our
	// settings, with the path and the query of this request byte for byte, and
	// never what Host or X-Forwarded-* say.
	URL    string
	Header func(name string) string // the first value, or ""
	Body   []byte
}

// Refusals of a webhook. Which of the two it is helps whoever sets up a line;
// the provider gets a bare 403 for both.
var (
	ErrUnsigned = &chat.Error{Kind: chat.KindForbidden, Code: "unsigned", Text: "The request carries no signature."}
	ErrForged   = &chat.Error{Kind: chat.KindForbidden, Code: "forged", Text: "The request's signature does not match. Either the auth token or the public address is not the one the provider has."}
)
