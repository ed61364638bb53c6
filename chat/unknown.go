package chat

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// What is known of a text that may or may not have been sent, as its Problem.
// The codes are part of what browsers are told.
var (
	looking    = Problem{"looking", "Nobody knows yet whether this was sent. The carrier is being asked."}
	askedAgain = Problem{"looking", "Nobody knows yet whether this was sent. The carrier is being asked once more."}
	missing    = Problem{"missing", "The carrier's list does not have this text, so it was probably not sent."}
	noEvidence = Problem{"no_evidence", "The carrier could not say whether this text was sent."}
)

const (
	// absent is how long a list must go on lacking a text before that means
	// something: it may show what it took on a little later.
	absent = time.Minute
	// skew is how far a provider's clock may be from ours.
	skew = time.Minute
	// coarse is how much earlier than its attempt a text may seem by such a clock.
	// Between two attempts in one conversation is more.
	coarse = 2 * time.Second
	// taken is the longest that sending may take.
	taken = 30 * time.Second
	// decideAfter is when a person is asked if nobody else could say anything.
	decideAfter = 10 * time.Minute
)

// When the provider is asked what became of a text, counted from the attempt:
// of one that may not have been sent at all, and of one whose end was not
// reported.
var (
	unknownLooks  = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, decideAfter}
	acceptedLooks = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute}
)

// NextLook says when the provider is to be asked next about a text that is in
// this state, and false when nothing more is to be learnt by asking.
func (a Attempt) NextCheck(s State, now time.Time) (time.Time, bool) {
	if a.At.After(now.Add(skew)) {
		return time.Time{}, false // the clock was set back: what a.At means to a provider nobody knows
	}
	looks := acceptedLooks
	if s == Unknown {
		looks = unknownLooks
	}
	for _, after := range looks {
		if at := a.At.Add(after); at.After(now) {
			return at, true
		}
	}
	return time.Time{}, false
}

// Released is a status check that no longer holds its conversation's texts back:
// it continues in its own lane.
func (d Delivery) Released() Delivery {
	d.Lane = d.lane()
	return d
}

// scheduleCheck has the provider asked about an attempt, in a lane or, when that
// is empty, in the check's own.
func (t *Turn) scheduleCheck(a Attempt, e Entry, lane string, due time.Time) {
	t.deliver(Delivery{
		ID: DeliveryID(a.ID), Kind: CheckStatus, Account: t.Line.QueryAccount(), Lane: lane, Place: a.Entry,
		Urgent: e.State == Unknown && e.By.Role == ByAgent, Due: due,
	}, StatusPayload{})
}

// Doubt records that nobody knows what became of delivery d's text, which
// attempt a was to send. The provider is asked; the conversation's next text
// waits until it was asked once.
func (t *Turn) MarkUnknown(a Attempt, d Delivery) error {
	e, err := t.Entry(a.Entry)
	t.Done = append(t.Done, d.ID)
	if err != nil {
		return err
	}
	if !Unknown.Follows(e.State) { // the provider has reported on it already
		return t.pursue(a)
	}
	t.become(e, Unknown, &looking)
	e.State = Unknown
	if at, ok := a.NextCheck(Unknown, t.At); ok && t.At.Sub(a.At) < unknownLooks[0] {
		t.scheduleCheck(a, e, d.Lane, at)
	} else {
		t.scheduleCheck(a, e, "", t.At) // the next text has waited long enough
	}
	return nil
}

// Lapse deals with a delivery of a text whose carrier is gone before its work was
// done. Without an attempt of that try that may have been sent, it is done again:
// in this very turn it is taken from whoever had it, who may not be gone after
// all, and about to try.
func (t *Turn) Expire(d Delivery) error {
	if holds, err := t.History.Holds(d); err != nil || !holds {
		return err
	}
	p, err := DecodePayload[SMSPayload](d)
	if err != nil {
		return err
	}
	a, err := t.attempted(p.Entry, func(a Attempt) bool { return (a.Try == d.Tries || a.Try == 0) && a.Missed.IsZero() })
	if err != nil {
		return err
	}
	if a == nil {
		t.Freed = append(t.Freed, d)
		return nil
	}
	return t.MarkUnknown(*a, d)
}

// attempted finds the newest attempt to send an entry that is as asked for.
func (t *Turn) attempted(seq int64, as func(Attempt) bool) (*Attempt, error) {
	all, err := t.History.AttemptDetail(time.Time{}) // of all: the clock may have been set back since e
	for _, a := range slices.Backward(all) {
		if a.Entry == seq && as(a) {
			return &a, err
		}
	}
	return nil, err
}

