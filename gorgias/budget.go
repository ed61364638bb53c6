package gorgias

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// An account accepts 40 requests in 20 seconds from all apps with an API key
// together. Its rate limit is a leaky bucket, and every response says how full the
// bucket is (developers.gorgias.com, "Limitations").
const (
	maxRetryAfter     = time.Minute      // a longer Retry-After is shortened
	defaultRetryAfter = 10 * time.Second // for a 429 without Retry-After
)

// A budget limits the requests to one account. Background requests get half of the
// account's rate, and only while the bucket is less than half full. Foreground
// requests do not queue behind them, and leave the last quarter of the bucket to
// other apps.
type budget struct {
	maxWait    time.Duration
	window     time.Duration // in which a full bucket drains
	background *rate.Limiter

	mu             sync.Mutex
	size           float64 // of the bucket, in requests
	level          float64 // estimated level of the bucket at levelAt
	levelAt        time.Time
	inFlight       int       // requests without a response yet
	newestObserved time.Time // start of the newest request with a response
	pausedUntil    time.Time // no request before, as Retry-After said
	lastUsed       time.Time
}

func newBudget(l Limits) *budget {
	size := float64(l.Burst)
	return &budget{
		maxWait: l.Wait, window: time.Duration(size / l.PerSecond * float64(time.Second)),
		background: rate.NewLimiter(rate.Limit(l.PerSecond/2), max(1, l.Burst/4)), size: size,
	}
}

// setSize sets the bucket's size and, with it, the account's rate.
func (b *budget) setSize(size float64) {
	if size != b.size {
		b.size = size
		b.background.SetLimit(rate.Limit(size / b.window.Seconds() / 2))
		b.background.SetBurst(max(1, int(size/4)))
	}
}

// acquire waits until the budget allows a request, and returns the request's start
// for observe. It fails at once if the wait would be too long.
func (b *budget) acquire(ctx context.Context, background bool) (begun time.Time, _ *Error) {
	now := time.Now()
	latest := now.Add(b.maxWait)
	deadline, hasDeadline := ctx.Deadline()
	if hasDeadline && deadline.Before(latest) {
		latest = deadline
	}
	at, reservation := now, (*rate.Reservation)(nil)
	if background {
		reservation = b.background.ReserveN(now, 1)
		at = now.Add(reservation.DelayFrom(now))
	} else {
		b.background.AllowN(now, 1) // slows background requests down
	}
	fail := func(e *Error) (time.Time, *Error) {
		if reservation != nil {
			reservation.CancelAt(time.Now())
		}
		return time.Time{}, e
	}
	for {
		now = time.Now()
		if ctx.Err() != nil {
			return fail(&Error{Cause: ctx.Err()})
		}
		if hasDeadline && !now.Before(deadline) { // the process was suspended, and ctx is not done yet
			return fail(&Error{Cause: context.DeadlineExceeded})
		}
		at = b.tryAcquire(now, at, background)
		if !at.After(now) {
			return now, nil
		}
		if at.After(latest) {
			return fail(&Error{Status: http.StatusTooManyRequests, RetryAfter: at.Sub(now), Message: "own rate limit reached"})
		}
		timer := time.NewTimer(at.Sub(now))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// tryAcquire adds a request to the bucket and returns a time not after now, or returns
// the time when there may be room.
func (b *budget) tryAcquire(now, at time.Time, background bool) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lastUsed = now
	b.leak(now)
	if b.pausedUntil.After(at) {
		at = b.pausedUntil
	}
	room := b.size * 3 / 4
	if background {
		room = b.size / 2
	}
	if over := b.level + 1 - max(room, 1); over > 0 {
		free := now.Add(time.Duration(math.Ceil(over*b.window.Seconds()/b.size*1e6)) * time.Microsecond)
		if free.After(at) {
			at = free
		}
	}
	if !at.After(now) {
		b.level++
		b.inFlight++
	}
	return at
}

// leak lowers the bucket's level to that of now.
func (b *budget) leak(now time.Time) {
	b.level = max(0, b.level-now.Sub(b.levelAt).Seconds()*b.size/b.window.Seconds())
	b.levelAt = now
}

// observe updates the budget from the response to the request that acquire started at
// begun; status 0 means that there was no response. It returns the response's
// Retry-After.
func (b *budget) observe(begun time.Time, status int, header http.Header) time.Duration {
	now := time.Now()
	retryAfter := parseRetryAfter(header.Get("Retry-After"))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leak(now)
	b.inFlight--
	if used, size, ok := parseUsage(header.Get("X-Gorgias-Account-Api-Call-Limit")); ok {
		b.setSize(size)
		if begun.Before(b.newestObserved) {
			b.level = max(b.level, used) // an outdated level
		} else {
			// Requests in flight may be included in the reported level, or not.
			b.newestObserved, b.level = begun, used+float64(b.inFlight)
		}
	}
	if status != http.StatusTooManyRequests {
		return retryAfter
	}
	if retryAfter == 0 {
		retryAfter = defaultRetryAfter
	}
	b.level = max(b.level, b.size) // so that waiting requests do not all start when the pause ends
	if until := now.Add(retryAfter); until.After(b.pausedUntil) {
		b.pausedUntil = until
	}
	return retryAfter
}

// idleSince reports whether the budget was not used since t.
func (b *budget) idleSince(t time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lastUsed.Before(t)
}

// parseUsage parses the header with the bucket's level, "used/limit", like "30/40".
func parseUsage(header string) (used, size float64, ok bool) {
	var u, s int
	if n, err := fmt.Sscanf(header, "%d/%d", &u, &s); n != 2 || err != nil || s <= 0 {
		return 0, 0, false
	}
	return float64(min(max(u, 0), s)), float64(s), true
}

// parseRetryAfter returns zero if the header is missing or invalid.
func parseRetryAfter(header string) time.Duration {
	n, err := strconv.ParseFloat(header, 64)
	if err != nil || !(n > 0) {
		return 0
	}
	return time.Duration(min(n, maxRetryAfter.Seconds()) * float64(time.Second))
}
