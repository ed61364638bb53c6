package hub

import (
	"math/rand/v2"
	"time"
)

// slots is the number of slots of the timing wheel, which spreads the rooms'
// heartbeats evenly without a timer for each room. The wheel turns once per
// Settings.Heartbeat, and a room's heartbeat is due when its slot is.
const slots = 256

// firstRetry is the delay before a room whose read failed is read again. It
// doubles with each further failure, up to half of Settings.Heartbeat; heartbeats
// read the room as well.
const firstRetry = 250 * time.Millisecond

type slot struct {
	rooms   []*room // their heartbeat is due with this slot
	retries []*room // their retry is
}

// runWheel turns the wheel until the hub stops. A busy machine skips ticks; the
// next tick then advances over all slots that are due.
func (h *Hub) runWheel() {
	step := h.settings.Heartbeat / slots
	tick := time.NewTicker(step)
	defer tick.Stop()
	for began, done := time.Now(), 0; ; {
		select {
		case <-h.ctx.Done():
			return
		case <-tick.C:
		}
		due := int(time.Since(began) / step)
		for done = max(done, due-slots); done < due; done++ {
			h.advanceWheel()
		}
	}
}

// advanceWheel requests reads of the rooms in the next slot; the result of a read
// is the heartbeat. Rooms that have had no result within StoreTimeout are marked
// stale, so that neither a hanging store nor a long queue leaves clients in the
// belief that they are up to date.
func (h *Hub) advanceWheel() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.current = (h.current + 1) % slots
	for _, r := range h.wheel[(h.current-h.slotsIn(h.settings.StoreTimeout)+slots)%slots].rooms {
		if r.heartbeatDue {
			r.markStale()
		}
	}
	now := &h.wheel[h.current]
	for _, r := range now.rooms {
		if _, ok := r.lowest(); ok {
			r.heartbeatDue = true
			h.requestRead(r)
		}
	}
	for i, r := range now.retries {
		now.retries[i] = nil
		if r.retrying {
			r.retrying = false
			h.requestRead(r)
		}
	}
	now.retries = now.retries[:0]
	h.refreshPresence(now.rooms, h.wheel[(h.current+slots/2)%slots].rooms)
}

// slotsIn returns how many slots are due within d: at least one, and less than a
// whole turn.
func (h *Hub) slotsIn(d time.Duration) int {
	return int(min(d/(h.settings.Heartbeat/slots)+1, slots-1))
}

// addToWheel assigns r to a slot. New rooms go to the slots in turn.
func (h *Hub) addToWheel(r *room) {
	h.nextSlot = (h.nextSlot + 1) % slots
	s := &h.wheel[h.nextSlot]
	r.slot, r.slotIndex = h.nextSlot, len(s.rooms)
	s.rooms = append(s.rooms, r)
}

func (h *Hub) removeFromWheel(r *room) {
	s := &h.wheel[r.slot]
	last := len(s.rooms) - 1
	s.rooms[r.slotIndex] = s.rooms[last]
	s.rooms[r.slotIndex].slotIndex = r.slotIndex
	s.rooms[last] = nil
	s.rooms = s.rooms[:last]
}

// scheduleRetry puts r into a later slot, with jitter, so that a store that
// recovers does not get all reads at once.
func (h *Hub) scheduleRetry(r *room) {
	delay := min(firstRetry<<(r.failures-1), h.settings.Heartbeat/2)
	delay = delay/2 + rand.N(delay/2+1)
	s := &h.wheel[(h.current+h.slotsIn(delay))%slots]
	s.retries = append(s.retries, r)
	r.retrying = true
}
