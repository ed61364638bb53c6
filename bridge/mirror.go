package bridge

import (
	"context"
	"fmt"

	"sidetext/chat"
)

const (
	// quoted is how many entries of the dialogue go with a new text at most.
	quoted = 50
	// inOne is how many texts go into one message at most.
	inOne = 20
)

// A saying is what goes to a ticket in one message: what the shopper texted in
// a row, or one entry that agents get as a note; and the dialogue before it.
type saying struct{ fresh, dialogue []chat.Entry }

func (s saying) last() chat.Entry { return s.fresh[len(s.fresh)-1] }

// unsaid is what was handed over and the ticket does not say yet. What
// automation said is only part of the dialogue that is quoted.
func unsaid(s chat.Sight) (all []saying) {
	handed := s.HandedOver()
	for i := 0; i < len(handed); {
		n := 1
		if e := handed[i]; e.Seq > s.Ticket.Mirrored && tells(e) {
			for e.Way == chat.In && n < inOne && i+n < len(handed) && handed[i+n].Way == chat.In {
				n++
			}
			all = append(all, saying{handed[i : i+n], handed[max(0, i-quoted):i]})
		}
		i += n
	}
	return all
}

// tells reports whether an entry becomes a message of its own.
func tells(e chat.Entry) bool {
	return e.Way == chat.In || e.By.Role == chat.ByAgent && e.Way == chat.Out || e.Event == chat.OptedOut
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
	k, last := s.sight.Ticket, add.last()
	again := s.again
	s.again = false // only the first step of a new try may have been taken before
	var err error
	switch {
	case last.Way == chat.In:
		if again {
			if add, err = s.rest(ctx, add); err != nil {
				return err
			}
		}
		if len(add.fresh) > 0 {
			err = s.desk.Append(ctx, s.sight, s.name(last), add.fresh, add.dialogue)
		}
	case last.Event == chat.OptedOut:
		err = note(ctx, s.desk, k.Remote, s.name(last), "The shopper wants no more texts. Nothing can be sent by SMS until they text START; e-mail still works.", again)
	default:
		err = note(ctx, s.desk, k.Remote, s.name(last), last.By.Name+" texted by SMS"+fate(last)+": "+last.Text, again)
	}
	if err != nil {
		return err
	}
	return s.turn(ctx, func(t *chat.Turn) { t.Ticket.Mirrored = last.Seq })
}

// rest is what an earlier try has not said. It may have begun with the same
// texts and ended before those that have come since.
func (s *syncing) rest(ctx context.Context, add saying) (saying, error) {
	for n := len(add.fresh); n > 0; n-- {
		there, err := s.desk.Said(ctx, s.sight.Ticket.Remote, s.name(add.fresh[n-1]))
		if err != nil {
			return add, err
		}
		if there {
			return saying{add.fresh[n:], append(add.dialogue[:len(add.dialogue):len(add.dialogue)], add.fresh[:n]...)}, nil
		}
	}
	return add, nil
}

// name is what a message that ends with e is called in the helpdesk.
func (s *syncing) name(e chat.Entry) string {
	return fmt.Sprintf("%s-%d", s.sight.Ticket.ID, e.Seq)
}

// note adds something for agents only; on a new try, unless it is there.
func note(ctx context.Context, desk Desk, remote, name, text string, again bool) error {
	if again {
		if there, err := desk.Said(ctx, remote, name); err != nil || there {
			return err
		}
	}
	return desk.Note(ctx, remote, name, text)
}

// fate says of an agent's text that it may not have arrived, as far as is known
// when the ticket is told of it.
func fate(e chat.Entry) string {
	switch {
	case e.State == chat.Unknown:
		return " (nobody knows whether it was sent)"
	case e.State == chat.Failed && e.Problem != nil:
		return " (it did not arrive: " + e.Problem.Text + ")"
	}
	return ""
}
