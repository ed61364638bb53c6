package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// bytesOf are so many bytes that depend on a name, none like its neighbour.
func randomBytes(name string, size int) []byte {
	var seed [32]byte
	copy(seed[:], name)
	data := make([]byte, size)
	_, _ = rand.NewChaCha8(seed).Read(data)
	return data
}

// taken reads a picture back, whole.
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

func (h *shopFixture) saveMedia(c chat.ConversationID, id chat.MediaID, data []byte) error {
	return h.KeepMedia(h.ctx, h.config.Shop.ID, c, id, chat.File{Type: "image/png", Data: data}, noon)
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
				t.Errorf("%d bytes came back as %d of %s, %v", size, len(got), kind, err)
			}
			p := must[*store.MediaReader](t)(s.Media(h.ctx, h.config.Shop.ID, id))
			if size < 3*piece {
				if err := iotest.TestReader(p, want); err != nil {
					t.Errorf("%d bytes: %v", size, err)
				}
			}
			// What is there stays as it is, however often it comes.
			if err := h.saveMedia(c, id, []byte("other")); err != nil {
				t.Errorf("again: %v", err)
			}
			if _, got, err := h.readMedia(id); err != nil || !bytes.Equal(got, want) {
				t.Errorf("kept again, %d bytes are %d, %v", size, len(got), err)
			}
		}
		if err := h.saveMedia(c, "empty", nil); err == nil {
			t.Error("a file with nothing in it is kept")
		}
		if _, _, err := h.readMedia("empty"); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("nothing: %v", err)
		}
	})
}

// Another shop neither finds a picture nor puts one into a conversation.
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
				t.Errorf("kept %s: %v", id, err)
			}
		}
		// An id of theirs in a conversation of one's own is no way in either.
		if err := other.saveMedia(other.receive(phone, "SM1", "look").Conversation.ID, "picture", []byte("other")); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("kept in another conversation: %v", err)
		}
		if _, got, err := acme.readMedia("picture"); string(got) != "picture" || err != nil {
			t.Errorf("then it is %q, %v", got, err)
		}
	})
}

// Whatever was there of it before: a file is seen once all of it is there, and
// then it is what was brought.
func TestMediaInPieces(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		ctx, shop := h.ctx, h.config.Shop.ID
		c := h.receive(phone, "SM1", "look").Conversation.ID
		want := randomBytes("want", 2*store.PieceSize+9)
		old := randomBytes("old", store.PieceSize)

		longer := store.NewMediaWrite(s, shop, c, "picture", 9*store.PieceSize, noon)
		for range 5 {
			if whole, err := longer.Piece(ctx, old); whole || err != nil {
				t.Fatal(whole, err)
			}
		}
		if _, _, err := h.readMedia("picture"); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("half of it can be seen: %v", err)
		}
		if err := longer.End(ctx, "image/gif"); err == nil {
			t.Error("half of it was taken for the whole")
		}
		if err := h.saveMedia(c, "picture", want); err != nil {
			t.Fatal(err)
		}
		check := func(when string) {
			t.Helper()
			if kind, got, err := h.readMedia("picture"); err != nil || kind != "image/png" || !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes of %s, %v", when, len(got), kind, err)
			}
			if parts, pieces, err := store.CountPieces(ctx, s, "picture"); parts != 0 || pieces != 3 || err != nil {
				t.Errorf("%s: %d unfinished, %d pieces, %v", when, parts, pieces, err)
			}
		}
		check("done again after it stopped half way")
		// The first had only been stopped for a while, and goes on.
		if whole, err := longer.Piece(ctx, old); !whole || err != nil {
			t.Errorf("goes on: %v %v", whole, err)
		}
		check("the first goes on")
	})
}

