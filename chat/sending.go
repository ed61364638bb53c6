package chat

import "time"

// OptedOutProblem is why a text to a shopper who wants silence is not sent.
var OptedOutProblem = Problem{"opted_out", "Not sent: the shopper asked this number to stop texting."}

// Try begins an attempt to send delivery d's text: it is kept before the
// request is made. It returns nil when there is nothing to send any more,
// because the shopper opted out meanwhile or the text is not waiting.
func (t *Turn) Try(d Delivery) (*Attempt, Entry, error) {
	e, err := t.entry(d.Entry)
	if err != nil {
		return nil, e, err
	}
	if e.State == Saved && t.Conversation.OptedOut {
		t.become(e, Failed, &OptedOutProblem)
	}
	if e.State != Saved || t.Conversation.OptedOut {
		t.Done = append(t.Done, d.ID)
		return nil, e, nil
	}
	t.Attempts = append(t.Attempts, Attempt{
		ID: NewID[AttemptID](t.At), Shop: t.Conversation.Shop, Line: t.Line.ID,
		Conversation: t.Conversation.ID, Entry: e.Seq, At: t.At,
	})
	return &t.Attempts[len(t.Attempts)-1], e, nil
}

// Report records what became of the text in attempt a. What is older than what
// is known changes nothing.
func (t *Turn) Report(a Attempt, r Report) error {
	e, err := t.entry(a.Entry)
	if err != nil {
		return err
	}
	if r.ID != "" && a.Provider == "" {
		a.Provider = r.ID
		t.Attempts = append(t.Attempts, a)
	}
	if r.State.Follows(e.State) {
		t.become(e, r.State, r.Problem)
	}
	if !r.OptedOut {
		return nil
	}
	since, err := t.Recall.After(e.Seq, farBehind)
	if err != nil {
		return err
	}
	for _, later := range since {
		if later.Event == OptedIn {
			return nil // old news: they texted START since
		}
	}
	t.OptOut("The carrier says that the shopper opted out.")
	return nil
}

// Doubt records that nobody knows what became of delivery d's text.
func (t *Turn) Doubt(d Delivery) error {
	e, err := t.entry(d.Entry)
	if err == nil && Unknown.Follows(e.State) {
		t.become(e, Unknown, nil)
	}
	t.Done = append(t.Done, d.ID)
	return err
}

// Lasts is how long a provider may hold a text of e's kind before it is stale:
// an answer in a live chat must not arrive in the night.
func (e Entry) Lasts() time.Duration {
	if e.By.Role == ByAgent {
		return 15 * time.Minute
	}
	return time.Hour
}

func (t *Turn) become(e Entry, s State, p *Problem) {
	e.Rev = t.rev()
	e.State, e.Problem = s, p
	for i := range t.Changed {
		if t.Changed[i].Seq == e.Seq {
			t.Changed[i] = e
			return
		}
	}
	t.Changed = append(t.Changed, e)
}

func (t *Turn) entry(seq int64) (Entry, error) {
	for _, e := range t.Changed {
		if e.Seq == seq {
			return e, nil
		}
	}
	found, err := t.Recall.After(seq-1, 1)
	if err == nil && (len(found) == 0 || found[0].Seq != seq) {
		err = ErrNotFound
	}
	if err != nil {
		return Entry{}, err
	}
	return found[0], nil
}
