package wire

import (
	"context"
	"sync"
)

// A Notifier says that something has changed. The zero Bell is ready to use.
type Notifier struct {
	mu   sync.Mutex
	rev  int64
	more chan struct{}
}

// Notify counts one change and wakes everybody who waits.
func (b *Notifier) Notify() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rev++
	if b.more != nil {
		close(b.more)
		b.more = nil
	}
}

// Rev is how often the bell has rung.
func (b *Notifier) Rev() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rev
}

// Changed returns a channel that is closed once the bell has rung more often, or
// less often, than rev says.
func (b *Notifier) Changed(rev int64) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rev != rev {
		now := make(chan struct{})
		close(now)
		return now
	}
	if b.more == nil {
		b.more = make(chan struct{})
	}
	return b.more
}

// Until waits until ok, asked now and after every ring, says true. It returns
// the context's error if that ends first.
func (b *Notifier) Until(ctx context.Context, ok func() bool) error {
	for {
		rev := b.Rev()
		if ok() {
			return nil
		}
		select {
		case <-b.Changed(rev):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
