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
	Entry        int64  // of an sms, media, message: the text's place
	Text         string // of a code or note: what to post; of a message: its name in the helpdesk; of media: which
	Ticket       string // of a code, note or message: on which ticket, by the helpdesk's id

	Urgent  bool      // somebody is waiting for it
	At      time.Time // when it was decided
	Due     time.Time // not before
	Tries   int       // made so far
	Until   time.Time // the lease, while somebody works on it
	Problem string    // of one that failed for good and waits for a person: why
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
	// PostNote posts an internal note.
	PostNote DeliveryKind = "note"
	// AddMessage adds to a ticket what the helpdesk refused when the ticket was
	// brought up to date, and what was therefore left out.
	AddMessage DeliveryKind = "message"
	// Trace asks the provider what became of a text. Its id is the attempt's.
	CheckStatus DeliveryKind = "trace"
	// FetchMedia fetches a picture or file that came with a text.
	FetchMedia DeliveryKind = "media"
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
	Try          int    // which try of its delivery it is
	Provider     string // the provider's name for the text, once known
	At           time.Time
	MissingSince time.Time // when it was known not to be sent, or the provider's list was first found to lack it
}

// A Tried is an attempt with all that is needed to ask what became of it.
type AttemptDetail struct {
	LineConfig
	Shopper Shopper
	Attempt Attempt
	Entry   Entry
}

// HelpdeskAccount is the Account of what a shop's helpdesk has to do.
func HelpdeskAccount(helpdesk string) string { return "gorgias/" + helpdesk }
