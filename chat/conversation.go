package chat

import "time"

// A Conversation is all that a line and a shopper ever said to each other.
type Conversation struct {
	ID      ConversationID
	Shop    ShopID
	Line    LineID
	Shopper ShopperID

	Mode     Mode
	OptedOut bool // the shopper asked this line for silence

	Seq    int64     // the last entry's place
	Rev    int64     // grows by one with every turn
	LastAt time.Time // when somebody last said something
	Dialog Dialog

	Escalation EscalationID // the open one, or empty
	Ticket     TicketID     // the newest one, or empty

	// OwnedFrom is the first entry that can be of the person who has the phone
	// now; 0 if it never changed hands. Entries, tickets and escalations before
	// it are of another person. Only an import sets it.
	OwnedFrom int64
}

// A Mode says who answers.
type Mode string

const (
	Automated Mode = "automated"
	Human     Mode = "human" // while an escalation is open
)

// A Dialog is what automation remembers between two texts.
type Dialog struct {
	Since    int64     `json:"since,omitempty"`    // the first entry of the present exchange
	MenuAt   time.Time `json:"menu_at,omitzero"`   // when the menu was last sent: digits answer it for a while
	MenuSeq  int64     `json:"menu_seq,omitempty"` // the place of that menu
	PoliteAt time.Time `json:"polite_at,omitzero"` // when a shopper whose wishes make no tickets was last told so
	DoubtAt  int64     `json:"doubt_at,omitempty"` // the last text that may have been a wish for silence, while nothing says otherwise
	InWords  bool      `json:"in_words,omitempty"` // the shopper opted out in words of their own, which no carrier acts on
	BurstAt  time.Time `json:"burst_at,omitzero"`  // automatic answers are counted from here …
	Burst    int       `json:"burst,omitempty"`    // … so that two machines don't talk for ever
}

// A Reason is why a person is needed.
type Reason string

const (
	UnknownKeyword  Reason = "unknown_keyword"
	EndSubscription Reason = "end_subscription"
	CarrierOptOut   Reason = "carrier_opt_out" // CANCEL: did they mean the texts or the subscription?
	AskedForPerson  Reason = "asked_for_person"
	AskedForChange  Reason = "asked_for_change" // wants what automation cannot do by itself
	ChangeOrder     Reason = "change_order"     // an order, as opposed to the subscription, should be changed or cancelled
	OrderStatus     Reason = "order_status"     // where is my order?
	MaybeOptOut     Reason = "maybe_opt_out"    // the text may ask for no more texts: it must not be answered by SMS
	ActionFailed    Reason = "action_failed"
	TakenOver       Reason = "taken_over" // an agent wrote, or reopened the ticket
)

// Wants says, in plain words for an agent, what a reason means the shopper wants.
func (r Reason) Wants() string {
	switch r {
	case EndSubscription:
		return "End the subscription"
	case CarrierOptOut:
		return "Texted a word that stops all texts. It may mean the subscription"
	case AskedForPerson:
		return "Talk to a person"
	case AskedForChange:
		return "A change to the order or subscription"
	case ChangeOrder:
		return "A change to an order"
	case OrderStatus:
		return "Know where an order is"
	case MaybeOptOut:
		return "Perhaps no more texts"
	case ActionFailed:
		return "Something that failed when automation tried it"
	case TakenOver:
		return "" // the shopper asked for nothing
	}
	return "Something automation did not understand"
}

// An Escalation is a conversation in the hands of a person. A conversation has
// at most one open: a burst of texts is one call for help.
type Escalation struct {
	ID           EscalationID
	Shop         ShopID
	Conversation ConversationID
	Reason       Reason
	Wants        string // in plain words, for the card
	Later        []Need // what else came up since, in order; never changed in place
	Agent        Author // the agent who answered last; the zero Author before anyone has
	From         int64  // the first entry that was handed over
	At           time.Time
	EndedAt      time.Time // zero while it is open
}

// A Ticket is where agents see a conversation in the helpdesk.
type Ticket struct {
	ID           TicketID // ours; the helpdesk keeps it as external id
	Shop         ShopID
	Conversation ConversationID
	Remote       string // the helpdesk's id; empty until the ticket exists there
	Open         bool   // as far as we know
	ClosedAt     time.Time
	Lost         bool     // it was trashed or deleted, or Remote is an old id of a ticket that was merged
	From         int64    // the first entry that was handed over
	Mirrored     int64    // the last entry the helpdesk has
	Tagged       []Reason // the reasons whose tags we put on it and have not removed; never changed in place
	Before       string   // the helpdesk's id of the ticket before this one, or empty
}
