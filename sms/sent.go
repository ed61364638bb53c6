package sms

import "sidetext/chat"

// Sent is a provider's word that it has taken a text on.
type Sent struct {
	ID       string     // the provider's name for the text
	State    chat.State // where it is by now: Queued, or further
	Segments int        // as the provider counts them; 0 when it does not know yet
}
