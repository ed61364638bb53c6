package redis

import (
	"sync"

	"sidetext/hub"
)

// outboxSize is the approximate limit of what waits to be published, in bytes.
const outboxSize = 1 << 20

// An outbox merges what is to be published next: it keeps the highest revision
// and the latest presence of each room, and each request once. Events keep their
// order.
type outbox struct {
	mu       sync.Mutex
	pending  pending
	overflow bool // an item did not fit
}

type pending struct {
	messages uint64 // messages that were added
	size     int
	hints    map[string]int64
	events   []hub.Event
	presence map[string][]hub.Person
	requests map[string]bool
}

// add merges m and reports whether all of it was accepted. It leaves out items
// that are invalid or do not fit.
func (o *outbox) add(m hub.Message) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	p, all := &o.pending, true
	if p.hints == nil {
		p.hints, p.presence, p.requests = map[string]int64{}, map[string][]hub.Person{}, map[string]bool{}
	}
	p.messages++
	for _, h := range m.Hints {
		all = o.addHint(h) && all
	}
	for _, e := range m.Events {
		if validEvent(e) && o.reserve(len(e.Kind)+len(e.Group)+len(e.Subject)) {
			p.events = append(p.events, e)
		} else {
			all = false
		}
	}
	for _, presence := range m.Presence {
		all = o.addPresence(presence) && all
	}
	for _, room := range m.PresenceRequests {
		if p.requests[room] {
			continue
		}
		if validName(room) && o.reserve(len(room)) {
			p.requests[room] = true
		} else {
			all = false
		}
	}
	return all
}

func (o *outbox) addHint(h hub.Hint) bool {
	if !validHint(h) {
		return false
	}
	before, found := o.pending.hints[h.Room]
	switch {
	case !found:
		if !o.reserve(len(h.Room)) {
			return false
		}
		o.pending.hints[h.Room] = h.Rev
	case before == 0 || h.Rev == 0:
		o.pending.hints[h.Room] = 0 // 0 means an unknown revision: read in any case
	default:
		o.pending.hints[h.Room] = max(before, h.Rev)
	}
	return true
}

func (o *outbox) addPresence(p hub.Presence) bool {
	if !validPresence(p) {
		return false
	}
	before, found := o.pending.presence[p.Room]
	if found {
		o.pending.size -= presenceSize(p.Room, before)
	}
	if !o.fits(presenceSize(p.Room, p.People)) {
		delete(o.pending.presence, p.Room)
		return false
	}
	o.pending.size += presenceSize(p.Room, p.People)
	o.pending.presence[p.Room] = p.People
	return true
}

const itemSize = 64 // of an item without its texts

func presenceSize(room string, people []hub.Person) int {
	n := itemSize + len(room)
	for _, p := range people {
		n += itemSize + len(p.ID) + len(p.Name)
	}
	return n
}

// fits reports whether n more bytes fit, and otherwise records the overflow.
func (o *outbox) fits(n int) bool {
	if o.pending.size+n > outboxSize {
		o.overflow = true
		return false
	}
	return true
}

// reserve takes space for an item with n bytes of text, and reports whether it
// fits.
func (o *outbox) reserve(n int) bool {
	if !o.fits(itemSize + n) {
		return false
	}
	o.pending.size += itemSize + n
	return true
}

// take empties the outbox. It returns the merged message, how many messages went
// into it, and whether an item did not fit.
func (o *outbox) take() (m hub.Message, messages uint64, overflow bool) {
	o.mu.Lock()
	p, overflow := o.pending, o.overflow
	o.pending, o.overflow = pending{}, false
	o.mu.Unlock()
	for room, rev := range p.hints {
		m.Hints = append(m.Hints, hub.Hint{Room: room, Rev: rev})
	}
	m.Events = p.events
	for room, people := range p.presence {
		m.Presence = append(m.Presence, hub.Presence{Room: room, People: people})
	}
	for room := range p.requests {
		m.PresenceRequests = append(m.PresenceRequests, room)
	}
	return m, p.messages, overflow
}
