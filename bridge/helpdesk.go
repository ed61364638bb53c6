package bridge

import (
	"context"
	"time"

	"sidetext/chat"
)

// A Helpdesk is a shop's helpdesk. What it creates carries a name of ours, by which
// a later try finds it. Errors are *chat.SendError where they say what to do next.
type Helpdesk interface {
	// FindOrCreateCustomer returns the helpdesk's customer for a shopper.
	FindOrCreateCustomer(ctx context.Context, p chat.Shopper) (customer string, err error)
	// CreateTicket creates the snapshot's ticket, named by its id, which begins with
	// the dialogue opening. With again set, it first looks for one that an earlier try
	// created.
	CreateTicket(ctx context.Context, s chat.Snapshot, opening chat.Dialogue, again bool) (remote string, err error)
	// TicketState reads a ticket.
	TicketState(ctx context.Context, remote string) (TicketState, error)
	// HasMessage reports whether a ticket has a message of this name.
	HasMessage(ctx context.Context, remote, name string) (bool, error)
	// AddMessage adds texts of the shopper to the snapshot's ticket, with the
	// dialogue before them.
	AddMessage(ctx context.Context, s chat.Snapshot, name string, texts []chat.Entry, dialogue chat.Dialogue) error
	// AddNote adds a note for agents only. at is the ticket that has it: not remote
	// if that was merged into another.
	AddNote(ctx context.Context, remote, name, text string) (at string, err error)
	// LinkFiles adds, for agents only, a link to each file that came with a text.
	LinkFiles(ctx context.Context, s chat.Snapshot, name string, e chat.Entry) error
	// ReopenTicket opens a closed ticket.
	ReopenTicket(ctx context.Context, remote string) error
	// SetTags adds and removes the tags of reasons. It returns the reasons whose tags
	// the ticket did not have before.
	SetTags(ctx context.Context, remote string, add, remove []chat.Reason) (added []chat.Reason, err error)
}

// A TicketState is a ticket as the helpdesk shows it.
type TicketState struct {
	Remote  string // its id: another than the requested one after a merge; empty if it is gone
	Open    bool
	Replies []EmailReply // written by agents in the helpdesk
}

// An EmailReply is an agent's public reply in the helpdesk.
type EmailReply struct {
	ID string // assigned by the helpdesk
	By chat.Author
	At time.Time
}

// Helpdesks finds helpdesks.
type Helpdesks interface {
	// Helpdesk returns the helpdesk that a delivery is for, or chat.ErrNotFound if
	// the shop is no longer connected to the delivery's account. In another account
	// the same ids belong to other objects.
	Helpdesk(ctx context.Context, d chat.Delivery) (Helpdesk, error)
}
