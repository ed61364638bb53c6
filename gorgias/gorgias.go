// Package gorgias is a client of the Gorgias helpdesk: its REST API, the requests
// of its HTTP integrations, and the translation of conversations into customers,
// tickets and messages.
//
// Facts about the vendor are from developers.gorgias.com unless a comment says
// otherwise. The package never retries a change: the caller decides, using [Error],
// whether the change may have been made.
package gorgias
