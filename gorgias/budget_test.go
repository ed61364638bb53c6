package gorgias

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

const (
	foreground = false
	background = true
)

func testBudget() *budget { return newBudget(Limits{}.orDefaults()) }

// waitTime returns how long a request waits for the budget. The response arrives at
// once.
func waitTime(t *testing.T, b *budget, background bool) time.Duration {
	t.Helper()
	start := time.Now()
	begun, e := b.acquire(t.Context(), background)
	if e != nil {
		t.Fatal(e)
	}
	b.observe(begun, 0, nil)
	return time.Since(start)
}

// observeResponse makes a foreground request with the given response.
func (b *budget) observeResponse(t *testing.T, status int, header http.Header) time.Duration {
	t.Helper()
	begun, e := b.acquire(t.Context(), foreground)
	if e != nil {
		t.Fatal(e)
	}
	return b.observe(begun, status, header)
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func TestBudgetAllowsBurstThenRate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		background bool
		burst      int
		then       time.Duration
	}{"background": {background, 10, time.Second}, "foreground": {foreground, 30, 500 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := testBudget()
				for i := range test.burst + 5 {
					want := time.Duration(0)
					if i >= test.burst {
						want = test.then
					}
					if got := waitTime(t, b, test.background); got.Round(time.Millisecond) != want {
						t.Errorf("request %d waited %v, want %v", i, got, want)
					}
				}
			})
		})
	}
}

func TestBudgetLeavesRoomForOtherApps(t *testing.T) {
	t.Parallel()
	for usage, want := range map[string]struct{ background, foreground time.Duration }{
		"4/40":  {0, 0},
		"19/40": {0, 0},
		"20/40": {500 * time.Millisecond, 0},
		"24/40": {2500 * time.Millisecond, 0},
		"30/40": {5500 * time.Millisecond, 500 * time.Millisecond},
		"40/40": {10500 * time.Millisecond, 5500 * time.Millisecond},
		"99/40": {10500 * time.Millisecond, 5500 * time.Millisecond},
		"41/80": {500 * time.Millisecond, 0}, // twice the size, twice the rate
		"0/1":   {}, "": {}, "40": {}, "1/0": {}, "-3/-1": {}, "a/b": {},
	} {
		for background, want := range map[bool]time.Duration{true: want.background, false: want.foreground} {
			synctest.Test(t, func(t *testing.T) {
				b := testBudget()
				b.observeResponse(t, 200, header("X-Gorgias-Account-Api-Call-Limit", usage))
				if got := waitTime(t, b, background).Round(time.Millisecond); got != want {
					t.Errorf("%q, background %v: waited %v, want %v", usage, background, got, want)
				}
			})
		}
	}
}

func TestBudgetIgnoresOutdatedLevel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		old, _ := b.acquire(t.Context(), foreground)
		time.Sleep(time.Second)
		b.observeResponse(t, 200, header("X-Gorgias-Account-Api-Call-Limit", "28/40"))
		b.observe(old, 200, header("X-Gorgias-Account-Api-Call-Limit", "3/40"))
		if got := waitTime(t, b, background).Round(time.Millisecond); got != 5*time.Second {
			t.Errorf("after a late response: waited %v, want 5s", got)
		}
	})
}

func TestBudgetCountsRequestsInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		for range 5 {
			b.acquire(t.Context(), foreground)
		}
		b.observeResponse(t, 200, header("X-Gorgias-Account-Api-Call-Limit", "16/40"))
		if got := waitTime(t, b, background).Round(time.Millisecond); got != time.Second {
			t.Errorf("waited %v, want 1s", got)
		}
	})
}

func TestForegroundDoesNotQueueBehindBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		for range 20 {
			go b.acquire(t.Context(), background)
		}
		synctest.Wait()
		if got := waitTime(t, b, foreground); got != 0 {
			t.Errorf("waited %v, want 0", got)
		}
		time.Sleep(time.Minute)
	})
}

