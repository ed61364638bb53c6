package popup

import (
	"time"

	"sidetext/chat"
)

// A Limiter limits how many pop-ups read the database at a time. When a node's
// thousands of pop-ups reconnect at once, incoming texts still find a free
// connection to the database.
type Limiter chan struct{}

const (
	maxOpening = 4 // half of the connections for reading
	// openTimeout is how long a pop-up waits for a free slot: a page gives up a
	// connection that was not made within 10 s.
	openTimeout = 8 * time.Second
)

// NewLimiter makes a Limiter.
func NewLimiter() Limiter { return make(Limiter, maxOpening) }

// Acquire waits for a free slot, which Release returns.
func (l Limiter) Acquire() error {
	timer := time.NewTimer(openTimeout)
	defer timer.Stop()
	select {
	case l <- struct{}{}:
		return nil
	case <-timer.C:
		return chat.ErrUnavailable // the page retries, later each time
	}
}

// Release returns a slot.
func (l Limiter) Release() { <-l }
