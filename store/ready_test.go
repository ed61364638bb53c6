package store_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"sidetext/store"
)

// TestReadyWrites: a database that can be read but not written is not ready, so
// asking has to write.
func TestReadyWrites(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ready.db")
	s := must[*store.Store](t)(store.Open(t.Context(), "sqlite:"+path, bytes.Repeat([]byte{1}, 32), slog.New(slog.DiscardHandler)))
	defer s.Close()
	log := func() []byte { return must[[]byte](t)(os.ReadFile(path + "-wal")) }
	before := log()
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(before, log()) {
		t.Error("nothing was written")
	}
}
