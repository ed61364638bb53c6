package sms

import "sidetext/chat"

// Sent describes a text that a provider has accepted.
type Sent struct {
	ID       string     // the provider's id of the text
	State    chat.State // Queued, or a later state
	Segments int        // as the provider counts them; 0 if not known yet
}
