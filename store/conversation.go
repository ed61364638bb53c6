package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

const conversationColumns = `c.id, c.shop, c.line, c.shopper, c.mode, c.opted_out, c.seq, c.rev, c.last_at, c.dialog, c.escalation, c.ticket, c.owned_from`

// scanConversation scans conversationColumns into c and the columns after them into more.
func scanConversation(row sqldb.Scanner, c *chat.Conversation, more ...any) error {
	var optedOut, lastAt int64
	var dialog string
	err := row.Scan(append([]any{&c.ID, &c.Shop, &c.Line, &c.Shopper, &c.Mode, &optedOut, &c.Seq, &c.Rev, &lastAt, &dialog, &c.Escalation, &c.Ticket, &c.OwnedFrom}, more...)...)
	if err != nil {
		return err
	}
	c.OptedOut, c.LastAt, c.Dialog = optedOut == 1, timeOf(lastAt), chat.Dialog{}
	if dialog == "{}" { // the usual case
		return nil
	}
	if err := json.Unmarshal([]byte(dialog), &c.Dialog); err != nil {
		return fmt.Errorf("parse a dialog: %w", err)
	}
	return nil
}

// conversationByPhone selects a conversation by its line and the shopper's phone,
// with its shopper, escalation and ticket. The subquery makes a planner without
// statistics look up the shopper first, instead of reading all of the line's
// conversations.
const conversationByPhone = `SELECT ` + conversationColumns + `, ` + handoverColumns + `, ` + shopperColumns + ` FROM conversations c JOIN shoppers p ON p.id = c.shopper` + handoverTables + `
	WHERE c.line = $1 AND c.shopper = (SELECT o.id FROM shoppers o WHERE o.shop = $2 AND o.phone = $3)`

// loadByPhone loads the conversation that conversationByPhone selects.
func (tx tx) loadByPhone(t *chat.Turn, args ...any) error {
	var purchased int64
	var handover handoverRow
	err := scanConversation(tx.Row(conversationByPhone, args...), &t.Conversation, append(handover.dest(), shopperDest(&t.Shopper, &purchased)...)...)
	if err != nil {
		return err
	}
	t.Shopper.Purchased = purchased == 1
	return handover.fill(t)
}

// conversationByID selects a conversation by its id, with its shopper, line,
// escalation and ticket.
const conversationByID = `SELECT ` + conversationColumns + `, ` + handoverColumns + `, ` + shopperColumns + `, ` + lineConfigColumns + `
	FROM conversations c JOIN shoppers p ON p.id = c.shopper AND p.shop = c.shop JOIN lines l ON l.id = c.line JOIN shops s ON s.id = l.shop` + handoverTables + `
	WHERE c.id = $1 AND c.shop = $2`

// loadConversation loads the conversation that conversationByID selects.
func (s *Store) loadConversation(tx tx, t *chat.Turn, shop chat.ShopID, id chat.ConversationID) (config chat.LineConfig, err error) {
	var purchased int64
	var sealed sealedLineConfig
	var handover handoverRow
	dest := append(append(handover.dest(), shopperDest(&t.Shopper, &purchased)...), sealed.dest(&config)...)
	if err := scanConversation(tx.Row(conversationByID, string(id), string(shop)), &t.Conversation, dest...); err != nil {
		return config, err
	}
	t.Shopper.Purchased = purchased == 1
	if err := handover.fill(t); err != nil {
		return config, err
	}
	return config, s.unseal(&config, sealed)
}

// lockConversation locks a conversation until the transaction ends.
func (tx tx) lockConversation(shop chat.ShopID, id chat.ConversationID) error {
	return tx.Lock(`SELECT c.id FROM conversations c WHERE c.id = $1 AND c.shop = $2`, string(id), string(shop))
}

func (tx tx) saveConversation(c chat.Conversation) error {
	dialog, err := json.Marshal(c.Dialog)
	if err != nil {
		return err
	}
	return tx.ExecLater(`
		UPDATE conversations SET mode = $1, opted_out = $2, seq = $3, rev = $4, last_at = $5, dialog = $6, escalation = $7, ticket = $8
		WHERE id = $9 AND shop = $10`,
		string(c.Mode), boolInt(c.OptedOut), c.Seq, c.Rev, micros(c.LastAt), string(dialog), string(c.Escalation), string(c.Ticket),
		string(c.ID), string(c.Shop))
}

