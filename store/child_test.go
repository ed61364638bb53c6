package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// Some tests need a process of their own: to be killed, traced, or to run out
// of space. It is this test binary, told by its environment what to be.
const role, where = "SIDETEXT_TEST_CHILD", "SIDETEXT_TEST_DATABASE"

func TestMain(m *testing.M) {
	children := map[string]func(*store.Store, chat.Door) error{"append": appendTexts, "one": oneText, "full": fillUp}
	child := children[os.Getenv(role)]
	if child == nil {
		os.Exit(m.Run())
	}
	if err := be(child); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func be(child func(*store.Store, chat.Door) error) error {
	ctx := context.Background()
	s, err := store.Open(ctx, "sqlite:"+os.Getenv(where), key, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	door, err := s.Door(ctx, "line-acme")
	if errors.Is(err, chat.ErrNotFound) {
		door, err = makeDoor(ctx, s, "acme")
	}
	if err != nil {
		return err
	}
	return errors.Join(child(s, door), s.Close())
}

// spawn prepares a child of this role.
func spawn(t *testing.T, as, database string, before ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	before = append(before, self)
	cmd := exec.CommandContext(t.Context(), before[0], before[1:]...)
	cmd.Env = append(os.Environ(), role+"="+as, where+"="+database)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

func keep(s *store.Store, door chat.Door, phone chat.Phone, id, text string) error {
	_, err := s.Receive(context.Background(), door, phone, time.Now(), func(t *chat.Turn) error {
		_, err := t.Hear(chat.Incoming{Provider: "twilio", ID: id, From: phone, Text: text})
		t.Answer("Got it.")
		return err
	})
	return err
}

// appendTexts keeps texts for ever, and says of each when it is kept.
func appendTexts(s *store.Store, door chat.Door) error {
	var saying sync.Mutex
	var calling sync.WaitGroup
	for caller := range 8 {
		calling.Go(func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%d-%d-%d", os.Getpid(), caller, n)
				if err := keep(s, door, chat.Phone(fmt.Sprintf("+1415555010%d", caller%3)), id, id); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				saying.Lock()
				fmt.Println(id)
				saying.Unlock()
			}
		})
	}
	calling.Wait()
	return nil
}

// oneText keeps a text and says so, in between two lines that can be found in a
// trace.
func oneText(s *store.Store, door chat.Door) error {
	for _, id := range []string{"first", "second"} {
		fmt.Println("asked", id)
		if err := keep(s, door, phone, id, "text"); err != nil {
			return err
		}
		fmt.Println("kept", id)
	}
	return nil
}

// fillUp writes until there is no more space, and goes on when there is again.
func fillUp(s *store.Store, door chat.Door) error {
	signal.Ignore(syscall.SIGXFSZ)
	log, err := os.Stat(os.Getenv(where) + "-wal")
	if err != nil {
		return err
	}
	text := make([]byte, 1600)
	for i := range text {
		text[i] = 'x'
	}
	var n atomic.Int64
	fill := func() error {
		for {
			id := fmt.Sprint(n.Add(1))
			if err := keep(s, door, phone, id, string(text)); err != nil {
				return err
			}
			fmt.Println(id)
		}
	}
	if err := limit(log.Size() + 300_000); err != nil {
		return err
	}
	for range 3 {
		if err := fill(); !errors.Is(err, chat.ErrUnavailable) {
			return fmt.Errorf("without space: %w", err)
		}
	}
	if _, err := s.Shops(context.Background()); err != nil {
		return fmt.Errorf("reading without space: %w", err)
	}
	if err := limit(-1); err != nil {
		return err
	}
	for range 100 {
		id := fmt.Sprint(n.Add(1))
		if err := keep(s, door, phone, id, string(text)); err != nil {
			return fmt.Errorf("with space again: %w", err)
		}
		fmt.Println(id)
	}
	return nil
}

// limit is how big a file may grow; a negative one is no limit.
func limit(size int64) error {
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

// whole checks that every acknowledged text is there once, that places have no
// gaps, that each answer has its delivery, and that the database is sound.
func whole(t *testing.T, database string, acknowledged map[string]bool) {
	t.Helper()
	s := open(t, database)
	door := must[chat.Door](t)(s.Door(t.Context(), "line-acme"))
	h := &house{t, s, t.Context(), door}
	found := map[string]int{}
	answers := 0
	for _, phone := range []chat.Phone{"+14155550100", "+14155550101", "+14155550102", phone} {
		turn, err := s.Receive(h.ctx, door, phone, noon, func(*chat.Turn) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		entries := h.entries(turn.Conversation.ID)
		for i, e := range entries {
			if e.Seq != int64(i+1) {
				t.Fatalf("entry %d of %s has place %d", i+1, string(phone), e.Seq)
			}
			if e.Way == chat.In {
				found[e.Origin]++
			} else {
				answers++
			}
		}
		if n := int64(len(entries)); turn.Conversation.Seq != n || turn.Conversation.Rev != n/2 {
			t.Errorf("%d entries, place %d, revision %d", n, turn.Conversation.Seq, turn.Conversation.Rev)
		}
	}
	for id := range acknowledged {
		if found[chat.FromProvider("twilio", id)] == 0 {
			t.Errorf("%s was acknowledged and is lost", id)
		}
	}
	for origin, n := range found {
		if n != 1 {
			t.Errorf("%s is there %d times", origin, n)
		}
	}
	backlogs := must[[]store.Backlog](t)(s.Backlogs(h.ctx, door.Shop.ID))
	if len(backlogs) != 1 || backlogs[0].Ready != int64(answers) || answers != len(found) {
		t.Errorf("%d texts, %d answers, deliveries %+v", len(found), answers, backlogs)
	}
	if said, err := store.Integrity(t.Context(), s); said != "ok" {
		t.Errorf("the database says %q %v", said, err)
	}
}

func TestKill(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	acknowledged := map[string]bool{}
	for life := range 20 {
		cmd, out := spawn(t, "append", database)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// A random moment: after so many acknowledgements, and a little more.
		for range 1 + life*137%400 {
			if !out.Scan() {
				t.Fatal("the child ended by itself")
			}
			acknowledged[out.Text()] = true
		}
		time.AfterFunc(time.Duration(life*life*17%5000)*time.Microsecond, func() { _ = cmd.Process.Kill() })
		for out.Scan() {
			acknowledged[out.Text()] = true
		}
		_ = cmd.Wait()
	}
	t.Logf("%d texts were acknowledged in 20 lives", len(acknowledged))
	whole(t, database, acknowledged)
}

func TestFull(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	cmd, out := spawn(t, "full", database)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := map[string]bool{}
	for out.Scan() {
		acknowledged[out.Text()] = true
	}
	if err := cmd.Wait(); err != nil || len(acknowledged) < 102 {
		t.Fatalf("%d texts were acknowledged: %v", len(acknowledged), err)
	}
	whole(t, database, acknowledged)
}

// Between a request and its acknowledgement the log of changes is synced.
func TestSynced(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("this test needs strace: apt-get install strace")
	}
	trace := filepath.Join(t.TempDir(), "trace")
	cmd, out := spawn(t, "one", filepath.Join(t.TempDir(), "test.db"), strace, "-f", "-y", "-o", trace, "-e", "trace=fsync,fdatasync,write")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for out.Scan() {
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	synced, kept := syncs(t, file)
	if kept != 2 {
		t.Fatalf("%d acknowledgements are in the trace", kept)
	}
	for i, n := range synced {
		if n == 0 {
			t.Errorf("text %d was acknowledged before it was synced", i+1)
		}
	}
}

// syncs counts, for each text, the syncs of the log that ended between the
// request and the acknowledgement.
func syncs(t *testing.T, trace io.Reader) (synced []int, kept int) {
	t.Helper()
	begun := map[string]bool{} // by thread: a sync of the log has begun and not ended
	asked := false
	for lines := bufio.NewScanner(trace); lines.Scan(); {
		line := lines.Text()
		switch thread, call := cut(line); {
		case contains(call, `write(1<`, `"asked `):
			asked, begun = true, map[string]bool{}
			synced = append(synced, 0)
		case contains(call, `write(1<`, `"kept `):
			asked = false
			kept++
		case !asked:
		case contains(call, "sync(", "-wal>", "unfinished"):
			begun[thread] = true
		case contains(call, "sync(", "-wal>", "= 0"), begun[thread] && contains(call, "sync resumed>", "= 0"):
			begun[thread] = false
			synced[len(synced)-1]++
		}
	}
	return synced, kept
}
