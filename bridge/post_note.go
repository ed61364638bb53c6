package bridge

import (
	"context"
	"errors"
	"time"

	"sidetext/chat"
)

// codeLasts is how long a sign-in code is valid. An expired one is not posted.
const codeLasts = 10 * time.Minute

// postCode posts a sign-in code on a ticket.
func (w *Worker) postCode(ctx context.Context, d chat.Delivery, p chat.CodePayload) error {
	if w.Now().Sub(d.At) > codeLasts {
		return w.Finish(ctx, d)
	}
	return w.postText(ctx, d, p.Text)
}

// postNote posts an internal note on a ticket.
func (w *Worker) postNote(ctx context.Context, d chat.Delivery, p chat.NotePayload) error {
	return w.postText(ctx, d, p.Text)
}

// postText posts a text for agents on a ticket, under the name of its delivery. If
// the ticket is gone, it drops the text.
func (w *Worker) postText(ctx context.Context, d chat.Delivery, text string) error {
	desk, err := w.Helpdesks.Helpdesk(ctx, d)
	if errors.Is(err, chat.ErrNotFound) {
		return w.Finish(ctx, d)
	}
	if err != nil {
		return err
	}
	at, err := addNote(ctx, desk, d.Ticket, string(d.ID), text, d.Tries > 1)
	if refusal(err) != nil {
		ticket, read := desk.TicketState(ctx, d.Ticket)
		if read != nil || ticket.Remote != "" {
			return errors.Join(read, err)
		}
		err = nil
	}
	if err != nil {
		return err
	}
	if at != "" && at != d.Ticket {
		return w.postedOnMerged(ctx, d, at)
	}
	return w.Finish(ctx, d)
}

// postedOnMerged finishes a delivery whose ticket was merged into another, at, and
// saves which one that is.
func (w *Worker) postedOnMerged(ctx context.Context, d chat.Delivery, at string) error {
	t, err := w.Turns.Turn(ctx, d.Shop, d.Conversation, w.Now(), func(t *chat.Turn) error {
		t.Done = append(t.Done, d.ID)
		if chat.HelpdeskAccount(t.Helpdesk) == d.Account {
			t.TicketMerged(d.Ticket, at)
			t.SyncTicket() // its state and its tags are the other ticket's
		}
		return nil
	})
	return w.finishTurn(t, err, "save ticket merge")
}

// addNote adds a message for agents only. With again set, on a later try, it first
// checks whether the message is there. at is the ticket that has it, or empty when the
// ticket is gone.
func addNote(ctx context.Context, desk Helpdesk, remote, name, text string, again bool) (at string, err error) {
	if again {
		ticket, err := desk.TicketState(ctx, remote)
		if err != nil || ticket.Remote == "" {
			return "", err
		}
		remote = ticket.Remote
		if there, err := desk.HasMessage(ctx, remote, name); err != nil || there {
			return remote, err
		}
	}
	return desk.AddNote(ctx, remote, name, text)
}
