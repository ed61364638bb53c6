package chat

// What an agent may do about a text that failed, or of which nobody knows
// whether it was sent.

// errSettled refuses to do something about a text that needs nothing.
var errSettled = &Error{KindConflict, "settled", "There is nothing to decide about this text any more."}

// undecided finds a text that may need a person.
func (t *Turn) undecided(seq int64) (Entry, error) {
	e, err := t.Entry(seq)
	if err == nil && (e.Way != Out || e.State != Unknown && e.State != Failed) {
		err = errSettled
	}
	return e, err
}

// again reports whether a person sent a text again, which no other decision undoes.
func (e Entry) again() bool { return e.Problem != nil && e.Problem.Code == "again" }

// Check has the provider asked once more what became of a text.
func (t *Turn) CheckAgain(seq int64) error {
	e, err := t.undecided(seq)
	if err != nil {
		return err
	}
	if e.State != Unknown {
		return errSettled
	}
	a, err := t.attempted(seq, func(Attempt) bool { return true })
	if err != nil {
		return err
	}
	if a == nil {
		return errSettled
	}
	if !e.again() {
		t.become(e, Unknown, &askedAgain)
	}
	t.scheduleCheck(*a, e, "", t.At)
	return nil
}

// Leave records that an agent leaves a text as it is, known or not.
func (t *Turn) KeepAsIs(agent Author, seq int64) error {
	e, err := t.undecided(seq)
	if err != nil || e.State != Unknown || e.again() {
		return err
	}
	t.become(e, Unknown, &Problem{"left", agent.Name + " left it as it is. Nobody knows whether it was sent."})
	return nil
}

// SayAgain is Say of the text at place seq once more. Both stay in the
// conversation: whether the first arrived may still become known.
func (t *Turn) SendAgain(agent Author, id string, seq, seen int64, anyway bool) (Entry, error) {
	if said, err := t.History.Find(FromAgent(id)); err != nil || said != 0 {
		return Entry{}, repeated(said, err)
	}
	e, err := t.undecided(seq)
	if err != nil {
		return Entry{}, err
	}
	if e.State == Unknown {
		if e.again() || e.BeingChecked() {
			return Entry{}, errSettled
		}
		t.become(e, Unknown, &Problem{"again", agent.Name + " sent it again. Nobody knows whether this one was sent."})
	}
	said, err := t.SendText(agent, id, e.Text, seen, anyway)
	if err != nil {
		return said, err
	}
	said.Again = seq
	t.Added[len(t.Added)-1] = said
	return said, nil
}
