package shopify

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	minThrottle   = time.Second      // shortest wait after a request was throttled
	maxRetryAfter = time.Minute      // a longer Retry-After is shortened
	guessedCost   = 50               // points of an operation that was not run yet
	backgroundGap = time.Second      // how long background work waits for requests that go first
	sanePoints    = float64(1 << 20) // a rate limit is never larger
)

// A queryCost says what a request cost and how much is available
// (shopify.dev, "API limits").
type queryCost struct {
	Requested float64 `json:"requestedQueryCost"`
	Throttle  struct {
		Maximum   float64 `json:"maximumAvailable"`
		Available float64 `json:"currentlyAvailable"`
		Restore   float64 `json:"restoreRate"` // points per second
	} `json:"throttleStatus"`
}

// A budget limits the requests of an app to one store. Each takes its cost in points
// from what is available, which grows steadily to a maximum; every answer says how much
// is left. Background requests wait while less than half is available, and while other
// requests wait.
type budget struct {
	maxWait time.Duration

	mu             sync.Mutex
	maximum        float64
	available      float64 // at the time at, less what requests in flight may cost
	restore        float64 // points per second
	at             time.Time
	inFlight       float64            // the cost of requests without an answer yet
	costs          map[string]float64 // the newest cost of each operation
	waiting        int                // requests that are not background work
	newestObserved time.Time          // start of the newest request with an answer
	pausedUntil    time.Time          // no request before, as an answer said
	lastUsed       time.Time
}

// A reservation is what a request took from the budget.
type reservation struct {
	operation string
	begun     time.Time
	cost      float64
}

func newBudget(l Limits) *budget {
	now := time.Now()
	return &budget{
		maxWait: l.Wait, maximum: l.Burst, available: l.Burst, restore: l.PerSecond,
		at: now, lastUsed: now, costs: map[string]float64{},
	}
}

// acquire waits until the budget allows a request. It fails at once if the wait would be
// too long.
func (b *budget) acquire(ctx context.Context, operation string, background bool) (reservation, *Error) {
	latest := time.Now().Add(b.maxWait)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(latest) {
		latest = deadline
	}
	waits := false
	defer func() {
		if waits {
			b.mu.Lock()
			b.waiting--
			b.mu.Unlock()
		}
	}()
	for {
		now := time.Now()
		if err := ctx.Err(); err != nil {
			return reservation{}, &Error{Cause: errors.Join(errCaller, err)}
		}
		taken, wait := b.tryAcquire(now, operation, background)
		if wait <= 0 {
			return taken, nil
		}
		if now.Add(wait).After(latest) {
			return reservation{}, &Error{Code: codeThrottled, RetryAfter: wait}
		}
		if !background && !waits {
			waits = true
			b.mu.Lock()
			b.waiting++
			b.mu.Unlock()
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// tryAcquire takes an operation's cost from the budget, or returns how long to wait
// before the next try.
func (b *budget) tryAcquire(now time.Time, operation string, background bool) (reservation, time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lastUsed = now
	b.refill(now)
	cost, known := b.costs[operation]
	if !known {
		cost = guessedCost
	}
	cost = min(cost, b.maximum)
	needed := cost
	if background {
		needed = max(cost, b.maximum/2)
	}
	wait := b.pausedUntil.Sub(now)
	if missing := needed - b.available; missing > 0 {
		wait = max(wait, seconds(missing/b.restore))
	}
	if background && b.waiting > 0 {
		wait = max(wait, backgroundGap)
	}
	if wait > 0 {
		return reservation{}, wait
	}
	b.available -= cost
	b.inFlight += cost
	return reservation{operation, now, cost}, 0
}

// refill adds the points restored until now.
func (b *budget) refill(now time.Time) {
	b.available = min(b.maximum, b.available+now.Sub(b.at).Seconds()*b.restore)
	b.at = now
}

// observe updates the budget from the answer to the request that took r; cost is nil if
// the answer did not say. It returns how long to wait if the request was throttled: until
// the points are restored, and at least as long as Retry-After says.
func (b *budget) observe(r reservation, cost *queryCost, throttled bool, retryAfter time.Duration) time.Duration {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refill(now)
	b.inFlight -= r.cost
	wait := minThrottle
	if cost != nil && cost.Throttle.Maximum >= 1 && cost.Throttle.Restore >= 1 {
		b.maximum, b.restore = min(cost.Throttle.Maximum, sanePoints), min(cost.Throttle.Restore, sanePoints)
		b.costs[r.operation] = min(max(cost.Requested, 1), sanePoints)
		left := min(max(cost.Throttle.Available, 0), b.maximum) - b.inFlight // which may be counted already, or not
		if r.begun.Before(b.newestObserved) {
			left = min(left, b.available) // outdated
		} else {
			b.newestObserved = r.begun
		}
		b.available = left
		wait = max(wait, seconds((cost.Requested-cost.Throttle.Available)/b.restore))
	}
	if !throttled {
		return retryAfter
	}
	wait = min(max(wait, retryAfter), maxRetryAfter)
	if until := now.Add(wait); until.After(b.pausedUntil) {
		b.pausedUntil = until
	}
	return wait
}

// idleSince reports whether the budget was not used since t.
func (b *budget) idleSince(t time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lastUsed.Before(t)
}

func seconds(n float64) time.Duration {
	return time.Duration(min(max(n, 0), 3600) * float64(time.Second))
}

// parseRetryAfter reads a Retry-After header: seconds, or a date. It returns 0 if there
// is none.
func parseRetryAfter(header string) time.Duration {
	if n, err := strconv.ParseFloat(header, 64); err == nil && n > 0 {
		return time.Duration(min(n, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(time.Until(at), 0), maxRetryAfter)
	}
	return 0
}
