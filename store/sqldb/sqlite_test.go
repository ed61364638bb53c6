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

// Every connection, of the writer and of each reader, does what was promised.
func TestPragmas(t *testing.T) {
	t.Parallel()
	db := openFile(t)
	said := func(ask func(string) string) map[string]string {
		all := map[string]string{}
		for _, p := range (SQLite{}).pragmas() {
			all[p.name] = ask(p.name)
		}
		return all
	}
	same := func(who, queryOnly string, got map[string]string) {
		want := map[string]string{
			"busy_timeout": "1000", "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "temp_store": "2", "query_only": queryOnly,
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s runs with %s=%s", who, name, got[name])
			}
		}
	}
	for range 2 { // the second time on another connection
		if err := db.Write(t.Context(), func(tx Tx) error {
			same("the writer", "0", said(func(name string) (value string) {
				if err := tx.Row("PRAGMA " + name).Scan(&value); err != nil {
					t.Error(err)
				}
				return value
			}))
			_, _ = tx.Exec("ROLLBACK") // and with it the connection
			return nil
		}); err == nil {
			t.Error("a transaction that was ended under it was committed")
		}
	}
	for range sqliteReaders { // they take turns
		if err := db.Read(t.Context(), func(tx Tx) error {
			same("a reader", "1", said(func(name string) (value string) {
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

// A liar is a connection that answers one pragma otherwise.
type liar struct {
	driver.QueryerContext
	name, says string
}

func (l liar) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if query == "PRAGMA "+l.name {
		return &answer{value: l.says}, nil
	}
	return l.QueryerContext.QueryContext(ctx, query, args)
}

type answer struct{ value string }

func (*answer) Columns() []string { return []string{"value"} }
func (*answer) Close() error      { return nil }
func (a *answer) Next(to []driver.Value) error {
	if a.value == "" {
		return io.EOF
	}
	to[0], a.value = a.value, ""
	return nil
}

func TestConnectionThatReportsOtherwise(t *testing.T) {
	t.Parallel()
	file := SQLite{Path: filepath.Join(t.TempDir(), "test.db")}
	conn, err := file.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	honest := conn.(driver.QueryerContext)
	if err := file.check(t.Context(), honest); err != nil {
		t.Error(err)
	}
	for name, says := range map[string]string{"busy_timeout": "0", "journal_mode": "delete", "synchronous": "1", "foreign_keys": "0", "secure_delete": "0", "temp_store": "0", "query_only": "1", "": ""} {
		if name == "" {
			name = "synchronous" // and says nothing at all
		}
		if err := file.check(t.Context(), liar{honest, name, says}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: %v", name, says, err)
		}
	}
}

// While another process writes, callers are told so in time, reading goes on,
// and afterwards everything works without opening the store again.
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
		t.Error("there is something")
	}
	asking.Wait()
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert("afterwards")); err != nil || !has(t, db, "afterwards") {
		t.Errorf("afterwards: %v", err)
	}
}

// file asks the engine where the database is.
func file(t *testing.T, db *DB) (path string) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx Tx) error {
		return tx.Row("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path)
	}); err != nil {
		t.Fatal(err)
	}
	return path
}

// Another process that opens and closes the database must find that it is in
// use, also after the writer has had to connect again: else it would take the
// log of changes away.
func TestReconnectKeepsLocks(t *testing.T) {
	t.Parallel()
	db := openFile(t)
	path := file(t, db)
	if err := db.Write(t.Context(), func(tx Tx) error { _, err := tx.Exec("ROLLBACK"); return err }); err == nil {
		t.Fatal("the writer had no reason to connect again")
	}
	if err := db.Write(t.Context(), insert("kept")); err != nil {
		t.Fatal(err)
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Skip("only Linux tells its locks")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if !holds(string(locks), inode(info)) {
		t.Errorf("this process holds no lock on the database:\n%s", locks)
	}
}
