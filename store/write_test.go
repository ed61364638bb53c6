package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store/pgtest"
)

func openStore(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), make([]byte, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// inner runs test on an empty store of every kind there is, with one connection
// that writes.
func inner(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, openStore(t)) })
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		s, err := OpenWriters(t.Context(), pgtest.Shared(t).Schema(t), make([]byte, 32), 1)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		test(t, s)
	})
}

func note(name string) func(link) error {
	return func(l link) error {
		_, err := l.exec(`INSERT INTO about (name, value) VALUES ($1, '')`, name)
		return err
	}
}

func (s *Store) noted(t *testing.T, name string) bool {
	t.Helper()
	var n int
	if err := s.read(context.Background(), "count", func(l link) error {
		return l.row(`SELECT COUNT(*) FROM about WHERE name = $1`, name).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n == 1
}

// hold stops the writer in the middle of a request until release is called.
func hold(t *testing.T, s *Store) (release func() error) {
	t.Helper()
	inside, wait := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- s.writer.do(context.Background(), func(link) error { close(inside); <-wait; return nil })
	}()
	<-inside
	return sync.OnceValue(func() error {
		close(wait)
		return <-done
	})
}

// queued waits until so many requests are waiting for the writer.
func queued(s *Store, n int) {
	for len(s.writer.queue) < n {
		time.Sleep(100 * time.Microsecond)
	}
}

// group runs requests so that they share one commit, and returns their errors.
func group(t *testing.T, s *Store, requests ...func(link) error) []error {
	t.Helper()
	// However slow the machine is, the first of a commit waits for the others.
	if err := s.writer.do(t.Context(), func(link) error { s.writer.patience = time.Hour; return nil }); err != nil {
		t.Fatal(err)
	}
	release := hold(t, s)
	errs := make([]error, len(requests))
	var asking sync.WaitGroup
	for i, r := range requests {
		asking.Go(func() { errs[i] = s.writer.do(context.Background(), r) })
		queued(s, i+1) // in this order
	}
	held := release()
	asking.Wait()
	return append(errs, held)
}

// What goes wrong with one request of a commit spoils nobody else's.
func TestGroupKeepsOthers(t *testing.T) {
	t.Parallel()
	inner(t, func(t *testing.T, s *Store) {
		wrong := errors.New("wrong")
		errs := group(t, s,
			note("one"),
			func(l link) error { return errors.Join(note("two")(l), wrong) },
			func(l link) error { _ = note("three")(l); panic("oh no") },
			func(l link) error { _, err := l.exec(`INSERT INTO nowhere (x) VALUES (1)`); return err },
			func(l link) error { return note("one")(l) }, // there already
			func(l link) error { return l.later(`INSERT INTO about (name, value) VALUES ('one', '')`) },
			func(link) error { return wrong },
			func(link) error { return nil },
			func(l link) error { return l.later(`INSERT INTO about (name, value) VALUES ('six', '')`) },
			func(l link) error { return l.row(`SELECT value FROM about WHERE name = 'six'`).Scan(new(string)) },
			note("seven"),
		)
		for i, want := range []bool{true, false, false, false, false, false, false, true, true, true, true, true} {
			if (errs[i] == nil) != want {
				t.Errorf("request %d: %v", i+1, errs[i])
			}
		}
		if !errors.Is(errs[1], wrong) || !errors.Is(errs[6], wrong) {
			t.Errorf("an error of one's own became %v and %v", errs[1], errs[6])
		}
		for name, want := range map[string]bool{"one": true, "two": false, "three": false, "six": true, "seven": true} {
			if s.noted(t, name) != want {
				t.Errorf("%s is kept: %v", name, !want)
			}
		}
	})
}

// When the commit fails nobody is told that anything was kept, or heard before,
// and the next commit works.
func TestCommitFails(t *testing.T) {
	t.Parallel()
	const orphan = `INSERT INTO lines (id, shop, number, provider, account, token, endpoint, service) VALUES ('x', 'nobody', '', '', '', '', '', '')`
	for name, spoil := range map[string][]string{
		"at the commit":  {`PRAGMA defer_foreign_keys = 1`, orphan},
		"in the middle":  {`ROLLBACK`},
		"before its end": {`COMMIT`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inner(t, func(t *testing.T, s *Store) {
				queries := spoil
				if _, here := s.engine.(*postgres); here && len(spoil) > 1 {
					queries = []string{
						`CREATE TABLE child (parent TEXT REFERENCES about (name) DEFERRABLE INITIALLY DEFERRED)`,
						`INSERT INTO child (parent) VALUES ('nobody')`,
					}
				}
				errs := group(t, s,
					note("one"),
					func(link) error { return chat.ErrRepeat },
					func(l link) (err error) {
						for _, query := range queries {
							if err == nil {
								_, err = l.exec(query)
							}
						}
						return err
					},
					note("four"),
				)
				for i, err := range errs {
					if i != 3 && (err == nil || errors.Is(err, chat.ErrRepeat)) {
						t.Errorf("request %d: %v", i+1, err)
					}
				}
				if got := s.noted(t, "four"); got != (errs[3] == nil) {
					t.Errorf("four is kept: %v, and was told %v", got, errs[3])
				}
				if err := s.writer.do(t.Context(), note("next")); err != nil {
					t.Errorf("the next one: %v", err)
				}
				if !s.noted(t, "next") {
					t.Error("the next one was not kept")
				}
			})
		})
	}
}