// pageSize is how many entries a viewer gets at first, and each time it asks for
// earlier ones.
const pageSize = 200

// Snapshot reads a conversation with the entries that changed after revision
// since. If since is 0, more than a page of changes ago or a later revision than
// the conversation has, Snapshot reads the newest entries instead and reset is
// true: the viewer drops the ones it has. A negative since reads no entries. The
// revision is read before the entries, so an entry may be newer than the revision
// and is then read again by the next call.
func (s *Store) Snapshot(ctx context.Context, shop chat.ShopID, id chat.ConversationID, since int64) (snapshot chat.Snapshot, reset bool, err error) {
	err = s.read(ctx, "read a conversation", func(tx tx) error {
		if err := s.loadSnapshot(tx, shop, id, &snapshot); err != nil {
			return err
		}
		if since < 0 || since == snapshot.Conversation.Rev {
			return nil
		}
		if since > 0 && since < snapshot.Conversation.Rev {
			// Ordered by rev, which has an index; ordered by seq, every entry would be read.
			snapshot.Entries, err = tx.entries(shop, id, `rev > $3 ORDER BY rev LIMIT $4`, since, int64(pageSize+1))
			if err != nil || len(snapshot.Entries) <= pageSize {
				slices.SortFunc(snapshot.Entries, func(a, b chat.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
				return err
			}
		}
		reset = true
		snapshot.Entries, snapshot.Earlier, err = tx.entriesBefore(shop, id, snapshot.Conversation.Seq+1)
		return err
	})
	return snapshot, reset, err
}

// EntriesBefore reads a page of the entries before a place, oldest first. more is
// true if there are entries before these.
func (s *Store) EntriesBefore(ctx context.Context, shop chat.ShopID, id chat.ConversationID, before int64) (found []chat.Entry, more bool, err error) {
	err = s.read(ctx, "read earlier entries", func(tx tx) error {
		if found, more, err = tx.entriesBefore(shop, id, before); err == nil && len(found) == 0 {
			err = tx.requireConversation(shop, id)
		}
		return err
	})
	return found, more, err
}

// entriesBefore reads a page of entries before a place, oldest first.
func (tx tx) entriesBefore(shop chat.ShopID, id chat.ConversationID, before int64) ([]chat.Entry, bool, error) {
	found, err := tx.entries(shop, id, `seq >= $3 AND seq < $4 ORDER BY seq`, before-pageSize, before)
	return found, len(found) > 0 && found[0].Seq > 1, err
}

// loadSnapshot reads a conversation without its entries.
func (s *Store) loadSnapshot(tx tx, shop chat.ShopID, id chat.ConversationID, snapshot *chat.Snapshot) error {
	t := chat.Turn{}
	config, err := s.loadConversation(tx, &t, shop, id)
	if err != nil {
		return err
	}
	*snapshot = chat.Snapshot{LineConfig: config, Shopper: t.Shopper, Conversation: t.Conversation, Escalation: t.Escalation, Ticket: t.Ticket}
	return nil
}

// FindConversation finds the conversation of a ticket: by our ticket id, else by
// the helpdesk's id of the ticket, else by the helpdesk's id of the customer.
func (s *Store) FindConversation(ctx context.Context, shop chat.ShopID, ticket chat.TicketID, remote, customer string) (id chat.ConversationID, err error) {
	err = s.read(ctx, "find a conversation", func(tx tx) error {
		return tx.Row(`
			SELECT conversation FROM (
				SELECT conversation, 1 AS best, 0 AS at, '' AS id FROM tickets WHERE shop = $1 AND id = $2
				UNION ALL SELECT conversation, 2, 0, id FROM tickets WHERE shop = $1 AND remote = $3 AND remote <> ''
				UNION ALL SELECT c.id, 3, c.last_at, c.id FROM shoppers s JOIN conversations c ON c.shopper = s.id
					WHERE s.shop = $1 AND s.customer = $4 AND s.customer <> ''
			) AS found ORDER BY best, at DESC, id DESC LIMIT 1`,
			string(shop), string(ticket), remote, customer).Scan(&id)
	})
	return id, err
}

// TicketSnapshot reads a conversation with what a sync of its newest ticket needs:
// the entries that the ticket lacks, some before them, and which of them an
// escalation handed over.
func (s *Store) TicketSnapshot(ctx context.Context, shop chat.ShopID, id chat.ConversationID) (snapshot chat.Snapshot, err error) {
	err = s.read(ctx, "read a ticket's entries", func(tx tx) error {
		if err := s.loadSnapshot(tx, shop, id, &snapshot); err != nil || snapshot.Ticket == nil {
			return err
		}
		from := max(snapshot.Ticket.From, snapshot.Ticket.Mirrored-pageSize)
		if snapshot.Entries, err = tx.entries(shop, id, `seq >= $3 ORDER BY seq LIMIT $4`, from, int64(3*pageSize)); err != nil || len(snapshot.Entries) == 0 {
			return err
		}
		if snapshot.Spans, err = tx.spans(shop, id, snapshot.Entries[0].At); err != nil {
			return err
		}
		snapshot.Omitted, err = tx.countTexts(shop, id, dialogueStart(snapshot), from)
		return err
	})
	return snapshot, err
}

// dialogueStart returns the place where the dialogue of the newest ticket begins:
// with the exchange that led to the open escalation, which may have begun before
// the ticket's first entry.
func dialogueStart(s chat.Snapshot) int64 {
	start := s.Ticket.From
	if since := s.Conversation.Dialog.Since; s.Escalation != nil && since > 0 {
		start = min(start, since)
	}
	if s.Conversation.OfFormerOwner(s.Ticket.From) {
		return start
	}
	return max(start, s.Conversation.OwnedFrom)
}

// countTexts counts the texts from a place on and before another.
func (tx tx) countTexts(shop chat.ShopID, id chat.ConversationID, from, before int64) (n int, err error) {
	if from >= before {
		return 0, nil
	}
	err = tx.Row(`SELECT COUNT(*) FROM entries WHERE conversation = $1 AND shop = $2 AND seq >= $3 AND seq < $4 AND kind = $5`,
		string(id), string(shop), from, before, string(chat.Text)).Scan(&n)
	return n, err
}

// EntriesAfter reads the entries after a place, a page at most.
func (s *Store) EntriesAfter(ctx context.Context, shop chat.ShopID, id chat.ConversationID, seq int64) (found []chat.Entry, err error) {
	err = s.read(ctx, "read newer entries", func(tx tx) error {
		found, err = tx.entries(shop, id, `seq > $3 ORDER BY seq LIMIT $4`, seq, int64(pageSize))
		if err == nil && len(found) == 0 {
			err = tx.requireConversation(shop, id)
		}
		return err
	})
	return found, err
}

// requireConversation returns sql.ErrNoRows unless the conversation is the shop's.
func (tx tx) requireConversation(shop chat.ShopID, id chat.ConversationID) error {
	var rev int64
	return tx.Row(`SELECT rev FROM conversations WHERE id = $1 AND shop = $2`, string(id), string(shop)).Scan(&rev)
}

// TicketConversations lists the conversations of a ticket, by the helpdesk's id of
// it: none, one, or several whose tickets were merged. For an unknown ticket it
// lists the customer's conversations with an open ticket, which may have been
// merged into this one.
func (s *Store) TicketConversations(ctx context.Context, shop chat.ShopID, remote, customer string) (found []chat.ConversationID, err error) {
	err = s.read(ctx, "find a ticket", func(tx tx) error {
		list := func(query string, args ...any) error {
			return tx.Rows(func(row sqldb.Scanner) error {
				found = append(found, "")
				return row.Scan(&found[len(found)-1])
			}, query, args...)
		}
		err := list(`SELECT DISTINCT conversation FROM tickets WHERE shop = $1 AND remote = $2 AND remote <> ''`, string(shop), remote)
		if err != nil || len(found) > 0 {
			return err
		}
		return list(`SELECT c.id FROM shoppers s JOIN conversations c ON c.shopper = s.id JOIN tickets k ON k.id = c.ticket
			WHERE s.shop = $1 AND s.customer = $2 AND s.customer <> '' AND k.open = 1 AND k.lost = 0 AND k.remote <> ''`, string(shop), customer)
	})
	return found, err
}
