package redis

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"sidetext/hub"
)

const (
	maxParcel = 64 << 10 // bytes of JSON
	maxText   = 1 << 10  // bytes of a room, a kind, a name …
	maxRev    = 1 << 53  // beyond that no number of ours goes, and no browser counts
)

// A parcel is what travels: what a node had to say at one time, and how many
// parcels it has sent, or could not send, this one included. Who has not heard
// the one before knows that it missed something. One that says nothing is a
// heartbeat.
type parcel struct {
	hub.Message
	N   uint64 `json:"n"`
	Bye bool   `json:"bye,omitempty"` // it is the node's last
}

func empty(m hub.Message) bool {
	return len(m.Hints)+len(m.Events)+len(m.Here)+len(m.Asks) == 0
}

var errGarbage = errors.New("that is no parcel of ours")

// decode reads a parcel. Fields that it does not know are of a later version and
// are left out.
func decode(data []byte) (p parcel, err error) {
	if len(data) > maxParcel || !utf8.Valid(data) {
		return parcel{}, errGarbage
	}
	from := json.NewDecoder(bytes.NewReader(data))
	if from.Decode(&p) != nil {
		return parcel{}, errGarbage
	}
	if _, err := from.Token(); err != io.EOF || !p.sound() {
		return parcel{}, errGarbage
	}
	return p, nil
}

// sound reports whether a node of ours can have sent p.
func (p *parcel) sound() bool {
	if !named(p.Node) || p.N == 0 || p.N > maxRev {
		return false
	}
	for _, h := range p.Hints {
		if !soundHint(h) {
			return false
		}
	}
	for _, e := range p.Events {
		if !soundEvent(e) {
			return false
		}
	}
	for _, h := range p.Here {
		if !soundPresence(h) {
			return false
		}
	}
	for _, room := range p.Asks {
		if !named(room) {
			return false
		}
	}
	return true
}

func soundHint(h hub.Hint) bool { return named(h.Room) && h.Rev >= 0 && h.Rev <= maxRev }

func soundEvent(e hub.Event) bool { return named(e.Kind) && short(e.Group) && short(e.Subject) }

func soundPresence(h hub.Presence) bool {
	for _, p := range h.People {
		if !named(p.ID) || !short(p.Name) {
			return false
		}
	}
	return named(h.Room)
}

func named(s string) bool { return s != "" && short(s) }

func short(s string) bool { return len(s) <= maxText && utf8.ValidString(s) }

// maxItems is what a parcel's items may take of it, beside the node's name.
const maxItems = maxParcel - maxText*6 - 256

// pack puts m's items into as many messages as it takes for each to be a parcel
// within the limit. What would be larger by itself is left out.
func pack(m hub.Message) (packed []hub.Message, left uint64) {
	var full hub.Message
	size := 0
	fits := func(item any) bool {
		data, err := json.Marshal(item)
		n := len(data) + 1
		if err != nil || n > maxItems {
			left++
			return false
		}
		if size+n > maxItems {
			packed, full, size = append(packed, full), hub.Message{}, 0
		}
		size += n
		return true
	}
	for _, h := range m.Hints {
		if fits(h) {
			full.Hints = append(full.Hints, h)
		}
	}
	for _, e := range m.Events {
		if fits(e) {
			full.Events = append(full.Events, e)
		}
	}
	for _, h := range m.Here {
		if fits(h) {
			full.Here = append(full.Here, h)
		}
	}
	for _, r := range m.Asks {
		if fits(r) {
			full.Asks = append(full.Asks, r)
		}
	}
	if size > 0 {
		packed = append(packed, full)
	}
	return packed, left
}
