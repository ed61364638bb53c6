package hub

import (
	"math/rand/v2"
	"time"
)

// The wheel spreads the beats evenly without a timer per room: it turns once
// per beat, and a room hears its beat when its spoke comes round.
const spokes = 256

// retryFirst is how long after a first failure a room is looked at again.
// Further ones double it, up to half a beat; the beat itself tries as well.
const retryFirst = 250 * time.Millisecond

type spoke struct {
	rooms   []*room // those that live here
	retries []*room // those that wait here for another try
}

// spin turns the wheel until the hub stops. A machine that is busy skips ticks;
// the spokes that they were for have their turn with the next.
func (h *Hub) spin() {
	step := h.settings.Beat / spokes
	tick := time.NewTicker(step)
	defer tick.Stop()
	for began, done := time.Now(), 0; ; {
		select {
		case <-h.ctx.Done():
			return
		case <-tick.C:
		}
		due := int(time.Since(began) / step)
		for done = max(done, due-spokes); done < due; done++ {
			h.turn()
		}
	}
}

// turn has the rooms of the next spoke looked at; the answer is their beat. Who
// got no answer for the time that a look may take is told so: neither a store
// that hangs nor a long queue in front of it keeps a viewer in the belief that
// all is well.
func (h *Hub) turn() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = (h.at + 1) % spokes
	for _, r := range h.wheel[(h.at-h.steps(h.settings.LookTimeout)+spokes)%spokes].rooms {
		if r.owed {
			r.doubt()
		}
	}
	now := &h.wheel[h.at]
	for _, r := range now.rooms {
		if _, ok := r.lowest(); ok {
			r.owed = true
			h.ask(r)
		}
	}
	for i, r := range now.retries {
		now.retries[i] = nil
		if r.retry {
			r.retry = false
			h.ask(r)
		}
	}
	now.retries = now.retries[:0]
	h.refresh(now.rooms, h.wheel[(h.at+spokes/2)%spokes].rooms)
}

// steps is how many spokes pass in d, at least one and less than a whole turn.
func (h *Hub) steps(d time.Duration) int {
	return int(min(d/(h.settings.Beat/spokes)+1, spokes-1))
}

// mount puts r on the wheel. New rooms take turns between the spokes.
func (h *Hub) mount(r *room) {
	h.next = (h.next + 1) % spokes
	s := &h.wheel[h.next]
	r.spoke, r.place = h.next, len(s.rooms)
	s.rooms = append(s.rooms, r)
}

func (h *Hub) unmount(r *room) {
	s := &h.wheel[r.spoke]
	last := len(s.rooms) - 1
	s.rooms[r.place] = s.rooms[last]
	s.rooms[r.place].place = r.place
	s.rooms[last] = nil
	s.rooms = s.rooms[:last]
}

// retryLater notes r down for another try, with jitter so that a store that
// comes back is not asked for everything at once.
func (h *Hub) retryLater(r *room) {
	delay := min(retryFirst<<(r.fails-1), h.settings.Beat/2)
	delay = delay/2 + rand.N(delay/2+1)
	s := &h.wheel[(h.at+h.steps(delay))%spokes]
	s.retries = append(s.retries, r)
	r.retry = true
}
