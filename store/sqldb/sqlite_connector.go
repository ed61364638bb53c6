package sqldb

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"net/url"

	modern "modernc.org/sqlite"
)

// SQLite connects to a file with the pragmas that durability depends on. It checks
// on each connection that they are in force: drivers differ in their defaults, and
// a text whose commit was not synced is lost when the power fails.
type SQLite struct {
	Path     string
	ReadOnly bool
}

type pragma struct {
	name, value string
	want        string // what SQLite answers when the value is in force
}

var pragmas = []pragma{
	// Milliseconds that a statement waits for another process. It is short, so that a
	// provider gets our 503, after which it retries, before its own time-out.
	{"busy_timeout", "1000", "1000"},
	{"journal_mode", "WAL", "wal"},
	{"synchronous", "FULL", "2"},
	{"foreign_keys", "1", "1"},
	{"secure_delete", "1", "1"},
	{"temp_store", "2", "2"},
}

func (s SQLite) pragmas() []pragma {
	queryOnly := pragma{"query_only", "0", "0"}
	if s.ReadOnly {
		queryOnly = pragma{"query_only", "1", "1"}
	}
	return append(pragmas[:len(pragmas):len(pragmas)], queryOnly)
}

// Driver implements driver.Connector.
func (s SQLite) Driver() driver.Driver { return &modern.Driver{} }

// Connect implements driver.Connector.
func (s SQLite) Connect(ctx context.Context) (driver.Conn, error) {
	var values []string
	for _, p := range s.pragmas() {
		values = append(values, p.name+"("+p.value+")")
	}
	conn, err := s.Driver().Open(SQLiteName(s.Path, values...))
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", s.Path, err)
	}
	if err := s.check(ctx, conn.(driver.QueryerContext)); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

func (s SQLite) check(ctx context.Context, conn driver.QueryerContext) error {
	for _, p := range s.pragmas() {
		rows, err := conn.QueryContext(ctx, "PRAGMA "+p.name, nil)
		if err != nil {
			return fmt.Errorf("store: read pragma %s: %w", p.name, err)
		}
		row := make([]driver.Value, len(rows.Columns()))
		err = rows.Next(row)
		_ = rows.Close()
		if err != nil && err != io.EOF {
			return fmt.Errorf("store: read pragma %s: %w", p.name, err)
		}
		if got := fmt.Sprint(row[0]); got != p.want {
			return fmt.Errorf("store: SQLite runs with %s=%s where it must be %s", p.name, got, p.want)
		}
	}
	return nil
}

// SQLiteName is the driver's name of a file with pragmas, each like
// "synchronous(FULL)".
func SQLiteName(path string, pragmas ...string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + url.Values{"_pragma": pragmas}.Encode()
}

// A RawSQLite connects to the file that a driver's name says, without checking
// its pragmas.
type RawSQLite string

// Driver implements driver.Connector.
func (RawSQLite) Driver() driver.Driver { return &modern.Driver{} }

// Connect implements driver.Connector.
func (r RawSQLite) Connect(context.Context) (driver.Conn, error) { return r.Driver().Open(string(r)) }
