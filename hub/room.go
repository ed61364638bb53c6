package hub

// unopened is the position of a socket that has joined a room and not yet been
// sent its snapshot.
const unopened = -1

// A room is one viewed conversation. It lives as long as it has sockets.
type room struct {
	name    string
	sockets []*Socket // in no order; a socket knows its index. Usually there is one

	rev    int64 // the highest revision known to be in the store
	hinted int64 // the highest revision hinted at since the last read began; it may not exist

	slot, slotIndex int // on the wheel

	state        readState
	readAgain    bool  // requested during a read
	heartbeatDue bool  // no read has finished since the heartbeat became due
	stale        bool  // its sockets have received a stale frame, and no heartbeat since
	retrying     bool  // a retry is on the wheel
	failures     uint8 // consecutive failed reads

	dirty      bool // it is in hub.dirtyRooms
	showDue    bool // its presence may have changed since the last presence frame
	publishDue bool // its presence may have changed since it was published, or was requested
	requestDue bool // the other nodes' presence has not been requested yet
	published  bool // the presence that was published last is not empty
	presence   *roomPresence
}

type readState uint8

const (
	idle readState = iota
	queued
	reading
)

// lowest returns the lowest position of the opened sockets, and false if there
// are none.
func (r *room) lowest() (int64, bool) {
	low := int64(unopened)
	for _, s := range r.sockets {
		if s.pos != unopened && (low == unopened || s.pos < low) {
			low = s.pos
		}
	}
	return low, low != unopened
}

// behind reports whether a socket may lack something.
func (r *room) behind() bool {
	low, ok := r.lowest()
	return ok && low < max(r.rev, r.hinted)
}

// send sends u to the sockets whose position it continues.
func (r *room) send(u Update) {
	r.rev = max(r.rev, u.Rev)
	if u.Frame == nil {
		return
	}
	for _, s := range r.sockets {
		if s.pos != unopened && u.From <= s.pos && s.pos < u.Rev {
			s.pos = u.Rev
			_ = s.Send(u.Frame) // it fails only for a socket that is ending
		}
	}
}

// sendAll sends frame to all opened sockets.
func (r *room) sendAll(frame []byte) {
	for _, s := range r.sockets {
		if s.pos != unopened {
			_ = s.Send(frame)
		}
	}
}

// Join moves the socket to the room of that name. To open a room, call Join, then
// read the store, then call SendSnapshot, in one goroutine: then no change is
// missed in between. Until SendSnapshot the socket receives no updates. Joining
// the same room again starts over, for a client that lost its position.
func (s *Socket) Join(name string) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.released {
		return
	}
	s.pos = unopened
	if s.room != nil && s.room.name == name {
		return
	}
	h.leave(s)
	r := h.rooms[name]
	if r == nil {
		r = &room{name: name, requestDue: true}
		h.rooms[name] = r
		h.addToWheel(r)
	}
	s.room, s.roomIndex = r, len(r.sockets)
	r.sockets = append(r.sockets, s)
}

// SendSnapshot sends frame, which holds what the client lacked up to rev, and
// starts the room's updates. The hub reads what has happened since.
func (s *Socket) SendSnapshot(frame []byte, rev int64) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	_ = s.Send(frame)
	r := s.room
	if r == nil {
		return
	}
	s.pos = rev
	r.rev = max(r.rev, rev)
	if r.presence != nil && r.presence.shown != nil {
		_ = s.Send(r.presence.shown)
	}
	if !s.opened {
		s.opened = true
		h.presenceChanged(s)
	}
	h.readIfBehind(r)
}

// onlyProbes reports whether all of r's sockets belong to probes.
func (r *room) onlyProbes() bool {
	for _, s := range r.sockets {
		if !s.probe {
			return false
		}
	}
	return true
}

// leave removes s from its room, and the room with its last socket.
func (h *Hub) leave(s *Socket) {
	r := s.room
	if r == nil {
		return
	}
	if s.opened {
		h.presenceChanged(s)
		s.opened = false
	}
	last := len(r.sockets) - 1
	r.sockets[s.roomIndex] = r.sockets[last]
	r.sockets[s.roomIndex].roomIndex = s.roomIndex
	r.sockets[last] = nil
	r.sockets = r.sockets[:last]
	s.room = nil
	if last == 0 {
		r.presence = nil
		h.removeFromWheel(r)
		delete(h.rooms, r.name)
	}
}
