package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sidetext/chat"
)

// Receive runs do as a turn in the conversation between a line and the shopper
// with this phone, in any notation. It creates the shopper and the conversation
// if they do not exist.
func (s *Store) Receive(ctx context.Context, config chat.LineConfig, phone chat.Phone, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error) {
	phone = phone.Canonical()
	return s.turn(ctx, now, do, func(tx tx, t *chat.Turn) error {
		t.Shop, t.Line, t.Helpdesk, t.Shopify = config.Shop, config.Line, config.Helpdesk, config.Shopify
		return s.findOrCreateConversation(tx, t, phone)
	})
}

// Turn runs do as a turn in a conversation. That of another shop is not found.
func (s *Store) Turn(ctx context.Context, shop chat.ShopID, id chat.ConversationID, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error) {
	return s.turn(ctx, now, do, func(tx tx, t *chat.Turn) error {
		if err := tx.lockConversation(shop, id); err != nil {
			return err
		}
		config, err := s.loadConversation(tx, t, shop, id)
		t.Shop, t.Line, t.Helpdesk, t.Shopify = config.Shop, config.Line, config.Helpdesk, config.Shopify
		return err
	})
}

// turn loads a conversation, lets do change it and saves what was changed, all in
// one transaction. do may run again after a conflict with another transaction.
func (s *Store) turn(ctx context.Context, now time.Time, do func(*chat.Turn) error, load func(tx, *chat.Turn) error) (*chat.Turn, error) {
	var t *chat.Turn
	err := s.write(ctx, "save a turn", func(tx tx) error {
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
		past := &history{tx: tx, c: t.Conversation}
		t.History = past
		if err := do(t); err != nil {
			return err
		}
		if err := tx.saveTurn(before, t); err != nil {
			return err
		}
		if err := tx.liftSuppression(before, t); err != nil {
			return err
		}
		return past.deleteUsedReports()
	})
	return t, err
}

// findOrCreateConversation locks and loads the conversation of t's line with a
// phone. It creates the conversation and its shopper if they do not exist. A phone that
// opted out before its data was erased starts opted out.
func (s *Store) findOrCreateConversation(tx tx, t *chat.Turn, phone chat.Phone) error {
	args := []any{string(t.Line.ID), string(t.Shop.ID), string(phone)}
	load := func() error {
		const lock = `SELECT c.id FROM conversations c WHERE c.line = $1 AND c.shopper = (SELECT p.id FROM shoppers p WHERE p.shop = $2 AND p.phone = $3)`
		if err := tx.Lock(lock, args...); err != nil {
			return err
		}
		return tx.loadByPhone(t, args...)
	}
	err := load()
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err := tx.addShopper(chat.Shopper{ID: chat.NewID[chat.ShopperID](t.At), Shop: t.Shop.ID, Phone: phone}); err != nil {
		return err
	}
	if err := tx.ExecLater(`
		INSERT INTO conversations (id, shop, line, shopper, mode, opted_out, seq, rev, last_at, dialog, escalation, ticket)
		VALUES ($4, $2, $1, (SELECT p.id FROM shoppers p WHERE p.shop = $2 AND p.phone = $3), $5,
			(SELECT COUNT(*) FROM suppressions u WHERE u.shop = $2 AND u.line = $1 AND u.hash = $6), 0, 0, 0, '{}', '', '') ON CONFLICT DO NOTHING`,
		append(args, string(chat.NewID[chat.ConversationID](t.At)), string(chat.Automated), tx.suppressionHash(t.Shop.ID, t.Line.ID, phone))...); err != nil {
		return err
	}
	return load()
}

// saveTurn writes what the turn changed.
func (tx tx) saveTurn(before chat.Turn, t *chat.Turn) error {
	for _, e := range t.Added {
		if err := tx.addEntry(t.Conversation, e); err != nil {
			return err
		}
	}
	for _, e := range t.Changed {
		if err := tx.updateEntry(t.Conversation, e); err != nil {
			return err
		}
	}
	if err := tx.saveHandover(before, t); err != nil {
		return err
	}
	for _, d := range t.Deliveries {
		if err := tx.addDelivery(d, t.At); err != nil {
			return err
		}
	}
	for _, a := range t.Attempts {
		if err := tx.saveAttempt(a); err != nil {
			return err
		}
	}
	if err := tx.saveTurnConsents(t); err != nil {
		return err
	}
	for _, r := range t.Reports {
		if err := tx.saveReport(t.Conversation.Shop, r); err != nil {
			return err
		}
	}
	for _, id := range t.Done {
		if err := tx.deleteDone(t.Conversation.Shop, id); err != nil {
			return err
		}
	}
	for _, d := range t.Requeued {
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
