package chat

// Tells reports whether an entry becomes a message of its own in a ticket. What
// automation said is only part of the dialogue that is quoted.
func (e Entry) Mirrored() bool {
	return e.Way == In || e.By.Role == ByAgent && e.Way == Out || e.Event == OptedOut
}

// Told records that the ticket tells of entries up to e, and of e as it is here:
// as it was when it was read. If e has failed since, the ticket is told that too.
func (t *Turn) MarkMirrored(e Entry) error {
	t.Ticket.Mirrored = max(t.Ticket.Mirrored, e.Seq)
	if e.By.Role != ByAgent || e.State == Failed {
		return nil
	}
	is, err := t.Entry(e.Seq)
	if err == nil {
		t.tellTicket(e, is)
	}
	return err
}

// tellTicket has a note put on the ticket when something became of an agent's
// text, of which it tells already, that agents would not expect. Of one that it
// does not tell of yet, it will tell that too: see Told.
//
// The note has a lane of its own. It comes after what it is about, because it is
// decided when that is there; and in the ticket's lane it would wait for every
// text that comes in the meantime, since a sync has the first place of all.
func (t *Turn) tellTicket(before, e Entry) {
	k, news := t.Ticket, news(before, e)
	if news == "" || t.Helpdesk == "" || k == nil || k.Lost || k.Remote == "" || e.By.Role != ByAgent || e.Seq < k.From || e.Seq > k.Mirrored {
		return
	}
	text := e.By.Name + "'s text " + quoted(e.Text) + " " + news
	if e.Problem != nil {
		text += " " + e.Problem.Text
	}
	t.postNote(text)
}

// news is what agents who only see the ticket have to know of a text, if anything:
// that it did not arrive, that nobody knows, and that it was sent after all.
func news(before, e Entry) string {
	// Who has it looked for once more has been told before.
	doubtful := func(e Entry) bool {
		return e.State == Unknown && (!e.BeingChecked() || e.Problem != nil && *e.Problem == askedAgain)
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

// LeaveOut records that the helpdesk refuses entry e for good, and why. The
// ticket goes on without it, agents are told, and it stays among what failed,
// under the name that it has in the helpdesk, until a person says what becomes
// of it.
func (t *Turn) Omit(e Entry, name, why string) {
	t.Ticket.Mirrored = max(t.Ticket.Mirrored, e.Seq)
	t.AddEvent(NotInTicket, Author{Role: BySystem}, missed(e)+" could not be added to ticket #"+t.Ticket.Remote+". "+why)
	t.deliver(Delivery{Kind: AddMessage, Account: HelpdeskAccount(t.Helpdesk), Ticket: t.Ticket.Remote, Problem: why}, MessagePayload{e.Seq, name})
}

// Brought records that entry e was added, by delivery d, to the ticket that it was
// missing from.
func (t *Turn) AddedLate(e Entry, d Delivery) {
	t.AddEvent(InTicketAfterAll, Author{Role: BySystem}, missed(e)+" was added to ticket #"+d.Ticket+".")
	t.Done = append(t.Done, d.ID)
}

// missed names what a ticket does not have.
func missed(e Entry) string {
	if e.Kind == Happened {
		return "That the shopper wants no more texts"
	}
	return quoted(e.Text)
}

// NoteOnTicket has something for agents only noted on the ticket, if there is one.
func (t *Turn) NoteOnTicket(text string) {
	if k := t.Ticket; t.Helpdesk != "" && k != nil && !k.Lost && k.Remote != "" {
		t.postNote(text)
	}
}

// postNote has a note posted on the conversation's ticket.
func (t *Turn) postNote(text string) {
	t.deliver(Delivery{Kind: PostNote, Account: HelpdeskAccount(t.Helpdesk), Ticket: t.Ticket.Remote}, NotePayload{text})
}

// quoted is the beginning of a text, long enough to be known by.
func quoted(text string) string {
	const enough = 60
	r := []rune(text)
	if len(r) > enough {
		return "“" + string(r[:enough]) + "…”"
	}
	return "“" + text + "”"
}
