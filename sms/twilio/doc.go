// Package twilio carries texts through Twilio: it checks and reads what Twilio
// calls us with, and sends by Twilio's REST API. Addresses in other settings
// make it speak with whoever offers the same API.
//
// One form POST does not need Twilio's own library; checking signatures against
// a public address of our own, and knowing for certain whether a request left
// this machine, is more than it offers.
package twilio
