package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net/url"
	"strings"

	modern "modernc.org/sqlite"
)

// A loose connects to a file of which nothing is promised: it is its address.
type loose string

func (loose) Driver() driver.Driver { return &modern.Driver{} }

func (l loose) Connect(context.Context) (driver.Conn, error) { return l.Driver().Open(string(l)) }

// address is how the engine is asked for a file, and for pragmas.
func address(path string, pragmas ...string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + url.Values{"_pragma": pragmas}.Encode()
}

// countRows counts the rows of each table.
func countRows(ctx context.Context, conn *sql.Conn) (map[string]int64, error) {
	names, err := tables(ctx, conn)
	if err != nil {
		return nil, err
	}
	rows := map[string]int64{}
	for _, name := range names {
		var n int64
		if err := conn.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+quoted(name)).Scan(&n); err != nil {
			return nil, err
		}
		rows[name] = n
	}
	return rows, nil
}

// tables lists the tables of a SQLite database.
func tables(ctx context.Context, conn *sql.Conn) ([]string, error) {
	return texts(ctx, conn, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name`)
}

// texts reads an answer of one column.
func texts(ctx context.Context, conn *sql.Conn, query string, args ...any) (all []string, err error) {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
