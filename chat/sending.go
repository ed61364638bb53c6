package chat

import (
	"errors"
	"time"
)

// OptedOutProblem is why a text to a shopper who wants silence is not sent.
var OptedOutProblem = Problem{"opted_out", "Not sent: the shopper asked this number to stop texting."}

// doubtfulProblem is why an automatic text that still waited is not sent.
var doubtfulProblem = Problem{"maybe_opted_out", "Not sent: the shopper may want no more texts."}

var (
	tooLate = Problem{"too_late", "Not sent: the carrier could not be reached in time."}
	stopped = Problem{"not_sent", "Not sent: Sidetext was stopped for too long at that moment."}
)

// ErrLapsed says that a delivery is not its carrier's any more: its lease ended,
// and what becomes of it is for somebody else to say.
var ErrLapsed = errors.New("chat: the lease of this delivery has ended")

// Try begins an attempt to send delivery d's text: it is kept before the
// request is made. It returns nil when there is nothing to send any more,
// because the shopper opted out meanwhile, it is too late, or the text is not
// waiting; and ErrLapsed to a carrier that was frozen for longer than its lease.
func (t *Turn) BeginAttempt(d Delivery) (*Attempt, Entry, error) {
	if holds, err := t.History.Holds(d); err != nil {
		return nil, Entry{}, err
	} else if !holds {
		return nil, Entry{}, ErrLapsed
	}
	p, err := DecodePayload[SMSPayload](d)
	if err != nil {
		return nil, Entry{}, err
	}
	e, err := t.Entry(p.Entry)
	if err != nil {
		return nil, e, err
	}
	switch {
	case e.State != Saved:
	case t.Conversation.OptedOut:
		t.become(e, Failed, &OptedOutProblem)
	case e.By.Role == ByAutomation && e.Seq < t.Conversation.Dialog.DoubtAt:
		t.become(e, Failed, &doubtfulProblem)
	case t.At.Sub(e.At) >= e.ValidityPeriod():
		t.become(e, Failed, late(e.Problem))
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

// late is why a text was not sent in time: what kept it waiting, if that is known.
func late(waited *Problem) *Problem {
	if waited == nil {
		return &tooLate
	}
	return &Problem{waited.Code, "Not sent in time. " + waited.Text}
}

// Report records what became of the text in attempt a. What is older than what
// is known changes nothing.
func (t *Turn) Report(a Attempt, r Report) error {
	e, err := t.Entry(a.Entry)
	if err != nil {
		return err
	}
	t.HasText = append(t.HasText, ReportRecord{a.ID, r, t.At})
	if r.State.Follows(e.State) {
		t.become(e, r.State, r.Problem)
		switch {
		case r.State.Final():
			t.Done = append(t.Done, DeliveryID(a.ID)) // nothing more to ask
		case e.State == Unknown: // nobody may be asking any more
			if err := t.pursue(a); err != nil {
				return err
			}
		}
	}
	if r.OptedOut {
		if err := t.carrierSaysStop(e); err != nil {
			return err
		}
	}
	if r.Looped {
		t.hush()
	}
	return t.link(a, r.ID)
}

// link keeps what the provider calls an attempt, and hears what it has said of
// it before anybody could know whose it was.
func (t *Turn) link(a Attempt, provider string) error {
	if provider == "" || a.Provider != "" {
		return nil
	}
	a.Provider = provider
	t.Attempts = append(t.Attempts, a)
	strays, err := t.History.Strays(provider)
	for _, r := range strays {
		if err := t.Report(a, r); err != nil {
			return err
		}
	}
	return err
}

// carrierSaysStop opts the shopper out, unless they texted START since e.
func (t *Turn) carrierSaysStop(e Entry) error {
	since, err := t.History.After(e.Seq, farBehind)
	if err != nil {
		return err
	}
	for _, later := range since {
		if later.Event == OptedIn {
			return nil
		}
	}
	t.OptOut("The carrier says that the shopper opted out.")
	return nil
}

// Accepted is Report of a provider's answer to the attempt itself. What happens
// next it will report by itself; it is asked when it does not.
func (t *Turn) Accepted(a Attempt, d Delivery, r Report) error {
	t.Done = append(t.Done, d.ID)
	r.From = FromAnswer
	if err := t.Report(a, r); err != nil {
		return err
	}
	return t.pursue(a)
}

// pursue has the provider asked what became of a text that is on its way.
func (t *Turn) pursue(a Attempt) error {
	e, err := t.Entry(a.Entry)
	if at, ok := a.NextCheck(e.State, t.At); ok && err == nil && !e.State.Final() {
		t.scheduleCheck(a, e, "", at)
	}
	return err
}

// Wait records why a text that was certainly not sent has to wait, and for how
// long at least. Who lost the delivery meanwhile can still say for certain that
// nothing was sent.
func (t *Turn) DelayAttempt(a Attempt, d Delivery, why Problem, after time.Duration) error {
	e, err := t.Entry(a.Entry)
	switch {
	case err != nil:
		return err
	case e.State == Unknown:
		t.become(e, Failed, &stopped)
		t.Done = append(t.Done, d.ID, DeliveryID(a.ID))
	case e.State == Saved && t.At.Sub(e.At)+after >= e.ValidityPeriod():
		t.become(e, Failed, late(&why))
		t.Done = append(t.Done, d.ID)
	case e.State == Saved && (e.Problem == nil || *e.Problem != why):
		t.become(e, Saved, &why)
	}
	a.Missed = t.At // it was not sent, whatever becomes of its delivery
	t.Attempts = append(t.Attempts, a)
	return nil
}

// Lasts is how long a provider may hold a text of e's kind before it is stale:
// an answer in a live chat must not arrive in the night.
func (e Entry) ValidityPeriod() time.Duration {
	if e.By.Role == ByAgent {
		return 15 * time.Minute
	}
	return time.Hour
}

func (t *Turn) become(e Entry, s State, p *Problem) {
	before := e
	e.Rev = t.rev()
	e.State, e.Problem = s, p
	t.tellTicket(before, e)
	for i := range t.Changed {
		if t.Changed[i].Seq == e.Seq {
			t.Changed[i] = e
			return
		}
	}
	t.Changed = append(t.Changed, e)
}

// Entry is an entry that was there before the turn, as the turn has it by now.
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
