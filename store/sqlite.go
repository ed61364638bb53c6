package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	modern "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// A sqliteFile is the engine of one file.
type sqliteFile struct {
	file        sqlite
	write, read *sql.DB // the one with a single connection
}

func newSQLite(path string) *sqliteFile {
	s := &sqliteFile{sqlite{path, true}, sql.OpenDB(sqlite{path, true}), sql.OpenDB(sqlite{path, false})}
	_, readers := s.crew()
	s.write.SetMaxOpenConns(1)
	s.read.SetMaxOpenConns(readers)
	return s
}

// One connection writes: SQLite lets no two.
func (*sqliteFile) crew() (writers, readers int) { return 1, 4 }
func (*sqliteFile) now(link) (time.Time, error)  { return time.Time{}, errNoClock }
func (s *sqliteFile) close() error               { return errors.Join(s.write.Close(), s.read.Close()) }
func (s *sqliteFile) busy(err error) bool        { return busy(err) }
func (s *sqliteFile) plain(err error) error      { return s.file.plain(err) }
func (s *sqliteFile) find(_ context.Context, create bool) error {
	if create {
		return s.file.make()
	}
	return s.file.find()
}

func (s *sqliteFile) connect(ctx context.Context, writes bool) (conn, error) {
	db := s.read
	if writes {
		db = s.write
	}
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &sqliteConn{c, map[string]*sql.Stmt{}}, nil
}

// sqlite makes connections to one file. Every one is asked what it really does
// before it is used: drivers differ in what they quietly assume, and a commit
// that is not synced is a text lost when the power goes.
type sqlite struct {
	path   string
	writes bool
}

type pragma struct{ name, value, says string }

// promised are the pragmas of every connection, and what the engine says when they hold.
var promised = []pragma{
	// Whoever waits for a commit waits no longer than this for another process,
	// milliseconds: a provider asks again, and is told so before it gives up.
	{"busy_timeout", "1000", "1000"},
	{"journal_mode", "WAL", "wal"},
	{"synchronous", "FULL", "2"},
	{"foreign_keys", "1", "1"},
	{"secure_delete", "1", "1"},
	{"temp_store", "2", "2"},
}

// make makes the file, if it is not there, so that nobody but the owner may read
// shoppers' texts. It never opens a file that is there: closing it again would
// drop the locks that this process holds on it.
func (s sqlite) make() error {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return fmt.Errorf("store: make the folder: %w", err)
	}
	file, err := os.OpenFile(s.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return s.find()
	}
	if err != nil {
		return fmt.Errorf("store: make the file: %w", err)
	}
	return file.Close()
}

// find makes sure that there is a file.
func (s sqlite) find() error {
	info, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("store: there is no database %s: is this the right folder, and SIDETEXT_DATABASE_URL set?", s.path)
	case err != nil:
		return fmt.Errorf("store: find the database: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("store: %s is not a file", s.path)
	}
	return nil
}

// busy reports whether another process is writing.
func busy(err error) bool {
	var said *modern.Error
	return errors.As(err, &said) && primary(said) == lib.SQLITE_BUSY
}

// primary is the engine's result code, without what it adds to it.
func primary(said *modern.Error) int { return said.Code() & 0xff }

// plain says in plain words why a file can't be opened.
func (s sqlite) plain(err error) error {
	var said *modern.Error
	if !errors.As(err, &said) {
		return err
	}
	words := map[int]string{
		lib.SQLITE_BUSY:     "another process is writing to it",
		lib.SQLITE_PERM:     "this user has no right to write it",
		lib.SQLITE_READONLY: "this user has no right to write it",
		lib.SQLITE_CANTOPEN: "this user has no right to open it",
		lib.SQLITE_FULL:     "there is no space left on its disk",
		lib.SQLITE_IOERR:    "its disk can't be read or written",
		lib.SQLITE_CORRUPT:  "it is damaged",
		lib.SQLITE_NOTADB:   "it is no database",
	}[primary(said)]
	if words == "" {
		return err
	}
	return fmt.Errorf("store: open %s: %s: %w", s.path, words, said)
}

// pragmas are those of this connection: what only reads cannot write.
func (s sqlite) pragmas() []pragma {
	if s.writes {
		return append(promised[:len(promised):len(promised)], pragma{"query_only", "0", "0"})
	}
	return append(promised[:len(promised):len(promised)], pragma{"query_only", "1", "1"})
}

func (s sqlite) Driver() driver.Driver { return &modern.Driver{} }

func (s sqlite) Connect(ctx context.Context) (driver.Conn, error) {
	ask := url.Values{}
	for _, p := range s.pragmas() {
		ask.Add("_pragma", p.name+"("+p.value+")")
	}
	conn, err := s.Driver().Open("file:" + (&url.URL{Path: s.path}).EscapedPath() + "?" + ask.Encode())
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", s.path, err)
	}
	if err := s.check(ctx, conn.(driver.QueryerContext)); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

func (s sqlite) check(ctx context.Context, conn driver.QueryerContext) error {
	for _, p := range s.pragmas() {
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
