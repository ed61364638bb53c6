package store

import (
	"context"
	"errors"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A handing is the open escalation and the newest ticket that a conversation
// names, as they are read along with it: in one statement nothing can change in
// between.
type handing struct {
	escalation                    chat.Escalation
	ticket                        chat.Ticket
	at, ended, open, closed, lost int64
}

const (
	handingColumns = `COALESCE(e.id, ''), COALESCE(e.reason, ''), COALESCE(e.wants, ''), COALESCE(e.first, 0), COALESCE(e.at, 0), COALESCE(e.ended_at, 0),
		COALESCE(k.id, ''), COALESCE(k.remote, ''), COALESCE(k.open, 0), COALESCE(k.closed_at, 0), COALESCE(k.lost, 0), COALESCE(k.first, 0),
		COALESCE(k.mirrored, 0), COALESCE(k.tagged, ''), COALESCE(k.before, '')`
	handingTables = ` LEFT JOIN escalations e ON e.id = c.escalation AND e.shop = c.shop LEFT JOIN tickets k ON k.id = c.ticket AND k.shop = c.shop`
)

// to is where handingColumns go.
func (h *handing) to() []any {
	e, k := &h.escalation, &h.ticket
	return []any{&e.ID, &e.Reason, &e.Wants, &e.From, &h.at, &h.ended, &k.ID, &k.Remote, &h.open, &h.closed, &h.lost, &k.From, &k.Mirrored, &k.Tagged, &k.Before}
}

// into gives the turn what was read with its conversation.
func (h *handing) into(t *chat.Turn) error {
	c, e, k := t.Conversation, &h.escalation, &h.ticket
	if e.ID != c.Escalation || k.ID != c.Ticket {
		return errors.New("a conversation's escalation or ticket is missing")
	}
	if c.Escalation != "" {
		e.Shop, e.Conversation, e.At, e.EndedAt = c.Shop, c.ID, moment(h.at), moment(h.ended)
		t.Escalation = e
	}
	if c.Ticket != "" {
		k.Shop, k.Conversation, k.Open, k.ClosedAt, k.Lost = c.Shop, c.ID, h.open == 1, moment(h.closed), h.lost == 1
		t.Ticket = k
	}
	return nil
}

// saveHandover keeps what the turn changed of it.
func (tx tx) saveHandover(before chat.Turn, t *chat.Turn) error {
	if t.Ended != nil {
		if err := tx.ExecLater(`UPDATE escalations SET ended_at = $1 WHERE id = $2 AND shop = $3`,
			micros(t.Ended.EndedAt), string(t.Ended.ID), string(t.Ended.Shop)); err != nil {
			return err
		}
	}
	if e := t.Escalation; e != nil && e.ID != before.Conversation.Escalation {
		if err := tx.ExecLater(`
			INSERT INTO escalations (id, shop, conversation, reason, wants, first, at, ended_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
			string(e.ID), string(e.Shop), string(e.Conversation), string(e.Reason), e.Wants, e.From, micros(e.At)); err != nil {
			return err
		}
	}
	if t.Retired != nil {
		if err := tx.saveTicket(*t.Retired); err != nil {
			return err
		}
	}
	if t.Ticket == nil || (before.Ticket != nil && *t.Ticket == *before.Ticket) {
		return nil
	}
	return tx.saveTicket(*t.Ticket)
}

func (tx tx) saveTicket(k chat.Ticket) error {
	// One that was lost stays so: in another account its id is somebody else's.
	return tx.ExecLater(`
		INSERT INTO tickets (`+ticketColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET remote = excluded.remote, open = excluded.open, closed_at = excluded.closed_at,
			lost = excluded.lost, mirrored = excluded.mirrored, tagged = excluded.tagged
			WHERE tickets.lost = 0`,
		string(k.ID), string(k.Shop), string(k.Conversation), k.Remote, truth(k.Open), micros(k.ClosedAt), truth(k.Lost), k.From, k.Mirrored, string(k.Tagged), k.Before)
}

// Ticket finds a ticket of a conversation by the helpdesk's id.
func (s *Store) Ticket(ctx context.Context, shop chat.ShopID, id chat.ConversationID, remote string) (k chat.Ticket, err error) {
	err = s.read(ctx, "find a ticket", func(tx tx) error {
		return scanTicket(tx.Row(`SELECT `+ticketColumns+` FROM tickets WHERE shop = $1 AND conversation = $2 AND remote = $3 AND remote <> ''`,
			string(shop), string(id), remote), &k)
	})
	return k, err
}

const ticketColumns = `id, shop, conversation, remote, open, closed_at, lost, first, mirrored, tagged, before`

func scanTicket(row sqldb.Scanner, k *chat.Ticket) error {
	var open, closed, lost int64
	err := row.Scan(&k.ID, &k.Shop, &k.Conversation, &k.Remote, &open, &closed, &lost, &k.From, &k.Mirrored, &k.Tagged, &k.Before)
	k.Open, k.ClosedAt, k.Lost = open == 1, moment(closed), lost == 1
	return err
}
