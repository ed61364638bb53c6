package hub

import (
	"context"
	"slices"
	"time"
)

// While the bus is not to be trusted, all viewed rooms are compared with the
// store once in this time, so many in one read.
const (
	compareEvery = time.Second
	compareMost  = 500
)

// distrust compares the rooms with the store when the bus may have lost
// something, and again and again while it may be losing more. A comparison that
// failed is made up for.
func (h *Hub) distrust() {
	tick := time.NewTicker(compareEvery)
	defer tick.Stop()
	owed := false
	for {
		select {
		case <-h.lost:
			owed = !h.compare()
		case <-tick.C:
			if owed || !h.settings.Bus.Health().Whole {
				owed = !h.compare()
			}
		case <-h.ctx.Done():
			return
		}
	}
}

// compare has the rooms looked at that are not where the store is. False means
// that the store could not be read, and that viewers were told.
func (h *Hub) compare() bool {
	rooms := h.Rooms()
	for some := range slices.Chunk(rooms, compareMost) {
		revs, err := h.revs(some)
		if err != nil {
			if h.ctx.Err() == nil {
				h.doubt(rooms)
			}
			return false
		}
		h.mu.Lock()
		for _, name := range some {
			if r := h.rooms[name]; r != nil {
				rev, known := revs[name]
				h.measure(r, rev, known)
			}
		}
		h.mu.Unlock()
		rooms = rooms[len(some):]
	}
	return true
}

// revs reads the revisions of some rooms, with a deadline.
func (h *Hub) revs(rooms []string) (map[string]int64, error) {
	if h.settings.Revs == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(h.ctx, h.settings.LookTimeout)
	defer cancel()
	h.looks.Add(1)
	revs, err := h.settings.Revs(ctx, rooms)
	h.note(rooms[0], err)
	return revs, err
}

// measure has r looked at when a viewer is behind rev, or when only a look can
// tell: nothing is known of it, or its viewers wait to hear that all is well.
func (h *Hub) measure(r *room, rev int64, known bool) {
	low, ok := r.lowest()
	switch {
	case !ok: // who opens reads for itself
		r.want = max(r.want, rev)
	case !known || r.stale:
		h.ask(r)
	case low < rev:
		if r.state == idle && max(r.pos, r.want) < rev {
			h.resyncs.Add(1)
		}
		r.want = max(r.want, rev)
		h.ask(r)
	}
}

// doubt says to the viewers of rooms that they may be out of date.
func (h *Hub) doubt(rooms []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range rooms {
		if r := h.rooms[name]; r != nil && (r.owed || !r.stale) {
			r.doubt()
		}
	}
}
