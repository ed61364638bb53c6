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

// waitLimit is how long a test waits for something that must happen.
const waitLimit = 15 * time.Minute

// Received is what a Recorder has received so far.
type Received struct {
	Losses    int                        // calls of OnLoss
	Hints     map[string]int64           // the highest revision, by room
	Events    []hub.Event                // in order
	Presence  map[[2]string][]hub.Person // the last one, by node and room
	Requests  map[string]bool            // rooms
	Nodes     map[string]bool            // senders
	Messages  int
	SinceLoss int // messages since the last OnLoss
}

// A Recorder is a subscriber that records messages. It fails its test when two
// goroutines call it at once, and when a message comes before the first OnLoss.
type Recorder struct {
	t        testing.TB
	busy     atomic.Bool
	mu       sync.Mutex
	received Received
	change   chan struct{} // closed at the next call
	blocked  chan struct{} // if not nil, OnMessage waits until it is closed
}

// NewRecorder returns a recorder that has received nothing.
func NewRecorder(t testing.TB) *Recorder {
	return &Recorder{t: t, change: make(chan struct{}), received: Received{
		Hints: map[string]int64{}, Presence: map[[2]string][]hub.Person{}, Requests: map[string]bool{}, Nodes: map[string]bool{},
	}}
}

// OnMessage records m.
func (r *Recorder) OnMessage(m hub.Message) {
	blocked := r.record(func(all *Received) {
		if all.Losses == 0 {
			r.t.Error("a message came before the first OnLoss")
		}
		all.Messages++
		all.SinceLoss++
		all.Nodes[m.Node] = true
		for _, hint := range m.Hints {
			all.Hints[hint.Room] = max(all.Hints[hint.Room], hint.Rev)
		}
		all.Events = append(all.Events, m.Events...)
		for _, p := range m.Presence {
			all.Presence[[2]string{m.Node, p.Room}] = slices.Clone(p.People)
		}
		for _, room := range m.PresenceRequests {
			all.Requests[room] = true
		}
	})
	if blocked != nil {
		<-blocked
	}
	r.busy.Store(false)
}

// OnLoss counts.
func (r *Recorder) OnLoss() {
	r.record(func(all *Received) { all.Losses++; all.SinceLoss = 0 })
	r.busy.Store(false)
}

func (r *Recorder) record(add func(*Received)) (blocked chan struct{}) {
	if r.busy.Swap(true) {
		r.t.Error("two goroutines use one subscriber")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	add(&r.received)
	close(r.change)
	r.change = make(chan struct{})
	return r.blocked
}

// Block makes OnMessage wait from the next message on, until unblock is called.
func (r *Recorder) Block() (unblock func()) {
	blocked := make(chan struct{})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blocked = blocked
	return sync.OnceFunc(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.blocked = nil
		close(blocked)
	})
}

// Received returns a copy of what has been received.
func (r *Recorder) Received() Received {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.received
	all.Hints, all.Presence = maps.Clone(all.Hints), maps.Clone(all.Presence)
	all.Requests, all.Nodes, all.Events = maps.Clone(all.Requests), maps.Clone(all.Nodes), slices.Clone(all.Events)
	return all
}

// WaitFor waits until done returns true, and returns how long that took. what
// names the condition for the failure message.
func (r *Recorder) WaitFor(what string, done func(Received) bool) time.Duration {
	r.t.Helper()
	start := time.Now()
	timeout := time.NewTimer(waitLimit)
	defer timeout.Stop()
	for {
		r.mu.Lock()
		ok, change := done(r.received), r.change
		r.mu.Unlock()
		if ok {
			return time.Since(start)
		}
		select {
		case <-change:
		case <-timeout.C:
			all := r.Received()
			r.t.Fatalf("after %v still waiting for %s; losses %d, messages %d, hints %d, events %d",
				waitLimit, what, all.Losses, all.Messages, len(all.Hints), len(all.Events))
		}
	}
}

// WaitForHint waits for a hint that room has reached rev.
func (r *Recorder) WaitForHint(room string, rev int64) time.Duration {
	r.t.Helper()
	return r.WaitFor("a hint about "+room, func(all Received) bool { return all.Hints[room] >= rev })
}

// WaitForLosses waits until OnLoss has been called at least n times.
func (r *Recorder) WaitForLosses(n int) time.Duration {
	r.t.Helper()
	return r.WaitFor("OnLoss", func(all Received) bool { return all.Losses >= n })
}
