package bustest

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/hub"
)

// patience is how long a test waits for what has to come.
const patience = 15 * time.Minute

// Heard is what an ear has heard so far.
type Heard struct {
	Lost     int              // times that it was told so
	Hints    map[string]int64 // by room, the highest revision
	Events   []hub.Event      // in order
	Here     map[[2]string][]hub.Person
	Asks     map[string]bool
	Nodes    map[string]bool // who spoke
	Since    int             // messages since the last time that something was lost
	Messages int
}

// An Ear remembers what it hears, and fails its test when two goroutines call it
// at once, or when anything is heard before the first Lost.
type Ear struct {
	t      testing.TB
	busy   atomic.Bool
	mu     sync.Mutex
	heard  Heard
	change chan struct{} // closed at the next call
	plug   chan struct{} // while there is one, Hear waits for its end
}

// NewEar returns an ear that has heard nothing.
func NewEar(t testing.TB) *Ear {
	return &Ear{t: t, change: make(chan struct{}), heard: Heard{
		Hints: map[string]int64{}, Here: map[[2]string][]hub.Person{}, Asks: map[string]bool{}, Nodes: map[string]bool{},
	}}
}

// Hear remembers m.
func (e *Ear) Hear(m hub.Message) {
	plug := e.enter(func(h *Heard) {
		if h.Lost == 0 {
			e.t.Error("something is heard before it is said that something may be lost")
		}
		h.Messages++
		h.Since++
		h.Nodes[m.Node] = true
		for _, hint := range m.Hints {
			h.Hints[hint.Room] = max(h.Hints[hint.Room], hint.Rev)
		}
		h.Events = append(h.Events, m.Events...)
		for _, here := range m.Here {
			h.Here[[2]string{m.Node, here.Room}] = slices.Clone(here.People)
		}
		for _, room := range m.Asks {
			h.Asks[room] = true
		}
	})
	if plug != nil {
		<-plug
	}
	e.busy.Store(false)
}

// Lost counts.
func (e *Ear) Lost() {
	e.enter(func(h *Heard) { h.Lost++; h.Since = 0 })
	e.busy.Store(false)
}

func (e *Ear) enter(note func(*Heard)) (plug chan struct{}) {
	if e.busy.Swap(true) {
		e.t.Error("two goroutines use one ear")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	note(&e.heard)
	close(e.change)
	e.change = make(chan struct{})
	return e.plug
}

// Plug makes Hear wait from the next message on, until unplug is called.
func (e *Ear) Plug() (unplug func()) {
	plug := make(chan struct{})
	e.mu.Lock()
	defer e.mu.Unlock()
	e.plug = plug
	return sync.OnceFunc(func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.plug = nil
		close(plug)
	})
}

// Now returns a copy of what has been heard.
func (e *Ear) Now() Heard {
	e.mu.Lock()
	defer e.mu.Unlock()
	h := e.heard
	h.Hints, h.Here = maps.Clone(h.Hints), maps.Clone(h.Here)
	h.Asks, h.Nodes, h.Events = maps.Clone(h.Asks), maps.Clone(h.Nodes), slices.Clone(h.Events)
	return h
}

// Until waits for what the test is about, and says how long that took.
func (e *Ear) Until(what string, is func(Heard) bool) time.Duration {
	e.t.Helper()
	start := time.Now()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		e.mu.Lock()
		ok, change := is(e.heard), e.change
		e.mu.Unlock()
		if ok {
			return time.Since(start)
		}
		select {
		case <-change:
		case <-late.C:
			h := e.Now()
			e.t.Fatalf("%v and not heard: %s; lost %d, messages %d, hints %d, events %d", patience, what, h.Lost, h.Messages, len(h.Hints), len(h.Events))
		}
	}
}

// UntilHint waits for a hint about room.
func (e *Ear) UntilHint(room string, rev int64) time.Duration {
	e.t.Helper()
	return e.Until("a hint about "+room, func(h Heard) bool { return h.Hints[room] >= rev })
}
