package sms

import "sidetext/chat"

// A Webhook is a request of a provider, as an adapter needs it: not decoded and not
// verified.
type Webhook struct {
	Method string // "POST"
	// URL is the one that the provider has in its settings: our configured public base
	// URL with the path and the query of this request byte for byte. It does not depend on
	// Host or X-Forwarded-*.
	URL    string
	Header func(name string) string // the first value, or ""
	Body   []byte
}

// Errors of a webhook that is refused. They help the person who sets up a line; the
// provider gets 403 without a body for both.
var (
	ErrUnsigned = &chat.Error{Kind: chat.KindForbidden, Code: "unsigned", Text: "The request carries no signature."}
	ErrForged   = &chat.Error{Kind: chat.KindForbidden, Code: "forged", Text: "The request's signature does not match. Either the auth token or the public address is not the one the provider has."}
)
