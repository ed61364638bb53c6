package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// savePictures saves pictures for ever, and prints of each when it begins and when
// it is stored.
func savePictures(s *store.Store, config chat.LineConfig) error {
	if err := receiveText(s, config, phone, "SM1", "look"); err != nil && !errors.Is(err, chat.ErrRepeat) {
		return err
	}
	turn, err := s.Receive(context.Background(), config, phone, noon, func(*chat.Turn) error { return nil })
	for n := 0; err == nil; n++ {
		id := fmt.Sprintf("picture-%d-%d", os.Getpid(), n)
		file := chat.File{Type: "image/png", Data: randomBytes(id, pictureSize)}
		fmt.Println("begun", id)
		err = s.SaveMedia(context.Background(), config.Shop.ID, turn.Conversation.ID, chat.MediaID(id), file, noon)
		fmt.Println("saved", id)
	}
	return err
}

const pictureSize = 8*store.PieceSize + 1

// A process that saves pictures is killed: pictures that it acknowledged are
// complete, the interrupted one cannot be read and can be saved again.
func TestKillBetweenPieces(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	var begun, saved []string
	for run := range 8 {
		cmd, out := spawn(t, "pictures", database)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := 0; out.Scan(); lines++ {
			event, id, _ := strings.Cut(out.Text(), " ")
			if event == "saved" {
				saved = append(saved, id)
			} else {
				begun = append(begun, id)
			}
			if lines == 2 { // one is saved, another begun
				time.AfterFunc(time.Duration(run)*3*time.Millisecond, func() { _ = cmd.Process.Kill() })
			}
		}
		_ = cmd.Wait()
	}
	s := open(t, database)
	h := &shopFixture{t, s, t.Context(), must[chat.LineConfig](t)(s.LineConfig(t.Context(), "line-acme"))}
	interrupted, _, err := store.CountPieces(h.ctx, s, "")
	if err != nil || interrupted == 0 {
		t.Fatalf("%d of %d pictures were interrupted, %v", interrupted, len(begun), err)
	}
	c := must[*chat.Turn](t)(s.Receive(h.ctx, h.config, phone, noon, func(*chat.Turn) error { return nil })).Conversation.ID
	acknowledged := map[string]bool{}
	for _, id := range saved {
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
	if incomplete, _, err := store.CountPieces(h.ctx, s, ""); incomplete != 0 || err != nil {
		t.Errorf("%d are incomplete, %v", incomplete, err)
	}
	if result, err := store.CheckIntegrity(h.ctx, s); result != "ok" {
		t.Errorf("integrity check: %q %v", result, err)
	}
	t.Logf("%d pictures begun, %d acknowledged, %d interrupted", len(begun), len(saved), interrupted)
}
