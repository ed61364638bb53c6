package bridge

import (
	"context"

	"sidetext/chat"
)

// An attempt tries to add a message to the ticket in one way. It returns the
// messages that remain to be added in its place: none when it is there.
type attempt func(*ticketSync, context.Context, ticketMessage) ([]ticketMessage, error)

// attempts lists the ways to add a message, in order. Only a refusal for good
// leads to the next; the last one always succeeds, so that no message holds up
// those after it.
func (m ticketMessage) attempts() []attempt {
	if !m.inbound() {
		return []attempt{(*ticketSync).postMessage, (*ticketSync).leaveOut}
	}
	return []attempt{
		(*ticketSync).postMessage,
		(*ticketSync).postForFoundCustomer,
		(*ticketSync).postOneByOne,
		(*ticketSync).postWithoutDialogue,
		(*ticketSync).leaveOut,
	}
}

// next returns the message for its next attempt.
func (m ticketMessage) next() []ticketMessage {
	m.refusals++
	return []ticketMessage{m}
}

// addMessages adds messages to the ticket, in order.
func (s *ticketSync) addMessages(ctx context.Context, queue []ticketMessage) error {
	for len(queue) > 0 {
		m := queue[0]
		try := m.attempts()[m.refusals]
		remaining, err := try(s, ctx, m)
		if err != nil {
			return err
		}
		queue = append(remaining, queue[1:]...)
	}
	return nil
}

// postMessage adds a message as it is, and records that it is there.
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

// postForFoundCustomer looks up the customer once more, who may have been merged
// into another or deleted.
func (s *ticketSync) postForFoundCustomer(ctx context.Context, m ticketMessage) ([]ticketMessage, error) {
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

// postOneByOne splits a message, so that only the text that is refused is left
// out. Each part has attempts of its own.
func (s *ticketSync) postOneByOne(_ context.Context, m ticketMessage) (parts []ticketMessage, err error) {
	if len(m.entries) == 1 {
		return m.next(), nil
	}
	for i := range m.entries {
		parts = append(parts, m.part(i, i+1))
	}
	return parts, nil
}

// postWithoutDialogue quotes no earlier texts, of which one may be what is
// refused; nor do the messages after it.
func (s *ticketSync) postWithoutDialogue(ctx context.Context, m ticketMessage) ([]ticketMessage, error) {
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
	s.Log.Warn("ticket message refused", "error", refused,
		"shop", s.delivery.Shop, "conversation", s.delivery.Conversation, "entry", e.Seq)
	return nil, s.record(ctx, func(t *chat.Turn) error { t.Omit(e, s.name(e), refused.Problem.Text); return nil })
}
