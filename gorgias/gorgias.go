// Package gorgias speaks to the Gorgias helpdesk: its REST API, the calls that
// its HTTP integrations make to us, and the translation between its customers,
// tickets and messages and our conversations.
//
// Facts about the vendor are from developers.gorgias.com unless a comment says
// otherwise. Nothing here tries a change twice: whoever calls decides, with the
// help of [Error], whether a request may have been carried out.
package gorgias
