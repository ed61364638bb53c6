package upkeep

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/pgtest"
)

// Every row of every table is moved, in batches.
func TestMove(t *testing.T) {
	t.Parallel()
	const rows = 4
	m := Move{From: "sqlite:" + fillDatabase(t, rows), To: pgtest.Shared(t).Schema(t), Key: key, Log: discard, batchRows: 3}
	seen := map[string]bool{}
	m.Report = func(table string, copied, compared, all int64) {
		if copied > all || compared > all {
			t.Errorf("in %s %d rows are copied and %d compared of %d", table, copied, compared, all)
		}
		seen[table] = true
	}
	done, err := m.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkMoved(t, m.To, rows, done)
	if len(seen) != len(done) {
		t.Errorf("progress was reported of %d tables of %d", len(seen), len(done))
	}
	for _, url := range []string{m.To, pgtest.Shared(t).Schema(t)} {
		m.To = url
		if again, err := m.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "was moved") {
			t.Errorf("moved again: %+v %v", again, err)
		}
	}
}

// From the beginning of a move on, a server that still runs on the source can write
// nothing, and none starts on the source or on the incomplete copy.
func TestMoveBlocksSource(t *testing.T) {
	t.Parallel()
	running, path := openStore(t)
	shop, err := running.AddShop(t.Context(), "acme", noon)
	if err != nil {
		t.Fatal(err)
	}
	epoch := running.Epoch()
	m := Move{From: "sqlite:" + path, To: pgtest.Shared(t).Schema(t), Key: key, Log: discard}
	ctx, cancel := context.WithCancel(t.Context())
	m.Report = func(string, int64, int64, int64) { cancel() }
	if _, err := m.Run(ctx); err == nil {
		t.Fatal("a canceled move went on")
	}
	refused := func(when, source string) {
		t.Helper()
		if _, err := running.AddShop(t.Context(), "late", noon); !errors.Is(err, chat.ErrUnavailable) {
			t.Errorf("%s, a running server adds a shop: %v", when, err)
		}
		if err := running.ChangeShop(t.Context(), shop.ID, func(s *chat.Shop) { s.Name = "x" }); !errors.Is(err, chat.ErrUnavailable) {
			t.Errorf("%s, a running server changes a shop: %v", when, err)
		}
		if _, err := running.WriteCanary(t.Context(), time.Now()); err == nil {
			t.Errorf("%s, a running server is ready", when)
		}
		if got, err := running.Shop(t.Context(), shop.ID); err != nil || got.Name != "acme" {
			t.Errorf("%s, a running server reads %+v %v", when, got, err)
		}
		if s, err := store.Open(t.Context(), m.From, key, discard); err == nil || !strings.Contains(err.Error(), source) {
			t.Errorf("%s, opened %v: %v", when, s, err)
		}
	}
	refused("during the move", "is being moved")
	if s, err := store.Open(t.Context(), m.To, key, discard); err == nil || !strings.Contains(err.Error(), "is not finished") {
		t.Errorf("the incomplete copy opened %v: %v", s, err)
	}
	m.Report = nil
	if _, err := m.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused("after the move", "was moved to PostgreSQL on ")
	s, err := store.Open(t.Context(), m.To, key, discard)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := s.Shop(t.Context(), shop.ID); err != nil || got.Name != "acme" || s.Epoch() == epoch {
		t.Errorf("the copy has %+v %v in epoch %s", got, err, s.Epoch())
	}
}

