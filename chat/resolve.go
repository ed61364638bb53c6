package chat

// errSettled refuses an agent's decision about a text that needs none.
var errSettled = &Error{KindConflict, "settled", "This text needs no decision any more."}

// decidableEntry returns an outgoing text that failed, or of which it is unknown
// whether it was sent.
func (t *Turn) decidableEntry(seq int64) (Entry, error) {
	e, err := t.Entry(seq)
	if err == nil && (e.Way != Out || e.State != Unknown && e.State != Failed) {
		err = errSettled
	}
	return e, err
}

// wasResent reports whether an agent sent a text of unknown outcome again. No other
// decision replaces that one.
func (e Entry) wasResent() bool { return e.Problem != nil && e.Problem.Code == "again" }

// CheckAgain adds another check of an unknown text's status.
func (t *Turn) CheckAgain(seq int64) error {
	e, err := t.decidableEntry(seq)
	if err != nil {
		return err
	}
	if e.State != Unknown {
		return errSettled
	}
	a, err := t.latestAttempt(seq, func(Attempt) bool { return true })
	if err != nil {
		return err
	}
	if a == nil {
		return errSettled
	}
	if !e.wasResent() {
		t.setState(e, Unknown, &checkingAgainProblem)
	}
	t.addCheck(*a, e, "", t.At)
	return nil
}

// KeepAsIs records that an agent decided to do nothing about an unknown text.
func (t *Turn) KeepAsIs(agent Author, seq int64) error {
	e, err := t.decidableEntry(seq)
	if err != nil || e.State != Unknown || e.wasResent() {
		return err
	}
	t.setState(e, Unknown, &Problem{"left", agent.Name + " kept it as it is. It may or may not have been sent."})
	return nil
}

// SendAgain sends the text at seq again, as a new one; see SendText. Both stay in
// the conversation: a report about the first may still come.
func (t *Turn) SendAgain(agent Author, id string, seq, seen int64, anyway bool) (Entry, error) {
	if found, err := t.History.Find(FromAgent(id)); err != nil || found != 0 {
		return Entry{}, repeatError(found, err)
	}
	e, err := t.decidableEntry(seq)
	if err != nil {
		return Entry{}, err
	}
	if e.State == Unknown {
		if e.wasResent() || e.BeingChecked() {
			return Entry{}, errSettled
		}
		t.setState(e, Unknown, &Problem{"again", agent.Name + " sent it again. This one may or may not have been sent."})
	}
	added, err := t.SendText(agent, id, e.Text, seen, anyway)
	if err != nil {
		return added, err
	}
	added.ResendOf = seq
	t.Added[len(t.Added)-1] = added
	return added, nil
}
