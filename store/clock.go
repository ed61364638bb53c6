package store

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// A clock tells the database's time: this machine's, by a clock that nobody can
// set, and how much the database's differs from it, measured again and again. So
// all nodes agree on what is due and on whose a lease is. A database without a
// clock has this machine's.
type clock struct {
	ask   func(context.Context) (time.Time, error)
	log   *slog.Logger
	began time.Time
	// offset is the database's time when it began, as nanoseconds since began by
	// this machine's clock: of one that has this machine's time it stays 0.
	offset atomic.Int64
	stop   context.CancelFunc // nil for this machine's own
	done   sync.WaitGroup
}

const (
	measuring = 2 * time.Second // between two measurements
	samples   = 4               // of a measurement: the quickest counts
)

func newClock(ctx context.Context, ask func(context.Context) (time.Time, error), log *slog.Logger) (*clock, error) {
	c := &clock{ask: ask, log: log, began: time.Now()}
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

// errNoClock is what a database answers that has this machine's time.
var errNoClock = errors.New("no clock of its own")

func (c *clock) run(ctx context.Context) {
	tick := time.NewTicker(measuring)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			// While it does not answer its clock is as good as it was.
			_ = c.measure(ctx)
		}
	}
}

// measure asks for the time a few times. An answer is as old as half its way, so
// an offset that lies within that of the quickest is no news.
func (c *clock) measure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	best, offset := time.Duration(-1), time.Duration(0)
	for range samples {
		sent := time.Since(c.began)
		at, err := c.ask(ctx)
		took := time.Since(c.began) - sent
		if err != nil {
			return err
		}
		if best < 0 || took < best {
			best, offset = took, at.Sub(c.began)-sent-took/2
		}
	}
	before := time.Duration(c.offset.Load())
	if off := offset - before; off.Abs() > best/2+time.Millisecond || before == 0 {
		c.offset.Store(int64(offset))
	}
	return nil
}

func (c *clock) now() time.Time {
	if c.stop == nil {
		return time.Now()
	}
	return c.began.Add(time.Since(c.began) + time.Duration(c.offset.Load())).Round(0) // a wall clock only
}

func (c *clock) close() {
	if c.stop != nil {
		c.stop()
		c.done.Wait()
	}
}

// Now is the database's time; all nodes agree on it. Its clock may be set, and
// then this follows within seconds.
func (s *Store) Now() time.Time { return s.clock.now() }

// Skew is how far the database's clock is ahead of this machine's.
func (s *Store) Skew() time.Duration {
	if s.clock.stop == nil {
		return 0
	}
	return s.clock.now().Sub(time.Now().Round(0))
}

// measured asks for the database's time.
func (s *Store) measured(ctx context.Context) (at time.Time, err error) {
	err = s.reader.read(ctx, func(l link) error {
		at, err = s.engine.now(l)
		return err
	})
	return at, err
}
