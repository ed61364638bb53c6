package store

import (
	"context"
	"strconv"
	"strings"

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
