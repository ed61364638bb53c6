package chat_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	anna = chat.Author{Role: chat.ByAgent, ID: "1", Name: "Anna"}
	ben  = chat.Author{Role: chat.ByAgent, ID: "2", Name: "Ben"}
)

// A world stores one conversation in memory. Like a store, it saves a turn's
// changes if the turn succeeds, and nothing otherwise.
type world struct {
	saved     chat.Turn // the state before the next turn
	entries   []chat.Entry
	attempts  []chat.Attempt
	spans     []chat.Span
	unmatched map[string][]chat.Report
	expired   map[chat.DeliveryID]bool // deliveries whose lease has ended
}

func newWorld() *world {
	return &world{saved: chat.Turn{
		Shop: chat.Shop{ID: "shop", Name: "Acme", Settings: chat.DefaultSettings}, Helpdesk: "acme",
		Line:         chat.Line{ID: "line", Shop: "shop", Number: "+14155550100", Provider: "twilio", Account: "AC1"},
		Shopper:      chat.Shopper{ID: "shopper", Shop: "shop", Phone: "+14155550199", Purchased: true},
		Conversation: chat.Conversation{ID: "c", Shop: "shop", Line: "line", Shopper: "shopper", Mode: chat.Automated},
		At:           noon,
	}}
}

func (w *world) Find(origin string) (int64, error) {
	for _, e := range w.entries {
		if e.Origin == origin && origin != "" {
			return e.Seq, nil
		}
	}
	return 0, nil
}

func (w *world) After(seq int64, limit int) ([]chat.Entry, error) {
	after := w.entries[min(max(seq, 0), int64(len(w.entries))):]
	return slices.Clone(after[:min(limit, len(after))]), nil
}

func (w *world) Spans(time.Time) ([]chat.Span, error) { return slices.Clone(w.spans), nil }

func (w *world) HoldsLease(d chat.Delivery) (bool, error) { return !w.expired[d.ID], nil }

func (w *world) Attempts(since time.Time) (found []chat.Attempt, err error) {
	for _, a := range w.attempts {
		if !a.At.Before(since) {
			found = append(found, a)
		}
	}
	return found, nil
}

func (w *world) Linked(provider string) (bool, error) {
	return slices.ContainsFunc(w.attempts, func(a chat.Attempt) bool { return a.Provider == provider }), nil
}

func (w *world) UnmatchedReports(provider string) ([]chat.Report, error) {
	return w.unmatched[provider], nil
}

// saveAttempt adds an attempt, or updates a saved one.
func (w *world) saveAttempt(a chat.Attempt) {
	i := slices.IndexFunc(w.attempts, func(k chat.Attempt) bool { return k.ID == a.ID })
	if i < 0 {
		w.attempts = append(w.attempts, a)
		return
	}
	k := &w.attempts[i]
	if linked, _ := w.Linked(a.Provider); k.Provider == "" && !linked {
		k.Provider = a.Provider
	}
	if k.MissingSince.IsZero() {
		k.MissingSince = a.MissingSince
	}
}

func (w *world) turn(do func(*chat.Turn) error) (*chat.Turn, error) {
	t := w.saved
	t.History = w
	if t.Escalation != nil {
		t.Escalation = new(*t.Escalation)
	}
	if t.Ticket != nil {
		t.Ticket = new(*t.Ticket)
	}
	if err := do(&t); err != nil {
		return &t, err
	}
	for _, e := range t.Changed {
		w.entries[e.Seq-1] = e
	}
	w.entries = append(w.entries, t.Added...)
	for _, a := range t.Attempts {
		w.saveAttempt(a)
	}
	w.saveSpans(&t)
	w.saved.Conversation, w.saved.Escalation, w.saved.Ticket, w.saved.Shopper = t.Conversation, t.Escalation, t.Ticket, t.Shopper
	return &t, nil
}

// saveSpans records which part of the conversation each escalation handed over.
func (w *world) saveSpans(t *chat.Turn) {
	for _, e := range t.Added {
		if n := len(w.spans); e.Event == chat.HandedBack && n > 0 {
			w.spans[n-1].To = e.Seq
		}
	}
	if e := t.Escalation; e != nil && (w.saved.Escalation == nil || w.saved.Escalation.ID != e.ID) {
		w.spans = append(w.spans, chat.Span{From: e.From})
	}
}

func (w *world) must(t *testing.T, do func(*chat.Turn) error) *chat.Turn {
	t.Helper()
	turn, err := w.turn(do)
	if err != nil {
		t.Fatal(err)
	}
	return turn
}

func (w *world) receive(t *testing.T, id, text string) *chat.Turn {
	t.Helper()
	return w.must(t, func(turn *chat.Turn) error {
		_, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: id, From: turn.Shopper.Phone, Text: text})
		return err
	})
}

func (w *world) escalate(t *testing.T) *chat.Turn {
	t.Helper()
	return w.must(t, func(turn *chat.Turn) error { turn.Escalate(chat.AskedForPerson, "", 0); return nil })
}

func (w *world) advance(d time.Duration) { w.saved.At = w.saved.At.Add(d) }

// events returns the events that a turn added.
func events(t *chat.Turn) (found []chat.Event) {
	for _, e := range t.Added {
		if e.Kind == chat.EventEntry {
			found = append(found, e.Event)
		}
	}
	return found
}

func kinds(t *chat.Turn) (found []chat.DeliveryKind) {
	for _, d := range t.Deliveries {
		found = append(found, d.Kind)
	}
	return found
}

// code returns a chat.Error's code, "repeat" for ErrRepeat, or an error's text.
func code(err error) string {
	var e *chat.Error
	switch {
	case errors.As(err, &e):
		return e.Code
	case errors.Is(err, chat.ErrRepeat):
		return "repeat"
	case err != nil:
		return err.Error()
	}
	return ""
}
