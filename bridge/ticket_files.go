package bridge

import (
	"context"

	"sidetext/chat"
)

// linkFiles adds a note with links to the files of each entry that has some. With
// resumed set, it first looks whether the note is there. It is called after the
// message is added and before that is recorded, so that a later try adds a note
// that is missing.
func (s *ticketSync) linkFiles(ctx context.Context, entries []chat.Entry, resumed bool) error {
	for _, e := range entries {
		err := linkEntryFiles(ctx, s.desk, s.snapshot, s.name(e), e, resumed)
		if err = s.ignoreRefusal(err, "file links refused"); err != nil {
			return err
		}
	}
	return nil
}

// linkEntryFiles links the files of a shopper's text, if it has some. message is
// the name of the text's own message in the ticket.
func linkEntryFiles(ctx context.Context, desk Helpdesk, s chat.Snapshot, message string, e chat.Entry, resumed bool) error {
	if e.Way != chat.In || len(e.Media) == 0 {
		return nil
	}
	name := message + "-files"
	if resumed {
		exists, err := desk.HasMessage(ctx, s.Ticket.Remote, name)
		if err != nil || exists {
			return err
		}
	}
	return desk.LinkFiles(ctx, s, name, e)
}
