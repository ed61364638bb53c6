package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	modern "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// A sqliteEngine is one SQLite file in WAL mode, with one connection that writes.
type sqliteEngine struct {
	path string
	db   *sql.DB // of the connection that writes; nil until the first
	once sync.Once
}

// sqliteReaders is how many connections read at the same time.
const sqliteReaders = 4

func (*sqliteEngine) roundTrips() int64             { return 0 }
func (*sqliteEngine) writers() int                  { return 1 }
func (*sqliteEngine) now(Tx) (time.Time, error)     { return time.Time{}, errNoClock }
func (*sqliteEngine) busy(err error) bool           { return SQLiteBusy(err) }
func (e *sqliteEngine) explain(err error) error     { return ExplainSQLite(e.path, err) }
func (e *sqliteEngine) openReader() (reader, error) { return newSQLiteReader(e.path), nil }

func (e *sqliteEngine) find(create bool) error {
	if create {
		return createSQLite(e.path)
	}
	return FindSQLite(e.path)
}

func (e *sqliteEngine) connect(ctx context.Context) (conn, error) {
	e.once.Do(func() {
		e.db = sql.OpenDB(SQLite{Path: e.path})
		e.db.SetMaxOpenConns(1)
	})
	c, err := e.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &sqliteConn{c, map[string]*sql.Stmt{}}, nil
}

func (e *sqliteEngine) close() error {
	if e.db == nil {
		return nil
	}
	return e.db.Close()
}

// createSQLite makes the file, if it is missing, readable by its owner only:
// it holds shoppers' texts. It never opens a file that exists: closing it would
// release the locks that this process holds on it.
func createSQLite(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("store: create the folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return FindSQLite(path)
	}
	if err != nil {
		return fmt.Errorf("store: create the file: %w", err)
	}
	return file.Close()
}

// FindSQLite makes sure that path is a file.
func FindSQLite(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("store: there is no database %s: is this the right folder, and is SIDETEXT_DATABASE_URL set?", path)
	case err != nil:
		return fmt.Errorf("store: find the database: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("store: %s is not a file", path)
	}
	return nil
}

// SQLiteBusy reports whether an error means that another process is writing.
func SQLiteBusy(err error) bool { return SQLiteCode(err) == lib.SQLITE_BUSY }

// SQLiteCode is SQLite's primary result code of an error, or 0.
func SQLiteCode(err error) int {
	var e *modern.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// ExplainSQLite turns an error into one that tells an operator why a file can't be opened.
func ExplainSQLite(path string, err error) error {
	var e *modern.Error
	if !errors.As(err, &e) {
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
		lib.SQLITE_NOTADB:   "it is not a database",
	}[SQLiteCode(err)]
	if words == "" {
		return err
	}
	return fmt.Errorf("store: open %s: %s: %w", path, words, e)
}