func TestBudgetObeysRetryAfter(t *testing.T) {
	t.Parallel()
	for after, want := range map[string]time.Duration{
		"7": 7 * time.Second, "0.5": 500 * time.Millisecond, "": defaultRetryAfter, "soon": defaultRetryAfter, "-4": defaultRetryAfter, "NaN": defaultRetryAfter,
		"9999": maxRetryAfter,
	} {
		synctest.Test(t, func(t *testing.T) {
			b := testBudget()
			b.maxWait = 2 * maxRetryAfter
			if got := b.observeResponse(t, 429, header("Retry-After", after)); got != want {
				t.Errorf("Retry-After %q: got %v, want %v", after, got, want)
			}
			full := 5500 * time.Millisecond // until a full bucket has room for one foreground request
			if got := waitTime(t, b, foreground); got != max(want, full) {
				t.Errorf("Retry-After %q: waited %v, want %v", after, got, max(want, full))
			}
		})
	}
}

func TestNoBurstAfterPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		b.observeResponse(t, 429, header("Retry-After", "1"))
		done := make(chan time.Time, 5)
		for range 5 {
			go func() { b.acquire(t.Context(), foreground); done <- time.Now() }()
		}
		start := time.Now()
		for i := range 5 {
			want := time.Duration(i+11) * 500 * time.Millisecond
			if got := (<-done).Sub(start).Round(time.Millisecond); got != want {
				t.Errorf("waiting request %d started after %v, want %v", i+1, got, want)
			}
		}
	})
}

func TestAcquireFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		b.observeResponse(t, 429, header("Retry-After", "30"))
		start := time.Now()
		_, e := b.acquire(t.Context(), foreground)
		if e == nil || !e.Temporary() || e.RetryAfter != 30*time.Second || time.Since(start) != 0 {
			t.Errorf("longer than Limits.Wait: got %+v after %v", e, time.Since(start))
		}
		b = testBudget()
		b.observeResponse(t, 429, header("Retry-After", "7"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, e := b.acquire(ctx, foreground); e == nil || e.RetryAfter != 7*time.Second || time.Since(start) != 0 {
			t.Errorf("longer than the context: got %+v after %v", e, time.Since(start))
		}
	})
}

func TestFailedAcquireReturnsReservation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		for range 10 {
			waitTime(t, b, background)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		for range 100 {
			if _, e := b.acquire(ctx, background); e == nil {
				t.Fatal("acquire succeeded with an empty budget")
			}
		}
		if got := waitTime(t, b, background); got != time.Second {
			t.Errorf("waited %v, want 1s", got)
		}
	})
}

func TestAcquireEndsWithContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		b.observeResponse(t, 429, header("Retry-After", "10"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, e := b.acquire(ctx, foreground)
		if e == nil || !errors.Is(e, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", e, time.Since(start))
		}
	})
}

func TestPauseIsExtended(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		begun, _ := b.acquire(t.Context(), foreground)
		b.observeResponse(t, 429, header("Retry-After", "6"))
		time.AfterFunc(time.Second, func() { b.observe(begun, 429, header("Retry-After", "10")) })
		if got := waitTime(t, b, foreground); got != 11*time.Second {
			t.Errorf("waited %v, want 11s", got)
		}
	})
}

// suspended is a context whose deadline has passed but which is not done yet, as
// after the process was suspended.
type suspended struct{ context.Context }

func (suspended) Deadline() (time.Time, bool) { return time.Now().Add(-time.Second), true }

func TestAcquireAfterSuspension(t *testing.T) {
	t.Parallel()
	if _, e := testBudget().acquire(suspended{t.Context()}, foreground); e == nil || !errors.Is(e, context.DeadlineExceeded) || e.Unknown() {
		t.Errorf("got %v", e)
	}
}

func TestProxySettingIsIgnored(t *testing.T) {
	t.Parallel()
	accounts, err := NewAccounts(Template, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if accounts.http.Transport.(*http.Transport).Proxy != nil {
		t.Error("the transport uses a proxy from the environment")
	}
}
