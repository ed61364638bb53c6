package bridge

import (
	"context"
	"time"

	"sidetext/chat"
)

// A Desk is a shop's helpdesk. What it is asked to make carries a name of ours,
// so that a later try can look whether it was made before. Its errors
// are *chat.SendError where they say what to do next.
type Desk interface {
	// Person finds or makes the helpdesk's customer for a shopper.
	Person(ctx context.Context, p chat.Shopper) (customer string, err error)
	// Open makes a ticket, named by its id, that begins with this dialogue. With
	// again set, it looks whether the ticket was made before.
	Open(ctx context.Context, s chat.Sight, begins chat.Dialogue, again bool) (remote string, err error)
	// See reads a ticket as it is now.
	See(ctx context.Context, remote string) (Seen, error)
	// Said reports whether a ticket has a message of this name.
	Said(ctx context.Context, remote, name string) (bool, error)
	// Append adds what the shopper said to a ticket, with the dialogue so far.
	Append(ctx context.Context, s chat.Sight, name string, fresh []chat.Entry, dialogue chat.Dialogue) error
	// Note adds something for agents only. at is the ticket that has it, which is
	// another than the one named when that was merged into it.
	Note(ctx context.Context, remote, name, text string) (at string, err error)
	// LinkFiles adds, for agents only, a link to each file that came with a text.
	LinkFiles(ctx context.Context, s chat.Sight, name string, e chat.Entry) error
	// Reopen opens a closed ticket.
	Reopen(ctx context.Context, remote string) error
	// Tag adds the tags of some reasons to a ticket, and removes those of others.
	// It returns the reasons whose tags the ticket did not have before.
	Tag(ctx context.Context, remote string, add, remove []chat.Reason) (added []chat.Reason, err error)
}

// A Seen is a ticket as the helpdesk shows it.
type Seen struct {
	Remote  string // its id: another than it was asked for by when it was merged; empty when it is gone
	Open    bool
	Answers []Answer // what agents answered in the helpdesk itself
}

// An Answer is an agent's public answer in the helpdesk.
type Answer struct {
	ID string // the helpdesk's
	By chat.Author
	At time.Time
}

// Desks finds the helpdesk that a delivery is for; chat.ErrNotFound when the
// shop is not connected to that account any more. In another account the same
// ids belong to other objects.
type Desks interface {
	Desk(ctx context.Context, d chat.Delivery) (Desk, error)
}
