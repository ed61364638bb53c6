package chat

import "time"

// An Entry is one line of a conversation. Its place never changes; of the rest
// only what became of it (State, Problem) does.
type Entry struct {
	Seq int64 `json:"seq"` // its place in the conversation: 1, 2, 3 …
	Rev int64 `json:"rev"` // the conversation's revision when it last changed

	Kind  EntryKind `json:"kind"`
	Way   Direction `json:"way,omitempty"` // of a text
	By    Author    `json:"by"`
	Text  string    `json:"text,omitempty"` // what was said; of an event, its detail in plain words
	Media []Media   `json:"media,omitempty"`
	Event Event     `json:"event,omitempty"` // of an event

	State   State    `json:"state,omitempty"`   // of an outgoing text
	Problem *Problem `json:"problem,omitempty"` // why an outgoing text failed, has to wait, or is unknown

	At   time.Time `json:"at"`            // when it was accepted here
	Said time.Time `json:"said,omitzero"` // of a text that came late: when the provider took it in

	Again int64 `json:"again,omitempty"` // of a text that a person sent again: the place of the one before

	// Origin is what brought the entry about, unique within the conversation:
	// hearing of it again changes nothing. FromProvider and FromAgent make it.
	Origin string `json:"origin,omitempty"`
}

// When is when an entry came about: when it was accepted here or, of one that
// came late, before that.
func (e Entry) SortTime() time.Time {
	if !e.Said.IsZero() {
		return e.Said
	}
	return e.At
}

// An EntryKind says what sort of line an entry is.
type EntryKind string

const (
	Text     EntryKind = "text"  // said by SMS
	Note     EntryKind = "note"  // for agents only
	Happened EntryKind = "event" // something that took place: escalated, opted out …
)

// A Way is the direction of a text.
type Direction string

const (
	In  Direction = "in"  // from the shopper
	Out Direction = "out" // to the shopper
)

// An Author is who is behind an entry.
type Author struct {
	Role Role   `json:"role"`
	ID   string `json:"id,omitempty"`   // an agent's id at the helpdesk
	Name string `json:"name,omitempty"` // an agent's name, as it was then
}

// A Role is what somebody is in a conversation.
type Role string

const (
	ByShopper    Role = "shopper"
	ByAutomation Role = "automation"
	ByAgent      Role = "agent"
	BySystem     Role = "system" // carriers, the helpdesk, Sidetext itself
)

// Media is a picture or file that came with a text. The text does not wait for
// it: it is fetched afterwards, and shown once it is kept here.
type Media struct {
	ID      MediaID    `json:"id"`
	Type    string     `json:"type"`              // "image/jpeg": as its bytes say once it is kept, before that as the provider says
	Size    int64      `json:"size,omitempty"`    // in bytes, once it is kept
	State   MediaState `json:"state"`             // how far it is
	Problem string     `json:"problem,omitempty"` // why it failed, in one plain sentence
	URL     string     `json:"-"`                 // at the provider; never shown to a browser
}

// A MediaState is how far a picture or file is.
type MediaState string

const (
	MediaWaiting MediaState = "waiting" // it is being fetched from the provider
	MediaKept    MediaState = "kept"    // it can be shown
	MediaFailed  MediaState = "failed"  // it will not come by itself; Problem says why
)

// An Event is what took place, for an entry of kind event.
type Event string

const (
	Escalated        Event = "escalated"
	NeedAdded        Event = "need_added" // while a person has the conversation: another reason for one
	HandedBack       Event = "handed_back"
	OptedOut         Event = "opted_out"
	OptedIn          Event = "opted_in"
	TicketOpened     Event = "ticket_opened"
	TicketClosed     Event = "ticket_closed"
	TicketReopened   Event = "ticket_reopened"
	TicketLost       Event = "ticket_lost"         // trashed or deleted
	TicketMerged     Event = "ticket_merged"       // merged into another, which is the conversation's from then on
	NotInTicket      Event = "not_in_ticket"       // the helpdesk refused something that was said
	InTicketAfterAll Event = "in_ticket_after_all" // what was missing from it was added
	RepliedByMail    Event = "replied_by_mail"
)

// MaxText is how many characters an SMS may have: Twilio refuses more (21617),
// and other providers' limits are close.
const MaxText = 1600

// Origins, see Entry.Origin.

// FromProvider is the origin of a text that a provider delivered.
func FromProvider(provider, id string) string { return provider + ":" + id }

// FromAgent is the origin of a text that a browser sent with an id of its own.
func FromAgent(id string) string { return "agent:" + id }
