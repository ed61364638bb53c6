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

// asNobody calls do as somebody who may do no more than anybody, also when root tests.
func asUnprivileged(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with its rights
		_ = syscall.Setfsuid(65534)
		do()
	}()
	<-done
}

// What can't be opened is said in one line that names it and why.
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
	for name, test := range map[string]struct{ path, says string }{
		"not to be read":    {file("secret.db", 0), "right"},
		"not to be written": {file("old.db", 0o444), "right"},
		"not to be made":    {filepath.Join(folder, "new.db"), "permission denied"},
		"a folder":          {folder, "not a file"},
		"in no folder":      {filepath.Join(text, "test.db"), "not a directory"},
		"no database":       {text, "not a database"},
	} {
		asUnprivileged(func() {
			s, err := store.Open(context.Background(), "sqlite:"+test.path, key, slog.New(slog.DiscardHandler))
			if err == nil {
				_ = s.Close()
				t.Errorf("%s: opened", name)
				return
			}
			if said := err.Error(); !strings.Contains(said, test.says) || !strings.HasPrefix(said, "store: ") || strings.Contains(said, "\n") {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// A disk without space is said so, when that is why nothing can be opened.
func TestOpenOnFullDisk(t *testing.T) {
	t.Parallel()
	cmd, out := spawn(t, "one", filepath.Join(t.TempDir(), "test.db"), stracePath(t), "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC")
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for out.Scan() {
		t.Errorf("it says %q", out.Text())
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(said.String(), "no space") || strings.Count(said.String(), "\n") != 1 {
		t.Errorf("ended with %v and said %q", err, said.String())
	}
}

// Reopen makes nothing.
func TestReopen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "test.db")
	url, log := "sqlite:"+path, slog.New(slog.DiscardHandler)
	if s, err := store.Reopen(t.Context(), url, key, log); err == nil || !strings.Contains(err.Error(), "no database "+path) {
		t.Errorf("opened %v: %v", s, err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !os.IsNotExist(err) {
		t.Error("something was made")
	}
	if err := must[*store.Store](t)(store.Open(t.Context(), url, key, log)).Close(); err != nil {
		t.Fatal(err)
	}
	if err := must[*store.Store](t)(store.Reopen(t.Context(), url, key, log)).Close(); err != nil {
		t.Error(err)
	}
}
