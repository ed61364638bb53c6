package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A handoverRow scans the open escalation and the newest ticket of a conversation,
// which are read in one statement with it, so that nothing changes in between.
type handoverRow struct {
	escalation                    chat.Escalation
	ticket                        chat.Ticket
	at, ended, open, closed, lost int64
	later, tagged                 string
}

const (
	handoverColumns = `COALESCE(e.id, ''), COALESCE(e.reason, ''), COALESCE(e.wants, ''), COALESCE(e.later, ''), COALESCE(e.agent, ''), COALESCE(e.agent_name, ''),
		COALESCE(e.first, 0), COALESCE(e.at, 0), COALESCE(e.ended_at, 0),
		COALESCE(k.id, ''), COALESCE(k.remote, ''), COALESCE(k.open, 0), COALESCE(k.closed_at, 0), COALESCE(k.lost, 0), COALESCE(k.first, 0),
		COALESCE(k.mirrored, 0), COALESCE(k.tagged, ''), COALESCE(k.before, '')`
	handoverTables = ` LEFT JOIN escalations e ON e.id = c.escalation AND e.shop = c.shop LEFT JOIN tickets k ON k.id = c.ticket AND k.shop = c.shop`
)

// dest lists the scan destinations of handoverColumns.
func (h *handoverRow) dest() []any {
	e, k := &h.escalation, &h.ticket
	return []any{&e.ID, &e.Reason, &e.Wants, &h.later, &e.Agent.ID, &e.Agent.Name, &e.From, &h.at, &h.ended,
		&k.ID, &k.Remote, &h.open, &h.closed, &h.lost, &k.From, &k.Mirrored, &h.tagged, &k.Before}
}

// fill sets the turn's escalation and ticket, after its conversation was scanned.
func (h *handoverRow) fill(t *chat.Turn) error {
	c, e, k := t.Conversation, &h.escalation, &h.ticket
	if e.ID != c.Escalation || k.ID != c.Ticket {
		return errors.New("a conversation's escalation or ticket is missing")
	}
	if c.Escalation != "" {
		e.Shop, e.Conversation, e.At, e.EndedAt = c.Shop, c.ID, timeOf(h.at), timeOf(h.ended)
		if e.Agent != (chat.Author{}) {
			e.Agent.Role = chat.ByAgent
		}
		if h.later != "[]" { // not the usual case
			if err := json.Unmarshal([]byte(h.later), &e.Later); err != nil {
				return fmt.Errorf("parse an escalation's needs: %w", err)
			}
		}
		t.Escalation = e
	}
	if c.Ticket != "" {
		k.Shop, k.Conversation, k.Open, k.ClosedAt, k.Lost = c.Shop, c.ID, h.open == 1, timeOf(h.closed), h.lost == 1
		k.Tagged = parseReasons(h.tagged)
		t.Ticket = k
	}
	return nil
}

// parseReasons parses a ticket's reasons, which are stored with spaces in between.
func parseReasons(tagged string) (all []chat.Reason) {
	for _, one := range strings.Fields(tagged) {
		all = append(all, chat.Reason(one))
	}
	return all
}

// saveHandover writes what the turn changed of escalations and tickets.
func (tx tx) saveHandover(before chat.Turn, t *chat.Turn) error {
	if t.Ended != nil {
		if err := tx.ExecLater(`UPDATE escalations SET ended_at = $1 WHERE id = $2 AND shop = $3`,
			micros(t.Ended.EndedAt), string(t.Ended.ID), string(t.Ended.Shop)); err != nil {
			return err
		}
	}
	if err := tx.saveEscalation(before.Escalation, t.Escalation); err != nil {
		return err
	}
	for _, m := range t.TicketMerges {
		if err := tx.saveMerger(t, m); err != nil {
			return err
		}
	}
	if t.Retired != nil {
		if err := tx.saveTicket(*t.Retired); err != nil {
			return err
		}
	}
	if t.Ticket == nil || (before.Ticket != nil && reflect.DeepEqual(*t.Ticket, *before.Ticket)) {
		return nil
	}
	return tx.saveTicket(*t.Ticket)
}

// saveEscalation writes the open escalation if it is new or was changed.
func (tx tx) saveEscalation(before, e *chat.Escalation) error {
	if e == nil {
		return nil
	}
	same := before != nil && before.ID == e.ID
	if same && before.Agent == e.Agent && slices.Equal(before.Later, e.Later) {
		return nil
	}
	later, err := json.Marshal(append([]chat.Need{}, e.Later...)) // never null
	if err != nil {
		return err
	}
	if same {
		return tx.ExecLater(`UPDATE escalations SET later = $1, agent = $2, agent_name = $3 WHERE id = $4 AND shop = $5`,
			string(later), e.Agent.ID, e.Agent.Name, string(e.ID), string(e.Shop))
	}
	return tx.ExecLater(`
		INSERT INTO escalations (id, shop, conversation, reason, wants, later, agent, agent_name, first, at, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)`,
		string(e.ID), string(e.Shop), string(e.Conversation), string(e.Reason), e.Wants, string(later), e.Agent.ID, e.Agent.Name, e.From, micros(e.At))
}

