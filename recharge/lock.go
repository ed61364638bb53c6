package recharge

import (
	"context"
	"errors"
	"sync"
)

// maxWaiting limits how many changes wait for one customer's lock.
const maxWaiting = 16

// errBusy is the cause of an error if a customer's lock could not be taken.
var errBusy = errors.New("another change of the customer is running")

// locks are the locks of an account's customers. The zero value has none.
type locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	turn  chan struct{} // holds one value while the lock is free
	users int           // that have it or wait for it
}

// acquire waits for the lock of a customer. It fails at once if too many wait already.
func (l *locks) acquire(ctx context.Context, customer string) (release func(), _ error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*lock{}
	}
	k := l.held[customer]
	if k == nil {
		k = &lock{turn: make(chan struct{}, 1)}
		k.turn <- struct{}{}
		l.held[customer] = k
	}
	if k.users > maxWaiting {
		l.mu.Unlock()
		return nil, errBusy
	}
	k.users++
	l.mu.Unlock()

	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if k.users--; k.users == 0 {
			delete(l.held, customer)
		}
	}
	select {
	case <-k.turn:
		return func() { k.turn <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, errors.Join(errBusy, ctx.Err())
	}
}

// idle reports whether no lock is held.
func (l *locks) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.held) == 0
}
