package chat

// GetsTicketMessage reports whether an entry becomes a message of its own in a
// ticket. Automation's texts are only quoted in the dialogue.
func (e Entry) GetsTicketMessage() bool {
	return e.Way == In || e.By.Role == ByAgent && e.Way == Out || e.Event == OptedOut
}

// MarkMirrored records that the ticket has the entries up to e, with e in the state
// given. If e's state has changed since it was read, a note says so.
func (t *Turn) MarkMirrored(e Entry) error {
	t.Ticket.Mirrored = max(t.Ticket.Mirrored, e.Seq)
	if e.By.Role != ByAgent || e.State == Failed {
		return nil
	}
	now, err := t.Entry(e.Seq)
	if err == nil {
		t.noteStateChange(e, now)
	}
	return err
}

// noteStateChange adds a note to the ticket when an agent's text changed to a state
// that agents would not expect. Before the ticket has the text, it does nothing:
// MarkMirrored calls it again.
//
// The note has a lane of its own. It is added when the ticket has the text, so it
// can't overtake it; in the ticket's lane it would wait for every later text,
// because syncs of a ticket come first there.
func (t *Turn) noteStateChange(before, e Entry) {
	k, change := t.Ticket, describeChange(before, e)
	if change == "" || t.Helpdesk == "" || k == nil || k.Lost || k.Remote == "" || e.By.Role != ByAgent || e.Seq < k.From || e.Seq > k.Mirrored {
		return
	}
	text := e.By.Name + "'s text " + quoted(e.Text) + " " + change
	if e.Problem != nil {
		text += " " + e.Problem.Text
	}
	t.postNote(text)
}

// describeChange says what agents who only see the ticket have to know about a
// text's new state, or "".
func describeChange(before, e Entry) string {
	// A text that an agent has checked again counts as doubtful, so that the
	// result does not repeat the note.
	doubtful := func(e Entry) bool {
		return e.State == Unknown && (!e.BeingChecked() || e.Problem != nil && *e.Problem == checkingAgainProblem)
	}
	switch {
	case e.State == Failed && before.State != Failed:
		return "did not arrive."
	case doubtful(e) && !doubtful(before):
		return "may not have been sent."
	case doubtful(before) && e.State.Follows(Unknown):
		return "was sent after all."
	}
	return ""
}

// Omit records that the helpdesk permanently refuses entry e, and why. The ticket goes
// on without it, an event tells agents, and a failed delivery, which has the name
// of e's message in the helpdesk, waits for a person to retry or dismiss it.
func (t *Turn) Omit(e Entry, name, why string) {
	t.Ticket.Mirrored = max(t.Ticket.Mirrored, e.Seq)
	t.AddEvent(NotInTicket, Author{Role: BySystem}, omittedName(e)+" could not be added to ticket #"+t.Ticket.Remote+". "+why)
	t.deliver(Delivery{Kind: AddMessage, Account: HelpdeskAccount(t.Helpdesk), Ticket: t.Ticket.Remote, Problem: why}, MessagePayload{e.Seq, name})
}

// AddedLate records that delivery d added entry e, which was left out, to its
// ticket.
func (t *Turn) AddedLate(e Entry, d Delivery) {
	t.AddEvent(InTicketAfterAll, Author{Role: BySystem}, omittedName(e)+" was added to ticket #"+d.Ticket+".")
	t.Done = append(t.Done, d.ID)
}

// omittedName names an entry that a ticket lacks, for agents.
func omittedName(e Entry) string {
	if e.Kind == EventEntry {
		return "The opt-out"
	}
	return quoted(e.Text)
}

// NoteOnTicket adds an internal note to the ticket, if there is one.
func (t *Turn) NoteOnTicket(text string) {
	if k := t.Ticket; t.Helpdesk != "" && k != nil && !k.Lost && k.Remote != "" {
		t.postNote(text)
	}
}

// postNote has a note posted on the conversation's ticket.
func (t *Turn) postNote(text string) {
	t.deliver(Delivery{Kind: PostNote, Account: HelpdeskAccount(t.Helpdesk), Ticket: t.Ticket.Remote}, NotePayload{text})
}

// quoted returns a text in quotation marks, shortened but still recognisable.
func quoted(text string) string {
	const enough = 60
	r := []rune(text)
	if len(r) > enough {
		return "“" + string(r[:enough]) + "…”"
	}
	return "“" + text + "”"
}
