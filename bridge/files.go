package bridge

import (
	"context"

	"sidetext/chat"
)

// linkFiles adds a note with links to the files of each of the shopper's texts
// that has some, unless again is set and the note is there. It comes after the
// text in the ticket, and before the store has that the ticket tells of the
// text: so a later try finds what is missing.
func (s *syncing) linkFiles(ctx context.Context, entries []chat.Entry, again bool) error {
	for _, e := range entries {
		err := linkFiles(ctx, s.desk, s.sight, s.name(e), e, again)
		if err = s.spare(err, "files could not be linked"); err != nil {
			return err
		}
	}
	return nil
}

// linkFiles adds a note with links to the files of an entry, if it has some.
// message is what the entry's own message in the ticket is called.
func linkFiles(ctx context.Context, desk Helpdesk, sight chat.Snapshot, message string, e chat.Entry, again bool) error {
	if e.Way != chat.In || len(e.Media) == 0 {
		return nil
	}
	name := message + "-files"
	if again {
		there, err := desk.HasMessage(ctx, sight.Ticket.Remote, name)
		if err != nil || there {
			return err
		}
	}
	return desk.LinkFiles(ctx, sight, name, e)
}
