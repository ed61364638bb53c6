package store_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// maxWait ends a wait that would never end.
const maxWait = 15 * time.Minute

// receiveLongText receives a text and prints its id once it is stored. It returns
// the error of a store that can't be written, and ends the process on any other.
func receiveLongText(s *store.Store, config chat.LineConfig, id string) error {
	text := strings.Repeat("x", 1600)
	err := receiveText(s, config, phone, id, text)
	if err == nil {
		fmt.Println(id)
		return nil
	}
	if !errors.Is(err, chat.ErrUnavailable) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return err
}

// acknowledgements reads the ids that a child prints, until it ends.
func acknowledgements(t *testing.T, cmd *exec.Cmd, out *bufio.Scanner) map[string]bool {
	t.Helper()
	acknowledged := map[string]bool{}
	for out.Scan() {
		acknowledged[out.Text()] = true
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("after %d texts: %v", len(acknowledged), err)
	}
	return acknowledged
}

// On a full disk writes fail and reads succeed; with free space again writes
// succeed, too, and no acknowledged text is lost. If a small disk can't be mounted,
// the size of files is limited instead.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "disk"), 0o700); err != nil {
		t.Fatal(err)
	}
	start := func(attributes *syscall.SysProcAttr) (*exec.Cmd, *bufio.Scanner, error) {
		cmd, out := spawn(t, "full", filepath.Join(folder, "disk", "test.db"))
		cmd.SysProcAttr = attributes
		return cmd, out, cmd.Start()
	}
	// In its own namespace, if that is allowed, a process may mount a disk.
	cmd, out, err := start(&syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	})
	if err != nil {
		t.Logf("no namespace: %v", err)
		cmd, out, err = start(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	out.Scan()
	t.Log(out.Text())
	checkNothingLost(t, filepath.Join(folder, "copy.db"), acknowledgements(t, cmd, out))
}

const (
	diskSize = 12 << 20
	ballast  = "ballast" // the file that is deleted when the disk is full
)

// mountSmallDisk mounts a small disk at a folder, if that is allowed.
func mountSmallDisk(folder string) error {
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprint("size=", diskSize)); err != nil {
		fmt.Println("with a limit of the file size:", err)
		return nil
	}
	fmt.Println("on a small disk")
	return os.WriteFile(filepath.Join(folder, ballast), make([]byte, diskSize/2), 0o600)
}

// fillDisk writes until the disk is full, frees space and goes on.
func fillDisk(s *store.Store, config chat.LineConfig) error {
	database := os.Getenv(childDatabase)
	ballastPath := filepath.Join(filepath.Dir(database), ballast)
	free := func() error { return os.Remove(ballastPath) }
	if _, err := os.Stat(ballastPath); errors.Is(err, fs.ErrNotExist) {
		free = func() error { return limitFileSize(-1) }
		if err := limitFileSize(300_000); err != nil {
			return err
		}
	}
	var n atomic.Int64
	next := func() error { return receiveLongText(s, config, fmt.Sprint(n.Add(1))) }
	for range 3 {
		var err error
		for err == nil {
			err = next()
		}
	}
	if _, err := s.Shops(context.Background()); err != nil {
		return fmt.Errorf("read without space: %w", err)
	}
	if err := free(); err != nil {
		return err
	}
	for range 100 {
		if err := next(); err != nil {
			return fmt.Errorf("write with space again: %w", err)
		}
	}
	return copyDatabase(database, filepath.Join(filepath.Dir(filepath.Dir(database)), "copy.db"))
}

// copyDatabase copies a database out of the small disk, for the test to read.
func copyDatabase(from, to string) error {
	db, err := sql.Open("sqlite", from)
	if err != nil {
		return err
	}
	_, err = db.Exec(`VACUUM INTO '` + to + `'`)
	return errors.Join(err, db.Close())
}

// limitFileSize limits how big files of this process may grow; a negative size is no
// limit.
func limitFileSize(size int64) error {
	signal.Ignore(syscall.SIGXFSZ)
	var current syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &current); err != nil {
		return err
	}
	current.Cur = current.Max
	if size >= 0 {
		current.Cur = uint64(size)
	}
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &current)
}

// While the disk returns errors writes fail, no acknowledged text is lost, and
// afterwards writes succeed without a restart.
func TestDiskFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]string{
		"full":        "pwrite64:error=ENOSPC:when=60..90",
		"broken":      "pwrite64:error=EIO:when=60..90",
		"read-only":   "pwrite64:error=EROFS:when=60..90",
		"not syncing": "fsync,fdatasync:error=EIO:when=15..18",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := filepath.Join(t.TempDir(), "test.db")
			must[chat.LineConfig](t)(createShop(t.Context(), open(t, database), "acme")) // so that opening does not fail
			cmd, out := spawn(t, "faults", database, stracePath(t), "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64,fsync,fdatasync", "-e", "inject="+fault)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			checkNothingLost(t, database, acknowledgements(t, cmd, out))
		})
	}
}

// writeThroughFaults writes until a write failed and then a hundred succeeded.
func writeThroughFaults(s *store.Store, config chat.LineConfig) error {
	faults, succeeded := 0, 0
	for n := 0; faults == 0 || succeeded < 100; n++ {
		succeeded++
		if n > 5_000 {
			return fmt.Errorf("%d faults, %d texts since", faults, succeeded)
		}
		if receiveLongText(s, config, fmt.Sprint(n)) != nil {
			faults, succeeded = faults+1, 0
		}
	}
	return nil
}

// lock starts a process that locks a database until release is called.
func lock(t *testing.T, database string) (release func()) {
	t.Helper()
	cmd, out := spawn(t, "lock", database)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if !out.Scan() {
		t.Fatal("the other process has no lock")
	}
	return func() {
		if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
			t.Error(err)
		}
	}
}

// While another process holds the lock writes fail in time and reads succeed;
// afterwards writes succeed without a restart.
func TestLockedByAnother(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	s := open(t, database)
	config := must[chat.LineConfig](t)(createShop(t.Context(), s, "acme"))
	release := lock(t, database)
	for range 2 {
		if err := receiveText(s, config, phone, "SM1", "hello"); !errors.Is(err, chat.ErrUnavailable) {
			t.Errorf("locked: %v", err)
		}
	}
	if all, err := s.Shops(t.Context()); len(all) != 1 || err != nil {
		t.Errorf("read while locked: %v %v", all, err)
	}
	release()
	if err := receiveText(s, config, phone, "SM1", "hello"); err != nil {
		t.Errorf("after the lock was released: %v", err)
	}
	checkNothingLost(t, database, map[string]bool{"SM1": true})
}

// Open waits a while for another process's lock.
func TestOpenWaits(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	open(t, database)
	release := lock(t, database)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Open(ctx, "sqlite:"+database, key, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("opened a locked database with a context that has ended")
	}
	released := make(chan struct{})
	time.AfterFunc(1500*time.Millisecond, func() { release(); close(released) }) // longer than one connection waits
	open(t, database)
	<-released
}

// holdLock locks the database until its standard input ends.
func holdLock(*store.Store, chat.LineConfig) error {
	db, err := sql.Open("sqlite", os.Getenv(childDatabase))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	fmt.Println("locked")
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, db.Close())
}

// stracePath returns the path of strace.
func stracePath(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("this test needs strace: apt-get install strace")
	}
	return path
}
