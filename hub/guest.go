package hub

import "time"

// A Guest is whose socket one is. What is empty does not count.
type Guest struct {
	Group   string // with whom it hears what Ring says
	Session string // by which End finds it
	Who     Person // as whom it is seen in rooms; Typing is for the socket to say
}

// A circle is what sockets have in common.
type circle int

const (
	byGroup circle = iota
	bySession
	byPerson
	circles
)

func (g *Guest) key(c circle) string {
	return [circles]string{g.Group, g.Session, g.Who.ID}[c]
}

// A guest is a Guest with its neighbours in each circle: most circles are of one
// socket, and cost nothing but their name.
type guest struct {
	Guest
	typing time.Time // when it will have stopped
	links  [circles]struct{ before, after *Socket }
}

// Introduce says whose socket it is. Saying it again starts over. A session that
// has to hold is checked after this, not before: whoever ends it meanwhile then
// either finds the socket or is found.
func (s *Socket) Introduce(who Guest) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.gone {
		return
	}
	h.part(s)
	who.Who.Typing = false
	s.guest = &guest{Guest: who}
	for c := range circles {
		h.link(s, c)
	}
	if s.here {
		h.moved(s)
	}
}

// link puts s first in a circle.
func (h *Hub) link(s *Socket, c circle) {
	key := s.guest.key(c)
	if key == "" {
		return
	}
	first := h.guests[c][key]
	s.guest.links[c].after = first
	if first != nil {
		first.guest.links[c].before = s
	}
	h.guests[c][key] = s
}

// part takes s out of its circles.
func (h *Hub) part(s *Socket) {
	if s.guest == nil {
		return
	}
	for c := range circles {
		key, link := s.guest.key(c), s.guest.links[c]
		if link.after != nil {
			link.after.guest.links[c].before = link.before
		}
		switch {
		case key == "":
		case link.before != nil:
			link.before.guest.links[c].after = link.after
		case link.after != nil:
			h.guests[c][key] = link.after
		default:
			delete(h.guests[c], key)
		}
	}
	s.guest = nil
}

// circle returns the sockets of a circle.
func (h *Hub) circle(c circle, key string) []*Socket {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*Socket
	for s := h.guests[c][key]; s != nil; s = s.guest.links[c].after {
		all = append(all, s)
	}
	return all
}

// Gathered reports whether Ring would be heard by anybody on this node.
func (h *Hub) Gathered(group string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.guests[byGroup][group] != nil
}

// Ring sends frame to all sockets of a group on this node. Nobody may change it
// afterwards.
func (h *Hub) Ring(group string, frame []byte) {
	for _, s := range h.circle(byGroup, group) {
		_ = s.Send(frame) // one that cannot take it is on its way out
	}
}

// End ends the sockets of sessions, with what is queued for them written first,
// and returns how many there were. A *Close is said to them with its code.
func (h *Hub) End(sessions []string, why error) int {
	ended := 0
	for _, key := range sessions {
		all := h.circle(bySession, key)
		for _, s := range all {
			s.end(why)
		}
		ended += len(all)
	}
	return ended
}
