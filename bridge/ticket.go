package bridge

import (
	"context"
	"errors"
	"fmt"

	"sidetext/chat"
)

// A Desk is a shop's helpdesk. What it is asked to make carries a name of ours,
// so that whoever tries again can look whether it was made before. Its errors
// are *chat.SendError where they say what to do next.
type Desk interface {
	// Person finds or makes the helpdesk's customer for a shopper.
	Person(ctx context.Context, p chat.Shopper) (customer string, err error)
	// Open makes a ticket, named by its id, that begins with these entries. With
	// again set, it looks whether the ticket was made before.
	Open(ctx context.Context, s chat.Sight, handed []chat.Entry, again bool) (remote string, err error)
	// See says whether a ticket is there, and open.
	See(ctx context.Context, remote string) (there, open bool, err error)
	// Said reports whether a ticket has a message of this name.
	Said(ctx context.Context, remote, name string) (bool, error)
	// Append adds what the shopper said to a ticket, with the dialogue so far.
	Append(ctx context.Context, s chat.Sight, name string, fresh, dialogue []chat.Entry) error
	// Note adds something for agents only.
	Note(ctx context.Context, remote, name, text string) error
	// Reopen opens a closed ticket.
	Reopen(ctx context.Context, remote string) error
	// Tag marks a ticket with a reason.
	Tag(ctx context.Context, remote string, why chat.Reason) error
}

// Desks finds the helpdesk that a delivery is for; chat.ErrNotFound when the
// shop is not connected to that account any more. In another account the same
// ids are somebody else's.
type Desks interface {
	Desk(ctx context.Context, d chat.Delivery) (Desk, error)
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
	s, err := c.Sights.Handed(ctx, d.Shop, d.Conversation)
	if err != nil {
		return err
	}
	desk, err := c.Desks.Desk(ctx, d)
	if errors.Is(err, chat.ErrNotFound) {
		return c.Finish(ctx, d) // disconnected: connecting again calls for it
	}
	if err != nil {
		return err
	}
	if s.Ticket == nil || s.Ticket.Lost || chat.HelpdeskAccount(s.Helpdesk) != d.Account {
		return c.Finish(ctx, d)
	}
	sync := syncing{Carrier: c, desk: desk, d: d, sight: s, again: d.Tries > 1}
	if sync.former() && s.Ticket.Remote == "" {
		c.Log.Warn("a ticket was not opened: the number belongs to another customer now", "shop", d.Shop, "conversation", d.Conversation, "ticket", s.Ticket.ID)
		return c.Finish(ctx, d)
	}
	if s.Shopper.Customer == "" || s.Ticket.Remote == "" { // known from before: may have been merged away
		if err := sync.person(ctx); err != nil {
			return err
		}
	}
	if s.Ticket.Remote == "" {
		return sync.open(ctx)
	}
	there, open, err := desk.See(ctx, s.Ticket.Remote)
	if err != nil {
		return err
	}
	if !there {
		return sync.replace(ctx)
	}
	if sync.again {
		if err := sync.mention(ctx); err != nil {
			return err
		}
	}
	return sync.update(ctx, open)
}

// syncing is one ticket being brought up to date.
type syncing struct {
	*Carrier
	desk  Desk
	d     chat.Delivery
	sight chat.Sight
	again bool // somebody may have taken the next step before
	sure  bool // the shopper's customer in the helpdesk is the right one
	brief bool // the dialogue is not quoted: the helpdesk refuses something in it
}

// turn keeps a step that was taken in the helpdesk.
func (s *syncing) turn(ctx context.Context, do func(*chat.Turn) error) error {
	id := s.sight.Ticket.ID
	t, err := s.Turns.Turn(ctx, s.d.Shop, s.d.Conversation, s.Now(), func(t *chat.Turn) error {
		if t.Ticket == nil || t.Ticket.ID != id || t.Ticket.Lost || t.Helpdesk != s.sight.Helpdesk {
			return fmt.Errorf("another ticket took the place of %s", id)
		}
		return do(t)
	})
	return s.kept(t, err, "keep what the ticket says")
}

// former reports whether the ticket is of a person who had the phone before.
func (s *syncing) former() bool { return s.sight.Conversation.Former(s.sight.Ticket.From) }

// person makes sure who the shopper is in the helpdesk.
func (s *syncing) person(ctx context.Context) error {
	asked := s.sight.Shopper
	customer, err := s.desk.Person(ctx, asked)
	if err != nil {
		return err
	}
	s.sight.Shopper.Customer, s.sure = customer, true
	return s.turn(ctx, func(t *chat.Turn) error {
		if t.Shopper.Name != asked.Name || t.Shopper.Email != asked.Email {
			return fmt.Errorf("another person was named for the phone of %s", t.Conversation.ID)
		}
		t.Shopper.Customer = customer
		return nil
	})
}

