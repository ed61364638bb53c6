package store

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sidetext/store/pgtest"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "te st?&#%41.db")
	var opening sync.WaitGroup
	stores := make([]*Store, 4)
	for i := range stores { // concurrently
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
			t.Error("two epochs in one database")
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
	// Again, with an existing database.
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
		want string
	}{
		"another key":  {good, other, "SIDETEXT_SECRET_KEY"},
		"a short key":  {good, make([]byte, 31), "32 bytes"},
		"no key":       {good, nil, "32 bytes"},
		"no path":      {"sqlite:", other, "sqlite:PATH"},
		"another kind": {"mysql://x", other, "sqlite:PATH"},
	} {
		s, err := Open(t.Context(), test.url, test.key, slog.New(slog.DiscardHandler))
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Many nodes that start at once on an empty database create it once.
func TestConcurrentStart(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Schema(t)
	var opening sync.WaitGroup
	stores := make([]*Store, 20)
	for i := range stores {
		opening.Go(func() {
			s, err := Open(context.Background(), url, make([]byte, 32), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Error(err)
				return
			}
			stores[i] = s
		})
	}
	opening.Wait()
	for _, s := range stores {
		if s == nil {
			continue
		}
		if s.Epoch() != stores[0].Epoch() {
			t.Error("two epochs in one database")
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A database of a later version is refused with an error that names both versions.
func TestNewerDatabase(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "test.db"), "postgres": pgtest.Shared(t).Schema(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Open(t.Context(), url, make([]byte, 32), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			if err := Exec(t.Context(), s, `INSERT INTO migrations (name) VALUES ('migrations/9998_later.sql'), ('migrations/9999_last.sql')`); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			s, err = Open(t.Context(), url, make([]byte, 32), slog.New(slog.DiscardHandler))
			if err == nil {
				_ = s.Close()
				t.Fatal("opened a newer database")
			}
			if want := "store: this database is at version 9999; this Sidetext knows 0007: please use a newer one"; err.Error() != want {
				t.Errorf("got %q, want %q", err, want)
			}
		})
	}
}

// Every text column of the schema sorts by bytes.
func TestCollation(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), pgtest.Shared(t).Schema(t), make([]byte, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var texts, others int
	if err := s.read(t.Context(), "count columns", func(tx tx) error {
		return tx.Row(`SELECT COUNT(*), COUNT(*) FILTER (WHERE collation_name IS DISTINCT FROM 'C') FROM information_schema.columns
			WHERE table_schema = current_schema() AND data_type = 'text'`).Scan(&texts, &others)
	}); err != nil || texts < 100 || others > 0 {
		t.Errorf("%d of %d text columns have another collation, %v", others, texts, err)
	}
}