// Found records what the provider's list of texts to the shopper says of an
// attempt whose outcome nobody knows, and of others with the same words. A list
// that lacks it twice, with some time between, says that it was not sent; whether
// to send it again is for a person to say.
func (t *Turn) ResolveFromList(a Attempt, list []Record) error {
	e, err := t.Entry(a.Entry)
	if err != nil || e.State != Unknown {
		return err
	}
	rivals, unsure, err := t.rivals(a, e)
	if err != nil || unsure {
		return err
	}
	if err := t.share(rivals, e, list); err != nil {
		return err
	}
	if e, err = t.Entry(a.Entry); err != nil || e.State != Unknown {
		return err
	}
	if a.At.After(t.At.Add(skew)) {
		t.conclude(e, &noEvidence) // the clock was set back: a list by time is none of it
		return nil
	}
	if a.Missed.IsZero() {
		a.Missed = t.At
		t.Attempts = append(t.Attempts, a)
	}
	if t.At.Sub(a.Missed) >= absent || t.At.Sub(a.At) >= decideAfter {
		t.conclude(e, &missing)
	}
	return nil
}

// Unanswered records that the provider could not be asked about an attempt.
func (t *Turn) CheckFailed(a Attempt) error {
	e, err := t.Entry(a.Entry)
	if err == nil && e.State == Unknown && (t.At.Sub(a.At) >= decideAfter || a.At.After(t.At.Add(skew))) {
		t.conclude(e, &noEvidence)
	}
	return err
}

// Looking reports whether nobody knows yet what became of a text, and nobody has
// been asked for a decision.
func (e Entry) BeingChecked() bool {
	return e.State == Unknown && (e.Problem == nil || e.Problem.Code == looking.Code)
}

// conclude asks people for a decision, unless one was made.
func (t *Turn) conclude(e Entry, p *Problem) {
	if e.BeingChecked() {
		t.become(e, Unknown, p)
	}
}

// rivals are the attempts that a text with e's words in a provider's list may
// come from, a among them, in the order of time. unsure says that one of them may
// still be on its way.
func (t *Turn) rivals(a Attempt, e Entry) (rivals []Attempt, unsure bool, err error) {
	recent, err := t.History.AttemptDetail(a.At.Add(-skew - taken))
	for _, r := range recent {
		if r.Provider != "" {
			continue
		}
		said, err := t.Entry(r.Entry)
		if err != nil {
			return nil, false, err
		}
		switch {
		case !sameWords(said.Text, e.Text):
		case said.State == Unknown:
			rivals = append(rivals, r)
		case said.State == Saved && r.Missed.IsZero() && t.At.Sub(r.At) < taken:
			return nil, true, nil
		}
	}
	return rivals, false, err
}

// share gives each text of a provider's list that has e's words, and that no
// attempt has yet, to the attempt it most likely came from: an agent may say
// "ok" twice.
func (t *Turn) share(rivals []Attempt, e Entry, list []Record) error {
	list = slices.SortedFunc(slices.Values(list), func(x, y Record) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.ID, y.ID)) })
	for _, record := range list {
		i := likely(rivals, record.At)
		if i < 0 || !sameWords(record.Text, e.Text) {
			continue
		}
		linked, err := t.History.Linked(record.ID)
		if err != nil {
			return err
		}
		if linked {
			continue
		}
		record.From = FromList
		if err := t.Report(rivals[i], record.Report); err != nil {
			return err
		}
		rivals = slices.Delete(rivals, i, i+1)
	}
	return nil
}

// likely is the last of the attempts before a provider took a text on, by its
// clock, whose times are whole seconds, or, as clocks differ, the first that could
// have been; -1 for none.
func likely(rivals []Attempt, at time.Time) int {
	best := -1
	for i, r := range rivals {
		if at.Before(r.At.Add(-skew)) || !at.Before(r.At.Add(taken+skew)) {
			continue
		}
		if best < 0 || !r.At.After(at.Add(coarse)) {
			best = i
		}
	}
	return best
}

// sameWords compares two texts as a provider may have rewritten one of them: with
// other spaces, quotation marks and dashes, so that it takes fewer segments.
func sameWords(kept, said string) bool {
	if a, b := letters(kept), letters(said); a+b != "" {
		return a == b
	}
	return slices.Equal(strings.Fields(kept), strings.Fields(readable(said)))
}

// letters are a text's letters and digits, as far as no provider rewrites them.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
