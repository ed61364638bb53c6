package store

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "te st?&#%41.db")
	var opening sync.WaitGroup
	stores := make([]*Store, 4)
	for i := range stores { // at once
		opening.Go(func() {
			var err error
			if stores[i], err = Open(context.Background(), "sqlite:"+path, make([]byte, 32), slog.New(slog.DiscardHandler)); err != nil {
				t.Error(err)
			}
		})
	}
	opening.Wait()
	if t.Failed() {
		return
	}
	for _, s := range stores {
		if s.Epoch() != stores[0].Epoch() {
			t.Error("one database with two epochs")
		}
		if err := s.Ready(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for _, s := range stores {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{filepath.Dir(path), path} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may read %s: %v %v", name, info.Mode(), err)
		}
	}
	// Again, with something in it.
	s, err := Open(t.Context(), "sqlite:"+path, make([]byte, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if s.Epoch() != stores[0].Epoch() {
		t.Error("another epoch after opening again")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	good := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	s, err := Open(t.Context(), good, make([]byte, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	other := make([]byte, 32)
	other[31] = 1
	for name, test := range map[string]struct {
		url  string
		key  []byte
		says string
	}{
		"another key":   {good, other, "SIDETEXT_SECRET_KEY"},
		"a short key":   {good, make([]byte, 31), "32 bytes"},
		"no key":        {good, nil, "32 bytes"},
		"no path":       {"sqlite:", other, "sqlite:PATH"},
		"an other kind": {"mysql://x", other, "sqlite:PATH"},
	} {
		s, err := Open(t.Context(), test.url, test.key, slog.New(slog.DiscardHandler))
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
