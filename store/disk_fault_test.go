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

// lastResort ends a wait that would never end.
const maxWait = 15 * time.Minute

// tell keeps a text and says so, or returns why it could not be kept.
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

// acknowledgements reads what a child says it kept, until it ends.
func acknowledgements(t *testing.T, cmd *exec.Cmd, out *bufio.Scanner) map[string]bool {
	t.Helper()
	kept := map[string]bool{}
	for out.Scan() {
		kept[out.Text()] = true
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("after %d texts: %v", len(kept), err)
	}
	return kept
}

// A disk that runs full refuses texts, reading goes on, and when there is space
// again so does everything; what was acknowledged is there. Where a small disk
// can't be had, files may not grow beyond a limit.
func TestFull(t *testing.T) {
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
	// In a name space of its own a process may mount what it likes, if it may have one.
	cmd, out, err := start(&syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	})
	if err != nil {
		t.Logf("no name space of its own: %v", err)
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
	ballast  = "ballast" // what is removed when the disk is full
)

// smallDisk puts a small disk at a folder, or else leaves it as it is.
func mountSmallDisk(folder string) error {
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprint("size=", diskSize)); err != nil {
		fmt.Println("with a limit to files:", err)
		return nil
	}
	fmt.Println("on a small disk")
	return os.WriteFile(filepath.Join(folder, ballast), make([]byte, diskSize/2), 0o600)
}

// fillUp writes until there is no more space, and goes on when there is again.
func fillDisk(s *store.Store, config chat.LineConfig) error {
	database := os.Getenv(childDatabase)
	heavy := filepath.Join(filepath.Dir(database), ballast)
	free := func() error { return os.Remove(heavy) }
	if _, err := os.Stat(heavy); errors.Is(err, fs.ErrNotExist) {
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
		return fmt.Errorf("reading without space: %w", err)
	}
	if err := free(); err != nil {
		return err
	}
	for range 100 {
		if err := next(); err != nil {
			return fmt.Errorf("with space again: %w", err)
		}
	}
	return copyDatabase(database, filepath.Join(filepath.Dir(filepath.Dir(database)), "copy.db"))
}

// copyDatabase takes a database to where others can see it.
func copyDatabase(from, to string) error {
	db, err := sql.Open("sqlite", from)
	if err != nil {
		return err
	}
	_, err = db.Exec(`VACUUM INTO '` + to + `'`)
	return errors.Join(err, db.Close())
}

// limit is how big a file may grow; a negative one is no limit.
func limitFileSize(size int64) error {
	signal.Ignore(syscall.SIGXFSZ)
	var now syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &now); err != nil {
		return err
	}
	now.Cur = now.Max
	if size >= 0 {
		now.Cur = uint64(size)
	}
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now)
}

// Whatever the disk answers for a while: texts are refused, none is lost that was
// acknowledged, and afterwards work goes on by itself.
func TestDiskTrouble(t *testing.T) {
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
			must[chat.LineConfig](t)(createShop(t.Context(), open(t, database), "acme")) // so that opening is not what fails
			cmd, out := spawn(t, "troubled", database, stracePath(t), "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64,fsync,fdatasync", "-e", "inject="+fault)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			checkNothingLost(t, database, acknowledgements(t, cmd, out))
		})
	}
}

// bearTrouble writes until there was trouble, and then a hundred texts went well.
func writeThroughFaults(s *store.Store, config chat.LineConfig) error {
	troubles, well := 0, 0
	for n := 0; troubles == 0 || well < 100; n++ {
		if well++; n > 5_000 {
			return fmt.Errorf("%d troubles, %d texts since", troubles, well)
		}
		if receiveLongText(s, config, fmt.Sprint(n)) != nil {
			troubles, well = troubles+1, 0
		}
	}
	return nil
}

// lock has another process lock a database. release ends that.
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
		t.Fatal("the other process got no lock")
	}
	return func() {
		if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
			t.Error(err)
		}
	}
}

// While another process is writing, texts are refused and do not wait for it, and
// reading goes on; afterwards everything works by itself.
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
		t.Errorf("reading meanwhile: %v %v", all, err)
	}
	release()
	if err := receiveText(s, config, phone, "SM1", "hello"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	checkNothingLost(t, database, map[string]bool{"SM1": true})
}

// Whoever opens a database while another process is writing waits for a while.
func TestOpenWaits(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	open(t, database)
	release := lock(t, database)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Open(ctx, "sqlite:"+database, key, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("opened although it is locked, and nobody waits")
	}
	released := make(chan struct{})
	time.AfterFunc(1500*time.Millisecond, func() { release(); close(released) }) // later than one connection waits
	open(t, database)
	<-released
}

// holdLock locks the database until nobody wants it to any more.
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

func stracePath(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("this test needs strace: apt-get install strace")
	}
	return path
}
