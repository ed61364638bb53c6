package hub

import (
	"context"
	"errors"
	"strconv"
)

// readIfBehind requests a read of r if one of its sockets may lack something.
func (h *Hub) readIfBehind(r *room) {
	if r.behind() {
		h.requestRead(r)
	}
}

// requestRead queues a read of r, or another one if a read is under way.
func (h *Hub) requestRead(r *room) {
	switch r.state {
	case reading:
		r.readAgain = true
	case idle:
		r.state = queued
		h.readQueue = append(h.readQueue, r)
		if h.readers < h.settings.Readers && !h.stopped {
			h.readers++
			h.work.Go(h.readRooms)
		}
	}
}

// nextToRead takes the first room off the queue, which is not empty.
func (h *Hub) nextToRead() *room {
	r := h.readQueue[0]
	h.readQueue[0] = nil
	h.readQueue = h.readQueue[1:]
	if len(h.readQueue) == 0 {
		h.readQueue = nil // an idle hub keeps no array
	}
	return r
}

// readRooms reads queued rooms, one after the other, until none are left.
func (h *Hub) readRooms() {
	h.mu.Lock()
	for len(h.readQueue) > 0 && !h.stopped {
		r := h.nextToRead()
		r.state = idle
		since, ok := r.lowest()
		if !ok {
			continue // no open viewer; keep the hinted revision for the next one
		}
		hinted := r.hinted
		r.state, r.readAgain, r.hinted = reading, false, 0
		h.mu.Unlock()
		u, err := h.readRoom(r.name, since)
		h.mu.Lock()
		r.state = idle
		if err != nil {
			r.hinted = max(r.hinted, hinted)
			h.readFailed(r, err)
			continue
		}
		if max(r.rev, r.hinted, hinted) <= since && u.Rev > since {
			h.resyncs.Add(1) // a heartbeat found a change without a hint
		}
		r.applyRead(since, u)
		if r.readAgain {
			h.readIfBehind(r)
		}
	}
	h.readers--
	h.mu.Unlock()
}

// readRoom reads one room, with a deadline.
func (h *Hub) readRoom(room string, since int64) (Update, error) {
	ctx, cancel := context.WithTimeout(h.ctx, h.settings.StoreTimeout)
	defer cancel()
	h.reads.Add(1)
	u, err := h.readFunc(ctx, room, since)
	h.recordRead(room, err)
	return u, err
}

// recordRead counts failed reads. It logs the first failure and the recovery,
// not every room.
func (h *Hub) recordRead(room string, err error) {
	switch {
	case err == nil || isClose(err):
		if h.storeDown.Load() && h.storeDown.CompareAndSwap(true, false) {
			h.log.Info("hub: reading the store works again", "room", room)
		}
	case h.ctx.Err() == nil:
		h.failedReads.Add(1)
		if h.storeDown.CompareAndSwap(false, true) {
			h.log.Warn("hub: reading the store failed; viewers marked stale", "room", room, "error", err)
		}
	}
}

func isClose(err error) bool {
	_, ok := errors.AsType[*Close](err)
	return ok
}

// applyRead sends what a read from since on returned. The sockets also receive a
// heartbeat if one is due, if the room was stale, and if the update did not fit into
// a frame.
func (r *room) applyRead(since int64, u Update) {
	r.failures, r.retrying = 0, false
	if u.Rev == 0 {
		u.Rev = since
	}
	if u.Rev < since {
		r.rewind(u.Rev)
	}
	r.send(u)
	incomplete := u.Rev > since && (u.Frame == nil || u.From > since)
	if r.heartbeatDue || r.stale || incomplete {
		r.sendAll(heartbeatFrame(u.Rev))
		r.heartbeatDue, r.stale = false, false
	}
}

// rewind ends the sockets that are ahead of a store that was restored, for
// example from a backup. They reconnect and find another epoch.
func (r *room) rewind(rev int64) {
	r.rev = rev
	for _, s := range r.sockets {
		if s.pos > rev {
			s.end(&Close{CodeBehind, "the conversation was restored"})
		}
	}
}

// readFailed marks r as stale and schedules a retry. If err is a *Close, it ends r's
// sockets instead.
func (h *Hub) readFailed(r *room, err error) {
	if isClose(err) {
		for _, s := range r.sockets {
			s.end(err)
		}
		return
	}
	if r.heartbeatDue || !r.stale {
		r.markStale()
	}
	r.failures = min(r.failures+1, 16)
	h.scheduleRetry(r)
}

// markStale sends a stale frame to r's sockets: they may be out of date.
func (r *room) markStale() {
	r.sendAll(staleFrame)
	r.heartbeatDue, r.stale = false, true
}

var staleFrame = []byte(`{"type":"stale"}`)

func heartbeatFrame(rev int64) []byte {
	frame := make([]byte, 0, 48)
	frame = append(frame, `{"type":"beat","rev":`...)
	frame = strconv.AppendInt(frame, rev, 10)
	return append(frame, '}')
}
