package courier

import (
	"sync"
	"time"

	"sidetext/chat"
)

// A Gate limits how fast an account's deliveries may start. It returns how many may
// start now and, if none may, when to ask again. An account without a limit has
// room for any number.
type Gate interface {
	Free(account string, now time.Time) (n int, again time.Duration)
}

const (
	maxPerAccount = 8 // deliveries of an account in flight
	urgentPlaces  = 2 // of these, reserved for urgent ones
)

// inflight is what a courier is running, and which accounts are paused.
type inflight struct {
	gate Gate

	mu      sync.Mutex
	busy    map[string]int       // account → deliveries in flight
	paused  map[string]time.Time // account → until when
	running map[chat.DeliveryID]claim
}

// A claim is a delivery's current try here.
type claim struct {
	try   int
	until time.Time // when it expires
}

func newInflight(gate Gate) *inflight {
	return &inflight{gate: gate, busy: map[string]int{}, paused: map[string]time.Time{}, running: map[chat.DeliveryID]claim{}}
}

// capacity returns how many of an account's deliveries may be claimed, and how many of
// these that are not urgent; and when to ask again if the gate limits them.
func (f *inflight) capacity(account string, now time.Time) (all, calm int, again time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if until, paused := f.paused[account]; paused {
		if now.Before(until) {
			return 0, 0, 0
		}
		delete(f.paused, account)
	}
	all = maxPerAccount - f.busy[account]
	calm = max(0, all-urgentPlaces)
	if f.gate != nil && all > 0 {
		var free int
		free, again = f.gate.Free(account, now)
		free = max(0, free-f.busy[account]) // the gate may not have counted those in flight yet
		all, calm = min(all, free), min(calm, free)
	}
	return all, calm, again
}

func (f *inflight) pause(account string, until time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if until.After(f.paused[account]) {
		f.paused[account] = until
	}
}

func (f *inflight) resume(account string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.paused, account)
}

// add adds a delivery that was claimed just after began.
func (f *inflight) add(d chat.Delivery, began time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy[d.Account]++
	f.running[d.ID] = claim{d.Tries, began.Add(claimLease)}
}

func (f *inflight) remove(d chat.Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.busy[d.Account]--; f.busy[d.Account] == 0 {
		delete(f.busy, d.Account)
	}
	if f.running[d.ID].try == d.Tries { // it may have been claimed again
		delete(f.running, d.ID)
	}
}

// holds reports whether this try of a delivery is running here. The database's
// clock can be set, so a claim may seem to expire early; this one goes by the
// monotonic clock.
func (f *inflight) holds(d chat.Delivery) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, ok := f.running[d.ID]
	return ok && r.try == d.Tries && time.Now().Before(r.until)
}
