package wire

import (
	"context"
	"sync"
)

// A Notifier counts changes and wakes waiters. The zero Notifier is ready to use.
type Notifier struct {
	mu   sync.Mutex
	rev  int64
	next chan struct{} // closed by the next change; nil without waiters
}

// Notify counts a change and wakes all waiters.
func (n *Notifier) Notify() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rev++
	if n.next != nil {
		close(n.next)
		n.next = nil
	}
}

// Rev returns the number of changes.
func (n *Notifier) Rev() int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.rev
}

// Changed returns a channel that is closed once the number of changes is not rev.
func (n *Notifier) Changed(rev int64) <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.rev != rev {
		now := make(chan struct{})
		close(now)
		return now
	}
	if n.next == nil {
		n.next = make(chan struct{})
	}
	return n.next
}

// Until waits until ok returns true. It calls ok now and after each change, and
// returns the context's error if that ends first.
func (n *Notifier) Until(ctx context.Context, ok func() bool) error {
	for {
		rev := n.Rev()
		if ok() {
			return nil
		}
		select {
		case <-n.Changed(rev):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
