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

// backUp makes a backup in the database's folder and returns its path.
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

// checkNoLeftovers checks that there are no other files whose names begin with path.
func checkNoLeftovers(t *testing.T, path string) {
	t.Helper()
	found, err := filepath.Glob(path + "?*")
	if err != nil || len(found) > 0 {
		t.Errorf("leftover files: %v %v", found, err)
	}
}

// A server goes on writing while a backup is made, and the backup has what was
// acknowledged before.
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
	acknowledged := make(chan string)
	go func() {
		defer close(acknowledged)
		for out.Scan() {
			acknowledged <- out.Text()
		}
	}()
	copied := make(chan string)
	go func() { copied <- backUp(t, database) }()
	var to string
	for more := 300; more > 0; { // the writer goes on after the backup, too
		select {
		case to = <-copied:
		case _, ok := <-acknowledged:
			if !ok {
				t.Fatal("the writer ended")
			}
			if to != "" {
				more--
			}
		}
	}
	_ = cmd.Process.Kill()
	for range acknowledged { // until the child is gone
	}
	_ = cmd.Wait()
	checkNoLeftovers(t, to)

	s := open(t, to)
	config := must[chat.LineConfig](t)(s.LineConfig(t.Context(), "line-acme"))
	h := &shopFixture{t, s, t.Context(), config}
	stored := map[string]bool{}
	for _, phone := range []chat.Phone{"+14155550100", "+14155550101", "+14155550102"} {
		turn := must[*chat.Turn](t)(s.Receive(h.ctx, config, phone, noon, func(*chat.Turn) error { return nil }))
		for i, e := range h.entries(turn.Conversation.ID) {
			if e.Seq != int64(i+1) {
				t.Fatalf("entry %d of %s has place %d", i+1, string(phone), e.Seq)
			}
			stored[e.Origin] = true
		}
	}
	for _, id := range before {
		if !stored[chat.FromProvider("twilio", id)] {
			t.Errorf("%s was acknowledged before and is not in the backup", id)
		}
	}
}

func nextLine(t *testing.T, out *bufio.Scanner) string {
	t.Helper()
	if !out.Scan() {
		t.Fatal("the child process ended early")
	}
	return out.Text()
}

// A backup that is opened has everything that the database had, another epoch, and
// its waiting texts among the failures, so that none is sent twice.
func TestRestore(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	first := open(t, database)
	h := newShop(t, first, "acme")
	turn := h.receive(phone, "SM1", "hello", func(t *chat.Turn) { t.Answer("Hi."); t.Answer("Again.") })
	to := backUp(t, database)
	var log bytes.Buffer
	second, err := store.Open(t.Context(), "sqlite:"+to, key, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if second.Epoch() == first.Epoch() || second.Epoch() == "" {
		t.Errorf("the epoch is %q and was %q", second.Epoch(), first.Epoch())
	}
	if !strings.Contains(log.String(), "backup restored") || !strings.Contains(log.String(), "texts=2") {
		t.Errorf("logged %q", log.String())
	}
	r := &shopFixture{t, second, t.Context(), must[chat.LineConfig](t)(second.LineConfig(t.Context(), "line-acme"))}
	if r.config != h.config || r.config.Line.Token != "token of acme" {
		t.Errorf("the line is %+v", r.config)
	}
	helpdesk := must[chat.Helpdesk](t)(second.Helpdesk(t.Context(), r.config.Shop.ID))
	if helpdesk.Key != "key of acme" || helpdesk.Secret != "secret of acme" {
		t.Error("the helpdesk's secrets differ")
	}
	if got, want := r.entries(turn.Conversation.ID), h.entries(turn.Conversation.ID); len(got) != 3 || len(want) != 3 || got[0].Text != "hello" {
		t.Errorf("the backup has %+v", got)
	}
	if claims, err := second.Claim(t.Context(), r.config.Line.SendAccount(), 8, 8, noon, store.MaxClaim); err != nil || len(claims) != 0 {
		t.Errorf("claimed %+v %v", claims, err)
	}
	failed, total, err := second.Failures(t.Context(), r.config.Shop.ID, 9)
	if err != nil || total != 2 || !strings.Contains(failed[0].Problem, "may have been sent") {
		t.Errorf("failed are %+v %v", failed, err)
	}
	// A person retries them, and the next start changes nothing more.
	if n, err := second.RetryAll(t.Context(), r.config.Shop.ID, noon); n != 2 || err != nil {
		t.Errorf("retried %d %v", n, err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	third := open(t, to)
	if third.Epoch() != second.Epoch() {
		t.Error("another epoch after the second start")
	}
	if claims, err := third.Claim(t.Context(), r.config.Line.SendAccount(), 8, 8, noon, store.MaxClaim); err != nil || len(claims) != 1 {
		t.Errorf("claimed %+v %v", claims, err)
	}
}

// FinishRestore does the same for a database that was restored by other means.
func TestFinishRestore(t *testing.T) {
	t.Parallel()
	for engine, url := range places(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, url, key)
			epoch, h := s.Epoch(), newShop(t, s, "acme")
			h.receive(phone, "SM1", "hello", func(t *chat.Turn) { t.Answer("Hi.") })
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if failed, err := upkeep.FinishRestore(t.Context(), url, key, slog.New(slog.DiscardHandler)); failed != 1 || err != nil {
					t.Errorf("%d texts failed, want 1: %v", failed, err)
				}
			}
			s = openAt(t, url, key)
			defer s.Close()
			if claims, err := s.Claim(t.Context(), h.config.Line.SendAccount(), 8, 8, noon, store.MaxClaim); err != nil || len(claims) != 0 || s.Epoch() == epoch {
				t.Errorf("claimed %+v %v in epoch %s", claims, err, s.Epoch())
			}
		})
	}
}

