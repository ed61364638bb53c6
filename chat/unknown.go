package chat

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// The problems of unknown texts. Their codes are part of the live protocol.
var (
	checkingProblem      = Problem{"looking", "Delivery unknown. Checking with the carrier."}
	checkingAgainProblem = Problem{"looking", "Delivery unknown. Checking with the carrier again."}
	missingProblem       = Problem{"missing", "The carrier has no record of this text, so it was probably not sent."}
	noEvidenceProblem    = Problem{"no_evidence", "The carrier could not say whether this text was sent."}
)

const (
	// minAbsence is how long a text must be missing from the provider's list to
	// count as not sent: new texts may appear there with a delay.
	minAbsence = time.Minute
	// clockSkew is how far the provider's clock may differ from ours.
	clockSkew = time.Minute
	// clockGranularity is how much earlier than its attempt a text may be listed,
	// because listed times are whole seconds. Two attempts in one conversation are
	// further apart.
	clockGranularity = 2 * time.Second
	// maxSendTime is the longest that a request to send a text may take.
	maxSendTime = 30 * time.Second
	// decideAfter is how long after the attempt an agent is asked for a decision,
	// if the provider's answers brought no result.
	decideAfter = 10 * time.Minute
)

// When the status of a text is checked with the provider, counted from the
// attempt: of an unknown text, and of an accepted one without a final report.
var (
	unknownCheckDelays  = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, decideAfter}
	acceptedCheckDelays = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute}
)

// NextCheck returns when to check next on a text in this state, and false after
// the last check.
func (a Attempt) NextCheck(s State, now time.Time) (time.Time, bool) {
	if a.At.After(now.Add(clockSkew)) {
		return time.Time{}, false // the clock was set back, and a.At can't be compared with a list's times
	}
	delays := acceptedCheckDelays
	if s == Unknown {
		delays = unknownCheckDelays
	}
	for _, after := range delays {
		if at := a.At.Add(after); at.After(now) {
			return at, true
		}
	}
	return time.Time{}, false
}

// Released returns a status check that no longer holds its conversation's texts
// back: it continues in its own lane.
func (d Delivery) Released() Delivery {
	d.Lane = d.lane()
	return d
}

// addCheck adds a status check of an attempt, in a lane or, when that is empty, in
// the check's own.
func (t *Turn) addCheck(a Attempt, e Entry, lane string, due time.Time) {
	t.deliver(Delivery{
		ID: DeliveryID(a.ID), Kind: CheckStatus, Account: t.Line.QueryAccount(), Lane: lane, Place: a.Entry,
		Urgent: e.State == Unknown && e.By.Role == ByAgent, Due: due,
	}, StatusPayload{})
}

// MarkUnknown records that it is unknown whether attempt a sent delivery d's text.
// The provider is asked; the conversation's next text waits for the first check.
func (t *Turn) MarkUnknown(a Attempt, d Delivery) error {
	e, err := t.Entry(a.Entry)
	t.Done = append(t.Done, d.ID)
	if err != nil {
		return err
	}
	if !Unknown.Follows(e.State) { // the provider has reported on it already
		return t.scheduleCheck(a)
	}
	t.setState(e, Unknown, &checkingProblem)
	e.State = Unknown
	if at, ok := a.NextCheck(Unknown, t.At); ok && t.At.Sub(a.At) < unknownCheckDelays[0] {
		t.addCheck(a, e, d.Lane, at)
	} else {
		t.addCheck(a, e, "", t.At) // the next text has waited long enough
	}
	return nil
}

// Expire deals with a delivery of a text whose lease expired before it was done.
// If an attempt of that try may have been sent, the text is unknown. Otherwise the
// delivery is requeued in this same turn, which also voids the lease: the previous
// worker may only be slow, and about to begin its attempt.
func (t *Turn) Expire(d Delivery) error {
	if holds, err := t.History.HoldsLease(d); err != nil || !holds {
		return err
	}
	p, err := DecodePayload[SMSPayload](d)
	if err != nil {
		return err
	}
	a, err := t.latestAttempt(p.Entry, func(a Attempt) bool { return (a.Try == d.Tries || a.Try == 0) && a.MissingSince.IsZero() })
	if err != nil {
		return err
	}
	if a == nil {
		t.Requeued = append(t.Requeued, d)
		return nil
	}
	return t.MarkUnknown(*a, d)
}

// latestAttempt returns the newest matching attempt to send an entry, or nil.
func (t *Turn) latestAttempt(seq int64, matches func(Attempt) bool) (*Attempt, error) {
	all, err := t.History.Attempts(time.Time{}) // all, because the clock may have been set back
	for _, a := range slices.Backward(all) {
		if a.Entry == seq && matches(a) {
			return &a, err
		}
	}
	return nil, err
}