// However many take their pictures slowly, the store can be read.
func TestMediaHoldsNobodyUp(t *testing.T) {
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

func TestTidyMedia(t *testing.T) {
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
			t.Errorf("removed %d, %v", n, err)
		}
		for id, want := range map[chat.MediaID]int64{"one": 0, "eight": 0, "many": 0, "young": 2, "kept": 1} {
			if parts, pieces, err := store.CountPieces(ctx, s, id); pieces != want || parts != 1 || err != nil {
				t.Errorf("%s has %d pieces, want %d; %d unfinished, %v", id, pieces, want, parts, err)
			}
		}
		if _, got, err := h.readMedia("kept"); string(got) != "kept" || err != nil {
			t.Errorf("what was kept is %q, %v", got, err)
		}
	})
}

// keepPictures keeps pictures for ever, and says of each when it is kept.
func keepPictures(s *store.Store, config chat.LineConfig) error {
	if err := receiveText(s, config, phone, "SM1", "look"); err != nil && !errors.Is(err, chat.ErrRepeat) {
		return err
	}
	turn, err := s.Receive(context.Background(), config, phone, noon, func(*chat.Turn) error { return nil })
	for n := 0; err == nil; n++ {
		id := fmt.Sprintf("picture-%d-%d", os.Getpid(), n)
		file := chat.File{Type: "image/png", Data: randomBytes(id, pictureSize)}
		fmt.Println("begun", id)
		err = s.KeepMedia(context.Background(), config.Shop.ID, turn.Conversation.ID, chat.MediaID(id), file, noon)
		fmt.Println("kept", id)
	}
	return err
}

const pictureSize = 8*store.PieceSize + 1

// A process that is killed while it keeps pictures: what it said is kept is there
// as a whole, what it had begun cannot be seen, and can be done again.
func TestKillBetweenPieces(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	var begun, kept []string
	for life := range 8 {
		cmd, out := spawn(t, "pictures", database)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := 0; out.Scan(); lines++ {
			what, id, _ := strings.Cut(out.Text(), " ")
			if what == "kept" {
				kept = append(kept, id)
			} else {
				begun = append(begun, id)
			}
			if lines == 2 { // one is kept, another begun
				time.AfterFunc(time.Duration(life)*3*time.Millisecond, func() { _ = cmd.Process.Kill() })
			}
		}
		_ = cmd.Wait()
	}
	s := open(t, database)
	h := &shopFixture{t, s, t.Context(), must[chat.LineConfig](t)(s.LineConfig(t.Context(), "line-acme"))}
	parts, _, err := store.CountPieces(h.ctx, s, "")
	if err != nil || parts == 0 {
		t.Fatalf("%d of %d pictures were interrupted, %v", parts, len(begun), err)
	}
	c := must[*chat.Turn](t)(s.Receive(h.ctx, h.config, phone, noon, func(*chat.Turn) error { return nil })).Conversation.ID
	acknowledged := map[string]bool{}
	for _, id := range kept {
		acknowledged[id] = true
	}
	for _, id := range begun {
		want := randomBytes(id, pictureSize)
		_, got, err := h.readMedia(chat.MediaID(id))
		switch {
		case err == nil && !bytes.Equal(got, want):
			t.Errorf("%s is %d other bytes", id, len(got))
		case acknowledged[id] && err != nil:
			t.Errorf("%s was acknowledged: %v", id, err)
		case err != nil && !errors.Is(err, chat.ErrNotFound):
			t.Errorf("%s: %v", id, err)
		}
		if err := h.saveMedia(c, chat.MediaID(id), want); err != nil {
			t.Errorf("%s again: %v", id, err)
		}
		if _, got, err := h.readMedia(chat.MediaID(id)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s again: %d bytes, %v", id, len(got), err)
		}
	}
	if parts, _, err := store.CountPieces(h.ctx, s, ""); parts != 0 || err != nil {
		t.Errorf("%d are unfinished, %v", parts, err)
	}
	if said, err := store.CheckIntegrity(h.ctx, s); said != "ok" {
		t.Errorf("the database says %q %v", said, err)
	}
	t.Logf("%d pictures begun, %d acknowledged, %d interrupted", len(begun), len(kept), parts)
}
