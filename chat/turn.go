package chat

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
)

// A History reads a conversation's stored entries, attempts and reports within a
// turn, while no other turn can change the conversation.
type History interface {
	// Find returns the place of the entry with this origin, or 0.
	Find(origin string) (seq int64, err error)
	// After returns entries with a place beyond seq, oldest first, limit at most.
	After(seq int64, limit int) ([]Entry, error)
	// Spans returns the spans of escalations that are open or ended since then,
	// oldest first.
	Spans(since time.Time) ([]Span, error)
	// HoldsLease reports whether a delivery is still claimed for the try that d
	// names.
	HoldsLease(d Delivery) (bool, error)
	// Attempts returns the conversation's attempts since then, oldest first.
	Attempts(since time.Time) ([]Attempt, error)
	// Linked reports whether some attempt of the line has this provider's id.
	Linked(provider string) (bool, error)
	// UnmatchedReports returns the reports with this provider's id that came
	// before it was linked to an attempt.
	UnmatchedReports(provider string) ([]Report, error)
}

// A Turn is one change of one conversation. The store loads and locks the
// conversation, the methods change it in memory, and the store saves everything
// in one transaction. All changes of a turn share one revision.
type Turn struct {
	Shop         Shop
	Helpdesk     string // the connected helpdesk's account, or empty
	Shopify      string // the connected Shopify store's account, or empty
	Line         Line
	Shopper      Shopper
	Conversation Conversation
	Escalation   *Escalation // the open one
	Ticket       *Ticket     // the newest one
	At           time.Time
	History      History

	// What the turn changes, for the store to save besides the fields above.
	Added        []Entry // in order
	Changed      []Entry // in a new state
	Deliveries   []Delivery
	Attempts     []Attempt
	Reports      []ReportRecord
	Done         []DeliveryID
	Requeued     []Delivery  // their leases are void; to be done again now
	Ended        *Escalation // the one that this turn ended
	Retired      *Ticket     // the one that this turn replaced
	TicketMerges []TicketMerge
	Consents     []Consent // evidence

	receivedAt time.Time // Entry.ReceivedAt of the text received in this turn
}

// rev returns the revision of the turn's changes.
func (t *Turn) rev() int64 {
	if !t.HasChanges() {
		t.Conversation.Rev++
	}
	return t.Conversation.Rev
}

// HasChanges reports whether the turn changed anything visible.
func (t *Turn) HasChanges() bool { return len(t.Added)+len(t.Changed) > 0 }

func (t *Turn) add(e Entry) Entry {
	e.Rev, e.Text = t.rev(), cleanText(e.Text)
	t.Conversation.Seq++
	e.Seq, e.At = t.Conversation.Seq, t.At
	t.Added = append(t.Added, e)
	return e
}

// lateAfter is the delay from which on a text counts as late.
const lateAfter = time.Minute

// maxPause is the longest pause within one exchange. A shopper's next text after
// it begins a new one.
const maxPause = time.Hour

// Receive adds a text from the shopper. It returns ErrRepeat when the text was
// added before.
func (t *Turn) Receive(in Incoming) (Entry, error) {
	origin := FromProvider(in.Provider, in.ID)
	if seq, err := t.History.Find(origin); err != nil || seq != 0 {
		return Entry{}, repeatError(seq, err)
	}
	pause := t.At.Sub(t.Conversation.LastAt)
	t.resetForNewOwner()
	switch {
	case t.Escalation != nil && t.Helpdesk == "":
		t.HandBack(Author{Role: BySystem}, "The helpdesk is not connected any more.")
	case t.Escalation != nil && t.Conversation.Seq > 0 && pause > t.Shop.Settings.HandBackAfter:
		t.HandBack(Author{Role: BySystem}, "There were no messages for a while.")
	}
	if t.At.Sub(in.At) > lateAfter && !in.At.IsZero() {
		t.receivedAt = in.At
	}
	e := t.add(Entry{Kind: Text, Way: In, By: Author{Role: ByShopper}, Text: in.Text, Media: t.newMedia(in.Media), ReceivedAt: t.receivedAt, Origin: origin})
	t.scheduleFetches(e)
	if t.Escalation == nil && (pause > maxPause || t.Conversation.Dialog.Since == 0) {
		t.Conversation.Dialog.Since = e.Seq
	}
	t.Conversation.LastAt = t.At
	if t.Escalation != nil {
		t.SyncTicket()
	}
	return e, nil
}

