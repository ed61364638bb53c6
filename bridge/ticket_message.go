package bridge

import (
	"context"

	"sidetext/chat"
)

// maxTexts is how many texts become one message of a ticket at most.
const maxTexts = 20

// A ticketMessage is one message of a ticket: the texts that the shopper sent in
// a row, or one entry that agents get as a note; and the dialogue before it.
type ticketMessage struct {
	entries  []chat.Entry
	dialogue chat.Dialogue
	attempt  int             // an index of attempts
	refused  *chat.SendError // why the last attempt failed
}

func (m ticketMessage) last() chat.Entry { return m.entries[len(m.entries)-1] }

func (m ticketMessage) inbound() bool { return m.last().Way == chat.In }

// part returns a message with some of the entries. Those before them become part
// of its dialogue.
func (m ticketMessage) part(from, to int) ticketMessage {
	return ticketMessage{entries: m.entries[from:to], dialogue: m.dialogue.With(m.entries[:from]...)}
}

// pendingMessages returns what was handed over and the ticket does not say yet.
// Texts of automation are only quoted in the dialogue.
func pendingMessages(s chat.Snapshot) (pending []ticketMessage) {
	handed := s.HandedOver()
	for i := 0; i < len(handed); {
		n := 1
		e := handed[i]
		if e.Seq > s.Ticket.Mirrored && e.GetsTicketMessage() {
			for e.Way == chat.In && n < maxTexts && i+n < len(handed) && handed[i+n].Way == chat.In {
				n++
			}
			pending = append(pending, ticketMessage{entries: handed[i : i+n], dialogue: s.Dialogue(e.Seq)})
		}
		i += n
	}
	return pending
}

func anyInbound(messages []ticketMessage) bool {
	for _, m := range messages {
		if m.inbound() {
			return true
		}
	}
	return false
}

// skipAdded removes what an earlier try added. It was interrupted at the first
// message, which may have ended before texts that have come since.
func (s *ticketSync) skipAdded(ctx context.Context, messages []ticketMessage) ([]ticketMessage, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	first := messages[0]
	for n := len(first.entries); n > 0; n-- {
		found, err := s.desk.HasMessage(ctx, s.snapshot.Ticket.Remote, s.name(first.entries[n-1]))
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		if err := s.linkFiles(ctx, first.entries[:n], true); err != nil {
			return nil, err
		}
		if n == len(first.entries) {
			return messages[1:], s.recordMirrored(ctx, first.last(), true)
		}
		messages[0] = first.part(n, len(first.entries))
		break
	}
	return messages, nil
}
