package gorgias

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The budget of an account, which all its apps with an API key share, is 40
// requests in 20 seconds, as a leaking bucket. (developers.gorgias.com,
// "Limitations")
const (
	window   = 20 * time.Second
	longest  = time.Minute      // of the times that Retry-After may name
	fallback = 10 * time.Second // after a 429 that names none
)

// A pace holds the requests to one account back.
type pace struct {
	limiter *rate.Limiter
	wait    time.Duration // longest wait for a turn

	mu    sync.Mutex
	until time.Time // no request before
	used  time.Time
}

// take waits for a turn. It gives up at once when the turn would come too late.
func (p *pace) take(ctx context.Context) *Error {
	now := time.Now()
	last := now.Add(p.wait)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(last) {
		last = deadline
	}
	turn := p.limiter.ReserveN(now, 1)
	at := now.Add(turn.DelayFrom(now))
	for {
		at = p.after(at)
		now = time.Now()
		if ctx.Err() != nil {
			turn.CancelAt(now)
			return &Error{Cause: ctx.Err()}
		}
		if !at.After(now) {
			return nil
		}
		if at.After(last) {
			turn.CancelAt(now)
			return &Error{Status: http.StatusTooManyRequests, RetryAfter: at.Sub(now),
				Message: "our own turn would come too late"}
		}
		timer := time.NewTimer(at.Sub(now))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// after returns at, or the end of the present pause if that is later.
func (p *pace) after(at time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used = time.Now()
	if p.until.After(at) {
		return p.until
	}
	return at
}

// heed pauses as an answer asks for, and returns what Retry-After says.
func (p *pace) heed(status int, header http.Header) time.Duration {
	now := time.Now()
	pause := crowded(header.Get("X-Gorgias-Account-Api-Call-Limit"))
	asked := seconds(header.Get("Retry-After"))
	if status == http.StatusTooManyRequests {
		if asked == 0 {
			asked = fallback
		}
		pause = asked
		// Without this all who wait would start together when the pause ends.
		if n := int(p.limiter.TokensAt(now)); n > 0 {
			p.limiter.AllowN(now, n)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := now.Add(pause); until.After(p.until) {
		p.until = until
	}
	return asked
}

// crowded says how long to stay away so that half of the budget is left for
// other apps. The header says "used/limit", like "30/40".
func crowded(header string) time.Duration {
	var used, limit int
	if n, err := fmt.Sscanf(header, "%d/%d", &used, &limit); n != 2 || err != nil || limit <= 0 {
		return 0
	}
	if half := limit / 2; used > half {
		return time.Duration(min(used, limit)-half) * (window / time.Duration(limit))
	}
	return 0
}

func seconds(header string) time.Duration {
	n, err := strconv.ParseFloat(header, 64)
	if err != nil || !(n > 0) {
		return 0
	}
	return time.Duration(min(n, longest.Seconds()) * float64(time.Second))
}
