package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// randomBytes returns size pseudo-random bytes that depend only on name.
func randomBytes(name string, size int) []byte {
	var seed [32]byte
	copy(seed[:], name)
	data := make([]byte, size)
	_, _ = rand.NewChaCha8(seed).Read(data)
	return data
}

// readMedia reads a whole file.
func (h *shopFixture) readMedia(id chat.MediaID) (kind string, data []byte, err error) {
	p, err := h.Media(h.ctx, h.config.Shop.ID, id)
	if err != nil {
		return "", nil, err
	}
	if data, err = io.ReadAll(p); err == nil && int64(len(data)) != p.Size {
		err = fmt.Errorf("%d bytes of %d", len(data), p.Size)
	}
	return p.Type, data, err
}

// saveMedia saves a file in a conversation.
func (h *shopFixture) saveMedia(c chat.ConversationID, id chat.MediaID, data []byte) error {
	return h.SaveMedia(h.ctx, h.config.Shop.ID, c, id, chat.File{Type: "image/png", Data: data}, noon)
}

func TestMediaFidelity(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		c := h.receive(phone, "SM1", "look").Conversation.ID
		const piece = store.PieceSize
		for _, size := range []int{1, piece - 1, piece, piece + 1, 2 * piece, 3*piece + 7, chat.MaxFile} {
			id := chat.MediaID(fmt.Sprint("picture", size))
			want := randomBytes(string(id), size)
			if err := h.saveMedia(c, id, want); err != nil {
				t.Fatalf("%d bytes: %v", size, err)
			}
			if kind, got, err := h.readMedia(id); err != nil || kind != "image/png" || !bytes.Equal(got, want) {
				t.Errorf("%d bytes were read back as %d of %s, %v", size, len(got), kind, err)
			}
			p := must[*store.MediaReader](t)(s.Media(h.ctx, h.config.Shop.ID, id))
			if size < 3*piece {
				if err := iotest.TestReader(p, want); err != nil {
					t.Errorf("%d bytes: %v", size, err)
				}
			}
			// A complete file is not changed.
			if err := h.saveMedia(c, id, []byte("other")); err != nil {
				t.Errorf("again: %v", err)
			}
			if _, got, err := h.readMedia(id); err != nil || !bytes.Equal(got, want) {
				t.Errorf("saved again, %d bytes are %d, %v", size, len(got), err)
			}
		}
		if err := h.saveMedia(c, "empty", nil); err == nil {
			t.Error("an empty file was saved")
		}
		if _, _, err := h.readMedia("empty"); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("found an empty file: %v", err)
		}
	})
}

// A shop can neither read nor write media of another one.
func TestMediaOfAnotherShop(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		acme, other := newShop(t, s, "acme"), newShop(t, s, "other")
		c := acme.receive(phone, "SM1", "look").Conversation.ID
		if err := acme.saveMedia(c, "picture", []byte("picture")); err != nil {
			t.Fatal(err)
		}
		if p, err := other.Media(other.ctx, other.config.Shop.ID, "picture"); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("found %+v, %v", p, err)
		}
		for _, id := range []chat.MediaID{"picture", "another"} {
			if err := other.saveMedia(c, id, []byte("other")); !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("saved %s: %v", id, err)
			}
		}
		// Neither with an id of the other shop's in a conversation of its own.
		if err := other.saveMedia(other.receive(phone, "SM1", "look").Conversation.ID, "picture", []byte("other")); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("saved in its own conversation: %v", err)
		}
		if _, got, err := acme.readMedia("picture"); string(got) != "picture" || err != nil {
			t.Errorf("the other shop's file is now %q, %v", got, err)
		}
	})
}