// repeatError returns the error for an entry whose origin was found at seq, or
// could not be looked up.
func repeatError(seq int64, err error) error {
	if err == nil && seq != 0 {
		return ErrRepeat
	}
	return err
}

// Answer adds an automatic answer, unless the shopper opted out or may have done
// so, or cannot be texted back.
func (t *Turn) Answer(text string) {
	if t.Conversation.OptedOut || t.Conversation.Dialog.PossibleOptOutSeq != 0 || !t.Shopper.Phone.Reachable() {
		return
	}
	t.send(Entry{Kind: Text, Way: Out, By: Author{Role: ByAutomation}, Text: text, State: Saved})
}

// SendText adds an agent's text. The browser chose id: the same id again returns
// ErrRepeat. seen is the newest entry on the agent's screen: if another author has
// answered after it, SendText returns ErrNewer, unless the agent sends anyway.
func (t *Turn) SendText(agent Author, id, text string, seen int64, anyway bool) (Entry, error) {
	origin := FromAgent(id)
	if seq, err := t.History.Find(origin); err != nil || seq != 0 {
		return Entry{}, repeatError(seq, err)
	}
	if err := t.checkSendable(text); err != nil {
		return Entry{}, err
	}
	if newer, err := t.answeredSince(agent, seen); err != nil {
		return Entry{}, err
	} else if newer && !anyway {
		return Entry{}, ErrNewer
	}
	// First, because the text belongs to what is handed over.
	t.takeOver(agent)
	e := t.send(Entry{Kind: Text, Way: Out, By: agent, Text: text, State: Saved, Origin: origin})
	t.Conversation.LastAt = t.At
	t.SyncTicket()
	return e, nil
}

// ErrNewer refuses an agent's text after a newer answer that the agent has not seen.
var ErrNewer = &Error{KindConflict, "newer", "Another answer was sent while you were writing."}

func (t *Turn) checkSendable(text string) error {
	switch n := len(utf16.Encode([]rune(text))); {
	case isBlank(text):
		return &Error{KindInvalid, "empty", "There is nothing to send."}
	case n > MaxText:
		return &Error{KindInvalid, "too_long", fmt.Sprintf("A text may have %d characters; this one has %d.", MaxText, n)}
	case t.Conversation.OptedOut:
		return &Error{KindConflict, "opted_out", "The shopper asked this number to stop texting, so nothing can be sent."}
	case !t.Shopper.Phone.Reachable():
		return &Error{KindConflict, "unreachable", "This sender can't be texted back."}
	}
	return nil
}

// answeredSince reports whether another author has answered after seen.
func (t *Turn) answeredSince(agent Author, seen int64) (bool, error) {
	if seen >= t.Conversation.Seq {
		return false, nil
	}
	newer, err := t.History.After(max(seen, 0), maxUnseen)
	for _, e := range newer {
		if e.Way == Out && (e.By.Role != agent.Role || e.By.ID != agent.ID) {
			return true, err
		}
	}
	return len(newer) == maxUnseen, err
}

// maxUnseen is how many entries answeredSince looks at. If there are more, it
// assumes that there is an answer among them.
const maxUnseen = 200

func (t *Turn) send(e Entry) Entry {
	added := t.add(e)
	t.deliver(Delivery{Kind: SendSMS, Account: t.Line.SendAccount(), Place: added.Seq, Urgent: e.By.Role == ByAgent}, SMSPayload{added.Seq})
	return added
}

// AddEvent adds an event, with a detail for agents.
func (t *Turn) AddEvent(event Event, by Author, text string) {
	t.add(Entry{Kind: EventEntry, Event: event, By: by, Text: text})
}

// AddEventOnce is AddEvent for an event that an outside system may report twice.
func (t *Turn) AddEventOnce(event Event, by Author, text, origin string) error {
	if seq, err := t.History.Find(origin); err != nil || seq != 0 {
		return repeatError(seq, err)
	}
	t.add(Entry{Kind: EventEntry, Event: event, By: by, Text: text, Origin: origin})
	return nil
}

// cleanText puts U+FFFD in place of invalid UTF-8 and of NUL, which Postgres
// refuses.
func cleanText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func isBlank(s string) bool {
	for _, r := range s {
		if r > ' ' && r != '\u00a0' {
			return false
		}
	}
	return true
}
