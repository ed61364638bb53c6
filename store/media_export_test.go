package store

import (
	"context"
	"time"

	"sidetext/chat"
)

const PieceSize = pieceSize

// TidyMedia removes what never became whole.
func DeleteIncompleteMedia(ctx context.Context, s *Store, now time.Time) (int64, error) {
	return s.deleteIncompleteMedia(ctx, now)
}

// Pieces counts the files that are not whole, and the pieces of a file.
func CountPieces(ctx context.Context, s *Store, id chat.MediaID) (parts, pieces int64, err error) {
	err = s.read(ctx, "count pieces", func(tx tx) error {
		if err := tx.Row(`SELECT COUNT(*) FROM media WHERE size = 0`).Scan(&parts); err != nil {
			return err
		}
		return tx.Row(`SELECT COUNT(*) FROM media_pieces WHERE media = $1`, string(id)).Scan(&pieces)
	})
	return parts, pieces, err
}

// A Keeping is a file on its way in, for tests to stop in the middle.
type MediaWrite struct {
	s *Store
	k mediaWriter
	c chat.ConversationID
}

func NewMediaWrite(s *Store, shop chat.ShopID, c chat.ConversationID, id chat.MediaID, size int, now time.Time) *MediaWrite {
	return &MediaWrite{s, mediaWriter{shop: shop, id: id, size: int64(size), now: now}, c}
}

// Piece writes the next piece, and reports whether there is no more to do.
func (k *MediaWrite) Piece(ctx context.Context, body []byte) (whole bool, err error) {
	err = k.s.write(ctx, "keep a piece", func(tx tx) error {
		if k.k.next == 0 {
			if err := k.k.begin(tx, k.c); err != nil {
				return err
			}
		}
		return k.k.piece(tx, body)
	})
	k.k.next++
	return k.k.complete, err
}

// End makes the file whole.
func (k *MediaWrite) End(ctx context.Context, kind string) error {
	k.k.next-- // counts from the last piece
	return k.s.write(ctx, "end a file", func(tx tx) error { return k.k.end(tx, kind) })
}
