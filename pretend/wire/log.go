// Package wire holds what the pretend vendors share: a door that records every
// request and spoils those that a test asks it to spoil, a bell that says that
// something changed, and a crew that does what a vendor does on its own time.
package wire

import "sync"

// A Log keeps the newest entries and forgets the oldest beyond its size.
type Log[T any] struct {
	mu   sync.Mutex
	size int
	all  []T
	bell Notifier
}

// NewLog makes a log that keeps between size and twice size entries.
func NewLog[T any](size int) *Log[T] { return &Log[T]{size: size} }

// Add appends an entry.
func (l *Log[T]) Add(entry T) {
	l.mu.Lock()
	if len(l.all) >= 2*l.size {
		l.all = append([]T(nil), l.all[l.size:]...)
	}
	l.all = append(l.all, entry)
	l.mu.Unlock()
	l.bell.Notify()
}

// All returns the entries, oldest first.
func (l *Log[T]) All() []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]T(nil), l.all...)
}

// Notifier rings when an entry is added.
func (l *Log[T]) Notifier() *Notifier { return &l.bell }
