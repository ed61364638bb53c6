package chat

import "time"

// A Delivery is a job to do outside: a row, written in the turn that decided it,
// deleted once it is done.
type Delivery struct {
	ID   DeliveryID
	Shop ShopID
	Kind DeliveryKind

	// Account is the vendor's account that the work burdens ("gorgias/acme").
	// A slow or dead vendor delays its own account only.
	Account string
	// Lane keeps order: one delivery at a time runs in a lane, by Place.
	Lane  string
	Place int64

	Conversation ConversationID
	Ticket       string // of a code, note or message: on which ticket, by the helpdesk's id
	Payload      string // what else the kind needs, in JSON: see EncodePayload

	Urgent  bool      // a person is waiting for it
	At      time.Time // when it was decided
	Due     time.Time // not to be run before
	Tries   int       // runs so far, including the current one
	Until   time.Time // when the claim of the current run expires
	Problem string    // of one that failed for good and waits for a person: why
}

// An Attempt is one request to a provider to send a text. It is saved before the
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

// An AttemptDetail is an attempt with all that is needed to ask the provider about it.
type AttemptDetail struct {
	LineConfig
	Shopper Shopper
	Attempt Attempt
	Entry   Entry
}

// NewCodeDelivery returns the delivery that posts a sign-in code as an internal note
// on a ticket.
func NewCodeDelivery(h Helpdesk, conversation ConversationID, ticket, note string, now time.Time) Delivery {
	d := Delivery{
		ID: NewID[DeliveryID](now), Shop: h.Shop, Kind: PostCode, Account: HelpdeskAccount(h.Account),
		Conversation: conversation, Ticket: ticket, Due: now, Urgent: true, Payload: EncodePayload(CodePayload{Text: note}),
	}
	d.Lane = d.lane()
	return d
}

// HelpdeskAccount is the Account of what a shop's helpdesk has to do.
func HelpdeskAccount(helpdesk string) string { return "gorgias/" + helpdesk }

// deliver adds a delivery for the turn's conversation. What it leaves empty
// follows from the turn and from its kind.
func (t *Turn) deliver(d Delivery, payload any) {
	if d.ID == "" {
		d.ID = NewID[DeliveryID](t.At)
	}
	d.Shop, d.Conversation, d.At = t.Conversation.Shop, t.Conversation.ID, t.At
	if d.Lane == "" {
		d.Lane = d.lane()
	}
	if d.Due.IsZero() {
		d.Due = t.At
	}
	if !d.Kind.declares(payload) {
		panic("chat: wrong payload for " + string(d.Kind))
	}
	d.Payload = EncodePayload(payload)
	t.Deliveries = append(t.Deliveries, d)
}
