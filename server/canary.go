package main

import (
	"context"
	"errors"
	"sync"
	"time"
)

// A bird is a canary. It goes the way of a text, again and again: it is
// committed, hinted at over the bus, read for its room and handed to a viewer
// there. So a node knows whether it is well before somebody waits in vain.
//
// Whoever asks waits for a commit, and not for long: that something is late is no
// reason to be late with saying so.
type bird struct {
	*server
	asked chan struct{} // holds one: somebody wants to know now
	ended chan struct{} // closed when it flies no more

	mu   sync.Mutex // never held while anything is waited for
	last sight
	next chan struct{} // closed when there is a newer one
}

// sight is what a canary found.
type sight struct {
	at   time.Time
	lost error         // it could not be committed
	took time.Duration // the last one that came back, or was waited for in vain
	slow bool          // it did not come back in time
}

// A flight has been committed, and is on its way back.
type flight struct {
	rev   int64
	began time.Time
}

const (
	canaryEvery  = 5 * time.Second
	canaryFresh  = time.Second            // for so long one flight answers whoever asks
	canaryAnswer = 500 * time.Millisecond // for so long one who asks waits for news
	canaryTime   = 2 * time.Second        // to be committed, and as long again to come back
	canaryShop   = "canary"               // where a room's name has its shop; no shop is called so
)

func (y *bird) init(s *server) {
	y.server = s
	y.asked, y.ended, y.next = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
}

func canaryRoom(node string) string { return canaryShop + "/" + node }

// run flies until ctx ends.
func (y *bird) run(ctx context.Context) {
	defer close(y.ended)
	flights := make(chan flight, 1)
	var watching sync.WaitGroup
	defer watching.Wait()
	watching.Go(func() { y.watch(ctx, flights) })
	tick := time.NewTicker(canaryEvery)
	defer tick.Stop()
	for {
		if f, ok := y.commit(ctx); ok {
			select {
			case <-flights: // nobody has looked out for that one yet: this one says more
			default:
			}
			flights <- f
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-y.asked:
		}
	}
}

// commit begins a flight, unless it can't be committed.
func (y *bird) commit(ctx context.Context) (f flight, ok bool) {
	f.began = time.Now()
	committing, cancel := context.WithTimeout(ctx, canaryTime)
	defer cancel()
	rev, err := y.store.WriteCanary(committing, y.now())
	if ctx.Err() != nil {
		return f, false // we are stopping: it says nothing
	}
	y.note(func(s *sight) {
		s.at, s.lost = time.Now(), err
		if err != nil {
			s.took = time.Since(f.began)
		}
	})
	if f.rev = rev; err == nil {
		y.announce(canaryRoom(y.store.Node()), rev)
	}
	return f, err == nil
}

// watch looks out for flights to come back, as a viewer, until ctx ends.
func (y *bird) watch(ctx context.Context, flights <-chan flight) {
	room := canaryRoom(y.store.Node())
	sentry := y.hub.StartProbe(room)
	defer func() { sentry.Close() }()
	for {
		var f flight
		select {
		case <-ctx.Done():
			return
		case f = <-flights:
		}
		coming, cancel := context.WithTimeout(ctx, canaryTime)
		err := sentry.Await(coming, f.rev)
		cancel()
		if ctx.Err() != nil {
			return
		}
		y.note(func(s *sight) { s.slow, s.took = err != nil, time.Since(f.began) })
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			// It was sent away, as viewers are when the database was put back. As
			// they do, it comes anew.
			sentry.Close()
			sentry = y.hub.StartProbe(room)
		}
	}
}

// note changes what is known.
func (y *bird) note(change func(*sight)) {
	y.mu.Lock()
	defer y.mu.Unlock()
	before := y.last.at
	change(&y.last)
	if y.last.at != before {
		close(y.next)
		y.next = make(chan struct{})
	}
}

var errHangs = errors.New("it does not answer")

// sight returns what is known, if need be after another commit. One that takes
// longer than whoever asks can wait leaves the word to the one before, for a while.
func (y *bird) sight(ctx context.Context) sight {
	y.mu.Lock()
	last, next := y.last, y.next
	y.mu.Unlock()
	if time.Since(last.at) < canaryFresh {
		return last
	}
	select {
	case y.asked <- struct{}{}:
	default: // somebody else has asked
	}
	patience := time.NewTimer(canaryAnswer)
	defer patience.Stop()
	select {
	case <-next:
	case <-y.ended:
	case <-ctx.Done():
	case <-patience.C:
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	if last = y.last; last.lost == nil && time.Since(last.at) > canaryEvery+canaryTime {
		last.lost = errHangs
	}
	return last
}

func (y *bird) took() time.Duration {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.last.took
}
