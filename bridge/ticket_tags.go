package bridge

import (
	"context"
	"slices"

	"sidetext/chat"
)

// setTags gives the ticket the tags of the reasons that apply now. It removes only
// tags that we added, never an agent's. Without an open escalation it changes
// nothing: the tags say what the ticket was about.
func (s *ticketSync) setTags(ctx context.Context) error {
	k := s.snapshot.Ticket
	add, remove := tagChanges(s.snapshot)
	if len(add)+len(remove) == 0 {
		return nil
	}
	added, err := s.desk.SetTags(ctx, k.Remote, add, remove)
	if refusal(err) != nil || s.retried {
		added = add // do not repeat a refused change; or an earlier try added them
	}
	if err := s.ignoreRefusal(err, "ticket tags refused"); err != nil {
		return err
	}
	k.Tagged = slices.DeleteFunc(slices.Clone(k.Tagged), func(r chat.Reason) bool { return slices.Contains(remove, r) })
	k.Tagged = append(k.Tagged, added...)
	return nil
}

// tagChanges returns the reasons whose tags the ticket lacks, and those of our
// tags that no longer apply.
func tagChanges(s chat.Snapshot) (add, remove []chat.Reason) {
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
		return add, nil // an agent continues with what the ticket was about
	}
	for _, r := range s.Ticket.Tagged {
		if !slices.Contains(reasons, r) {
			remove = append(remove, r)
		}
	}
	return add, remove
}
