package hub

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// typingTimeout is how long a person counts as typing after SetTyping.
const typingTimeout = 6 * time.Second

// maxPeople is the most people that are shown in a room and stored for another
// node, and the most nodes whose presence is stored for a room.
const maxPeople = 50

// roomPresence is allocated only for a room with more than one person, or with a
// person who is typing. Most rooms have none.
type roomPresence struct {
	shown       []byte                    // the frame that the room's sockets received last; nil: each is alone
	remote      map[string]remotePresence // by node
	typingUntil time.Time                 // when the first of the typing people stops; zero: none types
}

// SetTyping sets whether the socket's person is typing in its room. It expires after
// 6 s and with the socket; so a client repeats it, and resets it when it sends a
// text.
func (s *Socket) SetTyping(on bool) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.identity == nil || !s.opened {
		return
	}
	now := time.Now()
	was := now.Before(s.identity.typingUntil)
	if !on && !was {
		return
	}
	s.identity.typingUntil = time.Time{}
	if on {
		s.identity.typingUntil = now.Add(typingTimeout)
	}
	s.room.showDue = s.room.showDue || on != was
	s.room.publishDue = true
	h.markDirty(s.room)
}

// presenceChanged marks s's room dirty when s has opened it, has changed its
// identity there, or is about to leave it.
func (h *Hub) presenceChanged(s *Socket) {
	r := s.room
	if s.probe || s.identity == nil && len(r.sockets) == 1 {
		return // no other socket shows it
	}
	if s.identity != nil {
		s.identity.typingUntil = time.Time{}
		r.publishDue = true
	}
	r.showDue = true
	h.markDirty(r)
}

// localPeople returns the people in r on this node, and when the first of the
// typing ones stops (zero: none types).
func (r *room) localPeople(now time.Time) (people []Person, typingUntil time.Time) {
	for _, s := range r.sockets {
		if s.identity == nil || !s.opened || s.identity.Person.ID == "" {
			continue
		}
		p := s.identity.Person
		if now.Before(s.identity.typingUntil) {
			p.Typing = true
			typingUntil = earlier(typingUntil, s.identity.typingUntil)
		}
		people = append(people, p)
	}
	return mergePeople(people), typingUntil
}

// withRemote adds the people on other nodes to the result of localPeople.
func (r *room) withRemote(local []Person, now, typingUntil time.Time) ([]Person, time.Time) {
	if r.presence == nil || len(r.presence.remote) == 0 {
		return local, typingUntil
	}
	all := slices.Clone(local)
	for _, remote := range r.presence.remote {
		typing := now.Before(remote.typingUntil)
		if typing {
			typingUntil = earlier(typingUntil, remote.typingUntil)
		}
		for _, p := range remote.people {
			p.Typing = p.Typing && typing
			all = append(all, p)
		}
	}
	return mergePeople(all), typingUntil
}

// earlier returns the earlier of two times; a zero a counts as never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// mergePeople returns each person once, typing if one of the duplicates is, sorted
// by name and cut at maxPeople. It changes people.
func mergePeople(people []Person) []Person {
	if len(people) < 2 {
		return people
	}
	slices.SortFunc(people, func(a, b Person) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Name, b.Name))
	})
	merged := people[:1]
	for _, p := range people[1:] {
		if last := &merged[len(merged)-1]; last.ID == p.ID {
			last.Typing = last.Typing || p.Typing
		} else {
			merged = append(merged, p)
		}
	}
	slices.SortFunc(merged, func(a, b Person) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return merged[:min(len(merged), maxPeople)]
}

// sendPresence sends the presence frame to r's sockets if it differs from the
// last one. A socket that is alone, as most are, receives none.
func (r *room) sendPresence(people []Person) {
	alone := len(people) == 0 || len(people) == 1 && !r.hasAnonymous()
	var shown []byte
	if r.presence != nil {
		shown = r.presence.shown
	}
	if alone && shown == nil {
		return
	}
	if alone && len(people) == 1 {
		people = []Person{{ID: people[0].ID, Name: people[0].Name}} // typing matters only to others
	}
	frame := presenceFrame(people)
	if bytes.Equal(frame, shown) {
		return
	}
	r.sendAll(frame)
	if r.presence == nil {
		r.presence = new(roomPresence)
	}
	r.presence.shown = frame
	if alone {
		r.presence.shown = nil
	}
}

// hasAnonymous reports whether r has a socket without a person.
func (r *room) hasAnonymous() bool {
	return slices.ContainsFunc(r.sockets, func(s *Socket) bool {
		return !s.probe && (s.identity == nil || s.identity.Person.ID == "")
	})
}

func presenceFrame(people []Person) []byte {
	if people == nil {
		people = []Person{}
	}
	frame, err := json.Marshal(struct {
		Type   string   `json:"type"`
		People []Person `json:"people"`
	}{"presence", people})
	if err != nil {
		panic(err) // impossible: strings and booleans
	}
	return frame
}
