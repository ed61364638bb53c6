package bridge

import (
	"context"

	"sidetext/chat"
)

// An attempt is one way to add a message to the ticket. It returns the messages
// that remain to be added in its place: none once it is there or left out, the
// same message for its next attempt, or its parts.
type attempt func(context.Context, ticketMessage) ([]ticketMessage, error)

// attempts lists the ways to add a message, in the order in which they are tried. A
// message that the helpdesk refuses for good must not hold up those after it, so
// the last way is to leave it out.
func (s *ticketSync) attempts(m ticketMessage) []attempt {
	if !m.inbound() {
		return []attempt{s.postMessage, s.leaveOut}
	}
	return []attempt{s.postMessage, s.lookUpCustomer, s.splitMessage, s.omitDialogue, s.leaveOut}
}

// addMessages adds messages to the ticket, in order.
func (s *ticketSync) addMessages(ctx context.Context, queue []ticketMessage) error {
	for len(queue) > 0 {
		m := queue[0]
		add := s.attempts(m)[m.attempt]
		remaining, err := add(ctx, m)
		if err != nil {
			return err
		}
		queue = append(remaining, queue[1:]...)
	}
	return nil
}

// next returns the message for its next attempt.
func (m ticketMessage) next() []ticketMessage {
	m.attempt++
	return []ticketMessage{m}
}

// postMessage adds a message as planned, and records that it is there.
func (s *ticketSync) postMessage(ctx context.Context, m ticketMessage) ([]ticketMessage, error) {
	dialogue := m.dialogue
	if s.dialogueRefused {
		dialogue = dialogue.Emptied()
	}
	err := addEntries(ctx, s.desk, s.snapshot, s.name(m.last()), m.entries, dialogue)
	if m.refused = refusal(err); m.refused != nil {
		return s.confirmRefusal(ctx, m)
	}
	if err != nil {
		return nil, err
	}
	if err := s.linkFiles(ctx, m.entries, false); err != nil {
		return nil, err
	}
	return nil, s.recordMirrored(ctx, m.last(), false)
}

// confirmRefusal returns a refused message for its next attempt, unless the
// ticket is gone or has the message all the same.
func (s *ticketSync) confirmRefusal(ctx context.Context, m ticketMessage) ([]ticketMessage, error) {
	remote := s.snapshot.Ticket.Remote
	state, err := s.desk.TicketState(ctx, remote)
	if err != nil {
		return nil, err
	}
	if state.Remote == "" { // the next try replaces the ticket
		return nil, &chat.SendError{Outcome: chat.NotSent, Problem: ticketGone, Cause: m.refused}
	}
	found, err := s.desk.HasMessage(ctx, remote, s.name(m.last()))
	if err != nil {
		return nil, err
	}
	if found {
		return nil, s.recordMirrored(ctx, m.last(), true)
	}
	return m.next(), nil
}

// lookUpCustomer looks up the customer again, who may have been merged into another
// or deleted. If the customer is another one, it posts the message again.
func (s *ticketSync) lookUpCustomer(ctx context.Context, m ticketMessage) ([]ticketMessage, error) {
	if s.customerFound {
		return m.next(), nil
	}
	before := s.snapshot.Shopper.Customer
	if err := s.findCustomer(ctx); err != nil && refusal(err) == nil {
		return nil, err
	}
	s.customerFound = true
	if s.snapshot.Shopper.Customer == before {
		return m.next(), nil
	}
	return s.postMessage(ctx, m)
}

// splitMessage makes a message of each text, with attempts of its own, so that only
// a refused text is left out.
func (s *ticketSync) splitMessage(_ context.Context, m ticketMessage) (parts []ticketMessage, err error) {
	if len(m.entries) == 1 {
		return m.next(), nil
	}
	for i := range m.entries {
		parts = append(parts, m.part(i, i+1))
	}
	return parts, nil
}

// omitDialogue posts the message without quoting earlier texts, of which one may be
// what is refused. The messages after it quote none either.
func (s *ticketSync) omitDialogue(ctx context.Context, m ticketMessage) ([]ticketMessage, error) {
	if s.dialogueRefused || len(m.dialogue) == 0 {
		return m.next(), nil
	}
	s.dialogueRefused = true
	return s.postMessage(ctx, m)
}

// leaveOut records that the ticket lacks a message: agents see an event, and the
// failed list has a delivery that can add it later.
func (s *ticketSync) leaveOut(ctx context.Context, m ticketMessage) ([]ticketMessage, error) {
	e, refused := m.last(), m.refused
	s.log.Warn("ticket message refused", "error", refused, "entry", e.Seq)
	return nil, s.record(ctx, func(t *chat.Turn) error { t.Omit(e, s.name(e), refused.Problem.Text); return nil })
}
