package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidetext/chat"
)

// Sights reads conversations. The store has the real one.
type Snapshots interface {
	// Handed reads a conversation with the entries around what its newest
	// ticket does not say yet.
	TicketSnapshot(ctx context.Context, shop chat.ShopID, id chat.ConversationID) (chat.Snapshot, error)
}

// ticket makes the ticket say what the conversation says. Each step that was
// taken is kept before the next, so that whoever takes over after a crash goes
// on from there.
func (c *Worker) ticket(ctx context.Context, d chat.Delivery) error {
	s, err := c.Snapshots.TicketSnapshot(ctx, d.Shop, d.Conversation)
	if err != nil {
		return err
	}
	desk, err := c.Helpdesks.Helpdesk(ctx, d)
	if errors.Is(err, chat.ErrNotFound) {
		return c.Finish(ctx, d) // disconnected: connecting again calls for it
	}
	if err != nil {
		return err
	}
	if s.Ticket == nil || s.Ticket.Lost || chat.HelpdeskAccount(s.Helpdesk) != d.Account {
		return c.Finish(ctx, d)
	}
	sync := syncing{Worker: c, desk: desk, d: d, sight: s, again: d.Tries > 1}
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
	seen, err := desk.TicketState(ctx, s.Ticket.Remote)
	if err != nil {
		return err
	}
	if seen.Remote == "" {
		return sync.replace(ctx)
	}
	if seen.Remote != s.Ticket.Remote {
		if err := sync.merged(ctx, seen.Remote); err != nil {
			return err
		}
	}
	sync.answers = seen.Replies
	if sync.again {
		if err := sync.notes(ctx); err != nil {
			return err
		}
	}
	return sync.update(ctx, seen.Open)
}

// syncing is one ticket being brought up to date.
type syncing struct {
	*Worker
	desk  Helpdesk
	d     chat.Delivery
	sight chat.Snapshot
	again bool // somebody may have taken the next step before
	sure  bool // the shopper's customer in the helpdesk is the right one
	brief bool // the dialogue is left out: the helpdesk refuses something in it

	answers []EmailReply // agents' answers in the ticket
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
func (s *syncing) former() bool { return s.sight.Conversation.OfFormerOwner(s.sight.Ticket.From) }

// person makes sure who the shopper is in the helpdesk.
func (s *syncing) person(ctx context.Context) error {
	asked := s.sight.Shopper
	customer, err := s.desk.FindOrCreateCustomer(ctx, asked)
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

// merged goes on with the ticket that the conversation's was merged into.
func (s *syncing) merged(ctx context.Context, into string) error {
	from := s.sight.Ticket.Remote
	err := s.turn(ctx, func(t *chat.Turn) error { t.TicketMerged(from, into); return nil })
	s.sight.Ticket.Remote, s.sight.Ticket.Tagged = into, nil
	return err
}

func (s *syncing) open(ctx context.Context) error {
	begins, k := opening(s.sight.Entries), s.sight.Ticket
	dialogue := s.sight.Dialogue(begins[len(begins)-1].Seq + 1)
	remote, err := s.desk.CreateTicket(ctx, s.sight, dialogue, s.again)
	if refusal(err) != nil && !s.again { // it may be there all the same
		s.again = true
		remote, err = s.desk.CreateTicket(ctx, s.sight, dialogue, true)
	}
	if err != nil {
		return err
	}
	k.Remote, k.Mirrored = remote, begins[len(begins)-1].Seq
	if !s.again { // otherwise they may have been others
		k.Tagged = s.sight.Reasons()
	}
	found := s.again
	if err := s.linkFiles(ctx, begins, found); err != nil {
		return err
	}
	err = s.turn(ctx, func(t *chat.Turn) error {
		t.Ticket.Remote, t.Ticket.Tagged = k.Remote, k.Tagged
		t.AddEvent(chat.TicketOpened, chat.Author{Role: chat.BySystem}, "#"+remote)
		for _, e := range begins {
			if err := t.MarkMirrored(told(e, found)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.again = false // from here on nobody has been before
	if err := s.notes(ctx); err != nil {
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

// update brings a ticket up to date that is there. It is opened again before
// anything is added: somebody who takes over after that finds it open.
func (s *syncing) update(ctx context.Context, open bool) error {
	k := s.sight.Ticket
	sayings := unsaid(s.sight)
	if !open && heard(sayings) && !s.former() {
		err := s.desk.ReopenTicket(ctx, k.Remote)
		if open = err == nil; refusal(err) != nil {
			var seen TicketState
			seen, err = s.desk.TicketState(ctx, k.Remote)
			open = seen.Open
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
	if err := s.tag(ctx); err != nil {
		return err
	}
	return s.turn(ctx, func(t *chat.Turn) error {
		unchanged := t.Conversation.Seq == s.last()
		if err := s.answered(t); err != nil {
			return err
		}
		t.Ticket.Tagged = k.Tagged
		t.Ticket.Mirrored = max(t.Ticket.Mirrored, s.settled())
		if open {
			t.TicketReopened()
		} else if unchanged {
			t.TicketClosed()
		} else {
			t.SyncTicket() // something was said meanwhile, which may reopen it
		}
		t.Done = append(t.Done, s.d.ID)
		if s.sight.Conversation.Seq > s.last() {
			t.SyncTicket() // there was more to read than fits in one go
		}
		return nil
	})
}

// answered records agents' answers by e-mail. An answer that is older than what
// the ticket begins with belongs to another ticket that ours was merged into.
func (s *syncing) answered(t *chat.Turn) error {
	if len(s.answers) == 0 {
		return nil
	}
	begins, err := t.History.After(t.Ticket.From-1, 1)
	if err != nil || len(begins) == 0 {
		return err
	}
	const skew = time.Minute // between the helpdesk's clock and ours
	for _, a := range s.answers {
		if a.At.Add(skew).Before(begins[0].At) {
			continue
		}
		err := t.AddEventOnce(chat.RepliedByMail, a.By, "", "gorgias:"+a.ID)
		if errors.Is(err, chat.ErrRepeat) {
			continue
		}
		if err != nil {
			return err
		}
		t.AgentReplied(a.By)
	}
	return nil
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

// reach is how much an escalation may hand over of what was said before it.
const reach = chat.MaxDialogue

// replace deals with a ticket that was trashed or deleted, or that can't be
// opened again: another takes its place for what it lacks, and for what
// was handed over and is still waiting for a person.
func (s *syncing) replace(ctx context.Context) error {
	left := unsaid(s.sight)
	return s.turn(ctx, func(t *chat.Turn) error {
		t.Ticket.Lost, t.Ticket.Open = true, false
		t.AddEvent(chat.TicketLost, chat.Author{Role: chat.BySystem}, "#"+t.Ticket.Remote)
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
		t.SyncTicket()
		return nil
	})
}
