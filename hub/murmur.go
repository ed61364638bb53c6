package hub

import "time"

// murmurEvery is how long it takes at least from one word about who is in a room
// to the next: what happens in between is said at once.
const murmurEvery = 200 * time.Millisecond

// letter is how many rooms one message to other nodes speaks of at most.
const letter = 200

// stir has something said about who is in r: at once, or with the next murmur.
func (h *Hub) stir(r *room) {
	if r.stirred || h.stopped {
		return
	}
	r.stirred = true
	h.restless = append(h.restless, r)
	if !h.murmuring {
		h.murmuring = true
		h.work.Go(h.murmur)
	}
}

// murmur speaks until no room has been restless for a while. All that is said
// to other nodes about who is here is said by it, so nothing old follows upon
// something new.
func (h *Hub) murmur() {
	tick := time.NewTicker(murmurEvery)
	defer tick.Stop()
	for h.murmurOnce() {
		select {
		case <-tick.C:
		case <-h.ctx.Done():
			return
		}
	}
}

// murmurOnce deals with the rooms that are restless now. False means that there
// were none, and that the murmur has ended.
func (h *Hub) murmurOnce() bool {
	h.mu.Lock()
	rooms := h.restless
	h.restless = nil
	h.murmuring = len(rooms) > 0
	h.mu.Unlock()

	var m Message
	for _, r := range rooms {
		h.mu.Lock()
		h.speak(r, time.Now(), &m)
		h.mu.Unlock()
		if len(m.Here)+len(m.Asks) >= letter {
			h.publish(m)
			m = Message{}
		}
	}
	if len(m.Here)+len(m.Asks) > 0 {
		h.publish(m)
	}
	return len(rooms) > 0
}

// speak tells r's viewers who is here, and notes in m what other nodes are to be
// told and asked. A room where somebody types stays restless.
func (h *Hub) speak(r *room, now time.Time, m *Message) {
	r.stirred = false
	if c := r.company; c != nil && !c.hush.IsZero() && !now.Before(c.hush) {
		r.unsaid, r.unshared = true, true
	}
	if r.unsaid || r.unshared {
		here, hush := r.people(now)
		if r.unshared && h.settings.Bus != nil {
			r.share(here, m)
		}
		all, hush := r.everybody(here, now, hush)
		if r.unsaid {
			r.show(all)
		}
		r.unsaid, r.unshared = false, false
		r.keep(hush)
	}
	if r.company != nil && !r.company.hush.IsZero() {
		h.stir(r)
	}
}

// share notes in m who is here, if that is worth telling, and the first time
// asks who is there.
func (r *room) share(here []Person, m *Message) {
	if len(here) > 0 || r.shared {
		m.Here = append(m.Here, Presence{r.name, here})
	}
	r.shared = len(here) > 0
	if r.shared && r.unasked {
		m.Asks = append(m.Asks, r.name)
		r.unasked = false
	}
}

// keep notes when the next one stops typing, and whether there is any company to
// remember.
func (r *room) keep(hush time.Time) {
	switch c := r.company; {
	case c == nil && hush.IsZero():
	case c == nil:
		r.company = &company{hush: hush}
	case hush.IsZero() && c.shown == nil && len(c.away) == 0:
		r.company = nil
	default:
		c.hush = hush
	}
}
