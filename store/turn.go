package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sidetext/chat"
)

// Receive takes a turn in the conversation of a door's line with whoever texts
// from phone. Both are made when they are new.
func (s *Store) Receive(ctx context.Context, at chat.Door, phone chat.Phone, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error) {
	return s.turn(ctx, now, do, func(l link, t *chat.Turn) error {
		t.Shop, t.Line, t.Helpdesk = at.Shop, at.Line, at.Helpdesk
		return meet(l, t, phone)
	})
}

// Turn takes a turn in a conversation. Another shop's is not found.
func (s *Store) Turn(ctx context.Context, shop chat.ShopID, id chat.ConversationID, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error) {
	return s.turn(ctx, now, do, func(l link, t *chat.Turn) error {
		if err := l.lock(&t.Conversation, `id = $1 AND shop = $2`, string(id), string(shop)); err != nil {
			return err
		}
		door, err := s.door(l, `l.id = $1`, string(t.Conversation.Line))
		if err != nil {
			return err
		}
		t.Shop, t.Line, t.Helpdesk = door.Shop, door.Line, door.Helpdesk
		t.Shopper, err = l.shopper(`id = $1 AND shop = $2`, string(t.Conversation.Shopper), string(shop))
		return err
	})
}

func (s *Store) turn(ctx context.Context, now time.Time, do func(*chat.Turn) error, load func(link, *chat.Turn) error) (*chat.Turn, error) {
	var t *chat.Turn
	err := s.write(ctx, "take a turn", func(l link) error {
		t = &chat.Turn{At: now.UTC().Truncate(time.Microsecond)}
		if err := load(l, t); err != nil {
			return err
		}
		if err := l.handover(t); err != nil {
			return err
		}
		before := *t
		if t.Ticket != nil {
			ticket := *t.Ticket
			before.Ticket = &ticket
		}
		past := &recall{l: l, c: t.Conversation}
		t.Recall = past
		if err := do(t); err != nil {
			return err
		}
		if err := l.save(before, t); err != nil {
			return err
		}
		return past.forget()
	})
	return t, err
}

// meet finds the shopper and locks the conversation, or makes them.
func meet(l link, t *chat.Turn, phone chat.Phone) (err error) {
	const who = `shop = $1 AND phone = $2`
	t.Shopper, err = l.shopper(who, string(t.Shop.ID), string(phone))
	if errors.Is(err, sql.ErrNoRows) {
		err = l.addShopper(chat.Shopper{ID: chat.NewID[chat.ShopperID](t.At), Shop: t.Shop.ID, Phone: phone})
		if err == nil {
			t.Shopper, err = l.shopper(who, string(t.Shop.ID), string(phone))
		}
	}
	if err != nil {
		return err
	}
	const which = `line = $1 AND shopper = $2`
	err = l.lock(&t.Conversation, which, string(t.Line.ID), string(t.Shopper.ID))
	if errors.Is(err, sql.ErrNoRows) {
		_, err = l.exec(`
			INSERT INTO conversations (id, shop, line, shopper, mode, opted_out, seq, rev, last_at, dialog, escalation, ticket)
			VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 0, '{}', '', '') ON CONFLICT DO NOTHING`,
			string(chat.NewID[chat.ConversationID](t.At)), string(t.Shop.ID), string(t.Line.ID), string(t.Shopper.ID), string(chat.Automated))
		if err == nil {
			err = l.lock(&t.Conversation, which, string(t.Line.ID), string(t.Shopper.ID))
		}
	}
	return err
}

// save keeps what the turn changed.
func (l link) save(before chat.Turn, t *chat.Turn) error {
	for _, e := range t.Added {
		if err := l.addEntry(t.Conversation, e); err != nil {
			return err
		}
	}
	for _, e := range t.Changed {
		if err := l.changeEntry(t.Conversation, e); err != nil {
			return err
		}
	}
	if err := l.saveHandover(before, t); err != nil {
		return err
	}
	for _, d := range t.Deliveries {
		if err := l.deliver(d, t.At); err != nil {
			return err
		}
	}
	for _, a := range t.Attempts {
		if err := l.attempt(a); err != nil {
			return err
		}
	}
	for _, h := range t.Heard {
		if err := l.heard(t.Conversation.Shop, h); err != nil {
			return err
		}
	}
	for _, id := range t.Done {
		if err := l.done(t.Conversation.Shop, id); err != nil {
			return err
		}
	}
	for _, d := range t.Freed {
		if err := l.putOff(d, t.At, ""); err != nil {
			return err
		}
	}
	if t.Shopper != before.Shopper {
		if err := l.saveShopper(t.Shopper); err != nil {
			return err
		}
	}
	if t.Conversation != before.Conversation {
		return l.saveConversation(t.Conversation)
	}
	return nil
}
