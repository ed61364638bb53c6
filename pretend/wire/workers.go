package wire

import (
	"context"
	"sync"
	"time"
)

// A Workers does work on a vendor's own time: so much at once, and all of it is
// over when Close returns.
type Workers struct {
	ctx    context.Context
	cancel context.CancelFunc
	slots  chan struct{}

	mu     sync.Mutex
	closed bool
	busy   sync.WaitGroup
}

// NewWorkers makes a crew that does at most n things at once.
func NewWorkers(n int) *Workers {
	ctx, cancel := context.WithCancel(context.Background())
	return &Workers{ctx: ctx, cancel: cancel, slots: make(chan struct{}, n)}
}

// Go starts work, waiting for a place if there is none. It reports false, and
// starts nothing, once the crew is closed. Hold no lock that work needs.
func (c *Workers) Go(work func(context.Context)) bool {
	select {
	case c.slots <- struct{}{}:
	case <-c.ctx.Done():
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		<-c.slots
		return false
	}
	c.busy.Go(func() {
		defer func() { <-c.slots }()
		work(c.ctx)
	})
	return true
}

// Context is the context of the crew's work: it ends when Close begins.
func (c *Workers) Context() context.Context { return c.ctx }

// Close ends the work's context and waits until all of it has returned.
func (c *Workers) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.busy.Wait()
}

// Sleep waits for d and reports whether the context lasted as long.
func Sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
