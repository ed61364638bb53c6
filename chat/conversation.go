package chat

import "time"

// A Conversation is everything that one line and one shopper said to each other.
type Conversation struct {
	ID      ConversationID
	Shop    ShopID
	Line    LineID
	Shopper ShopperID

	Mode     Mode
	OptedOut bool // the shopper wants no more texts from this line

	Seq    int64     // of the last entry
	Rev    int64     // grows by one with every turn that changes something visible
	LastAt time.Time // when the shopper or an agent last wrote
	Dialog Dialog

	Escalation EscalationID // the open one, or empty
	Ticket     TicketID     // the newest one, or empty

	// OwnedFrom is the first entry that can be of the person who has the phone
	// number now; 0 if that never changed. Entries, tickets and escalations before
	// it belong to a former owner. Only an import sets it.
	OwnedFrom int64
}

// A Mode says whether automation or a person answers.
type Mode string

const (
	Automated Mode = "automated"
	Human     Mode = "human" // while an escalation is open
)

// A Dialog is the state that automation keeps between two texts.
type Dialog struct {
	Since             int64     `json:"since,omitempty"`    // the first entry of the present exchange
	MenuAt            time.Time `json:"menu_at,omitzero"`   // when the menu was last sent, see MenuLasts
	MenuSeq           int64     `json:"menu_seq,omitempty"` // the menu's entry
	DeclinedAt        time.Time `json:"polite_at,omitzero"` // when a shopper was last told to write an e-mail instead
	PossibleOptOutSeq int64     `json:"doubt_at,omitempty"` // the last text if it may be an opt-out, see MarkPossibleOptOut
	InWords           bool      `json:"in_words,omitempty"` // the shopper opted out without a carrier keyword, see OptOutInWords
	BurstAt           time.Time `json:"burst_at,omitzero"`  // since when Burst counts automatic answers, …
	Burst             int       `json:"burst,omitempty"`    // … whose number is limited, in case the shopper is a machine
}

// A Reason is why a person is needed.
type Reason string

const (
	UnknownKeyword  Reason = "unknown_keyword"
	EndSubscription Reason = "end_subscription"
	CarrierOptOut   Reason = "carrier_opt_out" // CANCEL, which may mean the texts or the subscription
	AskedForPerson  Reason = "asked_for_person"
	AskedForChange  Reason = "asked_for_change" // wants a change that automation can't make
	ChangeOrder     Reason = "change_order"     // wants to change or cancel an order, not the subscription
	OrderStatus     Reason = "order_status"     // where is my order?
	MaybeOptOut     Reason = "maybe_opt_out"    // the text may be an opt-out: it must not be answered by SMS
	ActionFailed    Reason = "action_failed"
	TakenOver       Reason = "taken_over" // an agent wrote, or reopened the ticket
)

// Wants says what the shopper wants, for agents. Escalations store the text, and
// Need values are compared with it: a changed text would make old ones differ.
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

// An Escalation says why a conversation needs a person, and since which entry. At
// most one is open per conversation; further reasons are added to it.
type Escalation struct {
	ID           EscalationID
	Shop         ShopID
	Conversation ConversationID
	Reason       Reason
	Wants        string // what the shopper wants, for agents
	Later        []Need // the needs since, oldest first; never changed in place
	Agent        Author // the agent who answered last; zero before the first answer
	From         int64  // the first entry that was handed over
	At           time.Time
	EndedAt      time.Time // zero while it is open
}

// A Ticket is a conversation's ticket in the helpdesk.
type Ticket struct {
	ID           TicketID // ours; the ticket's external id in the helpdesk
	Shop         ShopID
	Conversation ConversationID
	Remote       string // the helpdesk's id; empty until the ticket exists there
	Open         bool   // as far as we know
	ClosedAt     time.Time
	Lost         bool     // trashed or deleted; or merged, and Remote is an old id
	From         int64    // the first entry that was handed over
	Mirrored     int64    // the last entry that the ticket has
	Tagged       []Reason // the reasons whose tags it has from us; never changed in place
	Before       string   // the helpdesk's id of the previous ticket, or empty
}
