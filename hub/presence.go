package hub

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// typingFor is how long somebody types after having said so.
const typingFor = 6 * time.Second

// crowd is how many people are shown in a room, and kept of it. As many nodes are
// listened to.
const crowd = 50

// A company is what there is to know of a room where somebody is not alone. Most
// rooms have none.
type company struct {
	shown []byte           // the frame that its viewers were given last; nil: each is alone
	away  map[string]abode // by node
	hush  time.Time        // when the next one stops typing by itself; zero: nobody types
}

// Typing says whether the person at the socket is typing in its room. It holds
// for 6 s, and ends with the socket; so it is said again and again, and taken
// back when a text is sent.
func (s *Socket) Typing(on bool) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.guest == nil || !s.here {
		return
	}
	now := time.Now()
	was := now.Before(s.guest.typing)
	if !on && !was {
		return
	}
	s.guest.typing = time.Time{}
	if on {
		s.guest.typing = now.Add(typingFor)
	}
	s.room.unsaid = s.room.unsaid || on != was
	s.room.unshared = true
	h.stir(s.room)
}

// moved notes that s came or is about to go.
func (h *Hub) moved(s *Socket) {
	r := s.room
	if s.sentry || s.guest == nil && len(r.sockets) == 1 {
		return // nobody sees it
	}
	if s.guest != nil {
		s.guest.typing = time.Time{}
		r.unshared = true
	}
	r.unsaid = true
	h.stir(r)
}

// people returns who is in r on this node, and when the next of them stops
// typing by itself.
func (r *room) people(now time.Time) (here []Person, hush time.Time) {
	for _, s := range r.sockets {
		if s.guest == nil || !s.here || s.guest.Who.ID == "" {
			continue
		}
		who := s.guest.Who
		if now.Before(s.guest.typing) {
			who.Typing = true
			hush = sooner(hush, s.guest.typing)
		}
		here = append(here, who)
	}
	return tidy(here), hush
}

// everybody adds those on other nodes.
func (r *room) everybody(here []Person, now, hush time.Time) ([]Person, time.Time) {
	if r.company == nil || len(r.company.away) == 0 {
		return here, hush
	}
	all := slices.Clone(here)
	for _, a := range r.company.away {
		types := now.Before(a.typing)
		if types {
			hush = sooner(hush, a.typing)
		}
		for _, who := range a.people {
			who.Typing = who.Typing && types
			all = append(all, who)
		}
	}
	return tidy(all), hush
}

func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// tidy names each once, typing if one of them types, by name, and not too many.
func tidy(people []Person) []Person {
	if len(people) < 2 {
		return people
	}
	slices.SortFunc(people, func(a, b Person) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Name, b.Name))
	})
	once := people[:1]
	for _, p := range people[1:] {
		if last := &once[len(once)-1]; last.ID == p.ID {
			last.Typing = last.Typing || p.Typing
		} else {
			once = append(once, p)
		}
	}
	slices.SortFunc(once, func(a, b Person) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return once[:min(len(once), crowd)]
}

// show gives r's viewers the frame that says who is here, if that differs from
// what they know. Who is alone, as most are, knows it without being told.
func (r *room) show(all []Person) {
	alone := len(all) == 0 || len(all) == 1 && !r.anonymous()
	var shown []byte
	if r.company != nil {
		shown = r.company.shown
	}
	if alone && shown == nil {
		return
	}
	if alone && len(all) == 1 {
		all = []Person{{ID: all[0].ID, Name: all[0].Name}} // typing is for others to see
	}
	frame := gathering(all)
	if bytes.Equal(frame, shown) {
		return
	}
	r.tell(frame)
	if r.company == nil {
		r.company = new(company)
	}
	r.company.shown = frame
	if alone {
		r.company.shown = nil
	}
}

// anonymous reports whether r has a viewer who is not shown.
func (r *room) anonymous() bool {
	return slices.ContainsFunc(r.sockets, func(s *Socket) bool {
		return !s.sentry && (s.guest == nil || s.guest.Who.ID == "")
	})
}

func gathering(people []Person) []byte {
	if people == nil {
		people = []Person{}
	}
	frame, err := json.Marshal(struct {
		Type   string   `json:"type"`
		People []Person `json:"people"`
	}{"presence", people})
	if err != nil {
		panic(err) // it is strings and booleans
	}
	return frame
}
