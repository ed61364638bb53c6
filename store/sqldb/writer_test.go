package sqldb

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// hold blocks the writer in the middle of a request until release is called.
func hold(t *testing.T, db *DB) (release func() error) {
	t.Helper()
	inside, wait := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- db.Write(context.Background(), func(Tx) error { close(inside); <-wait; return nil })
	}()
	<-inside
	return sync.OnceValue(func() error {
		close(wait)
		return <-done
	})
}

// queued waits until so many requests are waiting for the writer.
func queued(db *DB, n int) {
	for len(db.writer.queue) < n {
		time.Sleep(100 * time.Microsecond)
	}
}

// group runs requests so that they share one commit, and returns their errors.
func group(t *testing.T, db *DB, requests ...func(Tx) error) []error {
	t.Helper()
	// However slow the machine is, the group waits for all of its requests.
	if err := db.Write(t.Context(), func(Tx) error { db.writer.groupWait = time.Hour; return nil }); err != nil {
		t.Fatal(err)
	}
	release := hold(t, db)
	errs := make([]error, len(requests))
	var calling sync.WaitGroup
	for i, r := range requests {
		calling.Go(func() { errs[i] = db.Write(context.Background(), r) })
		queued(db, i+1) // in this order
	}
	held := release()
	calling.Wait()
	return append(errs, held)
}

// A request that fails does not affect the others of its commit.
func TestGroupKeepsOthers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *DB) {
		wrong := errors.New("wrong")
		errs := group(t, db,
			insert("one"),
			func(tx Tx) error { return errors.Join(insert("two")(tx), wrong) },
			func(tx Tx) error { _ = insert("three")(tx); panic("oh no") },
			func(tx Tx) error { _, err := tx.Exec(`INSERT INTO nowhere (x) VALUES (1)`); return err },
			func(tx Tx) error { return insert("one")(tx) }, // a duplicate
			func(tx Tx) error { return tx.ExecLater(`INSERT INTO about (name, value) VALUES ('one', '')`) },
			func(Tx) error { return wrong },
			func(Tx) error { return nil },
			func(tx Tx) error { return tx.ExecLater(`INSERT INTO about (name, value) VALUES ('six', '')`) },
			func(tx Tx) error { return tx.Row(`SELECT value FROM about WHERE name = 'six'`).Scan(new(string)) },
			insert("seven"),
		)
		for i, want := range []bool{true, false, false, false, false, false, false, true, true, true, true, true} {
			if (errs[i] == nil) != want {
				t.Errorf("request %d: %v", i+1, errs[i])
			}
		}
		if !errors.Is(errs[1], wrong) || !errors.Is(errs[6], wrong) {
			t.Errorf("a request's own error became %v and %v", errs[1], errs[6])
		}
		for name, want := range map[string]bool{"one": true, "two": false, "three": false, "six": true, "seven": true} {
			if has(t, db, name) != want {
				t.Errorf("%s is stored: %v", name, !want)
			}
		}
	})
}

// When a commit fails, every request of it that is not retried gets an error, and
// the next commit succeeds.
func TestCommitFails(t *testing.T) {
	t.Parallel()
	const orphan = `INSERT INTO lines (id, shop) VALUES ('x', 'missing')`
	for name, fault := range map[string][]string{
		"at the commit":  {`PRAGMA defer_foreign_keys = 1`, orphan},
		"in the middle":  {`ROLLBACK`},
		"before its end": {`COMMIT`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, db *DB) {
				queries := fault
				if _, here := db.engine.(*postgresEngine); here && len(fault) > 1 {
					queries = []string{
						`CREATE TABLE child (parent TEXT REFERENCES about (name) DEFERRABLE INITIALLY DEFERRED)`,
						`INSERT INTO child (parent) VALUES ('missing')`,
					}
				}
				errs := group(t, db,
					insert("one"),
					func(Tx) error { return errRepeat },
					func(tx Tx) (err error) {
						for _, query := range queries {
							if err == nil {
								_, err = tx.Exec(query)
							}
						}
						return err
					},
					insert("four"),
				)
				for i, err := range errs {
					if i != 3 && (err == nil || errors.Is(err, errRepeat)) {
						t.Errorf("request %d: %v", i+1, err)
					}
				}
				if got := has(t, db, "four"); got != (errs[3] == nil) {
					t.Errorf("request 4 is stored: %v, and returned %v", got, errs[3])
				}
				if err := db.Write(t.Context(), insert("next")); err != nil {
					t.Errorf("the next request: %v", err)
				}
				if !has(t, db, "next") {
					t.Error("the next request was not stored")
				}
			})
		})
	}
}

