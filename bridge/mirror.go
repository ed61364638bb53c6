package bridge

import (
	"context"
	"fmt"
	"strings"

	"sidetext/chat"
)

// inOne is how many texts go into one message at most.
const inOne = 20

// A saying is what goes to a ticket in one message: what the shopper texted in
// a row, or one entry that agents get as a note; and the dialogue before it.
type saying struct {
	fresh    []chat.Entry
	dialogue chat.Dialogue
}

func (s saying) last() chat.Entry { return s.fresh[len(s.fresh)-1] }

// part is some of what is new, with the dialogue before that.
func (s saying) part(from, to int) saying {
	return saying{s.fresh[from:to], s.dialogue.With(s.fresh[:from]...)}
}

// unsaid is what was handed over and the ticket does not say yet. What
// automation said is only part of the dialogue that is quoted.
func unsaid(s chat.Snapshot) (all []saying) {
	handed := s.HandedOver()
	for i := 0; i < len(handed); {
		n := 1
		if e := handed[i]; e.Seq > s.Ticket.Mirrored && e.GetsTicketMessage() {
			for e.Way == chat.In && n < inOne && i+n < len(handed) && handed[i+n].Way == chat.In {
				n++
			}
			all = append(all, saying{handed[i : i+n], s.Dialogue(e.Seq)})
		}
		i += n
	}
	return all
}

func heard(all []saying) bool {
	for _, s := range all {
		if s.last().Way == chat.In {
			return true
		}
	}
	return false
}

// mirror adds something to the ticket, and keeps that it is there.
func (s *syncing) mirror(ctx context.Context, add saying) error {
	last := add.last()
	if s.again {
		rest, err := s.rest(ctx, add)
		if err != nil {
			return err
		}
		s.again = false // only the first step of a new try may have been taken before
		if there := add.fresh[:len(add.fresh)-len(rest.fresh)]; len(there) > 0 {
			if err := s.linkFiles(ctx, there, true); err != nil {
				return err
			}
		}
		if len(rest.fresh) == 0 {
			return s.added(ctx, last, true)
		}
		add = rest
	}
	if s.brief {
		add.dialogue = add.dialogue.Emptied()
	}
	err := add.post(ctx, s.desk, s.sight, s.name(last))
	if no := refusal(err); no != nil {
		return s.refused(ctx, add, no)
	}
	if err != nil {
		return err
	}
	if err := s.linkFiles(ctx, add.fresh, false); err != nil {
		return err
	}
	return s.added(ctx, last, false)
}

// added keeps that the ticket tells of all up to e; it may have been found there.
func (s *syncing) added(ctx context.Context, e chat.Entry, found bool) error {
	return s.turn(ctx, func(t *chat.Turn) error { return t.MarkMirrored(told(e, found)) })
}

// told is an entry as the ticket tells of it. What an earlier try said of it,
// which was found there, is not known: at worst, that it was sent.
func told(e chat.Entry, found bool) chat.Entry {
	if found && e.State != "" {
		e.State = chat.Sent
	}
	return e
}

// post adds a saying to the sight's ticket, under a name.
func (s saying) post(ctx context.Context, desk Helpdesk, sight chat.Snapshot, name string) error {
	switch last := s.last(); {
	case last.Way == chat.In && sight.Conversation.OfFormerOwner(last.Seq):
		// As the shopper's it would be in the name of the person who has the phone now.
		var texts []string
		for _, e := range s.fresh {
			texts = append(texts, e.Summary())
		}
		_, err := desk.AddNote(ctx, sight.Ticket.Remote, name, "Texted before the number belonged to another customer: "+strings.Join(texts, "\n"))
		return err
	case last.Way == chat.In:
		return desk.AddMessage(ctx, sight, name, s.fresh, s.dialogue)
	case last.Event == chat.OptedOut:
		_, err := desk.AddNote(ctx, sight.Ticket.Remote, name, silenced(sight.Shopper))
		return err
	default:
		_, err := desk.AddNote(ctx, sight.Ticket.Remote, name, last.By.Name+" texted by SMS"+repeated(last)+fate(last)+": "+last.Text)
		return err
	}
}

// silenced tells agents that a shopper opted out, and how to answer now.
func silenced(p chat.Shopper) string {
	const texted = "The shopper wants no more texts. Nothing can be sent by SMS until they text START"
	if p.Email == "" {
		return texted + ". No e-mail address is known, so a reply from this ticket can't be delivered."
	}
	return texted + "; e-mail still works."
}

// rest is what an earlier try has not said. It may have begun with the same
// texts and ended before those that have come since.
func (s *syncing) rest(ctx context.Context, add saying) (saying, error) {
	for n := len(add.fresh); n > 0; n-- {
		there, err := s.desk.HasMessage(ctx, s.sight.Ticket.Remote, s.name(add.fresh[n-1]))
		if err != nil {
			return add, err
		}
		if there {
			return add.part(n, len(add.fresh)), nil
		}
	}
	return add, nil
}

// name is what a message that ends with e is called in the helpdesk.
func (s *syncing) name(e chat.Entry) string {
	return fmt.Sprintf("%s-%d", s.sight.Ticket.ID, e.Seq)
}

// fate says of an agent's text that it may not have arrived, as far as is known
// when the ticket is told of it.
func fate(e chat.Entry) string {
	switch {
	case e.State == chat.Saved && e.Problem != nil:
		return " (it waits to be sent: " + e.Problem.Text + ")"
	case e.State == chat.Unknown:
		return " (nobody knows yet whether it was sent)"
	case e.State == chat.Failed && e.Problem != nil:
		return " (it did not arrive: " + e.Problem.Text + ")"
	}
	return ""
}

// repeated says of a text that it was sent before.
func repeated(e chat.Entry) string {
	if e.ResendOf > 0 {
		return " once more"
	}
	return ""
}