// ResolveFromList resolves attempt a of an unknown text, and others with the same
// text, from the provider's list of texts to the shopper. If the text is missing
// from two lists with minAbsence between, an agent decides whether to send it
// again.
func (t *Turn) ResolveFromList(a Attempt, list []Record) error {
	e, err := t.Entry(a.Entry)
	if err != nil || e.State != Unknown {
		return err
	}
	candidates, pending, err := t.candidates(a, e)
	if err != nil || pending {
		return err
	}
	if err := t.assignRecords(candidates, e, list); err != nil {
		return err
	}
	if e, err = t.Entry(a.Entry); err != nil || e.State != Unknown {
		return err
	}
	if a.At.After(t.At.Add(clockSkew)) {
		t.askForDecision(e, &noEvidenceProblem) // the clock was set back: the list covers another time
		return nil
	}
	if a.MissingSince.IsZero() {
		a.MissingSince = t.At
		t.Attempts = append(t.Attempts, a)
	}
	if t.At.Sub(a.MissingSince) >= minAbsence || t.At.Sub(a.At) >= decideAfter {
		t.askForDecision(e, &missingProblem)
	}
	return nil
}

// CheckFailed records that the provider could not be asked about an attempt.
func (t *Turn) CheckFailed(a Attempt) error {
	e, err := t.Entry(a.Entry)
	if err == nil && e.State == Unknown && (t.At.Sub(a.At) >= decideAfter || a.At.After(t.At.Add(clockSkew))) {
		t.askForDecision(e, &noEvidenceProblem)
	}
	return err
}

// BeingChecked reports whether a text is unknown and no agent has been asked for a
// decision.
func (e Entry) BeingChecked() bool {
	return e.State == Unknown && (e.Problem == nil || e.Problem.Code == checkingProblem.Code)
}

// askForDecision shows agents that a text needs a decision, unless it had one.
func (t *Turn) askForDecision(e Entry, p *Problem) {
	if e.BeingChecked() {
		t.setState(e, Unknown, p)
	}
}

// candidates returns the attempts, a included, that a listed text with e's text may
// come from, in order of time. pending reports that an attempt with the same text
// may still be under way.
func (t *Turn) candidates(a Attempt, e Entry) (found []Attempt, pending bool, err error) {
	recent, err := t.History.Attempts(a.At.Add(-clockSkew - maxSendTime))
	for _, r := range recent {
		if r.Provider != "" {
			continue
		}
		sent, err := t.Entry(r.Entry)
		if err != nil {
			return nil, false, err
		}
		switch {
		case !sameText(sent.Text, e.Text):
		case sent.State == Unknown:
			found = append(found, r)
		case sent.State == Saved && r.MissingSince.IsZero() && t.At.Sub(r.At) < maxSendTime:
			return nil, true, nil
		}
	}
	return found, false, err
}

// assignRecords links each listed text that equals e's, and that is not linked yet,
// with the attempt that it most likely came from. There may be several: an agent
// may write "ok" twice.
func (t *Turn) assignRecords(candidates []Attempt, e Entry, list []Record) error {
	list = slices.SortedFunc(slices.Values(list), func(x, y Record) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.ID, y.ID)) })
	for _, record := range list {
		i := closestAttempt(candidates, record.At)
		if i < 0 || !sameText(record.Text, e.Text) {
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
		if err := t.Report(candidates[i], record.Report); err != nil {
			return err
		}
		candidates = slices.Delete(candidates, i, i+1)
	}
	return nil
}

// closestAttempt returns the index of the last attempt before the time at which the
// provider accepted a text, by its clock. If there is none, because clocks differ,
// it returns the first attempt within clockSkew, else -1.
func closestAttempt(attempts []Attempt, at time.Time) int {
	best := -1
	for i, r := range attempts {
		if at.Before(r.At.Add(-clockSkew)) || !at.Before(r.At.Add(maxSendTime+clockSkew)) {
			continue
		}
		if best < 0 || !r.At.After(at.Add(clockGranularity)) {
			best = i
		}
	}
	return best
}

// sameText reports whether listed can be our text. A provider may have changed its
// spaces, quotation marks and dashes so that it takes fewer segments.
func sameText(ours, listed string) bool {
	if a, b := asciiAlnum(ours), asciiAlnum(listed); a+b != "" {
		return a == b
	}
	return slices.Equal(strings.Fields(ours), strings.Fields(cleanText(listed)))
}

// asciiAlnum returns a text's ASCII letters and digits, which no provider changes.
func asciiAlnum(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
