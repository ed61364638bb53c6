package bridge

import (
	"context"
	"fmt"

	"sidetext/chat"
)

// quoted is how many entries of the dialogue go with a new text at most.
const quoted = 50

// mirror adds to the ticket what it does not say yet: what the shopper texted
// as theirs, in one message however many texts it was, and what agents texted
// as notes. It reports whether the shopper said anything.
func (s *syncing) mirror(ctx context.Context) (heard bool, err error) {
	k := s.sight.Ticket
	handed := s.sight.HandedOver()
	for i := 0; i < len(handed); {
		n := run(handed[i:], k.Mirrored)
		group, last := handed[i:i+n], handed[i+n-1]
		i += n
		if last.Seq <= k.Mirrored {
			continue
		}
		name := fmt.Sprintf("%s-%d", k.ID, last.Seq)
		switch {
		case last.Way == chat.In:
			heard = true
			err = s.desk.Append(ctx, s.sight, group, handed[max(0, i-n-quoted):i-n], s.again)
		case last.Way == chat.Out && last.By.Role == chat.ByAgent:
			err = s.desk.Note(ctx, k.Remote, last.By.Name+" texted by SMS: "+last.Text, name, s.again)
		case last.Event == chat.OptedOut:
			err = s.desk.Note(ctx, k.Remote, "The shopper wants no more texts. Nothing can be sent by SMS until they text START; e-mail still works.", name, s.again)
		default:
			continue // what automation said is part of the dialogue that is quoted
		}
		if err == nil {
			err = s.turn(ctx, func(t *chat.Turn) { t.Ticket.Mirrored = last.Seq })
		}
		if err != nil {
			return heard, err
		}
	}
	return heard, nil
}

// run is how many entries at the beginning go into one message: all that the
// shopper texted in a row and the ticket lacks, else one.
func run(entries []chat.Entry, mirrored int64) int {
	n := 1
	for entries[0].Way == chat.In && entries[0].Seq > mirrored && n < len(entries) && entries[n].Way == chat.In {
		n++
	}
	return n
}