// A context that ends before its request has begun takes it back; one that ends
// later gets the answer.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	release := hold(t, s)
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("gone")
	var ran bool
	done := make(chan error, 1)
	go func() { done <- s.writer.do(ctx, func(l link) error { ran = true; return note("taken back")(l) }) }()
	queued(s, 1)
	cancel(cause)
	if err := <-done; !errors.Is(err, cause) {
		t.Errorf("taken back with %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	ctx, cancel = context.WithCancelCause(t.Context())
	var kept string // the race detector sees whether anybody still writes it
	err := s.writer.do(ctx, func(l link) error {
		cancel(cause)
		time.Sleep(time.Millisecond)
		kept = "kept"
		return note(kept)(l)
	})
	if err != nil || kept != "kept" || !s.noted(t, kept) {
		t.Errorf("what had begun: %q %v", kept, err)
	}
	if ran || s.noted(t, "taken back") {
		t.Error("what was taken back has run")
	}
}

func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	release := hold(t, s)
	defer func() {
		if err := release(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	for range waiting + 50 {
		asking.Go(func() {
			if err := s.writer.do(ctx, func(link) error { return nil }); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
	queued(s, waiting)
	if n := len(s.writer.queue); n != waiting {
		t.Errorf("%d are queued", n)
	}
	cancel()
	asking.Wait() // nobody waits for the writer, which is still held
}

// Close answers everybody: what is queued is kept, what comes later refused.
func TestCloseAnswers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	s, err := Open(t.Context(), "sqlite:"+path, make([]byte, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	release := hold(t, s)
	const early, late = 20, 200
	told := make([]error, early+late)
	var asking sync.WaitGroup
	for i := range early {
		asking.Go(func() { told[i] = s.writer.do(context.Background(), note(fmt.Sprint("n", i))) })
	}
	queued(s, early)
	asking.Go(func() { _ = release() })
	for i := early; i < early+late; i++ {
		asking.Go(func() { told[i] = s.writer.do(context.Background(), note(fmt.Sprint("n", i))) })
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	asking.Wait()
	if err := s.Ready(context.Background()); !errors.Is(err, chat.ErrUnavailable) {
		t.Errorf("after it was closed: %v", err)
	}
	s, err = Open(t.Context(), "sqlite:"+path, make([]byte, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, err := range told {
		switch kept := s.noted(t, fmt.Sprint("n", i)); {
		case i < early && err != nil:
			t.Errorf("what was queued is refused: %v", err)
		case err != nil && !errors.Is(err, chat.ErrUnavailable):
			t.Errorf("got %v", err)
		case kept != (err == nil):
			t.Errorf("request %d is kept: %v, and was told %v", i, kept, err)
		}
	}
}

// A request that slips into the queue when nobody takes from it any more is not
// left waiting.
func TestTooLate(t *testing.T) {
	t.Parallel()
	w := &writer{queue: make(chan *request, 1), stop: make(chan struct{}), ended: make(chan struct{})}
	done := make(chan error)
	go func() { done <- w.do(context.Background(), note("late")) }()
	r := <-w.queue
	close(w.stop)
	close(w.ended)
	if err := <-done; !errors.Is(err, chat.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if r.taken.CompareAndSwap(false, true) {
		t.Error("it may still be begun")
	}
}
