package store

import (
	"context"

	"sidetext/chat"
)

// handover reads the conversation's open escalation and newest ticket.
func (l link) handover(t *chat.Turn) error {
	c := t.Conversation
	if c.Escalation != "" {
		e := &chat.Escalation{}
		var at, ended int64
		err := l.row(`SELECT id, shop, conversation, reason, wants, first, at, ended_at FROM escalations WHERE id = $1 AND shop = $2`,
			string(c.Escalation), string(c.Shop)).Scan(&e.ID, &e.Shop, &e.Conversation, &e.Reason, &e.Wants, &e.From, &at, &ended)
		if err != nil {
			return err
		}
		e.At, e.EndedAt = moment(at), moment(ended)
		t.Escalation = e
	}
	if c.Ticket != "" {
		k := &chat.Ticket{}
		err := scanTicket(l.row(`SELECT `+ticketColumns+` FROM tickets WHERE id = $1 AND shop = $2`, string(c.Ticket), string(c.Shop)), k)
		if err != nil {
			return err
		}
		t.Ticket = k
	}
	return nil
}

// saveHandover keeps what the turn changed of it.
func (l link) saveHandover(before chat.Turn, t *chat.Turn) error {
	if t.Ended != nil {
		if _, err := l.exec(`UPDATE escalations SET ended_at = $1 WHERE id = $2 AND shop = $3`,
			micros(t.Ended.EndedAt), string(t.Ended.ID), string(t.Ended.Shop)); err != nil {
			return err
		}
	}
	if e := t.Escalation; e != nil && e.ID != before.Conversation.Escalation {
		if _, err := l.exec(`
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
	_, err := l.exec(`
		INSERT INTO tickets (`+ticketColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET remote = excluded.remote, open = excluded.open, closed_at = excluded.closed_at,
			lost = excluded.lost, mirrored = excluded.mirrored, tagged = excluded.tagged`,
		string(k.ID), string(k.Shop), string(k.Conversation), k.Remote, truth(k.Open), micros(k.ClosedAt), truth(k.Lost), k.From, k.Mirrored, string(k.Tagged), k.Before)
	return err
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

func scanTicket(row scanner, k *chat.Ticket) error {
	var open, closed, lost int64
	err := row.Scan(&k.ID, &k.Shop, &k.Conversation, &k.Remote, &open, &closed, &lost, &k.From, &k.Mirrored, &k.Tagged, &k.Before)
	k.Open, k.ClosedAt, k.Lost = open == 1, moment(closed), lost == 1
	return err
}