func (s *syncing) open(ctx context.Context) error {
	begins, k := opening(s.sight.Entries), s.sight.Ticket
	remote, err := s.desk.Open(ctx, s.sight, begins, s.again)
	if refusal(err) != nil && !s.again { // it may be there all the same
		s.again = true
		remote, err = s.desk.Open(ctx, s.sight, begins, true)
	}
	if err != nil {
		return err
	}
	k.Remote, k.Mirrored = remote, begins[len(begins)-1].Seq
	if e := s.sight.Escalation; e != nil && !s.again { // otherwise it may have been another
		k.Tagged = e.Reason
	}
	found := s.again
	err = s.turn(ctx, func(t *chat.Turn) error {
		t.Ticket.Remote, t.Ticket.Tagged = k.Remote, k.Tagged
		t.Happen(chat.TicketOpened, chat.Author{Role: chat.BySystem}, "#"+remote)
		for _, e := range begins {
			if err := t.Told(told(e, found)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.again = false // from here on nobody has been before
	if err := s.mention(ctx); err != nil {
		return err
	}
	return s.update(ctx, true)
}

// opening is what a ticket begins with: what was handed over when it was called
// for. It stays the same whatever is said later, so that whoever finds the
// ticket made knows what it says.
func opening(entries []chat.Entry) []chat.Entry {
	n := 0
	for i, e := range entries {
		if e.Event == chat.TicketLost || n == 0 && e.Event == chat.Escalated {
			n = i + 1
		}
	}
	for n < len(entries) && (entries[n].By.Role == chat.ByAutomation || n == 1 && entries[n].Way == chat.Out) {
		n++ // said in the same turn: that somebody will answer; or, with nothing before, how an agent took over
	}
	return entries[:max(n, 1)]
}

// mention tells where the ticket before this one is. Texts do not wait for it.
func (s *syncing) mention(ctx context.Context) error {
	k := s.sight.Ticket
	if k.Before == "" {
		return nil
	}
	err := note(ctx, s.desk, k.Remote, string(k.ID)+"-before", "Earlier texts with this shopper are in ticket #"+k.Before+".", s.again)
	return s.spare(err, "the ticket before could not be mentioned")
}

// spare goes on without something that the helpdesk refuses for good and that is
// not worth a person's while.
func (s *syncing) spare(err error, what string) error {
	if refusal(err) == nil {
		return err
	}
	s.Log.Warn(what, "error", err, "shop", s.d.Shop, "conversation", s.d.Conversation, "ticket", s.sight.Ticket.ID)
	return nil
}

// refusal is what a helpdesk says that refuses one thing for good, and nothing
// else on the account.
func refusal(err error) *chat.SendError {
	var send *chat.SendError
	if errors.As(err, &send) && send.Outcome == chat.Rejected && !send.All {
		return send
	}
	return nil
}

// update brings a ticket up to date that is there. It is opened again before
// anything is added: somebody who takes over after that finds it open.
func (s *syncing) update(ctx context.Context, open bool) error {
	k := s.sight.Ticket
	sayings := unsaid(s.sight)
	if !open && heard(sayings) && !s.former() {
		err := s.desk.Reopen(ctx, k.Remote)
		if open = err == nil; refusal(err) != nil {
			_, open, err = s.desk.See(ctx, k.Remote)
		}
		if err != nil {
			return err
		}
		if !open {
			return s.replace(ctx) // in this one nobody would see it
		}
	}
	for _, add := range sayings {
		if err := s.mirror(ctx, add); err != nil {
			return err
		}
	}
	e := s.sight.Escalation
	if e != nil && e.Reason != k.Tagged {
		if err := s.spare(s.desk.Tag(ctx, k.Remote, e.Reason), "a ticket could not be tagged"); err != nil {
			return err
		}
	}
	return s.turn(ctx, func(t *chat.Turn) error {
		if e != nil {
			t.Ticket.Tagged = e.Reason
		}
		t.Ticket.Mirrored = max(t.Ticket.Mirrored, s.settled())
		if open {
			t.Reopened()
		} else if t.Conversation.Seq == s.last() {
			t.Closed()
		} else {
			t.Sync() // something was said meanwhile, which may reopen it
		}
		t.Done = append(t.Done, s.d.ID)
		if s.sight.Conversation.Seq > s.last() {
			t.Sync() // there was more to read than fits in one go
		}
		return nil
	})
}

// last is the newest entry that was read.
func (s *syncing) last() int64 {
	if n := len(s.sight.Entries); n > 0 {
		return s.sight.Entries[n-1].Seq
	}
	return s.sight.Ticket.Mirrored
}

// settled is the entry up to which nothing remains to be said, whatever comes.
func (s *syncing) settled() int64 {
	if s.sight.Escalation != nil {
		return s.last()
	}
	return min(s.last(), s.sight.Conversation.Seq-reach)
}

// reach is more than an escalation ever hands over of what was said before it.
const reach = 50

// replace deals with a ticket that was trashed, deleted or merged away, or that
// can't be opened again: another takes its place for what it lacks, and for what
// was handed over and is still waiting for a person.
func (s *syncing) replace(ctx context.Context) error {
	left := unsaid(s.sight)
	return s.turn(ctx, func(t *chat.Turn) error {
		t.Ticket.Lost, t.Ticket.Open = true, false
		t.Happen(chat.TicketLost, chat.Author{Role: chat.BySystem}, "#"+t.Ticket.Remote)
		t.Done = append(t.Done, s.d.ID)
		if t.Escalation == nil && !heard(left) || s.former() {
			return nil
		}
		var from int64
		if t.Escalation != nil {
			from = t.Escalation.From
		}
		if len(left) > 0 && (from == 0 || left[0].fresh[0].Seq < from) {
			from = left[0].fresh[0].Seq
		}
		t.NewTicket(from)
		t.Sync()
		return nil
	})
}
