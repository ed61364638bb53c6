package recharge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/chat"
)

const (
	foreground = false
	background = true
)

func testBudget() *budget { return newBudget(Limits{}.orDefaults(token)) }

// waitTime returns how long a request waits for the budget.
func waitTime(t *testing.T, b *budget, background bool) time.Duration {
	t.Helper()
	begun := time.Now()
	if e := b.acquire(t.Context(), background); e != nil {
		t.Fatal(e)
	}
	return time.Since(begun).Round(time.Millisecond)
}

func TestBudget(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		background bool
		burst      int
	}{"background": {background, 15}, "foreground": {foreground, 30}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := testBudget()
				for i := range test.burst + 10 {
					want := time.Duration(0)
					if i >= test.burst {
						want = second / 2
					}
					if got := waitTime(t, b, test.background); got != want {
						t.Errorf("request %d waited %v, want %v", i, got, want)
					}
				}
			})
		})
	}
}

// TestForegroundHasRoom: however many background requests there are, a foreground
// request does not wait.
func TestForegroundHasRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for range 20 {
			go func() {
				for ctx.Err() == nil {
					b.acquire(ctx, background)
				}
			}()
		}
		time.Sleep(time.Minute)
		for i := range 15 {
			if got := waitTime(t, b, foreground); got != 0 {
				t.Errorf("request %d waited %v", i, got)
			}
		}
		time.Sleep(4 * second) // background requests wait until half of the budget is there again
		for i := range 8 {
			if got := waitTime(t, b, foreground); got != 0 {
				t.Errorf("request %d after a pause waited %v", i, got)
			}
		}
	})
}

func TestDoubledRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(Limits{}.orDefaults("sk_2x1_abc"))
		for range 30 {
			waitTime(t, b, foreground)
		}
		if got := waitTime(t, b, foreground); got != second/4 {
			t.Errorf("waited %v", got)
		}
	})
}

func TestAcquireFailsAtOnce(t *testing.T) {
	t.Parallel()
	for name, background := range map[string]bool{"foreground": foreground, "background": background} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := testBudget()
				for range 30 {
					b.acquire(t.Context(), foreground)
				}
				ctx, cancel := context.WithTimeout(t.Context(), second/4)
				defer cancel()
				begun := time.Now()
				for range 100 { // a failed request is not counted
					e := b.acquire(ctx, background)
					if e == nil || e.RetryAfter == 0 || e.Status != 429 || e.Written || time.Since(begun) != 0 {
						t.Fatalf("got %+v after %v", e, time.Since(begun))
					}
				}
				if got := waitTime(t, b, foreground); got != second/2 {
					t.Errorf("waited %v", got)
				}
				canceled, cancel := context.WithCancel(t.Context())
				time.AfterFunc(second/4, cancel)
				if e := b.acquire(canceled, foreground); e == nil || !errors.Is(e, context.Canceled) {
					t.Errorf("got %v", e)
				}
			})
		})
	}
}

// TestOwnLimit: a call that our own limit refuses was not made, and says nothing about
// the account.
func TestOwnLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, accounts := newStore(t, Limits{PerSecond: 0.01, Burst: 1}, answer(200, `{}`))
		c := clientOf(t, accounts)
		if err := c.SendAccountAccess(t.Context(), "3"); err != nil {
			t.Fatal(err)
		}
		err := c.SendAccountAccess(t.Context(), "3")
		s := sendErrorOf(t, err)
		if s.Outcome != chat.NotSent || s.WholeAccount || s.RetryAfter != 100*second || s.Problem.Code != "slow" {
			t.Errorf("got %+v", s)
		}
	})
}

// TestRefusedRate: after a 429, background requests wait, and others do not.
func TestRefusedRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		_, accounts := newStore(t, Limits{}, func(w http.ResponseWriter, r *http.Request) {
			if requests++; requests == 1 {
				w.Header().Set("Retry-After", "8")
				w.WriteHeader(429)
				return
			}
			answer(200, charge9)(w, r)
		})
		c := clientOf(t, accounts)
		go c.Charge(t.Context(), "9")
		synctest.Wait()
		begun := time.Now()
		if _, err := c.Charge(t.Context(), "9"); err != nil || time.Since(begun) != 0 {
			t.Errorf("foreground: %v after %v", err, time.Since(begun))
		}
		if _, err := c.Background().Charge(t.Context(), "9"); err != nil || time.Since(begun) < 8*second {
			t.Errorf("background: %v after %v", err, time.Since(begun))
		}
		time.Sleep(10 * second)
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"7": 7 * second, "0.5": second / 2, "": 0, "soon": 0, "-4": 0, "NaN": 0, "9999": maxRetryAfter, "Inf": maxRetryAfter,
	} {
		if got := parseRetryAfter(header); got != want {
			t.Errorf("%q: got %v, want %v", header, got, want)
		}
	}
}

// TestIdleAccountsAreDropped: tokens come from a form, so the accounts in memory are
// bounded.
func TestIdleAccountsAreDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		accounts, err := NewAccounts(Base, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2500 {
			if _, err := accounts.Client(chat.Connection{Token: chat.Secret(fmt.Sprint("t", i))}); err != nil {
				t.Fatal(err)
			}
			if i%1000 == 999 {
				time.Sleep(11 * time.Minute)
			}
		}
		if n := len(accounts.accounts); n > 1000 {
			t.Errorf("%d accounts are kept", n)
		}
	})
}
