package chat

import "time"

// A Delivery is something that must happen outside: a row, written in the turn
// that decided it, gone once it is done.
type Delivery struct {
	ID   DeliveryID
	Shop ShopID
	Kind DeliveryKind

	// Account is the vendor's account that the work burdens ("gorgias/acme").
	// A slow or dead vendor delays its own account only.
	Account string
	// Lane keeps order: of one lane, one delivery at a time, by Place.
	Lane  string
	Place int64

	Conversation ConversationID
	Entry        int64  // of an sms: the text's place
	Text         string // of a code: what to post
	Ticket       string // of a code: on which ticket, by the helpdesk's id

	Urgent bool      // somebody is waiting for it
	Due    time.Time // not before
	Tries  int       // made so far
	Until  time.Time // the lease, while somebody works on it
}

// A DeliveryKind says what has to happen.
type DeliveryKind string

const (
	// SendSMS sends one outgoing text.
	SendSMS DeliveryKind = "sms"
	// SyncTicket makes the ticket say what the conversation says: opens it,
	// appends what is new, reopens it, finds out that it was closed or lost.
	// One waiting per conversation is enough, however much there is to say.
	SyncTicket DeliveryKind = "ticket"
	// PostCode posts a sign-in code as an internal note.
	PostCode DeliveryKind = "code"
)

// Repeats reports whether doing such a delivery twice is harmless. An SMS is
// not: when nobody knows what became of an attempt, it is never made again by
// itself.
func (k DeliveryKind) Repeats() bool { return k != SendSMS }

// An Attempt is one request to a provider to send a text. It is kept before the
// request is made, and its id comes back with the provider's reports.
type Attempt struct {
	ID           AttemptID
	Shop         ShopID
	Line         LineID
	Conversation ConversationID
	Entry        int64
	Provider     string // the provider's name for the text, once known
	At           time.Time
}

// HelpdeskAccount is the Account of what a shop's helpdesk has to do.
func HelpdeskAccount(helpdesk string) string { return "gorgias/" + helpdesk }
