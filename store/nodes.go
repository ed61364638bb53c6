package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A Room is where a conversation is found.
type Room struct {
	Shop chat.ShopID
	ID   chat.ConversationID
}

// atATime are how many revisions are asked for in one statement: few different
// numbers, so that few statements are prepared.
var revisionBatches = []int{8, 64, 500}

// Revs reads the revisions of many conversations. One that is missing in the
// answer is not there.
func (s *Store) Revisions(ctx context.Context, rooms []Room) (map[Room]int64, error) {
	found := make(map[Room]int64, len(rooms))
	err := s.read(ctx, "read revisions", func(tx tx) error {
		for len(rooms) > 0 {
			size := revisionBatches[0]
			for _, more := range revisionBatches {
				if size < len(rooms) {
					size = more
				}
			}
			some := rooms[:min(size, len(rooms))]
			rooms = rooms[len(some):]
			if err := tx.revisions(found, some, size); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// revs asks for some revisions, with a statement that takes size of them.
func (tx tx) revisions(found map[Room]int64, some []Room, size int) error {
	args := make([]any, 0, 2*size)
	for i := range size {
		room := some[min(i, len(some)-1)] // the last as often as there is room
		args = append(args, string(room.ID), string(room.Shop))
	}
	return tx.Rows(func(row sqldb.Scanner) error {
		var room Room
		var rev int64
		err := row.Scan(&room.ID, &room.Shop, &rev)
		found[room] = rev
		return err
	}, revisionsQuery(size), args...)
}

func revisionsQuery(size int) string {
	var q strings.Builder
	q.WriteString(`SELECT c.id, c.shop, c.rev FROM (VALUES `)
	for i := range size {
		if i > 0 {
			q.WriteString(`, `)
		}
		q.WriteString(`($` + strconv.Itoa(2*i+1) + `, $` + strconv.Itoa(2*i+2) + `)`)
	}
	q.WriteString(`) AS asked JOIN conversations c ON c.id = asked.column1 AND c.shop = asked.column2`)
	return q.String()
}

// SessionKey is what a session is called here: nobody can sign in with it.
func SessionKey(id string) string { return hash(id) }

// slow is how much later than its time something may be seen that was kept by
// another node.
const maxCommitDelay = 10 * time.Second

// Ended lists the keys of the sessions that were ended after since, as SessionKey
// makes them, and when the last was: from where to ask the next time. Some come
// twice, so that those are not missed that took a while to be kept.
func (s *Store) EndedSessions(ctx context.Context, since time.Time) (keys []string, latest time.Time, err error) {
	latest = since
	err = s.read(ctx, "list ended sessions", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			var key string
			var at int64
			err := row.Scan(&key, &at)
			keys = append(keys, key)
			if ended := moment(at); ended.After(latest) {
				latest = ended
			}
			return err
		}, `SELECT id, ended_at FROM sessions WHERE ended_at > 0 AND ended_at > $1 ORDER BY ended_at`, micros(since.Add(-maxCommitDelay)))
	})
	return keys, latest, err
}

// Mark writes this node's mark, and returns how often it has done so.
func (s *Store) WriteCanary(ctx context.Context, now time.Time) (rev int64, err error) {
	err = s.write(ctx, "leave a mark", func(tx tx) error {
		return tx.Row(`INSERT INTO nodes (id, rev, at) VALUES ($1, 1, $2) ON CONFLICT (id) DO UPDATE SET rev = nodes.rev + 1, at = excluded.at RETURNING rev`,
			s.node, micros(now)).Scan(&rev)
	})
	if err == nil {
		s.hasCanary.Store(true)
	}
	return rev, err
}

// unmark takes the mark away. One that stays is old within half a minute.
func (s *Store) deleteCanary() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.write(ctx, "take the mark away", func(tx tx) error {
		_, err := tx.Exec(`DELETE FROM nodes WHERE id = $1`, s.node)
		return err
	})
}

// Marked reads a node's mark.
func (s *Store) CanaryRevision(ctx context.Context, node string) (rev int64, err error) {
	err = s.read(ctx, "read a mark", func(tx tx) error {
		return tx.Row(`SELECT rev FROM nodes WHERE id = $1`, node).Scan(&rev)
	})
	return rev, err
}

// Nodes lists the nodes that have left their mark since then.
func (s *Store) Nodes(ctx context.Context, since time.Time) (nodes []string, err error) {
	err = s.read(ctx, "list nodes", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			nodes = append(nodes, "")
			return row.Scan(&nodes[len(nodes)-1])
		}, `SELECT id FROM nodes WHERE at > $1 ORDER BY id`, micros(since))
	})
	return nodes, err
}
