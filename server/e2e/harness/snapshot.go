package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sidetext/chat"
)

// A Snapshot is the content of the database at one moment, read on a direct connection.
type Snapshot struct {
	Conversations map[chat.ConversationID]*Conversation
	attempts      map[string]place // by their ids, which status callbacks contain
	deliveries    []deliveryRow
	tickets       map[string]chat.ConversationID // by our id, the helpdesk's external_id
	quarantined   int
	compared      bool // every line has been compared at least once
}

// A Conversation is one conversation of a Snapshot.
type Conversation struct {
	phone    string
	Seq, Rev int64
	Entries  []chat.Entry // in the order of their places
}

// A place identifies an entry.
type place struct {
	conversation chat.ConversationID
	seq          int64
}

type deliveryRow struct{ kind, state, problem, conversation string }

// readSnapshot reads a database that nodes may be using.
func readSnapshot(b *Backend) (*Snapshot, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	d, err := b.Open(ctx, true)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	t := &Snapshot{Conversations: map[chat.ConversationID]*Conversation{}, attempts: map[string]place{}, tickets: map[string]chat.ConversationID{}}
	for _, read := range []func(*database) error{t.readConversations, t.readEntries, t.readAttempts, t.readDeliveries, t.readTickets, t.readChecks} {
		if err := read(d); err != nil {
			return nil, fmt.Errorf("read database: %w", err)
		}
	}
	return t, nil
}

func (t *Snapshot) readChecks(d *database) error {
	const query = `SELECT (SELECT COUNT(*) FROM quarantine), NOT EXISTS (SELECT 1 FROM lines WHERE compared_at = 0)`
	return d.Each(query, func(scan func(...any) error) error { return scan(&t.quarantined, &t.compared) })
}

func (t *Snapshot) readConversations(d *database) error {
	return d.Each(`SELECT c.id, s.phone, c.seq, c.rev FROM conversations c JOIN shoppers s ON s.id = c.shopper`, func(scan func(...any) error) error {
		var id chat.ConversationID
		c := &Conversation{}
		err := scan(&id, &c.phone, &c.Seq, &c.Rev)
		t.Conversations[id] = c
		return err
	})
}

func (t *Snapshot) readEntries(d *database) error {
	const query = `SELECT conversation, seq, rev, kind, way, role, author, body, media, event, state, problem, at, origin FROM entries ORDER BY conversation, seq`
	return d.Each(query, func(scan func(...any) error) error {
		var id chat.ConversationID
		var e chat.Entry
		var media, problem string
		var at int64
		err := scan(&id, &e.Seq, &e.Rev, &e.Kind, &e.Way, &e.By.Role, &e.By.ID, &e.Text, &media, &e.Event, &e.State, &problem, &at, &e.Origin)
		if err == nil && problem != "" && problem != "null" {
			err = json.Unmarshal([]byte(problem), &e.Problem)
		}
		if err == nil && media != "" {
			err = json.Unmarshal([]byte(media), &e.Media)
		}
		e.At = time.UnixMicro(at)
		c := t.Conversations[id]
		c.Entries = append(c.Entries, e)
		return err
	})
}

func (t *Snapshot) readAttempts(d *database) error {
	return d.Each(`SELECT id, conversation, entry FROM attempts`, func(scan func(...any) error) error {
		var id string
		var p place
		err := scan(&id, &p.conversation, &p.seq)
		t.attempts[id] = p
		return err
	})
}

func (t *Snapshot) readDeliveries(d *database) error {
	return d.Each(`SELECT kind, state, problem, conversation FROM deliveries`, func(scan func(...any) error) error {
		var row deliveryRow
		err := scan(&row.kind, &row.state, &row.problem, &row.conversation)
		t.deliveries = append(t.deliveries, row)
		return err
	})
}

func (t *Snapshot) readTickets(d *database) error {
	return d.Each(`SELECT id, conversation FROM tickets`, func(scan func(...any) error) error {
		var id string
		var c chat.ConversationID
		err := scan(&id, &c)
		t.tickets[id] = c
		return err
	})
}
