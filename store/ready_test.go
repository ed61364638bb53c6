package store_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"sidetext/store"
)

// TestReadyWrites: Ready writes, because a database that can only be read is not
// ready.
func TestReadyWrites(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ready.db")
	s := must[*store.Store](t)(store.Open(t.Context(), "sqlite:"+path, bytes.Repeat([]byte{1}, 32), slog.New(slog.DiscardHandler)))
	defer s.Close()
	wal := func() []byte { return must[[]byte](t)(os.ReadFile(path + "-wal")) }
	before := wal()
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(before, wal()) {
		t.Error("nothing was written")
	}
}