func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	database := filepath.Join(folder, "test.db")
	newShop(t, open(t, database), "acme")
	existing := filepath.Join(folder, "existing.db")
	if err := os.WriteFile(existing, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx           context.Context
		url, to, want string
		key           []byte
	}{
		"an existing file":    {t.Context(), "sqlite:" + database, existing, fs.ErrExist.Error(), key},
		"the database itself": {t.Context(), "sqlite:" + database, database, fs.ErrExist.Error(), key},
		"no folder":           {t.Context(), "sqlite:" + database, filepath.Join(folder, "no", "b.db"), "no such file", key},
		"no database":         {t.Context(), "sqlite:" + filepath.Join(folder, "no.db"), filepath.Join(folder, "b.db"), "no database", key},
		"another key":         {t.Context(), "sqlite:" + database, filepath.Join(folder, "b.db"), "SIDETEXT_SECRET_KEY", make([]byte, 32)},
		"canceled":            {ended, "sqlite:" + database, filepath.Join(folder, "b.db"), "canceled", key},
		"PostgreSQL":          {t.Context(), "postgres://x", filepath.Join(folder, "b.db"), "its own tools", key},
	} {
		if made, err := upkeep.Backup(test.ctx, test.url, test.to, test.key, nil); err == nil || !strings.Contains(err.Error(), test.want) || strings.Count(err.Error(), "store: ") != 1 {
			t.Errorf("%s: made %+v, %v", name, made, err)
		}
	}
	if text, err := os.ReadFile(existing); string(text) != "precious" {
		t.Errorf("the existing file has %q %v", text, err)
	}
	if files, err := filepath.Glob(filepath.Join(folder, "*b.db*")); err != nil || len(files) > 2 { // test.db and its companions
		for _, f := range files {
			if !strings.HasPrefix(filepath.Base(f), "test.db") {
				t.Errorf("leftover file: %s %v", f, err)
			}
		}
	}
}

// A damaged database makes no backup.
func TestBackupOfDamaged(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	s := must[*store.Store](t)(store.Open(t.Context(), "sqlite:"+database, key, slog.New(slog.DiscardHandler)))
	h := newShop(t, s, "acme")
	for i := range 50 {
		h.receive(phone, strings.Repeat("x", i+1), strings.Repeat("some words ", 100))
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
