package chat

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
)

// A Recall reads what was said before. It is asked within a turn, while nobody
// else can change the conversation.
type History interface {
	// Find returns the place of the entry with this origin, or 0.
	Find(origin string) (seq int64, err error)
	// After returns entries with a place beyond seq, oldest first, limit at most.
	After(seq int64, limit int) ([]Entry, error)
	// Spans returns what escalations handed over, of those that are open or ended
	// since then, oldest first.
	Spans(since time.Time) ([]Span, error)
	// Holds reports whether a delivery is still being carried out by whoever
	// claimed it for the try that it names.
	Holds(d Delivery) (bool, error)
	// Tried returns the conversation's attempts since then, oldest first.
	AttemptDetail(since time.Time) ([]Attempt, error)
	// Linked reports whether the line has an attempt that the provider calls so.
	Linked(provider string) (bool, error)
	// Strays returns reports of a text that came before anybody knew whose it is.
	Strays(provider string) ([]Report, error)
}

// A Turn is one change of one conversation. The store fills it with what is,
// the rules change it, and the store keeps all of that or nothing. Everything
// in one turn shares one revision.
type Turn struct {
	Shop         Shop
	Helpdesk     string // the connected helpdesk's account, or empty
	Line         Line
	Shopper      Shopper
	Conversation Conversation
	Escalation   *Escalation // the open one
	Ticket       *Ticket     // the newest one
	At           time.Time
	History      History

	Added      []Entry        // new, in order
	Changed    []Entry        // there before, with another state now
	Deliveries []Delivery     // to be made
	Attempts   []Attempt      // to be kept
	HasText    []ReportRecord // to be kept: what the provider said
	Done       []DeliveryID
	Freed      []Delivery  // taken from who has them, to be done again now
	Ended      *Escalation // the one that this turn closed
	Retired    *Ticket     // the one that this turn put another in the place of
	Mergers    []Merger    // tickets that the helpdesk merged, to be kept

	said time.Time // when the text that this turn hears was said, if it came late
}

// rev is the revision of whatever this turn changes.
func (t *Turn) rev() int64 {
	if !t.Moved() {
		t.Conversation.Rev++
	}
	return t.Conversation.Rev
}

// Moved reports whether the turn changed anything that a viewer can see.
func (t *Turn) Moved() bool { return len(t.Added)+len(t.Changed) > 0 }

func (t *Turn) add(e Entry) Entry {
	e.Rev, e.Text = t.rev(), readable(e.Text)
	t.Conversation.Seq++
	e.Seq, e.At = t.Conversation.Seq, t.At
	t.Added = append(t.Added, e)
	return e
}

// promptly is how soon a text is here that did not come late.
const promptly = time.Minute

// maxPause is how long a pause may be inside one exchange, the part of a
// conversation that is handed over to a person.
const maxPause = time.Hour

// Hear adds a text from the shopper. It returns ErrRepeat when the provider has
// delivered this very text before.
func (t *Turn) Receive(in Incoming) (Entry, error) {
	origin := FromProvider(in.Provider, in.ID)
	if seq, err := t.History.Find(origin); err != nil || seq != 0 {
		return Entry{}, repeated(seq, err)
	}
	quiet := t.At.Sub(t.Conversation.LastAt)
	t.forgetFormerOwner()
	switch {
	case t.Escalation != nil && t.Helpdesk == "":
		t.HandBack(Author{Role: BySystem}, "The helpdesk is not connected any more.")
	case t.Escalation != nil && t.Conversation.Seq > 0 && quiet > t.Shop.Settings.HandBackAfter:
		t.HandBack(Author{Role: BySystem}, "Nobody had written for a while.")
	}
	if t.At.Sub(in.At) > promptly && !in.At.IsZero() {
		t.said = in.At
	}
	e := t.add(Entry{Kind: Text, Way: In, By: Author{Role: ByShopper}, Text: in.Text, Media: t.attach(in.Media), Said: t.said, Origin: origin})
	t.fetch(e)
	if t.Escalation == nil && (quiet > maxPause || t.Conversation.Dialog.Since == 0) {
		t.Conversation.Dialog.Since = e.Seq
	}
	t.Conversation.LastAt = t.At
	if t.Escalation != nil {
		t.SyncTicket()
	}
	return e, nil
}

