package gorgias

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

func testPace() *pace { return &pace{limiter: rate.NewLimiter(2, 3), wait: 12 * time.Second} }

// took is how long a turn took to come.
func took(t *testing.T, p *pace) time.Duration {
	t.Helper()
	start := time.Now()
	if e := p.take(t.Context()); e != nil {
		t.Fatal(e)
	}
	return time.Since(start)
}

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func TestPaceLetsABurstThroughAndThenSlowsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		for i, want := range []time.Duration{0, 0, 0, 500 * time.Millisecond, 500 * time.Millisecond} {
			if got := took(t, p); got != want {
				t.Errorf("turn %d took %v, want %v", i, got, want)
			}
		}
	})
}

func TestPaceLeavesHalfToOthers(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"4/40":  0,
		"20/40": 0,
		"24/40": 2 * time.Second,
		"40/40": 10 * time.Second,
		"99/40": 10 * time.Second,
		"41/80": 250 * time.Millisecond,
		"":      0, "40": 0, "1/0": 0, "-3/-1": 0, "a/b": 0,
	} {
		t.Run(header, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := testPace()
				p.heed(200, headers("X-Gorgias-Account-Api-Call-Limit", header))
				if got := took(t, p); got != want {
					t.Errorf("took %v, want %v", got, want)
				}
			})
		})
	}
}

func TestPaceHeedsRetryAfter(t *testing.T) {
	t.Parallel()
	for after, want := range map[string]time.Duration{
		"7": 7 * time.Second, "0.5": 500 * time.Millisecond, "": fallback, "soon": fallback, "-4": fallback, "NaN": fallback,
		"9999": longest,
	} {
		synctest.Test(t, func(t *testing.T) {
			p := testPace()
			p.wait = 2 * longest
			if got := p.heed(429, headers("Retry-After", after)); got != want {
				t.Errorf("%q: understood as %v, want %v", after, got, want)
			}
			if got := took(t, p); got != want {
				t.Errorf("%q: took %v, want %v", after, got, want)
			}
		})
	}
}

func TestPaceDoesNotBurstAfterAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		p.heed(429, headers("Retry-After", "1"))
		done := make(chan time.Time, 5)
		for range 5 {
			go func() { p.take(t.Context()); done <- time.Now() }()
		}
		start := time.Now()
		var last time.Time
		for range 5 {
			last = <-done
		}
		if got := last.Sub(start); got != 2500*time.Millisecond {
			t.Errorf("five that waited were through after %v, want 2.5s", got)
		}
	})
}

func TestPaceGivesUpAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		p.heed(429, headers("Retry-After", "30"))
		start := time.Now()
		e := p.take(t.Context())
		if e == nil || !e.Temporary() || e.RetryAfter != 30*time.Second || time.Since(start) != 0 {
			t.Errorf("longer than our wait: got %+v after %v", e, time.Since(start))
		}
		p = testPace()
		p.heed(429, headers("Retry-After", "3"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if e := p.take(ctx); e == nil || e.RetryAfter != 3*time.Second || time.Since(start) != 0 {
			t.Errorf("longer than the caller's: got %+v after %v", e, time.Since(start))
		}
	})
}

func TestPaceEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		p.heed(429, headers("Retry-After", "10"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		e := p.take(ctx)
		if e == nil || !errors.Is(e, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", e, time.Since(start))
		}
	})
}

func TestPaceIsLongerWhenAPauseIsExtended(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := testPace()
		p.heed(429, headers("Retry-After", "2"))
		time.AfterFunc(time.Second, func() { p.heed(429, headers("Retry-After", "5")) })
		if got := took(t, p); got != 6*time.Second {
			t.Errorf("took %v, want 6s", got)
		}
	})
}
