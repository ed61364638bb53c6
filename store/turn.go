package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sidetext/chat"
)

// Receive takes a turn in the conversation of a door's line with the shopper of a
// phone, in whichever notation the provider gives it. Both are made when they are
// new.
func (s *Store) Receive(ctx context.Context, at chat.LineConfig, phone chat.Phone, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error) {
	phone = phone.Canonical()
	return s.turn(ctx, now, do, func(tx tx, t *chat.Turn) error {
		t.Shop, t.Line, t.Helpdesk = at.Shop, at.Line, at.Helpdesk
		return meet(tx, t, phone)
	})
}

// Turn takes a turn in a conversation. Another shop's is not found.
func (s *Store) Turn(ctx context.Context, shop chat.ShopID, id chat.ConversationID, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error) {
	return s.turn(ctx, now, do, func(tx tx, t *chat.Turn) error {
		if err := tx.lockConversation(shop, id); err != nil {
			return err
		}
		door, err := s.set(tx, t, shop, id)
		t.Shop, t.Line, t.Helpdesk = door.Shop, door.Line, door.Helpdesk
		return err
	})
}

func (s *Store) turn(ctx context.Context, now time.Time, do func(*chat.Turn) error, load func(tx, *chat.Turn) error) (*chat.Turn, error) {
	var t *chat.Turn
	err := s.write(ctx, "take a turn", func(tx tx) error {
		t = &chat.Turn{At: now.UTC().Truncate(time.Microsecond)}
		if err := load(tx, t); err != nil {
			return err
		}
		before := *t
		if t.Ticket != nil {
			ticket := *t.Ticket
			before.Ticket = &ticket
		}
		if t.Escalation != nil {
			escalation := *t.Escalation
			before.Escalation = &escalation
		}
		past := &recall{tx: tx, c: t.Conversation}
		t.History = past
		if err := do(t); err != nil {
			return err
		}
		if err := tx.save(before, t); err != nil {
			return err
		}
		return past.forget()
	})
	return t, err
}

// meet finds the shopper and locks the conversation, or makes them.
func meet(tx tx, t *chat.Turn, phone chat.Phone) error {
	at := []any{string(t.Line.ID), string(t.Shop.ID), string(phone)}
	look := func() error {
		const which = `SELECT c.id FROM conversations c WHERE c.line = $1 AND c.shopper = (SELECT p.id FROM shoppers p WHERE p.shop = $2 AND p.phone = $3)`
		if err := tx.Lock(which, at...); err != nil {
			return err
		}
		return tx.met(t, at...)
	}
	err := look()
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err := tx.addShopper(chat.Shopper{ID: chat.NewID[chat.ShopperID](t.At), Shop: t.Shop.ID, Phone: phone}); err != nil {
		return err
	}
	if err := tx.ExecLater(`
		INSERT INTO conversations (id, shop, line, shopper, mode, opted_out, seq, rev, last_at, dialog, escalation, ticket)
		VALUES ($4, $2, $1, (SELECT p.id FROM shoppers p WHERE p.shop = $2 AND p.phone = $3), $5, 0, 0, 0, 0, '{}', '', '') ON CONFLICT DO NOTHING`,
		append(at, string(chat.NewID[chat.ConversationID](t.At)), string(chat.Automated))...); err != nil {
		return err
	}
	return look()
}

// save keeps what the turn changed.
func (tx tx) save(before chat.Turn, t *chat.Turn) error {
	for _, e := range t.Added {
		if err := tx.addEntry(t.Conversation, e); err != nil {
			return err
		}
	}
	for _, e := range t.Changed {
		if err := tx.changeEntry(t.Conversation, e); err != nil {
			return err
		}
	}
	if err := tx.saveHandover(before, t); err != nil {
		return err
	}
	for _, d := range t.Deliveries {
		if err := tx.deliver(d, t.At); err != nil {
			return err
		}
	}
	for _, a := range t.Attempts {
		if err := tx.attempt(a); err != nil {
			return err
		}
	}
	for _, h := range t.HasText {
		if err := tx.heard(t.Conversation.Shop, h); err != nil {
			return err
		}
	}
	for _, id := range t.Done {
		if err := tx.done(t.Conversation.Shop, id); err != nil {
			return err
		}
	}
	for _, d := range t.Freed {
		if err := tx.postpone(d, t.At, ""); err != nil {
			return err
		}
	}
	if t.Shopper != before.Shopper {
		if err := tx.saveShopper(before.Shopper, t.Shopper); err != nil {
			return err
		}
	}
	if t.Conversation != before.Conversation {
		return tx.saveConversation(t.Conversation)
	}
	return nil
}
