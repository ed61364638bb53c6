package sqldb

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// A writer makes all changes, with one worker for each writing connection. A
// disk can sync only so often, so requests that queue during a commit share the
// next one. Each request has a savepoint of its own: one that fails does not
// affect the others. A request is answered after its commit is durable.
type writer struct {
	engine engine
	log    *slog.Logger
	queue  chan *request
	stop   chan struct{} // closed when no more requests are accepted
	ended  chan struct{} // closed when no more requests are taken from the queue
	once   sync.Once

	// groupWait bounds how long a group collects requests after its first.
	groupWait time.Duration
	retries   atomic.Int64
}

type request struct {
	do    func(Tx) error
	done  chan error  // receives the result, once
	taken atomic.Bool // by a worker, or by a caller that no longer waits
	tries int         // how often it has failed
	since time.Time   // when it failed first
}

const (
	// maxQueued is how many requests may queue; beyond that callers wait for a
	// place until their context ends.
	maxQueued = 1024
	// maxGroup is how many requests share a commit at most.
	maxGroup = 128
)

func newWriter(e engine, log *slog.Logger) *writer {
	w := &writer{
		engine: e, log: log, queue: make(chan *request, maxQueued), stop: make(chan struct{}), ended: make(chan struct{}),
		groupWait: 5 * time.Millisecond,
	}
	var workers sync.WaitGroup
	for range e.writers() {
		workers.Go((&worker{writer: w}).run)
	}
	go func() { workers.Wait(); close(w.ended) }()
	return w
}

// do queues f and waits for its result. A request that has not begun when ctx
// ends is withdrawn; one that has begun is waited for.
func (w *writer) do(ctx context.Context, f func(Tx) error) error {
	r := &request{do: f, done: make(chan error, 1)}
	select {
	case <-w.stop:
		return ErrClosed
	default:
	}
	select {
	case w.queue <- r:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-w.stop:
		return ErrClosed
	}
	var withdrawn error
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		withdrawn = context.Cause(ctx)
	case <-w.ended:
		withdrawn = ErrClosed
	}
	if r.taken.CompareAndSwap(false, true) {
		return withdrawn
	}
	return <-r.done
}

// close runs what is queued and waits for the workers.
func (w *writer) close() {
	w.once.Do(func() { close(w.stop) })
	<-w.ended
}
