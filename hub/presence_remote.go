package hub

import (
	"maps"
	"slices"
	"time"
)

// remotePresence lists the people that another node reports for a room.
type remotePresence struct {
	people      []Person
	expires     time.Time // unless the node reports again
	typingUntil time.Time // for those of people who are typing
}

// receivePresence stores the presence that another node published, for the rooms
// that are viewed here.
func (h *Hub) receivePresence(node string, presence []Presence) {
	now := time.Now()
	keep := h.settings.Heartbeat * 5 / 2
	for _, p := range presence {
		r := h.rooms[p.Room]
		if r == nil {
			continue
		}
		if r.setRemote(node, p.People, now, keep) {
			r.showDue = true
			h.markDirty(r)
		}
	}
}

// setRemote stores a node's people for keep. It reports whether that may change
// which people are shown.
func (r *room) setRemote(node string, people []Person, now time.Time, keep time.Duration) bool {
	p := r.presence
	if len(people) == 0 {
		if p == nil || p.remote[node].people == nil {
			return false
		}
		delete(p.remote, node)
		return true
	}
	if p == nil {
		p = new(roomPresence)
		r.presence = p
	}
	old, known := p.remote[node]
	if !known && len(p.remote) >= maxPeople {
		return false
	}
	if p.remote == nil {
		p.remote = make(map[string]remotePresence)
	}
	received := remotePresence{people: people[:min(len(people), maxPeople)], expires: now.Add(keep)}
	if slices.ContainsFunc(received.people, func(p Person) bool { return p.Typing }) {
		received.typingUntil = now.Add(typingTimeout)
	}
	p.remote[node] = received
	typingResumed := !received.typingUntil.IsZero() && !now.Before(old.typingUntil)
	return typingResumed || !slices.Equal(old.people, received.people)
}

// answerRequests publishes this node's presence in rooms, where it has any.
func (h *Hub) answerRequests(rooms []string) {
	for _, name := range rooms {
		if r := h.rooms[name]; r != nil && r.published {
			r.publishDue = true
			h.markDirty(r)
		}
	}
}

// refreshPresence publishes the presence of the rooms whose heartbeat is due, and
// drops expired presence of other nodes there and in the rooms that are half a
// heartbeat away.
func (h *Hub) refreshPresence(due, halfway []*room) {
	for _, r := range due {
		if r.published {
			r.publishDue = true
			h.markDirty(r)
		}
	}
	now := time.Now()
	for _, rooms := range [][]*room{due, halfway} {
		for _, r := range rooms {
			if r.presence == nil {
				continue
			}
			before := len(r.presence.remote)
			maps.DeleteFunc(r.presence.remote, func(_ string, p remotePresence) bool { return now.After(p.expires) })
			if len(r.presence.remote) < before {
				r.showDue = true
				h.markDirty(r)
			}
		}
	}
}
