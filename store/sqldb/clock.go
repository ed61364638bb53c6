package sqldb

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// A clock tells the database's time: this machine's monotonic clock plus an
// offset to the server's, measured every two seconds. So all nodes agree on due
// times and leases. SQLite uses this machine's clock as it is.
type clock struct {
	serverTime func(context.Context) (time.Time, error)
	start      time.Time
	// offset is added to began plus the monotonic time since, in nanoseconds.
	offset atomic.Int64
	stop   context.CancelFunc // nil where the clock is this machine's
	done   sync.WaitGroup
}

const (
	measureInterval = 2 * time.Second
	measureSamples  = 4 // of which the one with the shortest round trip counts
)

func newClock(ctx context.Context, ask func(context.Context) (time.Time, error)) (*clock, error) {
	c := &clock{serverTime: ask, start: time.Now()}
	err := c.measure(ctx)
	if errors.Is(err, errNoClock) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	ctx, c.stop = context.WithCancel(context.Background())
	c.done.Go(func() { c.run(ctx) })
	return c, nil
}

// errNoClock is returned by an engine without a server, whose time is this
// machine's.
var errNoClock = errors.New("the engine has no clock")

func (c *clock) run(ctx context.Context) {
	tick := time.NewTicker(measureInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = c.measure(ctx) // if the server does not answer, the last offset stays
		}
	}
}

// measure updates the offset. An answer may be off by half its round trip, so a
// smaller difference from the last offset is ignored.
func (c *clock) measure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	shortest, offset := time.Duration(-1), time.Duration(0)
	for range measureSamples {
		sent := time.Since(c.start)
		at, err := c.serverTime(ctx)
		roundTrip := time.Since(c.start) - sent
		if err != nil {
			return err
		}
		if shortest < 0 || roundTrip < shortest {
			shortest, offset = roundTrip, at.Sub(c.start)-sent-roundTrip/2
		}
	}
	before := time.Duration(c.offset.Load())
	if change := offset - before; change.Abs() > shortest/2+time.Millisecond || before == 0 {
		c.offset.Store(int64(offset))
	}
	return nil
}

func (c *clock) now() time.Time {
	if c.stop == nil {
		return time.Now()
	}
	return c.start.Add(time.Since(c.start) + time.Duration(c.offset.Load())).Round(0) // without a monotonic reading
}

func (c *clock) skew() time.Duration {
	if c.stop == nil {
		return 0
	}
	return c.now().Sub(time.Now().Round(0))
}

func (c *clock) close() {
	if c.stop != nil {
		c.stop()
		c.done.Wait()
	}
}
