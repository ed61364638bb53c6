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
	silent = slog.New(slog.DiscardHandler)
	moveBy = make([]byte, 32)
)

// odd is no text to PostgreSQL; kept is what is kept of it.
const odd, oddKept = "a\x00b\xff\xfec😀", "a\uFFFDb\uFFFDc😀"

// full makes a database with rows in every table that there is: of row n every
// key is n, and so is every reference.
func full(t *testing.T, rows int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "test.db")
	s, err := store.Open(t.Context(), "sqlite:"+path, moveBy, silent)
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

// fillRow adds row n to a table. What is neither a key nor refers to one is odd.
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

// moved checks that the destination has every row of every table, and opens.
func moved(t *testing.T, to string, rows int64, done []MovedTable) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	there, err := (&destination{conn: conn}).columns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for table, columns := range there {
		i := slices.IndexFunc(done, func(m MovedTable) bool { return m.Table == table })
		if i < 0 {
			t.Errorf("%s was not moved", table)
			continue
		}
		if table == "migrations" || table == "about" {
			continue
		}
		var n, odds int64
		if table == "duties" || table == "nodes" { // whose they were does them no more
			if err := conn.QueryRow(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&n); err != nil || n != 0 || done[i].Rows != rows {
				t.Errorf("%s has %d rows %v, said are %d", table, n, err, done[i].Rows)
			}
			continue
		}
		if err := conn.QueryRow(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&n); err != nil || n != rows || done[i].Rows != rows {
			t.Errorf("%s has %d rows %v, said are %d", table, n, err, done[i].Rows)
		}
		for name, kind := range columns {
			if kind != "text" {
				continue
			}
			if err := conn.QueryRow(t.Context(), `SELECT COUNT(*) FROM `+table+` WHERE `+quoted(name)+` LIKE '%' || $1`, oddKept).Scan(&n); err != nil {
				t.Error(err)
			}
			odds += n
		}
		if done[i].Cleaned != odds {
			t.Errorf("of %s %d texts were cleaned, said are %d", table, odds, done[i].Cleaned)
		}
	}
	if len(done) != len(there) {
		t.Errorf("there are %d tables, said are %d", len(there), len(done))
	}
	var pieces int
	if err := conn.QueryRow(t.Context(), `SELECT COUNT(*) FROM media_pieces WHERE body = convert_to(repeat('x', 0), 'UTF8') || $1`, []byte(odd)).Scan(&pieces); err != nil || pieces != 1 {
		t.Errorf("of the first picture there are %d %v", pieces, err)
	}
	s, err := store.Open(t.Context(), to, moveBy, silent)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// Every table there is arrives, in pieces, whatever it holds.
func TestMove(t *testing.T) {
	t.Parallel()
	const rows = 4
	m := Move{From: "sqlite:" + full(t, rows), To: pgtest.Shared(t).Schema(t), Key: moveBy, Log: silent, batchRows: 3}
	seen := map[string]bool{}
	m.Report = func(table string, copied, compared, all int64) {
		if copied > all || compared > all {
			t.Errorf("of %s %d copied and %d compared of %d", table, copied, compared, all)
		}
		seen[table] = true
	}
	done, err := m.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	moved(t, m.To, rows, done)
	if len(seen) != len(done) {
		t.Errorf("told of %d tables of %d", len(seen), len(done))
	}
	for _, url := range []string{m.To, pgtest.Shared(t).Schema(t)} {
		m.To = url
		if again, err := m.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "was moved") {
			t.Errorf("again: %+v %v", again, err)
		}
	}
}

