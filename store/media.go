package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sidetext/chat"
)

// pieceSize is how much of a file, in bytes, is written in one transaction and
// read at a time: a large one holds up nobody's text for long.
const pieceSize = 256 << 10

// KeepMedia keeps what was fetched of a picture or file of the conversation. It
// is there once all of it is; what failed half way is done again by calling
// again. What is there already stays as it is. Another shop's conversation is
// not found.
func (s *Store) KeepMedia(ctx context.Context, shop chat.ShopID, conversation chat.ConversationID, id chat.MediaID, f chat.File, now time.Time) error {
	if len(f.Data) == 0 {
		return errors.New("store: keep media: there is nothing in it")
	}
	k := mediaWriter{shop: shop, id: id, size: int64(len(f.Data)), now: now}
	for rest := f.Data; len(rest) > 0 && !k.complete; k.next++ {
		piece := rest[:min(pieceSize, len(rest))]
		rest = rest[len(piece):]
		err := s.write(ctx, "keep media", func(tx tx) error {
			if k.next == 0 {
				if err := k.begin(tx, conversation); err != nil {
					return err
				}
			}
			if err := k.piece(tx, piece); err != nil || k.complete || len(rest) > 0 {
				return err
			}
			return k.end(tx, f.Type)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// keeping is a file on its way in.
type mediaWriter struct {
	shop     chat.ShopID
	id       chat.MediaID
	size     int64
	now      time.Time
	next     int64 // of the piece that is next
	complete bool  // it is there, whoever brought it
}

func (k *mediaWriter) begin(tx tx, conversation chat.ConversationID) error {
	if err := tx.requireConversation(k.shop, conversation); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO media (id, shop, conversation, type, size, at) VALUES ($1, $2, $3, '', 0, $4) ON CONFLICT DO NOTHING`,
		string(k.id), string(k.shop), string(conversation), micros(k.now))
	return err
}

// piece writes a piece, unless the file has become whole: somebody else may have
// brought it while we were stopped for a while.
func (k *mediaWriter) piece(tx tx, body []byte) error {
	open, err := tx.Exec(`UPDATE media SET at = $1 WHERE id = $2 AND shop = $3 AND size = 0`, micros(k.now), string(k.id), string(k.shop))
	if err != nil {
		return err
	}
	if open == 0 {
		k.complete = true
		return tx.Row(`SELECT size FROM media WHERE id = $1 AND shop = $2`, string(k.id), string(k.shop)).Scan(new(int64))
	}
	_, err = tx.Exec(`INSERT INTO media_pieces (media, n, body) VALUES ($1, $2, $3) ON CONFLICT (media, n) DO UPDATE SET body = excluded.body`,
		string(k.id), k.next, body)
	return err
}

// end makes the file whole. An earlier try may have left more pieces, or another
// of the same time written other ones.
func (k *mediaWriter) end(tx tx, kind string) error {
	if _, err := tx.Exec(`DELETE FROM media_pieces WHERE media = $1 AND n > $2`, string(k.id), k.next); err != nil {
		return err
	}
	var pieces, bytes int64
	err := tx.Row(`SELECT COUNT(*), COALESCE(SUM(LENGTH(body)), 0) FROM media_pieces WHERE media = $1`, string(k.id)).Scan(&pieces, &bytes)
	if err == nil && (pieces != k.next+1 || bytes != k.size) {
		err = fmt.Errorf("there are %d bytes in %d pieces of %d bytes in %d", bytes, pieces, k.size, k.next+1)
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE media SET type = $1, size = $2 WHERE id = $3 AND shop = $4`, kind, k.size, string(k.id), string(k.shop))
	return err
}

// A Picture is a picture or file that is kept. It is read from its beginning to
// its end, a piece at a time: however slowly somebody takes it, nobody waits.
type MediaReader struct {
	Type string // as its bytes say
	Size int64  // in bytes

	shop  chat.ShopID
	id    chat.MediaID
	store *Store
	next  int64  // the piece that is next
	rest  []byte // of the one before
}

// Media finds a picture or file of the shop's that is there as a whole.
func (s *Store) Media(ctx context.Context, shop chat.ShopID, id chat.MediaID) (*MediaReader, error) {
	p := &MediaReader{shop: shop, id: id, store: s}
	err := s.read(ctx, "find media", func(tx tx) error {
		return tx.Row(`SELECT type, size FROM media WHERE id = $1 AND shop = $2 AND size > 0`, string(id), string(shop)).Scan(&p.Type, &p.Size)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// toRead is how long a piece may take to be read.
const readTimeout = 5 * time.Second

func (p *MediaReader) Read(to []byte) (int, error) {
	if len(p.rest) == 0 {
		if p.next*pieceSize >= p.Size {
			return 0, io.EOF
		}
		ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
		defer cancel()
		err := p.store.read(ctx, "read media", func(tx tx) error {
			return tx.Row(`SELECT p.body FROM media m JOIN media_pieces p ON p.media = m.id WHERE m.id = $1 AND m.shop = $2 AND p.n = $3`,
				string(p.id), string(p.shop), p.next).Scan(&p.rest)
		})
		if err != nil {
			return 0, err
		}
		p.next++
	}
	n := copy(to, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

const (
	incompleteLifetime = 24 * time.Hour // for which a file that did not become whole is kept
	piecesPerDelete    = 8              // pieces are removed in one transaction
)

// tidyMedia removes what never became whole, a few pieces at a time.
func (s *Store) deleteIncompleteMedia(ctx context.Context, now time.Time) (removed int64, err error) {
	for {
		var gone int64
		err := s.write(ctx, "remove unfinished media", func(tx tx) error {
			var id string
			err := tx.Row(`SELECT id FROM media WHERE size = 0 AND at < $1 ORDER BY at LIMIT 1`, micros(now.Add(-incompleteLifetime))).Scan(&id)
			if err != nil {
				return err
			}
			pieces, err := tx.Exec(`DELETE FROM media_pieces WHERE media = $1 AND n IN (SELECT n FROM media_pieces WHERE media = $1 ORDER BY n LIMIT $2)`, id, int64(piecesPerDelete))
			if err != nil || pieces == piecesPerDelete {
				return err
			}
			gone, err = tx.Exec(`DELETE FROM media WHERE id = $1 AND size = 0`, id)
			return err
		})
		if errors.Is(err, chat.ErrNotFound) {
			return removed, nil
		}
		if err != nil {
			return removed, err
		}
		removed += gone
	}
}
