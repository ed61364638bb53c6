package main

import (
	"context"
	"sync"
	"time"

	"sidetext/hub"
)

// A bird is a canary. It goes the way of a text, again and again: it is
// committed, hinted at over the bus, read for its room and handed to a viewer
// there. So a node knows whether it is well before somebody waits in vain.
type bird struct {
	*server
	sentry *hub.Sentry

	mu   sync.Mutex
	last sight
}

// sight is what a canary found.
type sight struct {
	at   time.Time
	took time.Duration
	lost error // it could not be committed
	slow bool  // it was, and did not come back in time
}

const (
	canaryEvery = 5 * time.Second
	canaryFresh = time.Second     // for so long one flight answers whoever asks
	canaryTime  = 2 * time.Second // to be committed, and as long again to come back
	canaryShop  = "canary"        // where a room's name has its shop; no shop is called so
)

func (y *bird) init(s *server) {
	y.server = s
	y.sentry = s.hub.Watch(canaryRoom(s.store.Node()))
}

func canaryRoom(node string) string { return canaryShop + "/" + node }

// run flies until ctx ends.
func (y *bird) run(ctx context.Context) {
	tick := time.NewTicker(canaryEvery)
	defer tick.Stop()
	defer y.sentry.Close()
	for {
		y.fly(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// fly returns what a flight found that is not older than a moment.
func (y *bird) fly(ctx context.Context) sight {
	y.mu.Lock()
	defer y.mu.Unlock()
	if time.Since(y.last.at) < canaryFresh {
		return y.last
	}
	began := time.Now()
	s := sight{}
	committing, cancel := context.WithTimeout(ctx, canaryTime)
	rev, err := y.store.Mark(committing, y.now())
	cancel()
	if s.lost = err; err == nil {
		y.announce(canaryRoom(y.store.Node()), rev)
		coming, cancel := context.WithTimeout(ctx, canaryTime)
		s.slow = y.sentry.Await(coming, rev) != nil
		cancel()
	}
	if ctx.Err() != nil {
		return y.last // we are stopping: it says nothing
	}
	s.at, s.took = time.Now(), time.Since(began)
	y.last = s
	return s
}

func (y *bird) took() time.Duration {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.last.took
}