// A file can be read once it is complete, and then has the bytes of the write that
// completed it, whatever an earlier write left.
func TestMediaInPieces(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		ctx, shop := h.ctx, h.config.Shop.ID
		c := h.receive(phone, "SM1", "look").Conversation.ID
		want := randomBytes("want", 2*store.PieceSize+9)
		old := randomBytes("old", store.PieceSize)

		earlier := store.NewMediaWrite(s, shop, c, "picture", 9*store.PieceSize, noon)
		for range 5 {
			if complete, err := earlier.Piece(ctx, old); complete || err != nil {
				t.Fatal(complete, err)
			}
		}
		if _, _, err := h.readMedia("picture"); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("an incomplete file was found: %v", err)
		}
		if err := earlier.End(ctx, "image/gif"); err == nil {
			t.Error("an incomplete file was completed")
		}
		if err := h.saveMedia(c, "picture", want); err != nil {
			t.Fatal(err)
		}
		check := func(when string) {
			t.Helper()
			if kind, got, err := h.readMedia("picture"); err != nil || kind != "image/png" || !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes of %s, %v", when, len(got), kind, err)
			}
			if incomplete, pieces, err := store.CountPieces(ctx, s, "picture"); incomplete != 0 || pieces != 3 || err != nil {
				t.Errorf("%s: %d incomplete, %d pieces, %v", when, incomplete, pieces, err)
			}
		}
		check("saved after a write that stopped")
		// The earlier write was only suspended, and goes on.
		if complete, err := earlier.Piece(ctx, old); !complete || err != nil {
			t.Errorf("the earlier write goes on: %v %v", complete, err)
		}
		check("after the earlier write went on")
	})
}

// Slow readers of media hold no connection.
func TestSlowMediaReaders(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		c := h.receive(phone, "SM1", "look").Conversation.ID
		want := randomBytes("slow", 2*store.PieceSize)
		if err := h.saveMedia(c, "picture", want); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(h.ctx, 20*time.Second)
		defer cancel()
		var slow []*store.MediaReader
		for range 20 {
			p := must[*store.MediaReader](t)(s.Media(ctx, h.config.Shop.ID, "picture"))
			if _, err := p.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			slow = append(slow, p)
		}
		if _, err := s.Shops(ctx); err != nil {
			t.Fatal(err)
		}
		for _, p := range slow {
			if rest, err := io.ReadAll(p); err != nil || !bytes.Equal(rest, want[1:]) {
				t.Errorf("the rest: %d bytes, %v", len(rest), err)
			}
		}
	})
}

func TestDeleteIncompleteMedia(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		ctx, shop := h.ctx, h.config.Shop.ID
		c := h.receive(phone, "SM1", "look").Conversation.ID
		if err := h.saveMedia(c, "kept", []byte("kept")); err != nil {
			t.Fatal(err)
		}
		begin := func(id chat.MediaID, pieces int, at time.Time) {
			k := store.NewMediaWrite(s, shop, c, id, chat.MaxFile, at)
			for range pieces {
				if _, err := k.Piece(ctx, []byte("piece")); err != nil {
					t.Fatal(err)
				}
			}
		}
		begin("one", 1, noon.Add(-time.Minute))
		begin("eight", 8, noon.Add(-time.Minute))
		begin("many", 20, noon.Add(-2*time.Minute))
		begin("young", 2, noon)
		if n, err := store.DeleteIncompleteMedia(ctx, s, noon.Add(24*time.Hour)); n != 3 || err != nil {
			t.Errorf("deleted %d, want 3: %v", n, err)
		}
		for id, want := range map[chat.MediaID]int64{"one": 0, "eight": 0, "many": 0, "young": 2, "kept": 1} {
			if incomplete, pieces, err := store.CountPieces(ctx, s, id); pieces != want || incomplete != 1 || err != nil {
				t.Errorf("%s has %d pieces, want %d; %d incomplete, %v", id, pieces, want, incomplete, err)
			}
		}
		if _, got, err := h.readMedia("kept"); string(got) != "kept" || err != nil {
			t.Errorf("the complete file is %q, %v", got, err)
		}
	})
}