func (tx tx) saveTicket(k chat.Ticket) error {
	tagged := make([]string, len(k.Tagged))
	for i, reason := range k.Tagged {
		tagged[i] = string(reason)
	}
	// A lost ticket stays lost: in another account its id belongs to another ticket.
	return tx.ExecLater(`
		INSERT INTO tickets (`+ticketColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET remote = excluded.remote, open = excluded.open, closed_at = excluded.closed_at,
			lost = excluded.lost, mirrored = excluded.mirrored, tagged = excluded.tagged
			WHERE tickets.lost = 0`,
		string(k.ID), string(k.Shop), string(k.Conversation), k.Remote, boolInt(k.Open), micros(k.ClosedAt), boolInt(k.Lost), k.From, k.Mirrored, strings.Join(tagged, " "), k.Before)
}

// saveMerger gives the conversation's tickets, and the deliveries for them, the id
// of the ticket that remains after a merger. The old id is kept as that of a lost
// ticket, so that it still leads to the conversation.
func (tx tx) saveMerger(t *chat.Turn, m chat.TicketMerge) error {
	c := t.Conversation
	n, err := tx.Exec(`UPDATE tickets SET remote = $1 WHERE shop = $2 AND conversation = $3 AND remote = $4 AND lost = 0`,
		m.Into, string(c.Shop), string(c.ID), m.From)
	if err != nil || n == 0 {
		return err
	}
	old := chat.Ticket{ID: chat.NewID[chat.TicketID](t.At), Shop: c.Shop, Conversation: c.ID, Remote: m.From, Lost: true}
	if err := tx.saveTicket(old); err != nil {
		return err
	}
	for _, rename := range []string{
		`UPDATE tickets SET before = $1 WHERE shop = $2 AND conversation = $3 AND before = $4`,
		`UPDATE deliveries SET ticket = $1 WHERE shop = $2 AND conversation = $3 AND ticket = $4 AND ` + helpdeskKinds(),
	} {
		if _, err := tx.Exec(rename, m.Into, string(c.Shop), string(c.ID), m.From); err != nil {
			return err
		}
	}
	return nil
}

// spans reads which places of a conversation were handed over by its escalations
// that are open or ended after since. An escalation and the event of its end have
// the same time, because one turn makes both.
func (tx tx) spans(shop chat.ShopID, id chat.ConversationID, since time.Time) (found []chat.Span, err error) {
	err = tx.Rows(func(row sqldb.Scanner) error {
		var s chat.Span
		var ended int64
		if err := row.Scan(&s.From, &ended, &s.To); err != nil {
			return err
		}
		if ended != 0 && s.To == 0 {
			return nil // without the event the last place is unknown
		}
		found = append(found, s)
		return nil
	}, `SELECT e.first, e.ended_at, COALESCE((
			SELECT MIN(h.seq) FROM entries h WHERE h.conversation = e.conversation AND h.shop = e.shop AND h.seq >= e.first AND h.event = $4 AND h.at = e.ended_at
		), 0) FROM escalations e WHERE e.conversation = $1 AND e.shop = $2 AND (e.ended_at = 0 OR e.ended_at >= $3) ORDER BY e.id`,
		string(id), string(shop), micros(since.Add(-clockSlack)), string(chat.HandedBack))
	return found, err
}

// clockSlack is how far apart the clocks of two nodes may be.
const clockSlack = time.Hour

// Ticket finds a ticket of a conversation by the helpdesk's id of it. Of several
// with one id it finds the one that is not lost.
func (s *Store) Ticket(ctx context.Context, shop chat.ShopID, id chat.ConversationID, remote string) (k chat.Ticket, err error) {
	err = s.read(ctx, "find a ticket", func(tx tx) error {
		return scanTicket(tx.Row(`SELECT `+ticketColumns+` FROM tickets WHERE shop = $1 AND conversation = $2 AND remote = $3 AND remote <> '' ORDER BY lost, id DESC LIMIT 1`,
			string(shop), string(id), remote), &k)
	})
	return k, err
}

const ticketColumns = `id, shop, conversation, remote, open, closed_at, lost, first, mirrored, tagged, before`

func scanTicket(row sqldb.Scanner, k *chat.Ticket) error {
	var open, closed, lost int64
	var tagged string
	err := row.Scan(&k.ID, &k.Shop, &k.Conversation, &k.Remote, &open, &closed, &lost, &k.From, &k.Mirrored, &tagged, &k.Before)
	k.Open, k.ClosedAt, k.Lost, k.Tagged = open == 1, timeOf(closed), lost == 1, parseReasons(tagged)
	return err
}
