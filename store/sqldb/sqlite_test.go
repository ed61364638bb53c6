package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Every connection of the writer and of the readers has the pragmas that it needs.
func TestPragmas(t *testing.T) {
	t.Parallel()
	db := openFile(t)
	values := func(read func(string) string) map[string]string {
		all := map[string]string{}
		for _, p := range (SQLite{}).pragmas() {
			all[p.name] = read(p.name)
		}
		return all
	}
	check := func(connection, queryOnly string, got map[string]string) {
		want := map[string]string{
			"busy_timeout": "1000", "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "temp_store": "2", "query_only": queryOnly,
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s runs with %s=%s", connection, name, got[name])
			}
		}
	}
	for range 2 { // the second time on a new connection
		if err := db.Write(t.Context(), func(tx Tx) error {
			check("the writer", "0", values(func(name string) (value string) {
				if err := tx.Row("PRAGMA " + name).Scan(&value); err != nil {
					t.Error(err)
				}
				return value
			}))
			_, _ = tx.Exec("ROLLBACK") // and with it the connection
			return nil
		}); err == nil {
			t.Error("a transaction that was ended by hand was committed")
		}
	}
	for range sqliteReaders { // each in turn
		if err := db.Read(t.Context(), func(tx Tx) error {
			check("a reader", "1", values(func(name string) (value string) {
				if err := tx.Row("PRAGMA " + name).Scan(&value); err != nil {
					t.Error(err)
				}
				return value
			}))
			if _, err := tx.Exec("UPDATE about SET value = ''"); err == nil {
				t.Error("a reader wrote")
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
}

// A fakeConn is a connection that reports another value for one pragma.
type fakeConn struct {
	driver.QueryerContext
	name, value string
}

func (c fakeConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if query == "PRAGMA "+c.name {
		return &oneRow{value: c.value}, nil
	}
	return c.QueryerContext.QueryContext(ctx, query, args)
}

type oneRow struct{ value string }

func (*oneRow) Columns() []string { return []string{"value"} }
func (*oneRow) Close() error      { return nil }
func (a *oneRow) Next(to []driver.Value) error {
	if a.value == "" {
		return io.EOF
	}
	to[0], a.value = a.value, ""
	return nil
}

func TestPragmaWithAnotherValue(t *testing.T) {
	t.Parallel()
	file := SQLite{Path: filepath.Join(t.TempDir(), "test.db")}
	conn, err := file.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	working := conn.(driver.QueryerContext)
	if err := file.check(t.Context(), working); err != nil {
		t.Error(err)
	}
	for name, value := range map[string]string{"busy_timeout": "0", "journal_mode": "delete", "synchronous": "1", "foreign_keys": "0", "secure_delete": "0", "temp_store": "0", "query_only": "1", "": ""} {
		if name == "" {
			name = "synchronous" // and returns no row
		}
		if err := file.check(t.Context(), fakeConn{working, name, value}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

// While another process writes, writes fail within their time limit and reads
// succeed; afterwards writes succeed without opening the database again.
func TestLocked(t *testing.T) {
	t.Parallel()
	db := openFile(t)
	other := sql.OpenDB(SQLite{Path: file(t, db)})
	defer other.Close()
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	var asking sync.WaitGroup
	for range 5 { // each would take a second if they failed one by one
		asking.Go(func() {
			if err := db.Write(t.Context(), func(Tx) error { return nil }); !SQLiteBusy(err) {
				t.Errorf("locked: %v", err)
			}
		})
	}
	if has(t, db, "nothing") {
		t.Error("a refused write was stored")
	}
	asking.Wait()
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert("afterwards")); err != nil || !has(t, db, "afterwards") {
		t.Errorf("after the lock was released: %v", err)
	}
}

// file returns the path of a SQLite database.
func file(t *testing.T, db *DB) (path string) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx Tx) error {
		return tx.Row("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path)
	}); err != nil {
		t.Fatal(err)
	}
	return path
}

// This process keeps its locks on the file when the writer connects again: without
// them, another process that opens and closes the database would delete the WAL.
func TestReconnectKeepsLocks(t *testing.T) {
	t.Parallel()
	db := openFile(t)
	path := file(t, db)
	if err := db.Write(t.Context(), func(tx Tx) error { _, err := tx.Exec("ROLLBACK"); return err }); err == nil {
		t.Fatal("the writer did not have to connect again")
	}
	if err := db.Write(t.Context(), insert("kept")); err != nil {
		t.Fatal(err)
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Skip("only Linux lists its locks")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if !holds(string(locks), inode(info)) {
		t.Errorf("this process holds no lock on the database:\n%s", locks)
	}
}
