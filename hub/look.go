package hub

import (
	"context"
	"errors"
	"strconv"
)

// A queue is a line of rooms, linked through the rooms themselves: a room is in
// it once, so it is bounded and allocates nothing.
type queue struct {
	first, last *room
	len         int
}

func (q *queue) push(r *room) {
	if q.first == nil {
		q.first = r
	} else {
		q.last.next = r
	}
	q.last = r
	q.len++
}

func (q *queue) pop() *room {
	r := q.first
	q.first, r.next = r.next, nil
	q.len--
	return r
}

// follow has r looked at when one of its viewers is behind.
func (h *Hub) follow(r *room) {
	if r.behind() {
		h.ask(r)
	}
}

// ask has r looked at: soon, or once more if somebody is looking.
func (h *Hub) ask(r *room) {
	switch r.state {
	case looking:
		r.again = true
	case idle:
		r.state = queued
		h.waiting.push(r)
		if h.lookers < h.settings.Lookers && !h.stopped {
			h.lookers++
			h.work.Go(h.lookAround)
		}
	}
}

// lookAround looks at the rooms that wait, one after the other.
func (h *Hub) lookAround() {
	h.mu.Lock()
	for h.waiting.len > 0 && !h.stopped {
		r := h.waiting.pop()
		r.state = idle
		since, ok := r.lowest()
		if !ok {
			continue // nobody to tell. What was hinted at is kept for who opens next
		}
		hinted := r.want
		r.state, r.again, r.want = looking, false, 0
		h.mu.Unlock()
		n, err := h.read(r.name, since)
		h.mu.Lock()
		r.state = idle
		if err != nil {
			r.want = max(r.want, hinted)
			h.missed(r, err)
			continue
		}
		if max(r.pos, r.want, hinted) <= since && n.Rev > since {
			h.resyncs.Add(1) // the beat found what no hint had said
		}
		r.found(since, n)
		if r.again {
			h.follow(r)
		}
	}
	h.lookers--
	h.mu.Unlock()
}

// read looks, with a deadline.
func (h *Hub) read(room string, since int64) (News, error) {
	ctx, cancel := context.WithTimeout(h.ctx, h.settings.LookTimeout)
	defer cancel()
	h.looks.Add(1)
	n, err := h.look(ctx, room, since)
	h.note(room, err)
	return n, err
}

// note counts reads that failed, and logs when the store fails and when it is
// back, once each and not for every room.
func (h *Hub) note(room string, err error) {
	switch {
	case err == nil || ended(err):
		if h.blind.Load() && h.blind.CompareAndSwap(true, false) {
			h.log.Info("hub: looking works again", "room", room)
		}
	case h.ctx.Err() == nil:
		h.failed.Add(1)
		if h.blind.CompareAndSwap(false, true) {
			h.log.Warn("hub: looking fails, viewers are told", "room", room, "err", err)
		}
	}
}

func ended(err error) bool {
	_, ok := errors.AsType[*Close](err)
	return ok
}

// found spreads what a look from since on brought. The viewers hear a beat when
// one is due, when they were told that they may be out of date, and when the
// news could not be put into a frame.
func (r *room) found(since int64, n News) {
	r.fails, r.retry = 0, false
	if n.Rev == 0 {
		n.Rev = since
	}
	if n.Rev < since {
		r.rewind(n.Rev)
	}
	r.deliver(n)
	unsaid := n.Rev > since && (n.Frame == nil || n.From > since)
	if r.owed || r.stale || unsaid {
		r.tell(beat(n.Rev))
		r.owed, r.stale = false, false
	}
}

// rewind sends away the viewers that are ahead of a store that was put back, for
// example from a backup. They come back and find another epoch.
func (r *room) rewind(rev int64) {
	r.pos = rev
	for _, s := range r.sockets {
		if s.pos > rev {
			s.end(&Close{Behind, "the conversation was restored"})
		}
	}
}

// missed says to r's viewers that they may be out of date, and tries again
// later, while there are any.
func (h *Hub) missed(r *room, err error) {
	if ended(err) {
		for _, s := range r.sockets {
			s.end(err)
		}
		return
	}
	if r.owed || !r.stale {
		r.doubt()
	}
	r.fails = min(r.fails+1, 16)
	h.retryLater(r)
}

func (r *room) doubt() {
	r.tell(stale)
	r.owed, r.stale = false, true
}

var stale = []byte(`{"type":"stale"}`)

func beat(rev int64) []byte {
	frame := make([]byte, 0, 48)
	frame = append(frame, `{"type":"beat","rev":`...)
	frame = strconv.AppendInt(frame, rev, 10)
	return append(frame, '}')
}
