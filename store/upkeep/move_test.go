package upkeep

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/pgtest"
	"sidetext/store/sqldb"
)

var (
	discard = slog.New(slog.DiscardHandler)
	key     = make([]byte, 32)
)

// odd is a text that PostgreSQL cannot store, and oddCleaned what is stored of it.
const odd, oddCleaned = "a\x00b\xff\xfec😀", "a\uFFFDb\uFFFDc😀"

// fillDatabase makes a database with rows in every table. In row n every key and
// every reference is n.
func fillDatabase(t *testing.T, rows int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "test.db")
	s, err := store.Open(t.Context(), "sqlite:"+path, key, discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(sqldb.RawSQLite(sqldb.SQLiteName(path, "foreign_keys(0)")))
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, table := range column(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('migrations', 'about')`) {
		if _, err := conn.ExecContext(t.Context(), "BEGIN"); err != nil {
			t.Fatal(err)
		}
		for n := range rows {
			fillRow(t, db, conn, table, n)
		}
		if _, err := conn.ExecContext(t.Context(), "COMMIT"); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// fillRow adds row n to a table. Its texts are odd, except in keys and references.
func fillRow(t *testing.T, db *sql.DB, conn *sql.Conn, table string, n int) {
	t.Helper()
	plain := column(t, db, `SELECT "from" FROM pragma_foreign_key_list('`+table+`') UNION SELECT name FROM pragma_table_info('`+table+`') WHERE pk > 0`)
	var names, marks []string
	var values []any
	for _, name := range column(t, db, `SELECT name || ' ' || type FROM pragma_table_info('`+table+`')`) {
		name, kind, _ := strings.Cut(name, " ")
		var value any = int64(n)
		switch kind {
		case "TEXT":
			if value = fmt.Sprint(n); !slices.Contains(plain, name) {
				value = fmt.Sprint(n, odd)
			}
		case "BYTEA":
			value = []byte(strings.Repeat(odd, n+1))
		}
		names, marks, values = append(names, name), append(marks, "?"), append(values, value)
	}
	if _, err := conn.ExecContext(t.Context(), `INSERT INTO `+table+` (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`, values...); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
}

// checkMoved checks that the destination has every row of every table and can be opened.
func checkMoved(t *testing.T, to string, rows int64, done []MovedTable) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	tables, err := (&destination{conn: conn}).columns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for table, columns := range tables {
		i := slices.IndexFunc(done, func(m MovedTable) bool { return m.Table == table })
		if i < 0 {
			t.Errorf("%s was not moved", table)
			continue
		}
		if table == "migrations" || table == "about" {
			continue
		}
		var n, odds int64
		if table == "duties" || table == "nodes" { // they belong to the source's nodes
			if err := conn.QueryRow(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&n); err != nil || n != 0 || done[i].Rows != rows {
				t.Errorf("%s has %d rows (%v), reported are %d", table, n, err, done[i].Rows)
			}
			continue
		}
		if err := conn.QueryRow(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&n); err != nil || n != rows || done[i].Rows != rows {
			t.Errorf("%s has %d rows (%v), reported are %d", table, n, err, done[i].Rows)
		}
		for name, kind := range columns {
			if kind != "text" {
				continue
			}
			if err := conn.QueryRow(t.Context(), `SELECT COUNT(*) FROM `+table+` WHERE `+quoted(name)+` LIKE '%' || $1`, oddCleaned).Scan(&n); err != nil {
				t.Error(err)
			}
			odds += n
		}
		if done[i].Cleaned != odds {
			t.Errorf("in %s %d texts were cleaned, reported are %d", table, odds, done[i].Cleaned)
		}
	}
	if len(done) != len(tables) {
		t.Errorf("there are %d tables, reported are %d", len(tables), len(done))
	}
	var pieces int
	if err := conn.QueryRow(t.Context(), `SELECT COUNT(*) FROM media_pieces WHERE body = convert_to(repeat('x', 0), 'UTF8') || $1`, []byte(odd)).Scan(&pieces); err != nil || pieces != 1 {
		t.Errorf("%d pieces are those of the first picture, want 1: %v", pieces, err)
	}
	s, err := store.Open(t.Context(), to, key, discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

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

// An interrupted move continues where it stopped: it is canceled after each batch
// and at random moments, and its connection is ended.
func TestMoveInterrupted(t *testing.T) {
	t.Parallel()
	const rows = 3
	for name, interrupt := range map[string]func(*testing.T, *Move, int, context.CancelFunc) func(){
		"after each batch": func(_ *testing.T, m *Move, run int, cancel context.CancelFunc) func() {
			return afterBatches(m, run+1, cancel)
		},
		"at a random moment": func(_ *testing.T, _ *Move, run int, cancel context.CancelFunc) func() {
			timer := time.AfterFunc(rand.N(10*time.Millisecond<<min(run, 20)), cancel)
			return func() { timer.Stop() }
		},
		"connection ended": func(t *testing.T, m *Move, run int, _ context.CancelFunc) func() {
			return afterBatches(m, run+1, func() { endConnections(t, m.To) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := Move{From: "sqlite:" + fillDatabase(t, rows), To: pgtest.Shared(t).Schema(t) + "&application_name=move" + fmt.Sprint(rand.Int64()), Key: key, Log: discard, batchRows: 2}
			m.Report = func(string, int64, int64, int64) {}
			for run := 0; ; run++ { // each gets more time or batches than the one before
				ctx, cancel := context.WithCancel(t.Context())
				stop := interrupt(t, &m, run, cancel)
				done, err := m.Run(ctx)
				stop()
				cancel()
				switch {
				case err == nil:
					t.Logf("the move took %d runs", run+1)
					checkMoved(t, m.To, rows, done)
					return
				case strings.Contains(err.Error(), "was moved"): // it was interrupted after its end
					t.Logf("the move took %d runs", run)
					if s, err := store.Open(t.Context(), m.To, key, discard); err != nil || s.Close() != nil {
						t.Error(err)
					}
					return
				case strings.Contains(err.Error(), "differ"):
					t.Fatal(err)
				}
			}
		})
	}
}

// afterBatches calls do once this many more batches have been copied, unless stop is
// called before.
func afterBatches(m *Move, batches int, do func()) (stop func()) {
	before, known := m.Report, map[string]int64{}
	m.Report = func(table string, copied, compared, all int64) {
		if compared == 0 && copied > known[table] {
			known[table] = copied
			if batches--; batches == 0 {
				do()
			}
		}
	}
	return func() { m.Report = before }
}

// endConnections ends the connections of a move, as a server does when it stops.
func endConnections(t *testing.T, to string) {
	config, err := pgx.ParseConfig(to)
	if err != nil {
		t.Error(err)
		return
	}
	name := config.RuntimeParams["application_name"]
	config.RuntimeParams["application_name"] = "test"
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1`, name); err != nil {
		t.Error(err)
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
		if err := running.Ready(t.Context()); err == nil {
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
		change(t, path, `INSERT INTO deliveries (id, shop, kind, account, lane, place, conversation, entry, body, ticket, calm, due, tries, until, state, problem)
			VALUES ('d', 's', 'sms', 'a', 'l', 1, 'c', 1, '', '', 0, 0, 0, 0, 'ready', '')`)
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
		if err := s.Ready(t.Context()); err != nil { // a server that still runs writes again
			t.Error(err)
		}
		again, err := store.Open(t.Context(), m.From, key, discard)
		if err != nil {
			t.Fatal(err)
		}
		mine, err := again.Claim(t.Context(), "a", 1, 1, noon, time.Minute)
		if want := map[bool]int{false: 1, true: 0}[complete]; err != nil || len(mine) != want || again.Epoch() == epoch {
			t.Errorf("claimed %+v %v in epoch %s", mine, err, again.Epoch())
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

// execute runs a statement on a PostgreSQL database.
func execute(t *testing.T, to, query string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), query); err != nil {
		t.Fatal(err)
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