// repeated is what to say of something whose origin was looked for, and which
// is not to be added.
func repeated(seq int64, err error) error {
	if err == nil && seq != 0 {
		return ErrRepeat
	}
	return err
}

// Answer adds an automatic answer, unless the shopper asked for silence, may have
// done so, or cannot be texted back.
func (t *Turn) Answer(text string) {
	if t.Conversation.OptedOut || t.Conversation.Dialog.DoubtAt != 0 || !t.Shopper.Phone.Reachable() {
		return
	}
	t.send(Entry{Kind: Text, Way: Out, By: Author{Role: ByAutomation}, Text: text, State: Saved})
}

// Say adds what an agent texts. id is the browser's own name for the text:
// saying it again changes nothing (ErrRepeat). seen is the newest entry on the
// agent's screen: when a colleague has answered beyond it, the error has the
// code "newer", unless the agent wants to send anyway.
func (t *Turn) SendText(agent Author, id, text string, seen int64, anyway bool) (Entry, error) {
	origin := FromAgent(id)
	if seq, err := t.History.Find(origin); err != nil || seq != 0 {
		return Entry{}, repeated(seq, err)
	}
	if err := t.mayText(text); err != nil {
		return Entry{}, err
	}
	if newer, err := t.answered(agent, seen); err != nil {
		return Entry{}, err
	} else if newer && !anyway {
		return Entry{}, ErrNewer
	}
	// First the take-over: the text belongs to what is handed over.
	t.takeOver(agent)
	e := t.send(Entry{Kind: Text, Way: Out, By: agent, Text: text, State: Saved, Origin: origin})
	t.Conversation.LastAt = t.At
	t.SyncTicket()
	return e, nil
}

// ErrNewer refuses a text whose author has not seen a colleague's newer one.
var ErrNewer = &Error{KindConflict, "newer", "Somebody answered while you were writing."}

func (t *Turn) mayText(text string) error {
	switch n := len(utf16.Encode([]rune(text))); {
	case blank(text):
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

// answered reports whether somebody else has answered beyond seen.
func (t *Turn) answered(agent Author, seen int64) (bool, error) {
	if seen >= t.Conversation.Seq {
		return false, nil
	}
	newer, err := t.History.After(max(seen, 0), farBehind)
	for _, e := range newer {
		if e.Way == Out && (e.By.Role != agent.Role || e.By.ID != agent.ID) {
			return true, err
		}
	}
	return len(newer) == farBehind, err
}

// farBehind is how many entries a screen may lack before nobody looks any more
// who wrote them.
const farBehind = 200

func (t *Turn) send(e Entry) Entry {
	added := t.add(e)
	t.deliver(Delivery{Kind: SendSMS, Account: t.Line.SendAccount(), Place: added.Seq, Urgent: e.By.Role == ByAgent}, SMSPayload{added.Seq})
	return added
}

// Happen adds an event with its detail in plain words.
func (t *Turn) AddEvent(event Event, by Author, text string) {
	t.add(Entry{Kind: Happened, Event: event, By: by, Text: text})
}

// HappenOnce is Happen for what an outside system may tell twice.
func (t *Turn) AddEventOnce(event Event, by Author, text, origin string) error {
	if seq, err := t.History.Find(origin); err != nil || seq != 0 {
		return repeated(seq, err)
	}
	t.add(Entry{Kind: Happened, Event: event, By: by, Text: text, Origin: origin})
	return nil
}

// readable puts a replacement character wherever there is something that is no
// text: a NUL, which Postgres refuses, or what is not UTF-8.
func readable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func blank(s string) bool {
	for _, r := range s {
		if r > ' ' && r != '\u00a0' {
			return false
		}
	}
	return true
}
