package upkeep

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"sidetext/store"
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
			value = fmt.Sprint(n)
			if !slices.Contains(plain, name) {
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
