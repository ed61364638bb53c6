package store

import (
	"context"
	"errors"

	"sidetext/chat"
)

// handover reads the conversation's open escalation and newest ticket: those that
// it named when it was read. Who only reads may find that it names others by now.
func (l link) handover(t *chat.Turn) error {
	c := t.Conversation
	if c.Escalation == "" && c.Ticket == "" {
		return nil
	}
	e, k := &chat.Escalation{}, &chat.Ticket{}
	var at, ended int64
	err := scanTicket(l.row(`
		SELECT `+handoverColumns+` FROM conversations c LEFT JOIN escalations e ON e.id = $3 AND e.shop = c.shop
			LEFT JOIN tickets k ON k.id = $4 AND k.shop = c.shop
		WHERE c.id = $1 AND c.shop = $2`, string(c.ID), string(c.Shop), string(c.Escalation), string(c.Ticket)), k,
		&e.ID, &e.Shop, &e.Conversation, &e.Reason, &e.Wants, &e.From, &at, &ended)
	if err != nil {
		return err
	}
	if e.At, e.EndedAt = moment(at), moment(ended); c.Escalation != "" {
		t.Escalation = e
	}
	if c.Ticket != "" {
		t.Ticket = k
	}
	if e.ID != c.Escalation || k.ID != c.Ticket {
		return errors.New("a conversation's escalation or ticket is missing")
	}
	return nil
}

const handoverColumns = `COALESCE(k.id, ''), COALESCE(k.shop, ''), COALESCE(k.conversation, ''), COALESCE(k.remote, ''), COALESCE(k.open, 0), COALESCE(k.closed_at, 0),
	COALESCE(k.lost, 0), COALESCE(k.first, 0), COALESCE(k.mirrored, 0), COALESCE(k.tagged, ''), COALESCE(k.before, ''),
	COALESCE(e.id, ''), COALESCE(e.shop, ''), COALESCE(e.conversation, ''), COALESCE(e.reason, ''), COALESCE(e.wants, ''), COALESCE(e.first, 0), COALESCE(e.at, 0), COALESCE(e.ended_at, 0)`

// saveHandover keeps what the turn changed of it.
func (l link) saveHandover(before chat.Turn, t *chat.Turn) error {
	if t.Ended != nil {
		if err := l.later(`UPDATE escalations SET ended_at = $1 WHERE id = $2 AND shop = $3`,
			micros(t.Ended.EndedAt), string(t.Ended.ID), string(t.Ended.Shop)); err != nil {
			return err
		}
	}
	if e := t.Escalation; e != nil && e.ID != before.Conversation.Escalation {
		if err := l.later(`
			INSERT INTO escalations (id, shop, conversation, reason, wants, first, at, ended_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
			string(e.ID), string(e.Shop), string(e.Conversation), string(e.Reason), e.Wants, e.From, micros(e.At)); err != nil {
			return err
		}
	}
	if t.Retired != nil {
		if err := l.saveTicket(*t.Retired); err != nil {
			return err
		}
	}
	if t.Ticket == nil || (before.Ticket != nil && *t.Ticket == *before.Ticket) {
		return nil
	}
	return l.saveTicket(*t.Ticket)
}

func (l link) saveTicket(k chat.Ticket) error {
	// One that was lost stays so: in another account its id is somebody else's.
	return l.later(`
		INSERT INTO tickets (`+ticketColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET remote = excluded.remote, open = excluded.open, closed_at = excluded.closed_at,
			lost = excluded.lost, mirrored = excluded.mirrored, tagged = excluded.tagged
			WHERE tickets.lost = 0`,
		string(k.ID), string(k.Shop), string(k.Conversation), k.Remote, truth(k.Open), micros(k.ClosedAt), truth(k.Lost), k.From, k.Mirrored, string(k.Tagged), k.Before)
}

// Ticket finds a ticket of a conversation by the helpdesk's id.
func (s *Store) Ticket(ctx context.Context, shop chat.ShopID, id chat.ConversationID, remote string) (k chat.Ticket, err error) {
	err = s.read(ctx, "find a ticket", func(l link) error {
		return scanTicket(l.row(`SELECT `+ticketColumns+` FROM tickets WHERE shop = $1 AND conversation = $2 AND remote = $3 AND remote <> ''`,
			string(shop), string(id), remote), &k)
	})
	return k, err
}

const ticketColumns = `id, shop, conversation, remote, open, closed_at, lost, first, mirrored, tagged, before`

// scanTicket reads ticketColumns, and into more what follows them.
func scanTicket(row scanner, k *chat.Ticket, more ...any) error {
	var open, closed, lost int64
	err := row.Scan(append([]any{&k.ID, &k.Shop, &k.Conversation, &k.Remote, &open, &closed, &lost, &k.From, &k.Mirrored, &k.Tagged, &k.Before}, more...)...)
	k.Open, k.ClosedAt, k.Lost = open == 1, moment(closed), lost == 1
	return err
}
