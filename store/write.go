package store

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sidetext/chat"
)

// A writer makes all changes, on a connection or a few. A disk can sync only so
// often; so whatever was asked for while the last commit was on its way shares
// the next, each request in a savepoint of its own so that one failure spoils
// nobody else's. Nobody hears that a change is kept before it is durable.
type writer struct {
	engine engine
	log    *slog.Logger
	queue  chan *request
	stop   chan struct{} // closed when nothing more may queue
	ended  chan struct{} // closed when nothing more will be taken from the queue
	once   sync.Once

	// patience bounds how long the first request of a commit waits for others.
	patience time.Duration
	retried  atomic.Int64 // requests that were put aside
}

type request struct {
	do    func(link) error
	done  chan error
	taken atomic.Bool // by a hand, or by a caller who waits no longer
	tries int         // in which somebody else was in the way
	since time.Time   // of the first try
}

const (
	// waiting is how many requests may queue; beyond it callers wait for a
	// place until their context ends.
	waiting = 1024
	// together is how many requests share one commit at most.
	together = 128
)

func newWriter(e engine, log *slog.Logger) *writer {
	w := &writer{
		engine: e, log: log, queue: make(chan *request, waiting), stop: make(chan struct{}), ended: make(chan struct{}),
		patience: 5 * time.Millisecond,
	}
	var hands sync.WaitGroup
	writers, _ := e.crew()
	for range writers {
		hands.Go((&hand{writer: w}).run)
	}
	go func() { hands.Wait(); close(w.ended) }()
	return w
}

// do runs f in a transaction and returns once that is durable, or undone. When
// it returns f is not running and never will be.
func (w *writer) do(ctx context.Context, f func(link) error) error {
	r := &request{do: f, done: make(chan error, 1)}
	select {
	case <-w.stop:
		return chat.ErrUnavailable
	default:
	}
	select {
	case w.queue <- r:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-w.stop:
		return chat.ErrUnavailable
	}
	var gone error
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		gone = context.Cause(ctx)
	case <-w.ended:
		gone = chat.ErrUnavailable
	}
	if r.taken.CompareAndSwap(false, true) {
		return gone
	}
	return <-r.done // what has begun ends soon
}

// close answers everything that is queued.
func (w *writer) close() {
	w.once.Do(func() { close(w.stop) })
	<-w.ended
}

// Retried is how often, since the store was opened, a change had to be made once
// more because somebody else was in its way or the connection was lost.
func (s *Store) Retried() int64 { return s.writer.retried.Load() }
