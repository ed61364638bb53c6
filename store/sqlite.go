package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	engine "modernc.org/sqlite"
)

// sqlite makes connections to one file. Every one is asked what it really does
// before it is used: drivers differ in what they quietly assume, and a commit
// that is not synced is a text lost when the power goes.
type sqlite struct {
	path   string
	writes bool
}

// pragmas, and what the engine says when they hold.
var pragmas = []struct{ name, value, says string }{
	{"busy_timeout", "5000", "5000"},
	{"journal_mode", "WAL", "wal"},
	{"synchronous", "FULL", "2"},
	{"foreign_keys", "1", "1"},
	{"secure_delete", "1", "1"},
	{"temp_store", "2", "2"},
}

func (s sqlite) Driver() driver.Driver { return &engine.Driver{} }

func (s sqlite) Connect(ctx context.Context) (driver.Conn, error) {
	if s.writes {
		// Nobody but the owner may read shoppers' texts.
		if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
			return nil, fmt.Errorf("store: make the folder: %w", err)
		}
		file, err := os.OpenFile(s.path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("store: open the file: %w", err)
		}
		// Before the engine opens it: closing it later would drop its locks.
		if err := file.Close(); err != nil {
			return nil, err
		}
	}
	ask := url.Values{}
	for _, p := range pragmas {
		ask.Add("_pragma", p.name+"("+p.value+")")
	}
	if !s.writes {
		ask.Add("_pragma", "query_only(1)")
	}
	conn, err := s.Driver().Open("file:" + (&url.URL{Path: s.path}).EscapedPath() + "?" + ask.Encode())
	if err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	if err := s.check(ctx, conn.(driver.QueryerContext)); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

func (s sqlite) check(ctx context.Context, conn driver.QueryerContext) error {
	for _, p := range pragmas {
		rows, err := conn.QueryContext(ctx, "PRAGMA "+p.name, nil)
		if err != nil {
			return fmt.Errorf("store: ask for %s: %w", p.name, err)
		}
		says := make([]driver.Value, len(rows.Columns()))
		err = rows.Next(says)
		_ = rows.Close()
		if err != nil && err != io.EOF {
			return fmt.Errorf("store: ask for %s: %w", p.name, err)
		}
		if got := fmt.Sprint(says[0]); got != p.says {
			return fmt.Errorf("store: SQLite runs with %s=%s where it must be %s", p.name, got, p.says)
		}
	}
	return nil
}