// After UndoMove the source can be used again, with another epoch. If the copy was
// complete, waiting texts are not sent, because the copy may have sent them.
func TestUndoMove(t *testing.T) {
	t.Parallel()
	for _, complete := range []bool{false, true} {
		s, path := openStore(t)
		epoch := s.Epoch()
		change(t, path, `INSERT INTO deliveries (id, shop, kind, account, lane, place, conversation, ticket, calm, due, tries, until, state, problem)
			VALUES ('d', 's', 'sms', 'a', 'l', 1, 'c', '', 0, 0, 0, 0, 'ready', '')`)
		m := Move{From: "sqlite:" + path, To: pgtest.Shared(t).Schema(t), Key: key, Log: discard}
		if err := UndoMove(t.Context(), m.From); err == nil || !strings.Contains(err.Error(), "was not moved") {
			t.Errorf("undone before a move: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if m.Report = func(string, int64, int64, int64) { cancel() }; complete {
			m.Report = nil
		}
		if _, err := m.Run(ctx); (err == nil) != complete {
			t.Fatal(err)
		}
		cancel()
		if err := UndoMove(t.Context(), m.From); err != nil {
			t.Fatal(err)
		}
		if _, err := s.WriteCanary(t.Context(), time.Now()); err != nil { // a server that still runs writes again
			t.Error(err)
		}
		again, err := store.Open(t.Context(), m.From, key, discard)
		if err != nil {
			t.Fatal(err)
		}
		claims, err := again.Claim(t.Context(), "a", 1, 1, noon, time.Minute)
		if want := map[bool]int{false: 1, true: 0}[complete]; err != nil || len(claims) != want || again.Epoch() == epoch {
			t.Errorf("claimed %+v %v in epoch %s", claims, err, again.Epoch())
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
		m.Report = nil
		if _, err := m.Run(t.Context()); err == nil || !(strings.Contains(err.Error(), "another move") || strings.Contains(err.Error(), "not empty")) {
			t.Errorf("moved again onto the first copy: %v", err)
		}
	}
}

func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	path := fillDatabase(t, 1)
	used, foreign, otherKey := server.Schema(t), server.Schema(t), server.Schema(t)
	s, err := store.Open(t.Context(), used, key, discard)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddShop(t.Context(), "acme", noon); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wrong := append([]byte{1}, key[1:]...)
	if s, err = store.Open(t.Context(), otherKey, wrong, discard); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, foreign, `CREATE TABLE orders (id TEXT)`)
	for name, test := range map[string]struct {
		to, want string
		key      []byte
	}{
		"data":          {used, "is not empty (table", key},
		"other program": {foreign, "another program", key},
		"another key":   {otherKey, "secret key", key},
		"the wrong key": {server.Schema(t), "SIDETEXT_SECRET_KEY", wrong},
		"to SQLite":     {"sqlite:" + path, "postgres: only", key},
		"no server":     {"postgres://x@127.0.0.1:1/x", "refused", key},
	} {
		m := Move{From: "sqlite:" + path, To: test.to, Key: test.key, Log: discard}
		if done, err := m.Run(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) || strings.Count(err.Error(), "store: ") != 1 {
			t.Errorf("%s: moved %+v, %v", name, done, err)
		}
	}
	// None of these blocked the source.
	if s, err = store.Open(t.Context(), "sqlite:"+path, key, discard); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// A move fails if its copy was changed before it was compared.
func TestMoveCompares(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"a letter":  `UPDATE entries SET body = overlay(body PLACING 'x' FROM 1 FOR 1) WHERE seq = 1`,
		"a row":     `DELETE FROM reports WHERE at = 1`,
		"a column":  `UPDATE attempts SET missed = try, try = missed + 1`,
		"a picture": `UPDATE media_pieces SET body = set_byte(body, 0, 120) WHERE n = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := Move{From: "sqlite:" + fillDatabase(t, 2), To: pgtest.Shared(t).Schema(t), Key: key, Log: discard}
			changed := false
			m.Report = func(_ string, _, compared, _ int64) {
				if compared > 0 && !changed { // the first table has been compared: migrations
					changed = true
					execute(t, m.To, change)
				}
			}
			if done, err := m.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "the copy differs in ") || !changed {
				t.Errorf("moved %+v %v", done, err)
			}
			if s, err := store.Open(t.Context(), m.To, key, discard); err == nil {
				t.Errorf("opened %v", s)
			}
		})
	}
}
