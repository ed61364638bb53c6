package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A Room names a conversation.
type Room struct {
	Shop chat.ShopID
	ID   chat.ConversationID
}

// revisionBatches are the numbers of revisions that one statement may read: only a
// few different ones, so that few statements are prepared.
var revisionBatches = []int{8, 64, 500}

// Revisions reads the revisions of many conversations. Those that do not exist are
// missing in the result.
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
			batch := rooms[:min(size, len(rooms))]
			rooms = rooms[len(batch):]
			if err := tx.revisions(found, batch, size); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// revisions reads the revisions of a batch with a statement for size of them.
func (tx tx) revisions(found map[Room]int64, batch []Room, size int) error {
	args := make([]any, 0, 2*size)
	for i := range size {
		room := batch[min(i, len(batch)-1)] // the last one fills up the rest
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

// SessionKey returns the key under which a session is stored: the hash of its id.
func SessionKey(id string) string { return hash(id) }

// maxCommitDelay is how long after its time a change of another node may become
// visible.
const maxCommitDelay = 10 * time.Second

// EndedSessions lists the keys (see SessionKey) of the sessions that ended after
// since, and the time of the latest, which is since for the next call. Successive
// calls overlap, so that one that was committed late is not missed.
func (s *Store) EndedSessions(ctx context.Context, since time.Time) (keys []string, latest time.Time, err error) {
	latest = since
	err = s.read(ctx, "list ended sessions", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			var key string
			var at int64
			err := row.Scan(&key, &at)
			keys = append(keys, key)
			if ended := timeOf(at); ended.After(latest) {
				latest = ended
			}
			return err
		}, `SELECT id, ended_at FROM sessions WHERE ended_at > 0 AND ended_at > $1 ORDER BY ended_at`, micros(since.Add(-maxCommitDelay)))
	})
	return keys, latest, err
}

// WriteCanary writes this node's row, and returns how often it has done so.
func (s *Store) WriteCanary(ctx context.Context, now time.Time) (rev int64, err error) {
	err = s.write(ctx, "write a canary", func(tx tx) error {
		return tx.Row(`INSERT INTO nodes (id, rev, at) VALUES ($1, 1, $2) ON CONFLICT (id) DO UPDATE SET rev = nodes.rev + 1, at = excluded.at RETURNING rev`,
			s.node, micros(now)).Scan(&rev)
	})
	if err == nil {
		s.hasCanary.Store(true)
	}
	return rev, err
}

// deleteCanary removes this node's row. One that stays is old after half a minute.
func (s *Store) deleteCanary() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.write(ctx, "delete a canary", func(tx tx) error {
		_, err := tx.Exec(`DELETE FROM nodes WHERE id = $1`, s.node)
		return err
	})
}

// CanaryRevision returns how often a node has written its row.
func (s *Store) CanaryRevision(ctx context.Context, node string) (rev int64, err error) {
	err = s.read(ctx, "read a canary", func(tx tx) error {
		return tx.Row(`SELECT rev FROM nodes WHERE id = $1`, node).Scan(&rev)
	})
	return rev, err
}

// Nodes lists the nodes that wrote their row after since.
func (s *Store) Nodes(ctx context.Context, since time.Time) (nodes []string, err error) {
	err = s.read(ctx, "list nodes", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			nodes = append(nodes, "")
			return row.Scan(&nodes[len(nodes)-1])
		}, `SELECT id FROM nodes WHERE at > $1 ORDER BY id`, micros(since))
	})
	return nodes, err
}
