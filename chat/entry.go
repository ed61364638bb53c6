package chat

import "time"

// An Entry is one line of a conversation. Once added, only its State, Problem and
// the state of its Media change, and Rev with them.
type Entry struct {
	Seq int64 `json:"seq"` // its position in the conversation: 1, 2, 3 …
	Rev int64 `json:"rev"` // the conversation's revision when it last changed

	Kind  EntryKind `json:"kind"`
	Way   Direction `json:"way,omitempty"` // of a text
	By    Author    `json:"by"`
	Text  string    `json:"text,omitempty"` // the text itself; of an event, its detail as a sentence
	Media []Media   `json:"media,omitempty"`
	Event Event     `json:"event,omitempty"` // of an event

	State   State    `json:"state,omitempty"`   // of an outgoing text
	Problem *Problem `json:"problem,omitempty"` // why an outgoing text failed, waits or is unknown

	At         time.Time `json:"at"`            // when it was accepted here
	ReceivedAt time.Time `json:"said,omitzero"` // of a text that came late: when the provider received it

	ResendOf int64 `json:"again,omitempty"` // of a text that an agent sent again: the place of the first one

	// Origin identifies what the entry came from, unique within the conversation:
	// a second arrival is not added. FromProvider and FromAgent make it.
	Origin string `json:"origin,omitempty"`
}

// SortTime is when an entry came about: when it was stored or, if it came late,
// when the provider received it.
func (e Entry) SortTime() time.Time {
	if !e.ReceivedAt.IsZero() {
		return e.ReceivedAt
	}
	return e.At
}

// An EntryKind says what sort of line an entry is.
type EntryKind string

const (
	Text       EntryKind = "text"  // an SMS
	Note       EntryKind = "note"  // for agents only
	EventEntry EntryKind = "event" // escalated, opted out …: see Event
)

// A Direction is incoming or outgoing.
type Direction string

const (
	In  Direction = "in"  // from the shopper
	Out Direction = "out" // to the shopper
)

// An Author is the person or system that caused an entry.
type Author struct {
	Role Role   `json:"role"`
	ID   string `json:"id,omitempty"`   // an agent's id at the helpdesk
	Name string `json:"name,omitempty"` // an agent's name, as it was then
}

// A Role is the part that an author has in a conversation.
type Role string

const (
	ByShopper    Role = "shopper"
	ByAutomation Role = "automation"
	ByAgent      Role = "agent"
	BySystem     Role = "system" // carriers, the helpdesk, Sidetext itself
)

// Media is a picture or file that came with a text. The text is shown at once;
// the file is fetched afterwards, and shown once it is stored here.
type Media struct {
	ID      MediaID    `json:"id"`
	Type    string     `json:"type"`           // "image/jpeg": from the provider, then from the bytes once it is kept
	Size    int64      `json:"size,omitempty"` // in bytes, once it is kept
	State   MediaState `json:"state"`
	Problem string     `json:"problem,omitempty"` // why it failed, in one sentence
	URL     string     `json:"-"`                 // at the provider; never shown to a browser
}

// A MediaState is the progress of fetching a picture or file.
type MediaState string

const (
	MediaWaiting MediaState = "waiting" // being fetched from the provider
	MediaKept    MediaState = "kept"    // stored, can be shown
	MediaFailed  MediaState = "failed"  // given up; Problem says why
)

// An Event is what happened, of an entry of kind EventEntry.
type Event string

const (
	Escalated        Event = "escalated"
	NeedAdded        Event = "need_added" // another reason for a person, during an escalation
	HandedBack       Event = "handed_back"
	OptedOut         Event = "opted_out"
	OptedIn          Event = "opted_in"
	TicketOpened     Event = "ticket_opened"
	TicketClosed     Event = "ticket_closed"
	TicketReopened   Event = "ticket_reopened"
	TicketLost       Event = "ticket_lost"         // trashed or deleted
	TicketMerged     Event = "ticket_merged"       // merged into another, which replaces it
	NotInTicket      Event = "not_in_ticket"       // the helpdesk refused an entry
	InTicketAfterAll Event = "in_ticket_after_all" // the refused entry was added
	RepliedByMail    Event = "replied_by_mail"
)

// MaxText is how many UTF-16 units an SMS may have. Twilio refuses more (error
// 21617); other providers' limits are close.
const MaxText = 1600

// FromProvider is the Origin of a text that a provider delivered.
func FromProvider(provider, id string) string { return provider + ":" + id }

// FromAgent is the Origin of a text from an agent's browser, which chose its id.
func FromAgent(id string) string { return "agent:" + id }
