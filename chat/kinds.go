package chat

import (
	"reflect"
	"slices"
)

// A DeliveryKind names what a delivery has to do.
type DeliveryKind string

const (
	// SendSMS sends one outgoing text.
	SendSMS DeliveryKind = "sms"
	// SyncTicket makes the ticket say what the conversation says: opens it,
	// appends what is new, reopens it, finds out that it was closed or lost.
	SyncTicket DeliveryKind = "ticket"
	// PostCode posts a sign-in code as an internal note.
	PostCode DeliveryKind = "code"
	// PostNote posts an internal note.
	PostNote DeliveryKind = "note"
	// AddMessage adds to a ticket what the helpdesk refused when the ticket was
	// synced, and what was therefore left out.
	AddMessage DeliveryKind = "message"
	// CheckStatus asks the provider what became of a text. Its id is the attempt's.
	CheckStatus DeliveryKind = "trace"
	// FetchMedia fetches a picture or file that came with a text.
	FetchMedia DeliveryKind = "media"
	// ApplyEvents applies the webhooks of a shop's vendors to its directory.
	ApplyEvents DeliveryKind = "events"
	// Reconcile reads a vendor's lists and compares them with the directory.
	Reconcile DeliveryKind = "reconcile"
	// RefreshCustomer reads a Recharge customer's objects again. Its id names the
	// customer.
	RefreshCustomer DeliveryKind = "refresh"
	// WriteConsent tells Shopify that a shopper wants no more texts.
	WriteConsent DeliveryKind = "consent"
)

// A KindSpec declares what the store and the courier need to know about a kind of
// delivery. Besides this declaration, a kind has a handler (bridge) and a label
// (the console).
type KindSpec struct {
	Name DeliveryKind
	// Repeatable says that running it twice is harmless. An SMS is not: when the
	// outcome of an attempt is unknown, it is never made again automatically.
	Repeatable bool
	// TakeOver says that the next node that owns its account need not wait for the
	// claim to expire: a former run that is still ending does no harm.
	TakeOver bool
	// Helpdesk says that the helpdesk does the work. It is gone with the connection.
	Helpdesk bool
	Dedupe   Dedupe
	Lane     Lane
	Payload  any // the zero value of the struct that is encoded in Delivery.Payload
}

// Dedupe says what happens when a delivery is added that is there already.
type Dedupe int

const (
	// ByID ignores a second delivery with the same id.
	ByID Dedupe = iota
	// ByIDEarliest keeps the earlier time of two with the same id, and revives one
	// that had failed.
	ByIDEarliest
	// OneReadyPerLane keeps one waiting delivery per lane, which does the work of both
	// and is urgent if one of them is.
	OneReadyPerLane
)

// Lane says which deliveries of a kind run in order, one at a time.
type Lane int

const (
	// OwnLane lets each delivery run by itself.
	OwnLane Lane = iota
	// ConversationLane runs the deliveries of one conversation in order.
	ConversationLane
	// AccountLane runs the deliveries of one account in order.
	AccountLane
)

// kinds declares every kind of delivery.
var kinds = []KindSpec{
	{Name: SendSMS, TakeOver: true, Lane: ConversationLane, Payload: SMSPayload{}},
	{Name: SyncTicket, Repeatable: true, Helpdesk: true, Dedupe: OneReadyPerLane, Lane: ConversationLane, Payload: SyncPayload{}},
	{Name: PostCode, Repeatable: true, Helpdesk: true, Payload: CodePayload{}},
	{Name: PostNote, Repeatable: true, Helpdesk: true, Payload: NotePayload{}},
	{Name: AddMessage, Repeatable: true, Helpdesk: true, Payload: MessagePayload{}},
	// Before its first run it waits in the lane of the conversation's texts.
	{Name: CheckStatus, Repeatable: true, TakeOver: true, Dedupe: ByIDEarliest, Payload: StatusPayload{}},
	{Name: FetchMedia, Repeatable: true, Payload: MediaPayload{}},
	{Name: ApplyEvents, Repeatable: true, TakeOver: true, Dedupe: OneReadyPerLane, Lane: AccountLane, Payload: EventsPayload{}},
	{Name: Reconcile, Repeatable: true, Dedupe: OneReadyPerLane, Lane: AccountLane, Payload: ReconcilePayload{}},
	{Name: RefreshCustomer, Repeatable: true, Dedupe: ByIDEarliest, Payload: RefreshPayload{}},
	{Name: WriteConsent, Repeatable: true, Lane: ConversationLane, Payload: ConsentPayload{}},
}

// Kinds lists the declarations of all kinds.
func Kinds() []KindSpec { return slices.Clone(kinds) }

// Spec returns the declaration of a kind. An unknown kind, of a row that a newer
// version wrote, has none: its declaration is zero.
func (k DeliveryKind) Spec() KindSpec {
	for _, spec := range kinds {
		if spec.Name == k {
			return spec
		}
	}
	return KindSpec{}
}

// lane returns the lane that d's kind declares.
func (d Delivery) lane() string {
	switch d.Kind.Spec().Lane {
	case ConversationLane:
		return string(d.Kind) + "/" + string(d.Conversation)
	case AccountLane:
		return string(d.Kind) + "/" + string(d.Shop) + "/" + d.Account
	}
	return string(d.Kind) + "/" + string(d.ID)
}

// declares reports whether p has the type of the payloads of k.
func (k DeliveryKind) declares(p any) bool {
	return reflect.TypeOf(k.Spec().Payload) == reflect.TypeOf(p)
}
