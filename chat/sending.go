package chat

import (
	"errors"
	"time"
)

// OptedOutProblem is why a text to a shopper who opted out is not sent.
var OptedOutProblem = Problem{"opted_out", "Not sent: the shopper asked this number to stop texting."}

// possibleOptOutProblem is why an automatic text that still waited is not sent
// after MarkPossibleOptOut.
var possibleOptOutProblem = Problem{"maybe_opted_out", "Not sent: the shopper may want no more texts."}

var (
	tooLateProblem = Problem{"too_late", "Not sent: the carrier could not be reached in time."}
	pausedProblem  = Problem{"not_sent", "Not sent: Sidetext was paused for too long."}
)

// ErrLeaseExpired means that the worker's lease on a delivery ended, for example
// because the process was paused. Another worker deals with the delivery.
var ErrLeaseExpired = errors.New("chat: delivery lease expired")

// BeginAttempt adds an attempt to send delivery d's text, to be saved before the
// request is made. It returns nil when there is nothing to send any more: the
// shopper opted out, it is too late, or the text is not waiting. It returns
// ErrLeaseExpired if the worker no longer holds d.
func (t *Turn) BeginAttempt(d Delivery) (*Attempt, Entry, error) {
	if holds, err := t.History.HoldsLease(d); err != nil {
		return nil, Entry{}, err
	} else if !holds {
		return nil, Entry{}, ErrLeaseExpired
	}
	p, err := DecodePayload[SMSPayload](d)
	if err != nil {
		return nil, Entry{}, err
	}
	e, err := t.Entry(p.Entry)
	if err != nil {
		return nil, e, noEntry(err, d)
	}
	switch {
	case e.State != Saved:
	case t.Conversation.OptedOut:
		t.setState(e, Failed, &OptedOutProblem)
	case e.By.Role == ByAutomation && e.Seq < t.Conversation.Dialog.PossibleOptOutSeq:
		t.setState(e, Failed, &possibleOptOutProblem)
	case t.At.Sub(e.At) >= e.ValidityPeriod():
		t.setState(e, Failed, lateProblem(e.Problem))
	default:
		t.Attempts = append(t.Attempts, Attempt{
			ID: NewID[AttemptID](t.At), Shop: t.Conversation.Shop, Line: t.Line.ID,
			Conversation: t.Conversation.ID, Entry: e.Seq, Try: d.Tries, At: t.At,
		})
		return &t.Attempts[len(t.Attempts)-1], e, nil
	}
	t.Done = append(t.Done, d.ID)
	return nil, e, nil
}

// lateProblem is why a text was not sent in time: the problem that delayed it, if
// there was one.
func lateProblem(delay *Problem) *Problem {
	if delay == nil {
		return &tooLateProblem
	}
	return &Problem{delay.Code, "Not sent in time. " + delay.Text}
}

// Report records a report about the text of attempt a. It changes the text's state
// only if the reported one follows; see State.Follows.
func (t *Turn) Report(a Attempt, r Report) error {
	e, err := t.Entry(a.Entry)
	if err != nil {
		return err
	}
	t.Reports = append(t.Reports, ReportRecord{a.ID, r, t.At})
	if r.State.Follows(e.State) {
		t.setState(e, r.State, r.Problem)
		switch {
		case r.State.Final():
			t.Done = append(t.Done, DeliveryID(a.ID)) // no more checks
		case e.State == Unknown: // its last check may be over
			if err := t.scheduleCheck(a); err != nil {
				return err
			}
		}
	}
	if r.OptedOut {
		if err := t.recordCarrierOptOut(e); err != nil {
			return err
		}
	}
	if r.Looped {
		t.muteAutomation()
	}
	return t.linkAttempt(a, r.ID)
}

// linkAttempt records the provider's id of an attempt's text, and the reports about
// it that came before the id was known here.
func (t *Turn) linkAttempt(a Attempt, provider string) error {
	if provider == "" || a.Provider != "" {
		return nil
	}
	a.Provider = provider
	t.Attempts = append(t.Attempts, a)
	reports, err := t.History.UnmatchedReports(provider)
	for _, r := range reports {
		if err := t.Report(a, r); err != nil {
			return err
		}
	}
	return err
}

// recordCarrierOptOut opts the shopper out, unless they opted in after e.
func (t *Turn) recordCarrierOptOut(e Entry) error {
	since, err := t.History.After(e.Seq, maxUnseen)
	if err != nil {
		return err
	}
	for _, later := range since {
		if later.Event == OptedIn {
			return nil
		}
	}
	t.optOutByCarrier("The carrier reports that the shopper opted out.")
	return nil
}

// Accepted records the provider's response to attempt a of delivery d, which is
// done. Status callbacks follow; a check is scheduled in case they don't.
func (t *Turn) Accepted(a Attempt, d Delivery, r Report) error {
	t.Done = append(t.Done, d.ID)
	r.From = FromAnswer
	if err := t.Report(a, r); err != nil {
		return err
	}
	return t.scheduleCheck(a)
}

// scheduleCheck adds a delivery that checks the status of attempt a's text, unless
// the text has a final state or its last check is over.
func (t *Turn) scheduleCheck(a Attempt) error {
	e, err := t.Entry(a.Entry)
	if at, ok := a.NextCheck(e.State, t.At); ok && err == nil && !e.State.Final() {
		t.addCheck(a, e, "", at)
	}
	return err
}

// DelayAttempt records that attempt a sent nothing, why, and how long the text has
// to wait at least. That is certain even if d's lease has expired and the text was
// marked as unknown meanwhile: the text has then failed.
func (t *Turn) DelayAttempt(a Attempt, d Delivery, why Problem, after time.Duration) error {
	e, err := t.Entry(a.Entry)
	switch {
	case err != nil:
		return err
	case e.State == Unknown:
		t.setState(e, Failed, &pausedProblem)
		t.Done = append(t.Done, d.ID, DeliveryID(a.ID))
	case e.State == Saved && t.At.Sub(e.At)+after >= e.ValidityPeriod():
		t.setState(e, Failed, lateProblem(&why))
		t.Done = append(t.Done, d.ID)
	case e.State == Saved && (e.Problem == nil || *e.Problem != why):
		t.setState(e, Saved, &why)
	}
	a.MissingSince = t.At
	t.Attempts = append(t.Attempts, a)
	return nil
}

// ValidityPeriod is how long text e may wait to be sent, here and at the provider.
// An agent's answer in a live chat must not arrive hours later.
func (e Entry) ValidityPeriod() time.Duration {
	if e.By.Role == ByAgent {
		return 15 * time.Minute
	}
	return time.Hour
}

// setState changes the state of an entry, and adds a note to the ticket if agents
// who only see the ticket have to know.
func (t *Turn) setState(e Entry, s State, p *Problem) {
	before := e
	e.Rev = t.rev()
	e.State, e.Problem = s, p
	t.noteStateChange(before, e)
	for i := range t.Changed {
		if t.Changed[i].Seq == e.Seq {
			t.Changed[i] = e
			return
		}
	}
	t.Changed = append(t.Changed, e)
}

// Entry returns an entry from before the turn, with what the turn changed so far.
func (t *Turn) Entry(seq int64) (Entry, error) {
	for _, e := range t.Changed {
		if e.Seq == seq {
			return e, nil
		}
	}
	found, err := t.History.After(seq-1, 1)
	if err == nil && (len(found) == 0 || found[0].Seq != seq) {
		err = ErrNotFound
	}
	if err != nil {
		return Entry{}, err
	}
	return found[0], nil
}
