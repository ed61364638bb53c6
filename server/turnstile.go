package main

import (
	"time"

	"sidetext/chat"
)

// A turnstile lets only so many pop-ups at a time read what they open. When a
// node's thousands of them come back at once, a text that comes in finds a free
// connection to the database all the same.
type turnstile chan struct{}

const (
	turnstiles = 4 // half of the connections that read
	// queueing is how long a pop-up waits for its turn: a page gives up a
	// connection that was not made within 10 s.
	queueing = 8 * time.Second
)

// pass waits for a turn. Whoever got one leaves.
func (t turnstile) pass() error {
	timer := time.NewTimer(queueing)
	defer timer.Stop()
	select {
	case t <- struct{}{}:
		return nil
	case <-timer.C:
		return chat.ErrUnavailable // the page comes back, later each time
	}
}

func (t turnstile) leave() { <-t }
