// Package twilio sends and receives texts through Twilio: it verifies and parses
// Twilio's webhooks and calls its REST API. With another base URL it works with any
// server that offers the same API.
//
// It does not use Twilio's own library, which can't verify signatures against a
// configured public URL, and does not report whether a failed request left the machine.
package twilio