// A move that ends anywhere goes on from there: it is called off after every
// piece, at any moment, and its connection is cut.
func TestMoveInterrupted(t *testing.T) {
	t.Parallel()
	const rows = 3
	for name, interrupt := range map[string]func(*testing.T, *Move, int, context.CancelFunc) func(){
		"after every piece": func(_ *testing.T, m *Move, run int, cancel context.CancelFunc) func() {
			return afterPieces(m, run+1, cancel)
		},
		"at any moment": func(_ *testing.T, _ *Move, run int, cancel context.CancelFunc) func() {
			timer := time.AfterFunc(rand.N(10*time.Millisecond<<min(run, 20)), cancel)
			return func() { timer.Stop() }
		},
		"cut": func(t *testing.T, m *Move, run int, _ context.CancelFunc) func() {
			return afterPieces(m, run+1, func() { cut(t, m.To) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := Move{From: "sqlite:" + full(t, rows), To: pgtest.Shared(t).Schema(t) + "&application_name=cut" + fmt.Sprint(rand.Int64()), Key: moveBy, Log: silent, batchRows: 2}
			m.Report = func(string, int64, int64, int64) {}
			for run := 0; ; run++ { // each leaves the move more time or pieces than the one before
				ctx, cancel := context.WithCancel(t.Context())
				calm := interrupt(t, &m, run, cancel)
				done, err := m.Run(ctx)
				calm()
				cancel()
				switch {
				case err == nil:
					t.Logf("it took %d runs", run+1)
					moved(t, m.To, rows, done)
					return
				case strings.Contains(err.Error(), "was moved"): // it ended after its last word
					t.Logf("it took %d runs", run)
					if s, err := store.Open(t.Context(), m.To, moveBy, silent); err != nil || s.Close() != nil {
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

// afterPieces calls do once so many pieces more have been copied, until it is
// told to stop.
func afterPieces(m *Move, pieces int, do func()) (stop func()) {
	before, known := m.Report, map[string]int64{}
	m.Report = func(table string, copied, compared, all int64) {
		if compared == 0 && copied > known[table] {
			known[table] = copied
			if pieces--; pieces == 0 {
				do()
			}
		}
	}
	return func() { m.Report = before }
}

// cut ends the connections of a move, as a server does that goes.
func cut(t *testing.T, to string) {
	config, err := pgx.ParseConfig(to)
	if err != nil {
		t.Error(err)
		return
	}
	name := config.RuntimeParams["application_name"]
	config.RuntimeParams["application_name"] = "cutter"
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

// From the first moment of a move on, a server that still runs on the source
// acknowledges nothing, and no other one starts, there or on the half copy.
func TestMoveCloses(t *testing.T) {
	t.Parallel()
	running, path := openStore(t)
	shop, err := running.AddShop(t.Context(), "acme", noon)
	if err != nil {
		t.Fatal(err)
	}
	epoch := running.Epoch()
	m := Move{From: "sqlite:" + path, To: pgtest.Shared(t).Schema(t), Key: moveBy, Log: silent}
	ctx, cancel := context.WithCancel(t.Context())
	m.Report = func(string, int64, int64, int64) { cancel() }
	if _, err := m.Run(ctx); err == nil {
		t.Fatal("it was called off and went on")
	}
	refused := func(when, source string) {
		t.Helper()
		if _, err := running.AddShop(t.Context(), "late", noon); !errors.Is(err, chat.ErrUnavailable) {
			t.Errorf("%s, a running server keeps a shop: %v", when, err)
		}
		if err := running.ChangeShop(t.Context(), shop.ID, func(s *chat.Shop) { s.Name = "x" }); !errors.Is(err, chat.ErrUnavailable) {
			t.Errorf("%s, a running server changes a shop: %v", when, err)
		}
		if err := running.Ready(t.Context()); err == nil {
			t.Errorf("%s, a running server says that it is ready", when)
		}
		if got, err := running.Shop(t.Context(), shop.ID); err != nil || got.Name != "acme" {
			t.Errorf("%s, a running server reads %+v %v", when, got, err)
		}
		if s, err := store.Open(t.Context(), m.From, moveBy, silent); err == nil || !strings.Contains(err.Error(), source) {
			t.Errorf("%s, opened %v: %v", when, s, err)
		}
	}
	refused("half way", "is being moved")
	if s, err := store.Open(t.Context(), m.To, moveBy, silent); err == nil || !strings.Contains(err.Error(), "has not ended") {
		t.Errorf("the half copy opened %v: %v", s, err)
	}
	m.Report = nil
	if _, err := m.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused("afterwards", "was moved to PostgreSQL on ")
	s, err := store.Open(t.Context(), m.To, moveBy, silent)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := s.Shop(t.Context(), shop.ID); err != nil || got.Name != "acme" || s.Epoch() == epoch {
		t.Errorf("there is %+v %v in epoch %s", got, err, s.Epoch())
	}
}

// Who changes their mind has the database back, with another epoch; and after the
// copy had been whole, without sending what may have left from there.
func TestUndoMove(t *testing.T) {
	t.Parallel()
	for _, whole := range []bool{false, true} {
		s, path := openStore(t)
		epoch := s.Epoch()
		change(t, path, `INSERT INTO deliveries (id, shop, kind, account, lane, place, conversation, ticket, calm, due, tries, until, state, problem)
			VALUES ('d', 's', 'sms', 'a', 'l', 1, 'c', '', 0, 0, 0, 0, 'ready', '')`)
		m := Move{From: "sqlite:" + path, To: pgtest.Shared(t).Schema(t), Key: moveBy, Log: silent}
		if err := UndoMove(t.Context(), m.From); err == nil || !strings.Contains(err.Error(), "was not moved") {
			t.Errorf("undone before it was done: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if m.Report = func(string, int64, int64, int64) { cancel() }; whole {
			m.Report = nil
		}
		if _, err := m.Run(ctx); (err == nil) != whole {
			t.Fatal(err)
		}
		cancel()
		if err := UndoMove(t.Context(), m.From); err != nil {
			t.Fatal(err)
		}
		if err := s.Ready(t.Context()); err != nil { // a server that still runs writes again
			t.Error(err)
		}
		again, err := store.Open(t.Context(), m.From, moveBy, silent)
		if err != nil {
			t.Fatal(err)
		}
		mine, err := again.Claim(t.Context(), "a", 1, 1, noon, time.Minute)
		if want := map[bool]int{false: 1, true: 0}[whole]; err != nil || len(mine) != want || again.Epoch() == epoch {
			t.Errorf("would send %+v %v in epoch %s", mine, err, again.Epoch())
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
		m.Report = nil
		if _, err := m.Run(t.Context()); err == nil || !(strings.Contains(err.Error(), "another move") || strings.Contains(err.Error(), "not empty")) {
			t.Errorf("moved again onto what was left: %v", err)
		}
	}
}

func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	path := full(t, 1)
	taken, strange, other := server.Schema(t), server.Schema(t), server.Schema(t)
	s, err := store.Open(t.Context(), taken, moveBy, silent)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddShop(t.Context(), "acme", noon); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wrong := append([]byte{1}, moveBy[1:]...)
	if s, err = store.Open(t.Context(), other, wrong, silent); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, strange, `CREATE TABLE orders (id TEXT)`)
	for name, test := range map[string]struct {
		to, says string
		key      []byte
	}{
		"data":           {taken, "is not empty (table", moveBy},
		"another's":      {strange, "another program", moveBy},
		"another key":    {other, "secret key", moveBy},
		"the wrong key":  {server.Schema(t), "SIDETEXT_SECRET_KEY", wrong},
		"to SQLite":      {"sqlite:" + path, "postgres: only", moveBy},
		"nobody answers": {"postgres://x@127.0.0.1:1/x", "refused", moveBy},
	} {
		m := Move{From: "sqlite:" + path, To: test.to, Key: test.key, Log: silent}
		if done, err := m.Run(t.Context()); err == nil || !strings.Contains(err.Error(), test.says) || strings.Count(err.Error(), "store: ") != 1 {
			t.Errorf("%s: moved %+v, %v", name, done, err)
		}
	}
	// Nothing of this closed the source.
	if s, err = store.Open(t.Context(), "sqlite:"+path, moveBy, silent); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

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

// A copy that somebody has changed is not taken for one.
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
			m := Move{From: "sqlite:" + full(t, 2), To: pgtest.Shared(t).Schema(t), Key: moveBy, Log: silent}
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
			if s, err := store.Open(t.Context(), m.To, moveBy, silent); err == nil {
				t.Errorf("opened %v", s)
			}
		})
	}
}
