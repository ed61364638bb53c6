package bridge

import (
	"context"
	"slices"

	"sidetext/chat"
)

// tag makes the ticket carry the tags of the reasons that apply now. It removes
// only tags that we added: what a person added stays. Without an open escalation the
// tags stay as they are: they say what the ticket was about.
func (s *syncing) tag(ctx context.Context) error {
	k := s.sight.Ticket
	add, remove := tagging(s.sight)
	if len(add)+len(remove) == 0 {
		return nil
	}
	added, err := s.desk.SetTags(ctx, k.Remote, add, remove)
	if refused := refusal(err) != nil; refused || s.d.Tries > 1 {
		added = add // not to be tried at every sync; or an earlier try may have added them
	}
	if err := s.spare(err, "a ticket could not be tagged"); err != nil {
		return err
	}
	kept := slices.DeleteFunc(slices.Clone(k.Tagged), func(r chat.Reason) bool { return slices.Contains(remove, r) })
	k.Tagged = append(kept, added...)
	return nil
}

// tagging is which reasons' tags a ticket lacks, and which of ours no longer
// apply.
func tagging(s chat.Snapshot) (add, remove []chat.Reason) {
	if s.Escalation == nil {
		return nil, nil
	}
	reasons := s.Reasons()
	for _, r := range reasons {
		if !slices.Contains(s.Ticket.Tagged, r) {
			add = append(add, r)
		}
	}
	if slices.Equal(reasons, []chat.Reason{chat.TakenOver}) {
		return add, nil // an agent goes on with what the ticket was about
	}
	for _, r := range s.Ticket.Tagged {
		if !slices.Contains(reasons, r) {
			remove = append(remove, r)
		}
	}
	return add, remove
}
