package bridge

import (
	"sync"
	"time"

	"sidetext/chat"
)

// A Gate says how fast an account's work may go; how many deliveries may start,
// and when to ask again if none may. An account that it holds back in nothing
// has room for any number.
type Gate interface {
	Free(account string, now time.Time) (n int, again time.Duration)
}

const (
	perAccount = 8 // how many deliveries of an account are on their way at once
	kept       = 2 // of these, places that only what somebody waits for may take
)

// A load is what a courier has in hands, and which accounts have to wait.
type load struct {
	gate Gate

	mu      sync.Mutex
	busy    map[string]int              // account → how many are being carried
	pausing map[string]time.Time        // account → until when
	held    map[chat.DeliveryID]claimed // being carried right now
}

// claimed is a delivery for one try.
type claimed struct {
	try   int
	until time.Time // when its lease ends
}

func newLoad(gate Gate) *load {
	return &load{gate: gate, busy: map[string]int{}, pausing: map[string]time.Time{}, held: map[chat.DeliveryID]claimed{}}
}

// room says how many of an account's deliveries may be taken up, and how many of
// these that nobody waits for; and when to ask again if a pace holds them back.
func (l *load) room(account string, now time.Time) (all, calm int, again time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until, paused := l.pausing[account]; paused {
		if now.Before(until) {
			return 0, 0, 0
		}
		delete(l.pausing, account)
	}
	all = perAccount - l.busy[account]
	calm = max(0, all-kept)
	if l.gate != nil && all > 0 {
		var free int
		free, again = l.gate.Free(account, now)
		free = max(0, free-l.busy[account]) // those on their way may not be counted yet
		all, calm = min(all, free), min(calm, free)
	}
	return all, calm, again
}

func (l *load) pause(account string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.pausing[account]) {
		l.pausing[account] = until
	}
}

func (l *load) resume(account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pausing, account)
}

// take notes a delivery that was claimed just before began.
func (l *load) take(d chat.Delivery, began time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy[d.Account]++
	l.held[d.ID] = claimed{d.Tries, began.Add(lease)}
}

func (l *load) put(d chat.Delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[d.Account]--; l.busy[d.Account] == 0 {
		delete(l.busy, d.Account)
	}
	if l.held[d.ID].try == d.Tries { // or it was claimed here once more
		delete(l.held, d.ID)
	}
}

// carries reports whether anything of an account is being carried.
func (l *load) carries(account string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.busy[account] > 0
}

// holds reports whether a delivery is being carried here, for this try. Its lease may end by
// the wall's clock, which can be set, before its time is up by the one that
// cannot.
func (l *load) holds(d chat.Delivery) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.held[d.ID]
	return h.try == d.Tries && time.Now().Before(h.until)
}
