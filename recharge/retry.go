package recharge

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	maxConflicts = 4 // retries after 1, 2, 4 and 8 seconds
	maxLimited   = 4 // retries after 2, 4, 8 and 16 seconds
	maxFailures  = 2 // retries of a GET
)

// retries counts the retries of one call.
type retries struct{ conflicts, limited, failures int }

// next says how long to wait before the call is retried, or that it is not. A change is
// retried only if Recharge has refused it: with 409 while another change of the same
// addresses is worked on, or with 429.
func (r *retries) next(e *Error) (wait time.Duration, again bool) {
	switch {
	case !e.Temporary() || e.own():
		return 0, false
	case e.Conflict():
		return doubling(&r.conflicts, time.Second, maxConflicts)
	case e.Status == http.StatusTooManyRequests:
		wait, again = doubling(&r.limited, 2*time.Second, maxLimited)
		if e.RetryAfter > 0 {
			wait = jitter(e.RetryAfter)
		}
		return wait, again
	case e.Method == http.MethodGet && !errors.Is(e.Cause, errTooLarge):
		return doubling(&r.failures, 500*time.Millisecond, maxFailures)
	}
	return 0, false
}

// doubling counts a retry and returns a wait that doubles with each one.
func doubling(count *int, first time.Duration, limit int) (time.Duration, bool) {
	if *count >= limit {
		return 0, false
	}
	*count++
	return jitter(first << (*count - 1)), true
}

// jitter adds up to a quarter, so that calls that failed together are not retried
// together.
func jitter(d time.Duration) time.Duration { return d + rand.N(d/4+1) }
