package hub

import (
	"maps"
	"slices"
	"time"
)

// An abode is who is in a room on another node.
type abode struct {
	people []Person
	until  time.Time // unless it says so again
	typing time.Time // until when those of them who type do so
}

// elsewhere notes who is in the viewed rooms on another node.
func (h *Hub) elsewhere(node string, here []Presence) {
	now := time.Now()
	for _, p := range here {
		if r := h.rooms[p.Room]; r != nil && r.elsewhere(node, p.People, now, h.settings.Beat*5/2) {
			r.unsaid = true
			h.stir(r)
		}
	}
}

// elsewhere reports whether this may change who is shown.
func (r *room) elsewhere(node string, people []Person, now time.Time, keep time.Duration) bool {
	c := r.company
	if len(people) == 0 {
		if c == nil || c.away[node].people == nil {
			return false
		}
		delete(c.away, node)
		return true
	}
	if c == nil {
		c = new(company)
		r.company = c
	}
	old, known := c.away[node]
	if !known && len(c.away) >= crowd {
		return false
	}
	if c.away == nil {
		c.away = make(map[string]abode)
	}
	young := abode{people: people[:min(len(people), crowd)], until: now.Add(keep)}
	if slices.ContainsFunc(young.people, func(p Person) bool { return p.Typing }) {
		young.typing = now.Add(typingFor)
	}
	c.away[node] = young
	hushed := !young.typing.IsZero() && !now.Before(old.typing)
	return hushed || !slices.Equal(old.people, young.people)
}

// asked has those rooms' people told to other nodes.
func (h *Hub) asked(rooms []string) {
	for _, name := range rooms {
		if r := h.rooms[name]; r != nil && r.shared {
			r.unshared = true
			h.stir(r)
		}
	}
}

// refresh tells other nodes again who is in the rooms whose turn it is, and
// forgets whom they did not speak of for too long, there and halfway round.
func (h *Hub) refresh(due, halfway []*room) {
	for _, r := range due {
		if r.shared {
			r.unshared = true
			h.stir(r)
		}
	}
	now := time.Now()
	for _, rooms := range [][]*room{due, halfway} {
		for _, r := range rooms {
			if r.company == nil {
				continue
			}
			before := len(r.company.away)
			maps.DeleteFunc(r.company.away, func(_ string, a abode) bool { return now.After(a.until) })
			if len(r.company.away) < before {
				r.unsaid = true
				h.stir(r)
			}
		}
	}
}
