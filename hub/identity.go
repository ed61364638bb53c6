package hub

import "time"

// An Identity is the user and the session of a socket. Empty fields are ignored.
type Identity struct {
	Group   string // SendToGroup reaches the socket by it
	Session string // EndSessions finds the socket by it
	Person  Person // shown in presence; Typing is ignored
}

// socketIdentity is a socket's Identity and what goes with it.
type socketIdentity struct {
	Identity
	typingUntil time.Time
}

// A socketIndex finds sockets by a key. Keys without sockets are removed.
type socketIndex map[string]map[*Socket]struct{}

func (i socketIndex) add(key string, s *Socket) {
	if key == "" {
		return
	}
	if i[key] == nil {
		i[key] = make(map[*Socket]struct{})
	}
	i[key][s] = struct{}{}
}

func (i socketIndex) remove(key string, s *Socket) {
	delete(i[key], s)
	if len(i[key]) == 0 {
		delete(i, key)
	}
}

// Identify sets the socket's identity, in place of an earlier one. Check a session
// after this call and not before: then a session that ends meanwhile is either
// found by the check, or its end finds the socket.
func (s *Socket) Identify(identity Identity) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.released {
		return
	}
	h.removeIdentity(s)
	identity.Person.Typing = false
	s.identity = &socketIdentity{Identity: identity}
	h.groups.add(identity.Group, s)
	h.sessions.add(identity.Session, s)
	if id := identity.Person.ID; id != "" {
		h.people[id]++
	}
	if s.opened {
		h.presenceChanged(s)
	}
}

// removeIdentity removes s's identity, if it has one, and s from the indexes.
func (h *Hub) removeIdentity(s *Socket) {
	if s.identity == nil {
		return
	}
	h.groups.remove(s.identity.Group, s)
	h.sessions.remove(s.identity.Session, s)
	id := s.identity.Person.ID
	h.people[id]--
	if h.people[id] <= 0 {
		delete(h.people, id)
	}
	s.identity = nil
}

// find returns the sockets with that key in one of the hub's indexes.
func (h *Hub) find(index socketIndex, key string) []*Socket {
	h.mu.Lock()
	defer h.mu.Unlock()
	sockets := make([]*Socket, 0, len(index[key]))
	for s := range index[key] {
		sockets = append(sockets, s)
	}
	return sockets
}

// HasGroup reports whether the group has sockets on this node.
func (h *Hub) HasGroup(group string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.groups[group]) > 0
}

// SendToGroup sends frame to all sockets of a group on this node. The caller must
// not change frame afterwards.
func (h *Hub) SendToGroup(group string, frame []byte) {
	for _, s := range h.find(h.groups, group) {
		_ = s.Send(frame) // it fails only for a socket that is ending
	}
}

// EndSessions ends the sockets of sessions, after writing what is queued for
// them, and returns their number. If cause is a *Close, they receive its code.
func (h *Hub) EndSessions(sessions []string, cause error) int {
	ended := 0
	for _, session := range sessions {
		sockets := h.find(h.sessions, session)
		for _, s := range sockets {
			s.end(cause)
		}
		ended += len(sockets)
	}
	return ended
}
