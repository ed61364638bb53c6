package wire

import (
	"context"
	"sync"
	"time"
)

// Workers run a vendor's background work, a limited number of functions at once.
type Workers struct {
	ctx    context.Context
	cancel context.CancelFunc
	slots  chan struct{}

	mu     sync.Mutex
	closed bool
	busy   sync.WaitGroup
}

// NewWorkers returns Workers that run at most n functions at once.
func NewWorkers(n int) *Workers {
	ctx, cancel := context.WithCancel(context.Background())
	return &Workers{ctx: ctx, cancel: cancel, slots: make(chan struct{}, n)}
}

// Go waits for a free slot and runs work in a goroutine. It returns false, without
// running work, after Close. Do not call it with a lock held that work needs.
func (w *Workers) Go(work func(context.Context)) bool {
	select {
	case w.slots <- struct{}{}:
	case <-w.ctx.Done():
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		<-w.slots
		return false
	}
	w.busy.Go(func() {
		defer func() { <-w.slots }()
		work(w.ctx)
	})
	return true
}

// Context returns the context of all work. Close cancels it.
func (w *Workers) Context() context.Context { return w.ctx }

// Close cancels the context and waits until all work has returned.
func (w *Workers) Close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.cancel()
	w.busy.Wait()
}

// Sleep waits for d and reports whether the context did not end before.
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
