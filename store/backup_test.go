package store_test

import (
	"bufio"
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/upkeep"
)

// backUp makes a backup beside the database and returns its path.
func backUp(t *testing.T, database string) string {
	t.Helper()
	to := filepath.Join(filepath.Dir(database), "backup.db")
	made, err := upkeep.Backup(t.Context(), "sqlite:"+database, to, key, nil)
	if err != nil {
		t.Error(err)
	}
	info, err := os.Stat(to)
	if err != nil || info.Mode() != 0o600 || info.Size() != made.Bytes || made.Rows == 0 {
		t.Errorf("made %+v and the file is %v %v", made, info, err)
	}
	return to
}

// onlyFile makes sure that nothing else is left beside a file.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	found, err := filepath.Glob(path + "?*")
	if err != nil || len(found) > 0 {
		t.Errorf("left behind: %v %v", found, err)
	}
}

// A server goes on while a backup is made; what it acknowledged before is in it.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	cmd, out := spawn(t, "append", database)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var before []string
	for range 300 {
		before = append(before, nextLine(t, out))
	}
	kept := make(chan string)
	go func() {
		defer close(kept)
		for out.Scan() {
			kept <- out.Text()
		}
	}()
	copied := make(chan string)
	go func() { copied <- backUp(t, database) }()
	var to string
	for more := 300; more > 0; { // the writer is well after it, too
		select {
		case to = <-copied:
		case _, ok := <-kept:
			if !ok {
				t.Fatal("the writer ended")
			}
			if to != "" {
				more--
			}
		}
	}
	_ = cmd.Process.Kill()
	for range kept { // until it is gone
	}
	_ = cmd.Wait()
	onlyFile(t, to)

	s := open(t, to)
	door := must[chat.LineConfig](t)(s.LineConfig(t.Context(), "line-acme"))
	h := &house{t, s, t.Context(), door}
	there := map[string]bool{}
	for _, phone := range []chat.Phone{"+14155550100", "+14155550101", "+14155550102"} {
		turn := must[*chat.Turn](t)(s.Receive(h.ctx, door, phone, noon, func(*chat.Turn) error { return nil }))
		for i, e := range h.entries(turn.Conversation.ID) {
			if e.Seq != int64(i+1) {
				t.Fatalf("entry %d of %s has place %d", i+1, string(phone), e.Seq)
			}
			there[e.Origin] = true
		}
	}
	for _, id := range before {
		if !there[chat.FromProvider("twilio", id)] {
			t.Errorf("%s was acknowledged before and is not in the backup", id)
		}
	}
}

func nextLine(t *testing.T, out *bufio.Scanner) string {
	t.Helper()
	if !out.Scan() {
		t.Fatal("the child ended by itself")
	}
	return out.Text()
}

// A backup is put in another place and opened with the key: everything can be
// read, secrets open, browsers read anew, and nothing is sent a second time.
func TestRestore(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	first := open(t, database)
	h := furnish(t, first, "acme")
	turn := h.hear(phone, "SM1", "hello", func(t *chat.Turn) { t.Answer("Hi."); t.Answer("Again.") })
	to := backUp(t, database)
	var said bytes.Buffer
	second, err := store.Open(t.Context(), "sqlite:"+to, key, slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if second.Epoch() == first.Epoch() || second.Epoch() == "" {
		t.Errorf("the epoch is %q and was %q", second.Epoch(), first.Epoch())
	}
	if !strings.Contains(said.String(), "backup restored") || !strings.Contains(said.String(), "texts=2") {
		t.Errorf("it says %q", said.String())
	}
	r := &house{t, second, t.Context(), must[chat.LineConfig](t)(second.LineConfig(t.Context(), "line-acme"))}
	if r.door != h.door || r.door.Line.Token != "token of acme" {
		t.Errorf("the line is %+v", r.door)
	}
	desk := must[chat.Helpdesk](t)(second.Helpdesk(t.Context(), r.door.Shop.ID))
	if desk.Key != "key of acme" || desk.Secret != "secret of acme" {
		t.Error("the helpdesk's secrets are others")
	}
	if got, want := r.entries(turn.Conversation.ID), h.entries(turn.Conversation.ID); len(got) != 3 || len(want) != 3 || got[0].Text != "hello" {
		t.Errorf("there is %+v", got)
	}
	if mine, err := second.Claim(t.Context(), r.door.Line.SendAccount(), 8, 8, noon, store.MaxClaim); err != nil || len(mine) != 0 {
		t.Errorf("would send %+v %v", mine, err)
	}
	failed, total, err := second.Failures(t.Context(), r.door.Shop.ID, 9)
	if err != nil || total != 2 || !strings.Contains(failed[0].Problem, "may have been sent") {
		t.Errorf("put aside %+v %v", failed, err)
	}
	// A person decides; and the next start is one like any other.
	if n, err := second.RetryAll(t.Context(), r.door.Shop.ID, noon); n != 2 || err != nil {
		t.Errorf("retried %d %v", n, err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	third := open(t, to)
	if third.Epoch() != second.Epoch() {
		t.Error("another epoch after the second start")
	}
	if mine, err := third.Claim(t.Context(), r.door.Line.SendAccount(), 8, 8, noon, store.MaxClaim); err != nil || len(mine) != 1 {
		t.Errorf("would send %+v %v", mine, err)
	}
}

// What was put back in another way becomes a database of its own when it is told.
func TestRestored(t *testing.T) {
	t.Parallel()
	for engine, url := range places(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, url, key)
			epoch, h := s.Epoch(), furnish(t, s, "acme")
			h.hear(phone, "SM1", "hello", func(t *chat.Turn) { t.Answer("Hi.") })
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if aside, err := upkeep.Restored(t.Context(), url, key, slog.New(slog.DiscardHandler)); aside != 1 || err != nil {
					t.Errorf("put aside %d %v", aside, err)
				}
			}
			s = openAt(t, url, key)
			defer s.Close()
			if mine, err := s.Claim(t.Context(), h.door.Line.SendAccount(), 8, 8, noon, store.MaxClaim); err != nil || len(mine) != 0 || s.Epoch() == epoch {
				t.Errorf("would send %+v %v in epoch %s", mine, err, s.Epoch())
			}
		})
	}
}

