package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sidetext/chat"
)

func TestWrap(t *testing.T) {
	t.Parallel()
	domain := &chat.Error{Kind: chat.KindConflict, Code: "newer"}
	for name, test := range map[string]struct{ err, want error }{
		"no error":     {nil, nil},
		"no rows":      {sql.ErrNoRows, chat.ErrNotFound},
		"domain error": {domain, domain},
		"wrapped":      {fmt.Errorf("do: %w", domain), domain},
		"repeat":       {chat.ErrRepeat, chat.ErrRepeat},
		"other error":  {errors.New("disk I/O error"), chat.ErrUnavailable},
		"context":      {context.DeadlineExceeded, context.DeadlineExceeded},
	} {
		if got := wrap("do", test.err); !errors.Is(got, test.want) {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if got := wrap("save a shop", errors.New("disk I/O error")).Error(); !strings.HasPrefix(got, "store: save a shop: ") {
		t.Errorf("got %q", got)
	}
}

// sqliteReads is how many reads of a SQLite file run at the same time.
const sqliteReads = 4

// A read waits for a free connection until its context ends.
func TestReadersAreBounded(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	inside, wait := make(chan struct{}), make(chan struct{})
	var reading sync.WaitGroup
	for range sqliteReads {
		reading.Go(func() {
			if err := s.read(t.Context(), "read", func(tx tx) error {
				inside <- struct{}{}
				<-wait
				return tx.Row(`SELECT 1`).Scan(new(int))
			}); err != nil {
				t.Error(err)
			}
		})
	}
	for range sqliteReads {
		<-inside
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Shops(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, chat.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	close(wait)
	reading.Wait()
	if err := s.read(t.Context(), "read", func(tx tx) error { return tx.Row(`SELECT 1`).Scan(new(int)) }); err != nil {
		t.Error(err)
	}
}

func openStore(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), make([]byte, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// fileOf returns the path of a store's SQLite file.
func fileOf(t *testing.T, s *Store) (path string) {
	t.Helper()
	if err := s.read(t.Context(), "find the file", func(tx tx) error {
		return tx.Row("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path)
	}); err != nil {
		t.Fatal(err)
	}
	return path
}
