package store

import (
	"context"
	"time"

	"sidetext/chat"
)

const PieceSize = pieceSize

// DeleteIncompleteMedia deletes files that were never completed.
func DeleteIncompleteMedia(ctx context.Context, s *Store, now time.Time) (int64, error) {
	return s.deleteIncompleteMedia(ctx, now)
}

// CountPieces counts the incomplete files, and the pieces of one file.
func CountPieces(ctx context.Context, s *Store, id chat.MediaID) (incomplete, pieces int64, err error) {
	err = s.read(ctx, "count pieces", func(tx tx) error {
		if err := tx.Row(`SELECT COUNT(*) FROM media WHERE size = 0`).Scan(&incomplete); err != nil {
			return err
		}
		return tx.Row(`SELECT COUNT(*) FROM media_pieces WHERE media = $1`, string(id)).Scan(&pieces)
	})
	return incomplete, pieces, err
}

// A MediaWrite writes a file, for tests that stop in the middle.
type MediaWrite struct {
	store        *Store
	writer       mediaWriter
	conversation chat.ConversationID
}

// NewMediaWrite begins to write a file of size bytes.
func NewMediaWrite(s *Store, shop chat.ShopID, c chat.ConversationID, id chat.MediaID, size int, now time.Time) *MediaWrite {
	return &MediaWrite{s, mediaWriter{shop: shop, id: id, size: int64(size), now: now}, c}
}

// Piece writes the next piece, and reports whether the file was complete already.
func (w *MediaWrite) Piece(ctx context.Context, body []byte) (complete bool, err error) {
	err = w.store.write(ctx, "write a piece", func(tx tx) error {
		if w.writer.next == 0 {
			if err := w.writer.begin(tx, w.conversation); err != nil {
				return err
			}
		}
		return w.writer.writePiece(tx, body)
	})
	w.writer.next++
	return w.writer.complete, err
}

// End completes the file.
func (w *MediaWrite) End(ctx context.Context, kind string) error {
	w.writer.next-- // counts from the last piece
	return w.store.write(ctx, "end a file", func(tx tx) error { return w.writer.end(tx, kind) })
}
