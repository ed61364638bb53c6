package store

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"

	"sidetext/chat"
)

// A read of a closed store returns ErrUnavailable.
func TestReadAfterClose(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), make([]byte, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Shops(context.Background()); !errors.Is(err, chat.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}
