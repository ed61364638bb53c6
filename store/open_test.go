package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"sidetext/store"
)

// asUnprivileged calls do with the file rights of an ordinary user, also as root.
func asUnprivileged(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		_ = syscall.Setfsuid(65534)
		do()
	}()
	<-done
}

// The error for a database that can't be opened is one line with its path and the cause.
func TestOpenRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, dir := range []string{folder, filepath.Dir(folder)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string, mode os.FileMode) string {
		path := filepath.Join(folder, name)
		s, err := store.Open(t.Context(), "sqlite:"+path, key, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	text := filepath.Join(folder, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("This is no database. ", 100)), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ path, want string }{
		"unreadable":            {file("secret.db", 0), "right"},
		"read-only":             {file("old.db", 0o444), "right"},
		"in a read-only folder": {filepath.Join(folder, "new.db"), "permission denied"},
		"a folder":              {folder, "not a file"},
		"in a file":             {filepath.Join(text, "test.db"), "not a directory"},
		"another file":          {text, "not a database"},
	} {
		asUnprivileged(func() {
			s, err := store.Open(context.Background(), "sqlite:"+test.path, key, slog.New(slog.DiscardHandler))
			if err == nil {
				_ = s.Close()
				t.Errorf("%s: opened", name)
				return
			}
			if text := err.Error(); !strings.Contains(text, test.want) || !strings.HasPrefix(text, "store: ") || strings.Contains(text, "\n") {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// Opening on a full disk fails with one line that says so.
func TestOpenOnFullDisk(t *testing.T) {
	t.Parallel()
	cmd, out := spawn(t, "one", filepath.Join(t.TempDir(), "test.db"), stracePath(t), "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC")
	var printed bytes.Buffer
	cmd.Stderr = &printed
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for out.Scan() {
		t.Errorf("the child printed %q", out.Text())
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(printed.String(), "no space") || strings.Count(printed.String(), "\n") != 1 {
		t.Errorf("the child ended with %v and printed %q", err, printed.String())
	}
}

// Reopen creates no folder and no file.
func TestReopen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "test.db")
	url, log := "sqlite:"+path, slog.New(slog.DiscardHandler)
	if s, err := store.Reopen(t.Context(), url, key, log); err == nil || !strings.Contains(err.Error(), "no database "+path) {
		t.Errorf("opened %v: %v", s, err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !os.IsNotExist(err) {
		t.Error("the folder was created")
	}
	if err := must[*store.Store](t)(store.Open(t.Context(), url, key, log)).Close(); err != nil {
		t.Fatal(err)
	}
	if err := must[*store.Store](t)(store.Reopen(t.Context(), url, key, log)).Close(); err != nil {
		t.Error(err)
	}
}
