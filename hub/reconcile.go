package hub

import (
	"context"
	"slices"
	"time"
)

const (
	// reconcileInterval is the time between two comparisons of all viewed rooms
	// with the store while the bus is unhealthy.
	reconcileInterval = time.Second
	// reconcileBatch is the most revisions in one read.
	reconcileBatch = 500
)

// reconcile compares the rooms with the store when the bus may have lost
// messages, and repeatedly while the bus is unhealthy. It repeats a comparison
// that failed.
func (h *Hub) reconcile() {
	tick := time.NewTicker(reconcileInterval)
	defer tick.Stop()
	pending := false
	for {
		select {
		case <-h.loss:
			pending = !h.compareRooms()
		case <-tick.C:
			if pending || !h.settings.Bus.Health().Healthy {
				pending = !h.compareRooms()
			}
		case <-h.ctx.Done():
			return
		}
	}
}

// compareRooms requests reads of the rooms that are behind the store. It returns
// false if the store could not be read; then the rooms are marked stale.
func (h *Hub) compareRooms() bool {
	rooms := h.Rooms()
	for batch := range slices.Chunk(rooms, reconcileBatch) {
		revs, err := h.readRevisions(batch)
		if err != nil {
			if h.ctx.Err() == nil {
				h.markStale(rooms)
			}
			return false
		}
		h.mu.Lock()
		for _, name := range batch {
			if r := h.rooms[name]; r != nil {
				rev, known := revs[name]
				h.compareRoom(r, rev, known)
			}
		}
		h.mu.Unlock()
		rooms = rooms[len(batch):]
	}
	return true
}

// readRevisions reads the revisions of rooms, with a deadline.
func (h *Hub) readRevisions(rooms []string) (map[string]int64, error) {
	if h.settings.ReadRevisions == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(h.ctx, h.settings.StoreTimeout)
	defer cancel()
	h.reads.Add(1)
	revs, err := h.settings.ReadRevisions(ctx, rooms)
	h.recordRead(rooms[0], err)
	return revs, err
}

// compareRoom requests a read of r if one of its sockets is behind rev, if its
// revision is not known, or if it is stale and its clients wait for a heartbeat.
func (h *Hub) compareRoom(r *room, rev int64, known bool) {
	low, ok := r.lowest()
	switch {
	case !ok: // a socket that is opening the room reads the store itself
		r.hinted = max(r.hinted, rev)
	case !known || r.stale:
		h.requestRead(r)
	case low < rev:
		if r.state == idle && max(r.rev, r.hinted) < rev {
			h.resyncs.Add(1)
		}
		r.hinted = max(r.hinted, rev)
		h.requestRead(r)
	}
}

// markStale marks rooms as stale.
func (h *Hub) markStale(rooms []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range rooms {
		if r := h.rooms[name]; r != nil && (r.heartbeatDue || !r.stale) {
			r.markStale()
		}
	}
}
