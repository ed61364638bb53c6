package store_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"sidetext/store"
	"sidetext/store/pgtest"
)

// places returns the addresses of empty databases, by engine.
func places(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"sqlite":   "sqlite:" + filepath.Join(t.TempDir(), "test.db"),
		"postgres": pgtest.Shared(t).Schema(t),
	}
}

// openAt opens the database at an address. The caller closes it.
func openAt(t *testing.T, url string, key []byte) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