func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	database := filepath.Join(folder, "test.db")
	furnish(t, open(t, database), "acme")
	there := filepath.Join(folder, "there.db")
	if err := os.WriteFile(there, []byte("dear"), 0o600); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx           context.Context
		url, to, says string
		key           []byte
	}{
		"a file that is there": {t.Context(), "sqlite:" + database, there, fs.ErrExist.Error(), key},
		"the database itself":  {t.Context(), "sqlite:" + database, database, fs.ErrExist.Error(), key},
		"no folder":            {t.Context(), "sqlite:" + database, filepath.Join(folder, "no", "b.db"), "no such file", key},
		"no database":          {t.Context(), "sqlite:" + filepath.Join(folder, "no.db"), filepath.Join(folder, "b.db"), "no database", key},
		"another key":          {t.Context(), "sqlite:" + database, filepath.Join(folder, "b.db"), "SIDETEXT_SECRET_KEY", make([]byte, 32)},
		"called off":           {ended, "sqlite:" + database, filepath.Join(folder, "b.db"), "canceled", key},
		"PostgreSQL":           {t.Context(), "postgres://x", filepath.Join(folder, "b.db"), "its own tools", key},
	} {
		if made, err := upkeep.Backup(test.ctx, test.url, test.to, test.key, nil); err == nil || !strings.Contains(err.Error(), test.says) || strings.Count(err.Error(), "store: ") != 1 {
			t.Errorf("%s: made %+v, %v", name, made, err)
		}
	}
	if text, err := os.ReadFile(there); string(text) != "dear" {
		t.Errorf("the file that was there says %q %v", text, err)
	}
	if files, err := filepath.Glob(filepath.Join(folder, "*b.db*")); err != nil || len(files) > 2 { // test.db and its companions
		for _, f := range files {
			if !strings.HasPrefix(filepath.Base(f), "test.db") {
				t.Errorf("left behind: %s %v", f, err)
			}
		}
	}
}

// A damaged database is no backup.
func TestBackupOfDamaged(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	s := must[*store.Store](t)(store.Open(t.Context(), "sqlite:"+database, key, slog.New(slog.DiscardHandler)))
	h := furnish(t, s, "acme")
	for i := range 50 {
		h.hear(phone, strings.Repeat("x", i+1), strings.Repeat("some words ", 100))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(database)
	if err != nil {
		t.Fatal(err)
	}
	copy(raw[len(raw)/2:], bytes.Repeat([]byte{0xa5}, 3*4096))
	if err := os.WriteFile(database, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(filepath.Dir(database), "b.db")
	if made, err := upkeep.Backup(t.Context(), "sqlite:"+database, to, key, nil); err == nil {
		t.Errorf("made %+v", made)
	} else {
		t.Log(err)
	}
	if _, err := os.Lstat(to); err == nil {
		t.Error("there is a backup of a damaged database")
	}
}
