package bridge

import (
	"context"
	"errors"
	"fmt"

	"sidetext/chat"
)

// A Desk is a shop's helpdesk. What it is asked to make carries a name of ours;
// with again set, it looks whether that was made before. Its errors are
// *chat.SendError where they say what to do next.
type Desk interface {
	// Person finds or makes the helpdesk's customer for a shopper.
	Person(ctx context.Context, p chat.Shopper) (customer string, err error)
	// Open makes a ticket that begins with these entries.
	Open(ctx context.Context, s chat.Sight, handed []chat.Entry, again bool) (remote string, err error)
	// See says whether a ticket is there, and open.
	See(ctx context.Context, remote string) (there, open bool, err error)
	// Append adds what the shopper said to a ticket, with the dialogue so far.
	Append(ctx context.Context, s chat.Sight, fresh, dialogue []chat.Entry, again bool) error
	// Note adds something for agents only.
	Note(ctx context.Context, remote, text, name string, again bool) error
	// Reopen opens a closed ticket.
	Reopen(ctx context.Context, remote string) error
	// Tag marks a ticket with a reason.
	Tag(ctx context.Context, remote string, why chat.Reason) error
}

// Desks finds a shop's helpdesk; chat.ErrNotFound when none is connected.
type Desks interface {
	Desk(ctx context.Context, shop chat.ShopID) (Desk, error)
}

// Sights reads conversations. The store has the real one.
type Sights interface {
	// Handed reads a conversation with the entries around what its newest
	// ticket does not say yet.
	Handed(ctx context.Context, shop chat.ShopID, id chat.ConversationID) (chat.Sight, error)
}

// ticket makes the ticket say what the conversation says. Each step that was
// taken is kept before the next, so that whoever takes over after a crash goes
// on from there.
func (c *Carrier) ticket(ctx context.Context, d chat.Delivery) error {
	desk, err := c.Desks.Desk(ctx, d.Shop)
	if errors.Is(err, chat.ErrNotFound) {
		return c.Finish(ctx, d) // disconnected: connecting again calls for it
	}
	if err != nil {
		return err
	}
	s, err := c.Sights.Handed(ctx, d.Shop, d.Conversation)
	if err != nil {
		return err
	}
	if s.Ticket == nil || s.Ticket.Lost {
		return c.Finish(ctx, d)
	}
	sync := syncing{c, desk, d, s, d.Tries > 1}
	if s.Shopper.Customer == "" {
		if err := sync.person(ctx); err != nil {
			return err
		}
	}
	if s.Ticket.Remote == "" {
		return sync.open(ctx)
	}
	return sync.update(ctx)
}

// syncing is one ticket being brought up to date.
type syncing struct {
	*Carrier
	desk  Desk
	d     chat.Delivery
	sight chat.Sight
	again bool
}

// turn keeps a step that was taken in the helpdesk.
func (s *syncing) turn(ctx context.Context, do func(*chat.Turn)) error {
	id := s.sight.Ticket.ID
	t, err := s.Turns.Turn(ctx, s.d.Shop, s.d.Conversation, s.Now(), func(t *chat.Turn) error {
		if t.Ticket == nil || t.Ticket.ID != id {
			return fmt.Errorf("another ticket took the place of %s", id)
		}
		do(t)
		return nil
	})
	return s.kept(t, err, "keep what the ticket says")
}

func (s *syncing) done(t *chat.Turn) { t.Done = append(t.Done, s.d.ID) }

// finish is done, unless there was more to read than fits in one go.
func (s *syncing) finish(t *chat.Turn) {
	s.done(t)
	if s.sight.Conversation.Seq > s.last() {
		t.Sync()
	}
}

func (s *syncing) person(ctx context.Context) error {
	customer, err := s.desk.Person(ctx, s.sight.Shopper)
	if err != nil {
		return err
	}
	s.sight.Shopper.Customer = customer
	return s.turn(ctx, func(t *chat.Turn) { t.Shopper.Customer = customer })
}

func (s *syncing) open(ctx context.Context) error {
	remote, err := s.desk.Open(ctx, s.sight, s.sight.Entries, s.again)
	if err != nil {
		return err
	}
	if before := s.sight.Ticket.Before; before != "" {
		err := s.desk.Note(ctx, remote, "Earlier texts with this shopper are in ticket #"+before+".", string(s.sight.Ticket.ID)+"-before", s.again)
		if err != nil {
			return err
		}
	}
	return s.turn(ctx, func(t *chat.Turn) {
		t.Ticket.Remote, t.Ticket.Mirrored = remote, s.last()
		if s.sight.Escalation != nil {
			t.Ticket.Tagged = s.sight.Escalation.Reason
		}
		t.Happen(chat.TicketOpened, chat.Author{Role: chat.BySystem}, "#"+remote)
		s.finish(t)
	})
}

func (s *syncing) last() int64 {
	if n := len(s.sight.Entries); n > 0 {
		return s.sight.Entries[n-1].Seq
	}
	return s.sight.Ticket.Mirrored
}

func (s *syncing) update(ctx context.Context) error {
	k := *s.sight.Ticket
	there, open, err := s.desk.See(ctx, k.Remote)
	if err != nil {
		return err
	}
	if !there {
		return s.replace(ctx)
	}
	heard, err := s.mirror(ctx)
	if err != nil {
		return err
	}
	if e := s.sight.Escalation; e != nil && e.Reason != k.Tagged {
		if err := s.desk.Tag(ctx, k.Remote, e.Reason); err != nil {
			return err
		}
	}
	if heard && !open {
		if err := s.desk.Reopen(ctx, k.Remote); err != nil {
			return err
		}
		open = true
	}
	return s.turn(ctx, func(t *chat.Turn) {
		if s.sight.Escalation != nil {
			t.Ticket.Tagged = s.sight.Escalation.Reason
		}
		if open {
			t.Reopened()
		} else if t.Conversation.Seq == s.last() {
			t.Closed() // otherwise something was said meanwhile, which may reopen it
		}
		s.finish(t)
	})
}

// replace deals with a ticket that was trashed, deleted or merged away: what
// was handed over and is still waiting for a person gets another.
func (s *syncing) replace(ctx context.Context) error {
	return s.turn(ctx, func(t *chat.Turn) {
		t.Ticket.Lost, t.Ticket.Open = true, false
		t.Happen(chat.TicketLost, chat.Author{Role: chat.BySystem}, "#"+t.Ticket.Remote)
		s.done(t)
		if t.Escalation != nil {
			t.NewTicket(t.Escalation.From)
			t.Sync()
		}
	})
}
