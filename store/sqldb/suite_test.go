package sqldb

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/fstest"

	"sidetext/store/pgtest"
)

// schema has a table of names and one that references another.
var schema = fstest.MapFS{"migrations/0001_test.sql": {Data: []byte(`
	CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
	CREATE TABLE shops (id TEXT PRIMARY KEY);
	CREATE TABLE lines (id TEXT PRIMARY KEY, shop TEXT NOT NULL REFERENCES shops (id))`)}}

func testConfig(address string) Config {
	return Config{Address: address, Create: true, Migrations: schema, Writers: 1, Log: slog.New(slog.DiscardHandler)}
}

func openAt(t *testing.T, address string) *DB {
	t.Helper()
	db, err := Open(t.Context(), testConfig(address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func openFile(t *testing.T) *DB {
	t.Helper()
	return openAt(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
}

// each runs test on an empty database of each engine, with one connection that
// writes.
func each(t *testing.T, test func(t *testing.T, db *DB)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, openFile(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, openAt(t, pgtest.Shared(t).Schema(t))) })
}

var errRepeat = errors.New("stored before")

// insert returns a request that inserts a name.
func insert(name string) func(Tx) error {
	return func(tx Tx) error {
		_, err := tx.Exec(`INSERT INTO about (name, value) VALUES ($1, '')`, name)
		return err
	}
}

// has reports whether a name has been inserted.
func has(t *testing.T, db *DB, name string) bool {
	t.Helper()
	var n int
	if err := db.Read(context.Background(), func(tx Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM about WHERE name = $1`, name).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n == 1
}
