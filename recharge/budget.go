package recharge

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const maxRetryAfter = time.Minute // a longer Retry-After is shortened

// A budget limits the requests with one token. Recharge's limit is a leaky bucket of 40
// requests that drains by 2 per second (docs.getrecharge.com, "API rate limits"). No
// response says how full it is, so the budget counts by itself and leaves a part of
// the bucket to other programs with the token.
//
// A background request is made only while half of the budget is unused, so that other
// requests have the other half at any time.
type budget struct {
	maxWait time.Duration
	limiter *rate.Limiter

	mu          sync.Mutex
	pausedUntil time.Time // for background requests
	lastUsed    time.Time
}

func newBudget(l Limits) *budget {
	return &budget{
		maxWait: l.Wait, limiter: rate.NewLimiter(rate.Limit(l.PerSecond), l.Burst),
		lastUsed: time.Now(),
	}
}

// acquire waits until the budget allows a request. It fails at once if the wait would
// be too long.
func (b *budget) acquire(ctx context.Context, background bool) *Error {
	begun := time.Now()
	for {
		now := time.Now()
		if err := ctx.Err(); err != nil {
			return &Error{Cause: err}
		}
		wait, undo := b.take(now, background)
		if wait == 0 {
			return nil
		}
		if now.Add(wait).After(begun.Add(b.maxWait)) || !fits(ctx, now, wait) {
			undo()
			return &Error{Status: http.StatusTooManyRequests, RetryAfter: wait, Cause: errOwnLimit}
		}
		if err := sleep(ctx, wait); err != nil {
			undo()
			return &Error{Cause: err}
		}
		if !background {
			return nil // the wait was for a reserved request
		}
	}
}

// take counts a request and returns zero, or how long to wait. A foreground request
// that has to wait is counted already; undo takes it back.
func (b *budget) take(now time.Time, background bool) (wait time.Duration, undo func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lastUsed = now
	if !background {
		r := b.limiter.ReserveN(now, 1)
		return r.DelayFrom(now), func() { r.CancelAt(time.Now()) }
	}
	undo = func() {}
	if b.pausedUntil.After(now) {
		return b.pausedUntil.Sub(now), undo
	}
	missing := float64(b.limiter.Burst()/2+1) - b.limiter.TokensAt(now)
	// A float of time may be a little less than the time that was waited for.
	if missing > 1e-6 {
		return time.Duration(missing/float64(b.limiter.Limit())*float64(time.Second)) + time.Microsecond, undo
	}
	b.limiter.AllowN(now, 1)
	return 0, undo
}

// pause stops background requests after a response with status 429. Others are not
// stopped: the limit may be that of the shop's Shopify store, which only some requests
// depend on.
func (b *budget) pause(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until := time.Now().Add(d); until.After(b.pausedUntil) {
		b.pausedUntil = until
	}
}

// idleSince reports whether the budget was not used since t.
func (b *budget) idleSince(t time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lastUsed.Before(t)
}

// fits reports whether the context lasts longer than a wait from now.
func fits(ctx context.Context, now time.Time, wait time.Duration) bool {
	deadline, has := ctx.Deadline()
	return !has || now.Add(wait).Before(deadline)
}

// sleep waits, and returns an error if the context ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// parseRetryAfter returns zero if the header is missing or invalid. Recharge does not
// document the header, but some of its responses have it.
func parseRetryAfter(header string) time.Duration {
	n, err := strconv.ParseFloat(header, 64)
	if err != nil || !(n > 0) {
		return 0
	}
	return time.Duration(min(n, maxRetryAfter.Seconds()) * float64(time.Second))
}
