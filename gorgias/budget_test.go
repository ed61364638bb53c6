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
	foreground     = false
	background = true
)

func testBudget() *budget { return newBudget(Limits{}.orDefaults()) }

// took is how long a turn took to come. The request is answered at once.
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

// hears has the answer to an urgent request say something.
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

func TestPaceLetsABurstThroughAndThenSlowsDown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		background bool
		burst      int
		then       time.Duration
	}{"background": {background, 10, time.Second}, "urgent": {foreground, 30, 500 * time.Millisecond}} {
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
						t.Errorf("turn %d took %v, want %v", i, got, want)
					}
				}
			})
		})
	}
}

func TestPaceLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	for usage, want := range map[string]struct{ background, foreground time.Duration }{
		"4/40":  {0, 0},
		"19/40": {0, 0},
		"20/40": {500 * time.Millisecond, 0},
		"24/40": {2500 * time.Millisecond, 0},
		"30/40": {5500 * time.Millisecond, 500 * time.Millisecond},
		"40/40": {10500 * time.Millisecond, 5500 * time.Millisecond},
		"99/40": {10500 * time.Millisecond, 5500 * time.Millisecond},
		"41/80": {500 * time.Millisecond, 0}, // twice the rate
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

func TestPaceKnowsOldNews(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		old, _ := b.acquire(t.Context(), foreground)
		time.Sleep(time.Second)
		b.observeResponse(t, 200, header("X-Gorgias-Account-Api-Call-Limit", "28/40"))
		b.observe(old, 200, header("X-Gorgias-Account-Api-Call-Limit", "3/40"))
		if got := waitTime(t, b, background).Round(time.Millisecond); got != 5*time.Second {
			t.Errorf("an answer that comes late was taken for news: took %v, want 5s", got)
		}
	})
}

// What is on its way fills the bucket as well.
func TestPaceCountsWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		for range 5 {
			b.acquire(t.Context(), foreground)
		}
		b.observeResponse(t, 200, header("X-Gorgias-Account-Api-Call-Limit", "16/40"))
		if got := waitTime(t, b, background).Round(time.Millisecond); got != time.Second {
			t.Errorf("took %v, want 1s", got)
		}
	})
}

func TestUrgentWorkIsNotBehindTheBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		for range 20 {
			go b.acquire(t.Context(), background)
		}
		synctest.Wait()
		if got := waitTime(t, b, foreground); got != 0 {
			t.Errorf("took %v", got)
		}
		time.Sleep(time.Minute)
	})
}

func TestPaceHeedsRetryAfter(t *testing.T) {
	t.Parallel()
	for after, want := range map[string]time.Duration{
		"7": 7 * time.Second, "0.5": 500 * time.Millisecond, "": defaultRetryAfter, "soon": defaultRetryAfter, "-4": defaultRetryAfter, "NaN": defaultRetryAfter,
		"9999": maxRetryAfter,
	} {
		synctest.Test(t, func(t *testing.T) {
			b := testBudget()
			b.maxWait = 2 * maxRetryAfter
			if got := b.observeResponse(t, 429, header("Retry-After", after)); got != want {
				t.Errorf("%q: understood as %v, want %v", after, got, want)
			}
			full := 5500 * time.Millisecond // until a quarter of a full bucket is empty, and one more fits
			if got := waitTime(t, b, foreground); got != max(want, full) {
				t.Errorf("%q: took %v, want %v", after, got, max(want, full))
			}
		})
	}
}

func TestPaceDoesNotBurstAfterAPause(t *testing.T) {
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
				t.Errorf("number %d of five that waited was through after %v, want %v", i+1, got, want)
			}
		}
	})
}

func TestPaceGivesUpAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		b.observeResponse(t, 429, header("Retry-After", "30"))
		start := time.Now()
		_, e := b.acquire(t.Context(), foreground)
		if e == nil || !e.Temporary() || e.RetryAfter != 30*time.Second || time.Since(start) != 0 {
			t.Errorf("longer than our wait: got %+v after %v", e, time.Since(start))
		}
		b = testBudget()
		b.observeResponse(t, 429, header("Retry-After", "7"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, e := b.acquire(ctx, foreground); e == nil || e.RetryAfter != 7*time.Second || time.Since(start) != 0 {
			t.Errorf("longer than the caller's: got %+v after %v", e, time.Since(start))
		}
	})
}

// Whoever gives up leaves the turn to others.
func TestPaceGivesTurnsBack(t *testing.T) {
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
				t.Fatal("there was a turn")
			}
		}
		if got := waitTime(t, b, background); got != time.Second {
			t.Errorf("took %v, want 1s", got)
		}
	})
}

func TestPaceEndsWithTheCaller(t *testing.T) {
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

func TestPaceIsLongerWhenAPauseIsExtended(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := testBudget()
		begun, _ := b.acquire(t.Context(), foreground)
		b.observeResponse(t, 429, header("Retry-After", "6"))
		time.AfterFunc(time.Second, func() { b.observe(begun, 429, header("Retry-After", "10")) })
		if got := waitTime(t, b, foreground); got != 11*time.Second {
			t.Errorf("took %v, want 11s", got)
		}
	})
}

// stale is a context whose deadline has passed, unheard of: the process was
// frozen.
type stale struct{ context.Context }

func (stale) Deadline() (time.Time, bool) { return time.Now().Add(-time.Second), true }

func TestPaceNoticesThatItWasFrozen(t *testing.T) {
	t.Parallel()
	if _, e := testBudget().acquire(stale{t.Context()}, foreground); e == nil || !errors.Is(e, context.DeadlineExceeded) || e.Unknown() {
		t.Errorf("got %v", e)
	}
}

func TestNoProxySeesAKey(t *testing.T) {
	t.Parallel()
	accounts, err := NewAccounts(Template, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if accounts.http.Transport.(*http.Transport).Proxy != nil {
		t.Error("the environment decides where a key goes")
	}
}
