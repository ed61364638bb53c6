package redis

import (
	"sync"

	"sidetext/hub"
)

// outboxSize bounds what waits to be published, in bytes or so.
const outboxSize = 1 << 20

// An outbox keeps what is to be published next, merged: of a room only the
// highest revision and the newest presence, and every question once. Events keep
// their order.
type outbox struct {
	mu       sync.Mutex
	waiting  contents
	overflow bool // something found no room
}

type contents struct {
	messages uint64 // handed over
	size     int
	hints    map[string]int64
	events   []hub.Event
	here     map[string][]hub.Person
	asks     map[string]bool
}

// put takes in m and reports whether that went for all of it. What no node would
// understand is left out.
func (o *outbox) put(m hub.Message) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	c, all := &o.waiting, true
	if c.hints == nil {
		c.hints, c.here, c.asks = map[string]int64{}, map[string][]hub.Person{}, map[string]bool{}
	}
	c.messages++
	for _, h := range m.Hints {
		all = o.hint(h) && all
	}
	for _, e := range m.Events {
		if soundEvent(e) && o.room(len(e.Kind)+len(e.Group)+len(e.Subject)) {
			c.events = append(c.events, e)
		} else {
			all = false
		}
	}
	for _, h := range m.Here {
		all = o.presence(h) && all
	}
	for _, room := range m.Asks {
		if c.asks[room] {
			continue
		}
		if named(room) && o.room(len(room)) {
			c.asks[room] = true
		} else {
			all = false
		}
	}
	return all
}

func (o *outbox) hint(h hub.Hint) bool {
	if !soundHint(h) {
		return false
	}
	before, there := o.waiting.hints[h.Room]
	switch {
	case !there:
		if !o.room(len(h.Room)) {
			return false
		}
		o.waiting.hints[h.Room] = h.Rev
	case before == 0 || h.Rev == 0:
		o.waiting.hints[h.Room] = 0 // look, wherever it is: no revision says more
	default:
		o.waiting.hints[h.Room] = max(before, h.Rev)
	}
	return true
}

func (o *outbox) presence(h hub.Presence) bool {
	if !soundPresence(h) {
		return false
	}
	before, there := o.waiting.here[h.Room]
	if there {
		o.waiting.size -= weight(h.Room, before)
	}
	if !o.fits(weight(h.Room, h.People)) {
		delete(o.waiting.here, h.Room)
		return false
	}
	o.waiting.size += weight(h.Room, h.People)
	o.waiting.here[h.Room] = h.People
	return true
}

const itemWeight = 64 // beside its texts

func weight(room string, people []hub.Person) int {
	n := itemWeight + len(room)
	for _, p := range people {
		n += itemWeight + len(p.ID) + len(p.Name)
	}
	return n
}

func (o *outbox) fits(n int) bool {
	if o.waiting.size+n > outboxSize {
		o.overflow = true
		return false
	}
	return true
}

// room takes room for an item with n bytes of text, if there is.
func (o *outbox) room(n int) bool {
	if !o.fits(itemWeight + n) {
		return false
	}
	o.waiting.size += itemWeight + n
	return true
}

// take empties the outbox. lost: not all of what was to be in it is.
func (o *outbox) take() (m hub.Message, messages uint64, lost bool) {
	o.mu.Lock()
	c, lost := o.waiting, o.overflow
	o.waiting, o.overflow = contents{}, false
	o.mu.Unlock()
	for room, rev := range c.hints {
		m.Hints = append(m.Hints, hub.Hint{Room: room, Rev: rev})
	}
	m.Events = c.events
	for room, people := range c.here {
		m.Here = append(m.Here, hub.Presence{Room: room, People: people})
	}
	for room := range c.asks {
		m.Asks = append(m.Asks, room)
	}
	return m, c.messages, lost
}
