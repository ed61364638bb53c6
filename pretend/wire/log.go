// Package wire contains what the pretend vendors share: a gateway that records
// requests and injects faults, notifications of changes, and background workers.
package wire

import "sync"

// A Log keeps the newest entries.
type Log[T any] struct {
	mu   sync.Mutex
	size int
	all  []T
	bell Notifier
}

// NewLog returns a Log that keeps between size and 2*size entries.
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

// Notifier returns the Notifier of added entries.
func (l *Log[T]) Notifier() *Notifier { return &l.bell }
