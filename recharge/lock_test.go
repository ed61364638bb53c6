package recharge

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/chat"
)

// TestOneWriterPerCustomer: changes of one customer run one after the other, with all
// that they do, and those of others at the same time.
func TestOneWriterPerCustomer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, accounts := newStore(t, Limits{}, answer(200, charge9))
		begun := time.Now()
		var running, most, done [2]int
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range 10 {
			customer := i % 2
			all.Go(func() {
				c := clientOf(t, accounts) // clients of one token share the locks
				err := c.Change(t.Context(), []string{"3", "4"}[customer], func(ctx context.Context, w *Writer) error {
					mu.Lock()
					running[customer]++
					most[customer] = max(most[customer], running[customer])
					mu.Unlock()
					if _, err := w.Skip(ctx, "9", "7"); err != nil {
						return err
					}
					time.Sleep(second)
					mu.Lock()
					running[customer]--
					done[customer]++
					mu.Unlock()
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most != [2]int{1, 1} || done != [2]int{5, 5} || time.Since(begun) != 5*second {
			t.Errorf("at most %v at once, %v done, after %v", most, done, time.Since(begun))
		}
		if !clientOf(t, accounts).account.locks.idle() {
			t.Error("a lock is held")
		}
	})
}

func TestWaitForLockIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, nil)
		release := make(chan struct{})
		var all sync.WaitGroup
		hold := func() error {
			return c.Change(t.Context(), "3", func(context.Context, *Writer) error { <-release; return nil })
		}
		all.Go(func() { hold() })
		synctest.Wait()

		begun := time.Now()
		err := hold()
		e := apiError(t, err)
		if !errors.Is(e, errBusy) || e.Unknown() || !e.Temporary() || time.Since(begun) != 45*second {
			t.Errorf("got %v after %v", e, time.Since(begun))
		}
		if s := sendErrorOf(t, err); s.Outcome != chat.NotSent || s.Problem.Code != "busy" || s.WholeAccount {
			t.Errorf("got %+v", s)
		}
		ctx, cancel := context.WithTimeout(t.Context(), second)
		defer cancel()
		begun = time.Now()
		if err := c.Change(ctx, "3", nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != second {
			t.Errorf("with a deadline: got %v after %v", err, time.Since(begun))
		}

		for range maxWaiting {
			all.Go(func() { hold() })
		}
		synctest.Wait()
		begun = time.Now()
		if err := hold(); !errors.Is(err, errBusy) || time.Since(begun) != 0 {
			t.Errorf("one too many: got %v after %v", err, time.Since(begun))
		}
		close(release)
		all.Wait()
		if !c.account.locks.idle() {
			t.Error("a lock is held")
		}
	})
}

func TestLockIsReleasedAfterPanic(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(http.ResponseWriter, *http.Request) {})
	func() {
		defer func() { recover() }()
		c.Change(t.Context(), "3", func(context.Context, *Writer) error { panic("a bug") })
	}()
	if !c.account.locks.idle() {
		t.Error("the lock is held")
	}
}
