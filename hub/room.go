package hub

// unopened is the position of a socket that has joined a room and not yet been
// given what it holds.
const unopened = -1

// A room is one viewed conversation. It lives as long as it has sockets.
type room struct {
	name    string
	sockets []*Socket // in no order; a socket knows its place. Mostly there is one

	pos  int64 // the highest revision that is known to be in the store
	want int64 // the highest one hinted at since the last look began: maybe there, maybe not

	spoke, place int   // on the wheel
	next         *room // in the queue

	state state
	again bool  // asked for while a look was under way
	owed  bool  // its turn to hear a beat has come, and no look has answered yet
	stale bool  // viewers were told that they may be out of date
	retry bool  // the wheel has it down for another try
	fails uint8 // looks that failed in a row

	stirred  bool // it is one of the restless
	unsaid   bool // who is here may have changed, and its viewers have not been told
	unshared bool // nor other nodes, or they asked
	unasked  bool // other nodes have not been asked who is there
	shared   bool // other nodes were told of somebody here
	company  *company
}

type state uint8

const (
	idle state = iota
	queued
	looking
)

// lowest returns the position of the viewer that is furthest behind, and false
// when there is no viewer whose position is known.
func (r *room) lowest() (int64, bool) {
	low := int64(unopened)
	for _, s := range r.sockets {
		if s.pos != unopened && (low == unopened || s.pos < low) {
			low = s.pos
		}
	}
	return low, low != unopened
}

// behind reports whether a viewer lacks what there is, or may be.
func (r *room) behind() bool {
	low, ok := r.lowest()
	return ok && low < max(r.pos, r.want)
}

// deliver gives n to the viewers whom it leads on.
func (r *room) deliver(n News) {
	r.pos = max(r.pos, n.Rev)
	if n.Frame == nil {
		return
	}
	for _, s := range r.sockets {
		if s.pos != unopened && n.From <= s.pos && s.pos < n.Rev {
			s.pos = n.Rev
			_ = s.Send(n.Frame) // one that cannot take it is on its way out
		}
	}
}

// tell sends frame to all viewers.
func (r *room) tell(frame []byte) {
	for _, s := range r.sockets {
		if s.pos != unopened {
			_ = s.Send(frame)
		}
	}
}

// Join puts the socket into the room of that name, and out of the one it was in. Whoever opens a
// room joins first, reads the store second and calls Opened third, in one
// goroutine: then nothing can fall in between. Until Opened the socket gets no
// news. Joining the same room again starts over, for a viewer that lost its
// place.
func (s *Socket) Join(name string) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.gone {
		return
	}
	s.pos = unopened
	if s.room != nil && s.room.name == name {
		return
	}
	h.leave(s)
	r := h.rooms[name]
	if r == nil {
		r = &room{name: name, unasked: true}
		h.rooms[name] = r
		h.mount(r)
	}
	s.room, s.place = r, len(r.sockets)
	r.sockets = append(r.sockets, s)
}

// Opened sends frame, which holds what the viewer lacked up to rev, and lets the
// room's news follow. What happened since the store was read is looked up.
func (s *Socket) Opened(frame []byte, rev int64) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	_ = s.Send(frame)
	r := s.room
	if r == nil {
		return
	}
	s.pos = rev
	r.pos = max(r.pos, rev)
	if c := r.company; c != nil && c.shown != nil {
		_ = s.Send(c.shown)
	}
	if !s.here {
		s.here = true
		h.moved(s)
	}
	h.follow(r)
}

// unseen reports whether only sentries look at r.
func (r *room) unseen() bool {
	for _, s := range r.sockets {
		if !s.sentry {
			return false
		}
	}
	return true
}

// leave takes s out of its room, which ends with its last socket.
func (h *Hub) leave(s *Socket) {
	r := s.room
	if r == nil {
		return
	}
	if s.here {
		h.moved(s)
		s.here = false
	}
	last := len(r.sockets) - 1
	r.sockets[s.place] = r.sockets[last]
	r.sockets[s.place].place = s.place
	r.sockets[last] = nil
	r.sockets = r.sockets[:last]
	s.room = nil
	if last == 0 {
		r.company = nil
		h.unmount(r)
		delete(h.rooms, r.name)
	}
}
