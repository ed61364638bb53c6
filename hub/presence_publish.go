package hub

import "time"

// presenceInterval is the least time between two presence updates of a room;
// changes in between are batched.
const presenceInterval = 200 * time.Millisecond

// roomsPerMessage is the most rooms in one presence message to other nodes.
const roomsPerMessage = 200

// markDirty has r's presence sent and published, at once or at the next
// presenceInterval.
func (h *Hub) markDirty(r *room) {
	if r.dirty || h.stopped {
		return
	}
	r.dirty = true
	h.dirtyRooms = append(h.dirtyRooms, r)
	if !h.flushing {
		h.flushing = true
		h.work.Go(h.flushDirtyRooms)
	}
}

// flushDirtyRooms flushes at each presenceInterval until no room is dirty. It is
// the only goroutine that publishes presence, so an older state never follows a
// newer one.
func (h *Hub) flushDirtyRooms() {
	tick := time.NewTicker(presenceInterval)
	defer tick.Stop()
	for h.flushPresence() {
		select {
		case <-tick.C:
		case <-h.ctx.Done():
			return
		}
	}
}

// flushPresence sends and publishes the presence of all dirty rooms. It returns
// false if there were none; then flushDirtyRooms ends.
func (h *Hub) flushPresence() bool {
	h.mu.Lock()
	rooms := h.dirtyRooms
	h.dirtyRooms = nil
	h.flushing = len(rooms) > 0
	h.mu.Unlock()

	var m Message
	for _, r := range rooms {
		h.mu.Lock()
		h.flushRoom(r, time.Now(), &m)
		h.mu.Unlock()
		if len(m.Presence)+len(m.PresenceRequests) >= roomsPerMessage {
			h.publish(m)
			m = Message{}
		}
	}
	if len(m.Presence)+len(m.PresenceRequests) > 0 {
		h.publish(m)
	}
	return len(rooms) > 0
}

// flushRoom sends r's presence to its sockets, and adds to m what other nodes
// need. A room in which a person types stays dirty, because typing expires.
func (h *Hub) flushRoom(r *room, now time.Time, m *Message) {
	r.dirty = false
	if p := r.presence; p != nil && !p.typingUntil.IsZero() && !now.Before(p.typingUntil) {
		r.showDue, r.publishDue = true, true
	}
	if r.showDue || r.publishDue {
		local, typingUntil := r.localPeople(now)
		if r.publishDue && h.settings.Bus != nil {
			r.addToMessage(local, m)
		}
		all, typingUntil := r.withRemote(local, now, typingUntil)
		if r.showDue {
			r.sendPresence(all)
		}
		r.showDue, r.publishDue = false, false
		r.setTypingUntil(typingUntil)
	}
	if r.presence != nil && !r.presence.typingUntil.IsZero() {
		h.markDirty(r)
	}
}

// addToMessage adds r's presence to m unless it is empty as before. The first
// presence comes with a request for the other nodes'.
func (r *room) addToMessage(people []Person, m *Message) {
	if len(people) > 0 || r.published {
		m.Presence = append(m.Presence, Presence{r.name, people})
	}
	r.published = len(people) > 0
	if r.published && r.requestDue {
		m.PresenceRequests = append(m.PresenceRequests, r.name)
		r.requestDue = false
	}
}

// setTypingUntil stores when the first of the typing people stops, and drops a
// roomPresence that says nothing.
func (r *room) setTypingUntil(until time.Time) {
	switch p := r.presence; {
	case p == nil && until.IsZero():
	case p == nil:
		r.presence = &roomPresence{typingUntil: until}
	case until.IsZero() && p.shown == nil && len(p.remote) == 0:
		r.presence = nil
	default:
		p.typingUntil = until
	}
}
