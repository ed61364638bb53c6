package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sidetext/chat"
)

// pieceSize is how many bytes of a file are written in one transaction and read at
// a time, so that a large file delays no text for long.
const pieceSize = 256 << 10

// SaveMedia saves a fetched picture or file of a conversation, in pieces. It can
// be read once it is complete; after an error, calling again starts over. A
// complete file is not changed. A conversation of another shop is not found.
func (s *Store) SaveMedia(ctx context.Context, shop chat.ShopID, conversation chat.ConversationID, id chat.MediaID, f chat.File, now time.Time) error {
	if len(f.Data) == 0 {
		return errors.New("store: save media: the file is empty")
	}
	w := mediaWriter{shop: shop, id: id, size: int64(len(f.Data)), now: now}
	for rest := f.Data; len(rest) > 0 && !w.complete; w.next++ {
		piece := rest[:min(pieceSize, len(rest))]
		rest = rest[len(piece):]
		err := s.write(ctx, "save media", func(tx tx) error {
			if w.next == 0 {
				if err := w.begin(tx, conversation); err != nil {
					return err
				}
			}
			if err := w.writePiece(tx, piece); err != nil || w.complete || len(rest) > 0 {
				return err
			}
			return w.end(tx, f.Type)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// A mediaWriter writes one file, piece by piece.
type mediaWriter struct {
	shop     chat.ShopID
	id       chat.MediaID
	size     int64
	now      time.Time
	next     int64 // number of the next piece
	complete bool  // the file is complete, perhaps written by another node
}

func (w *mediaWriter) begin(tx tx, conversation chat.ConversationID) error {
	// What is fetched after the shopper's data was erased is not kept.
	err := tx.Row(`SELECT c.id FROM conversations c JOIN shoppers p ON p.id = c.shopper WHERE c.id = $1 AND c.shop = $2 AND p.phone NOT LIKE '`+erasedPhone+`%'`,
		string(conversation), string(w.shop)).Scan(new(string))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO media (id, shop, conversation, type, size, at) VALUES ($1, $2, $3, '', 0, $4) ON CONFLICT DO NOTHING`,
		string(w.id), string(w.shop), string(conversation), micros(w.now))
	return err
}

// writePiece writes a piece, unless the file is complete by now: another node may have
// written it while this one was suspended.
func (w *mediaWriter) writePiece(tx tx, body []byte) error {
	incomplete, err := tx.Exec(`UPDATE media SET at = $1 WHERE id = $2 AND shop = $3 AND size = 0`, micros(w.now), string(w.id), string(w.shop))
	if err != nil {
		return err
	}
	if incomplete == 0 {
		w.complete = true
		return tx.Row(`SELECT size FROM media WHERE id = $1 AND shop = $2`, string(w.id), string(w.shop)).Scan(new(int64))
	}
	_, err = tx.Exec(`INSERT INTO media_pieces (media, n, body) VALUES ($1, $2, $3) ON CONFLICT (media, n) DO UPDATE SET body = excluded.body`,
		string(w.id), w.next, body)
	return err
}

// end marks the file as complete, after checking its pieces: an earlier try may
// have left more of them, or a concurrent one may have written others.
func (w *mediaWriter) end(tx tx, kind string) error {
	if _, err := tx.Exec(`DELETE FROM media_pieces WHERE media = $1 AND n > $2`, string(w.id), w.next); err != nil {
		return err
	}
	var pieces, bytes int64
	err := tx.Row(`SELECT COUNT(*), COALESCE(SUM(LENGTH(body)), 0) FROM media_pieces WHERE media = $1`, string(w.id)).Scan(&pieces, &bytes)
	if err == nil && (pieces != w.next+1 || bytes != w.size) {
		err = fmt.Errorf("found %d bytes in %d pieces, want %d bytes in %d", bytes, pieces, w.size, w.next+1)
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE media SET type = $1, size = $2 WHERE id = $3 AND shop = $4`, kind, w.size, string(w.id), string(w.shop))
	return err
}

// A MediaReader reads a picture or file from beginning to end, a piece at a time.
// Between pieces it holds no connection, however slowly it is read.
type MediaReader struct {
	Type string // MIME type, detected from its bytes
	Size int64  // in bytes

	shop  chat.ShopID
	id    chat.MediaID
	store *Store
	next  int64  // number of the next piece
	rest  []byte // unread part of the last piece
}

// Media finds a complete picture or file of the shop's.
func (s *Store) Media(ctx context.Context, shop chat.ShopID, id chat.MediaID) (*MediaReader, error) {
	r := &MediaReader{shop: shop, id: id, store: s}
	err := s.read(ctx, "find media", func(tx tx) error {
		return tx.Row(`SELECT type, size FROM media WHERE id = $1 AND shop = $2 AND size > 0`, string(id), string(shop)).Scan(&r.Type, &r.Size)
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// readTimeout bounds reading one piece from the database.
const readTimeout = 5 * time.Second

func (r *MediaReader) Read(to []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.next*pieceSize >= r.Size {
			return 0, io.EOF
		}
		ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
		defer cancel()
		err := r.store.read(ctx, "read media", func(tx tx) error {
			return tx.Row(`SELECT p.body FROM media m JOIN media_pieces p ON p.media = m.id WHERE m.id = $1 AND m.shop = $2 AND p.n = $3`,
				string(r.id), string(r.shop), r.next).Scan(&r.rest)
		})
		if err != nil {
			return 0, err
		}
		r.next++
	}
	n := copy(to, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

const (
	incompleteLifetime = 24 * time.Hour // how long an incomplete file is kept
	piecesPerDelete    = 8              // pieces deleted in one transaction
)

// deleteIncompleteMedia deletes files that were never completed, in small
// transactions, and returns how many.
func (s *Store) deleteIncompleteMedia(ctx context.Context, now time.Time) (removed int64, err error) {
	for {
		var deleted int64
		err := s.write(ctx, "delete incomplete media", func(tx tx) error {
			var id string
			err := tx.Row(`SELECT id FROM media WHERE size = 0 AND at < $1 ORDER BY at LIMIT 1`, micros(now.Add(-incompleteLifetime))).Scan(&id)
			if err != nil {
				return err
			}
			pieces, err := tx.Exec(`DELETE FROM media_pieces WHERE media = $1 AND n IN (SELECT n FROM media_pieces WHERE media = $1 ORDER BY n LIMIT $2)`, id, int64(piecesPerDelete))
			if err != nil || pieces == piecesPerDelete {
				return err
			}
			deleted, err = tx.Exec(`DELETE FROM media WHERE id = $1 AND size = 0`, id)
			return err
		})
		if errors.Is(err, chat.ErrNotFound) {
			return removed, nil
		}
		if err != nil {
			return removed, err
		}
		removed += deleted
	}
}
