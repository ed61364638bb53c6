package bridge

import (
	"context"
	"time"

	"sidetext/chat"
)

// A Desk is a shop's helpdesk. What it is asked to make carries a name of ours,
// so that a later try can look whether it was made before. Its errors
// are *chat.SendError where they say what to do next.
type Helpdesk interface {
	// Person finds or makes the helpdesk's customer for a shopper.
	FindOrCreateCustomer(ctx context.Context, p chat.Shopper) (customer string, err error)
	// Open makes a ticket, named by its id, that begins with this dialogue. With
	// again set, it looks whether the ticket was made before.
	CreateTicket(ctx context.Context, s chat.Snapshot, begins chat.Dialogue, again bool) (remote string, err error)
	// See reads a ticket as it is now.
	TicketState(ctx context.Context, remote string) (TicketState, error)
	// Said reports whether a ticket has a message of this name.
	HasMessage(ctx context.Context, remote, name string) (bool, error)
	// Append adds what the shopper said to a ticket, with the dialogue so far.
	AddMessage(ctx context.Context, s chat.Snapshot, name string, fresh []chat.Entry, dialogue chat.Dialogue) error
	// Note adds something for agents only. at is the ticket that has it, which is
	// another than the one named when that was merged into it.
	AddNote(ctx context.Context, remote, name, text string) (at string, err error)
	// LinkFiles adds, for agents only, a link to each file that came with a text.
	LinkFiles(ctx context.Context, s chat.Snapshot, name string, e chat.Entry) error
	// Reopen opens a closed ticket.
	ReopenTicket(ctx context.Context, remote string) error
	// Tag adds the tags of some reasons to a ticket, and removes those of others.
	// It returns the reasons whose tags the ticket did not have before.
	SetTags(ctx context.Context, remote string, add, remove []chat.Reason) (added []chat.Reason, err error)
}

// A Seen is a ticket as the helpdesk shows it.
type TicketState struct {
	Remote  string // its id: another than it was asked for by when it was merged; empty when it is gone
	Open    bool
	Replies []EmailReply // what agents answered in the helpdesk itself
}

// An Answer is an agent's public answer in the helpdesk.
type EmailReply struct {
	ID string // the helpdesk's
	By chat.Author
	At time.Time
}

// Desks finds the helpdesk that a delivery is for; chat.ErrNotFound when the
// shop is not connected to that account any more. In another account the same
// ids belong to other objects.
type Helpdesks interface {
	Helpdesk(ctx context.Context, d chat.Delivery) (Helpdesk, error)
}