// A request whose context ends before it begins is withdrawn; one whose context
// ends later runs to its result.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	db := openFile(t)
	release := hold(t, db)
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("gone")
	var ran bool
	done := make(chan error, 1)
	go func() { done <- db.Write(ctx, func(tx Tx) error { ran = true; return insert("withdrawn")(tx) }) }()
	queued(db, 1)
	cancel(cause)
	if err := <-done; !errors.Is(err, cause) {
		t.Errorf("withdrawn with %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	ctx, cancel = context.WithCancelCause(t.Context())
	var stored string // the race detector reports a write after the return
	err := db.Write(ctx, func(tx Tx) error {
		cancel(cause)
		time.Sleep(time.Millisecond)
		stored = "stored"
		return insert(stored)(tx)
	})
	if err != nil || stored != "stored" || !has(t, db, stored) {
		t.Errorf("the request that had begun: %q %v", stored, err)
	}
	if ran || has(t, db, "withdrawn") {
		t.Error("the withdrawn request has run")
	}
}

func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	db := openFile(t)
	release := hold(t, db)
	defer func() {
		if err := release(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	var calling sync.WaitGroup
	for range maxQueued + 50 {
		calling.Go(func() {
			if err := db.Write(ctx, func(Tx) error { return nil }); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
	queued(db, maxQueued)
	if n := len(db.writer.queue); n != maxQueued {
		t.Errorf("%d are queued", n)
	}
	cancel()
	calling.Wait() // although the writer is still blocked
}

// Close runs the queued requests and refuses later ones.
func TestCloseAnswers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := Open(t.Context(), testConfig("sqlite:"+path))
	if err != nil {
		t.Fatal(err)
	}
	release := hold(t, db)
	const early, late = 20, 200
	results := make([]error, early+late)
	var calling sync.WaitGroup
	for i := range early {
		calling.Go(func() { results[i] = db.Write(context.Background(), insert(fmt.Sprint("n", i))) })
	}
	queued(db, early)
	calling.Go(func() { _ = release() })
	for i := early; i < early+late; i++ {
		calling.Go(func() { results[i] = db.Write(context.Background(), insert(fmt.Sprint("n", i))) })
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	calling.Wait()
	if err := db.Write(context.Background(), func(Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	db, err = Open(t.Context(), testConfig("sqlite:"+path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i, err := range results {
		switch stored := has(t, db, fmt.Sprint("n", i)); {
		case i < early && err != nil:
			t.Errorf("a queued request was refused: %v", err)
		case err != nil && !errors.Is(err, ErrClosed):
			t.Errorf("got %v", err)
		case stored != (err == nil):
			t.Errorf("request %d is stored: %v, and returned %v", i, stored, err)
		}
	}
}

// A request that is queued after the last worker has ended gets ErrClosed.
func TestQueuedAfterLastWorker(t *testing.T) {
	t.Parallel()
	w := &writer{queue: make(chan *request, 1), stop: make(chan struct{}), ended: make(chan struct{})}
	done := make(chan error)
	go func() { done <- w.do(context.Background(), insert("late")) }()
	r := <-w.queue
	close(w.stop)
	close(w.ended)
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	if r.taken.CompareAndSwap(false, true) {
		t.Error("the request may still begin")
	}
}
