package bridge

import (
	"errors"
	"time"

	"sidetext/chat"
)

// recordReplies records agents' replies by e-mail, each once. A reply from before
// the ticket's first entry belongs to a ticket that was merged into this one.
func recordReplies(t *chat.Turn, replies []EmailReply) error {
	if len(replies) == 0 {
		return nil
	}
	first, err := t.History.After(t.Ticket.From-1, 1)
	if err != nil || len(first) == 0 {
		return err
	}
	const skew = time.Minute // between the helpdesk's clock and ours
	for _, r := range replies {
		if r.At.Add(skew).Before(first[0].At) {
			continue
		}
		err := t.AddEventOnce(chat.RepliedByMail, r.By, "", "gorgias:"+r.ID)
		if errors.Is(err, chat.ErrRepeat) {
			continue
		}
		if err != nil {
			return err
		}
		t.AgentReplied(r.By)
	}
	return nil
}
