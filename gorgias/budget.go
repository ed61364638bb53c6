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

// An account takes 40 requests in 20 seconds, from all apps with an API key
// together. It is a leaking bucket: each request fills it a little, and it
// empties evenly. Every answer says how full it is.
// (developers.gorgias.com, "Limitations")
const (
	maxRetryAfter     = time.Minute      // of the times that Retry-After may name
	defaultRetryAfter = 10 * time.Second // after a 429 that names none
)

// A budget holds the requests to one account back. Two ways lead through it into
// one budget. Work in the background takes turns at half of the account's rate,
// and only while its bucket is less than half full; work that somebody waits for
// queues behind none of that, and leaves the last quarter of the bucket to
// others, so that they are not refused on our account.
type budget struct {
	maxWait    time.Duration // longest wait for a turn
	window     time.Duration // in which a full bucket empties
	background *rate.Limiter // of the background

	mu             sync.Mutex
	size           float64   // of the bucket
	level          float64   // how full it was then, as far as can be known
	levelAt        time.Time // then
	inFlight       int       // requests without an answer yet
	newestObserved time.Time // when the newest request that was answered began
	pausedUntil    time.Time // no request before
	lastUsed       time.Time
}

func newBudget(l Limits) *budget {
	size := float64(l.Burst)
	return &budget{
		maxWait: l.Wait, window: time.Duration(size / l.PerSecond * float64(time.Second)),
		background: rate.NewLimiter(rate.Limit(l.PerSecond/2), max(1, l.Burst/4)), size: size,
	}
}

// setSize takes note of how much the bucket holds. The account's rate goes with
// it.
func (b *budget) setSize(size float64) {
	if size != b.size {
		b.size = size
		b.background.SetLimit(rate.Limit(size / b.window.Seconds() / 2))
		b.background.SetBurst(max(1, int(size/4)))
	}
}

// acquire waits for a turn and returns when it came, for heed. It gives up at once
// when the turn would come too late.
func (b *budget) acquire(ctx context.Context, background bool) (begun time.Time, _ *Error) {
	now := time.Now()
	last := now.Add(b.maxWait)
	deadline, ends := ctx.Deadline()
	if ends && deadline.Before(last) {
		last = deadline
	}
	at, turn := now, (*rate.Reservation)(nil)
	if background {
		turn = b.background.ReserveN(now, 1)
		at = now.Add(turn.DelayFrom(now))
	} else {
		b.background.AllowN(now, 1) // of what it leaves, the background gets less
	}
	giveUp := func(e *Error) (time.Time, *Error) {
		if turn != nil {
			turn.CancelAt(time.Now())
		}
		return time.Time{}, e
	}
	for {
		now = time.Now()
		if ctx.Err() != nil {
			return giveUp(&Error{Cause: ctx.Err()})
		}
		if ends && !now.Before(deadline) { // we were frozen, and the context does not know yet
			return giveUp(&Error{Cause: context.DeadlineExceeded})
		}
		if at = b.tryAcquire(now, at, background); !at.After(now) {
			return now, nil
		}
		if at.After(last) {
			return giveUp(&Error{Status: http.StatusTooManyRequests, RetryAfter: at.Sub(now), Message: "our own turn would come too late"})
		}
		timer := time.NewTimer(at.Sub(now))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// tryAcquire takes a place in the account's bucket when it is time and there is room,
// or returns when that may be.
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
		empties := now.Add(time.Duration(math.Ceil(over*b.window.Seconds()/b.size*1e6)) * time.Microsecond)
		if empties.After(at) {
			at = empties
		}
	}
	if !at.After(now) {
		b.level++
		b.inFlight++
	}
	return at
}

// leak lets the bucket empty until now.
func (b *budget) leak(now time.Time) {
	b.level = max(0, b.level-now.Sub(b.levelAt).Seconds()*b.size/b.window.Seconds())
	b.levelAt = now
}

// observe learns from the answer to the request that began then, or from its having
// none (status 0), and returns what Retry-After says.
func (b *budget) observe(begun time.Time, status int, header http.Header) time.Duration {
	now := time.Now()
	asked := parseRetryAfter(header.Get("Retry-After"))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leak(now)
	b.inFlight--
	if used, size, ok := parseUsage(header.Get("X-Gorgias-Account-Api-Call-Limit")); ok {
		b.setSize(size)
		if begun.Before(b.newestObserved) {
			b.level = max(b.level, used) // old news
		} else {
			// What is on its way may be counted in it, or not.
			b.newestObserved, b.level = begun, used+float64(b.inFlight)
		}
	}
	if status != http.StatusTooManyRequests {
		return asked
	}
	if asked == 0 {
		asked = defaultRetryAfter
	}
	b.level = max(b.level, b.size) // or all who wait would start together when the pause ends
	if until := now.Add(asked); until.After(b.pausedUntil) {
		b.pausedUntil = until
	}
	return asked
}

// idleSince reports whether nobody has asked for a turn since then.
func (b *budget) idleSince(since time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lastUsed.Before(since)
}

// parseUsage reads how full the bucket is: the header says "used/limit", like
// "30/40".
func parseUsage(header string) (used, size float64, ok bool) {
	var u, s int
	if n, err := fmt.Sscanf(header, "%d/%d", &u, &s); n != 2 || err != nil || s <= 0 {
		return 0, 0, false
	}
	return float64(min(max(u, 0), s)), float64(s), true
}

func parseRetryAfter(header string) time.Duration {
	n, err := strconv.ParseFloat(header, 64)
	if err != nil || !(n > 0) {
		return 0
	}
	return time.Duration(min(n, maxRetryAfter.Seconds()) * float64(time.Second))
}
