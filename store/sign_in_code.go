package store

import (
	"context"
	"errors"
	"time"

	"sidetext/chat"
)

// A Code proves that an agent can read a ticket, on which it is posted.
type Code struct {
	ID           string
	Shop         chat.ShopID
	Conversation chat.ConversationID
	Agent        chat.Agent
}

// MakeCode saves a code together with the delivery that posts it.
func (s *Store) MakeCode(ctx context.Context, c Code, digits string, post chat.Delivery, now time.Time) (id string, err error) {
	id = random()
	return id, s.write(ctx, "make a code", func(tx tx) error {
		// Locked, so that concurrent requests are counted one after the other.
		if err := errors.Join(tx.lockConversation(c.Shop, c.Conversation), tx.requireConversation(c.Shop, c.Conversation)); err != nil {
			return err
		}
		hourAgo := micros(now.Add(-time.Hour))
		if _, err := tx.Exec(`DELETE FROM codes WHERE conversation = $1 AND made_at <= $2 AND shop = $3`,
			string(c.Conversation), hourAgo, string(c.Shop)); err != nil {
			return err
		}
		var recent int
		if err := tx.Row(`SELECT COUNT(*) FROM codes WHERE conversation = $1 AND made_at > $2 AND shop = $3`,
			string(c.Conversation), hourAgo, string(c.Shop)).Scan(&recent); err != nil {
			return err
		}
		if recent >= codesPerHour {
			return &chat.Error{Kind: chat.KindTooMany, Code: "too_many_codes", Text: "Too many codes were posted on this ticket. Please try again in an hour."}
		}
		if _, err := tx.Exec(`
			INSERT INTO codes (id, shop, conversation, agent, agent_name, hash, tries, made_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, 0)`,
			id, string(c.Shop), string(c.Conversation), c.Agent.ID, c.Agent.Name, hash(id+digits), micros(now)); err != nil {
			return err
		}
		return tx.addDelivery(post, now)
	})
}

// UseCode signs an agent in. left is how many tries remain after a wrong code.
func (s *Store) UseCode(ctx context.Context, id, digits string, now time.Time) (session Session, left int, err error) {
	session = Session{ID: random(), Role: AgentSession, Agent: chat.Author{Role: chat.ByAgent}}
	var right bool
	err = s.write(ctx, "use a code", func(tx tx) error {
		var want string
		var tries int
		// Every try counts, and two concurrent ones count twice.
		err := tx.Row(`
			UPDATE codes SET tries = tries + 1 WHERE id = $1 AND used_at = 0 AND tries < $2 AND made_at > $3
			RETURNING shop, agent, agent_name, hash, tries`, id, int64(MaxCodeTries), micros(now.Add(-CodeLifetime))).
			Scan(&session.Shop, &session.Agent.ID, &session.Agent.Name, &want, &tries)
		if err != nil {
			return err
		}
		left, right = MaxCodeTries-tries, want == hash(id+digits)
		if !right {
			return nil
		}
		if _, err := tx.Exec(`UPDATE codes SET used_at = $1 WHERE id = $2`, micros(now), id); err != nil {
			return err
		}
		return tx.addSession(session, now)
	})
	if err == nil && !right {
		err = chat.ErrSignedOut
	}
	if err != nil {
		return Session{}, left, err
	}
	return session, left, nil
}
