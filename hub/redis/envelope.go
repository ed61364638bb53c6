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
	maxEnvelope = 64 << 10 // bytes of JSON
	maxText     = 1 << 10  // bytes of a room, a kind, a name …
	maxRev      = 1 << 53  // the largest integer that JavaScript counts to exactly
)

// An envelope is one published message and its sequence number, which counts the
// envelopes that the node has sent or failed to send, this one included. A
// receiver that misses a number has missed a message. An envelope with an empty
// message is a heartbeat.
type envelope struct {
	hub.Message
	N   uint64 `json:"n"`
	Bye bool   `json:"bye,omitempty"` // the node's last envelope
}

func isEmpty(m hub.Message) bool {
	return len(m.Hints)+len(m.Events)+len(m.Presence)+len(m.PresenceRequests) == 0
}

var errInvalidEnvelope = errors.New("invalid envelope")

// decode parses and validates an envelope. It ignores unknown fields, which a
// later version may have added.
func decode(data []byte) (e envelope, err error) {
	if len(data) > maxEnvelope || !utf8.Valid(data) {
		return envelope{}, errInvalidEnvelope
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if decoder.Decode(&e) != nil {
		return envelope{}, errInvalidEnvelope
	}
	if _, err := decoder.Token(); err != io.EOF || !e.valid() {
		return envelope{}, errInvalidEnvelope
	}
	return e, nil
}

// valid reports whether a node could have sent e.
func (e *envelope) valid() bool {
	if !validName(e.Node) || e.N == 0 || e.N > maxRev {
		return false
	}
	for _, h := range e.Hints {
		if !validHint(h) {
			return false
		}
	}
	for _, event := range e.Events {
		if !validEvent(event) {
			return false
		}
	}
	for _, p := range e.Presence {
		if !validPresence(p) {
			return false
		}
	}
	for _, room := range e.PresenceRequests {
		if !validName(room) {
			return false
		}
	}
	return true
}

func validHint(h hub.Hint) bool { return validName(h.Room) && h.Rev >= 0 && h.Rev <= maxRev }

func validEvent(e hub.Event) bool {
	return validName(e.Kind) && validText(e.Group) && validText(e.Subject)
}

func validPresence(p hub.Presence) bool {
	for _, person := range p.People {
		if !validName(person.ID) || !validText(person.Name) {
			return false
		}
	}
	return validName(p.Room)
}

func validName(s string) bool { return s != "" && validText(s) }

func validText(s string) bool { return len(s) <= maxText && utf8.ValidString(s) }

// maxItems is the space for items in an envelope: the node's name takes up to six
// bytes of JSON per byte, and the rest needs less than 256.
const maxItems = maxEnvelope - maxText*6 - 256

// split splits m into messages that fit into an envelope each. It leaves out items
// that do not fit even alone, and returns their number.
func split(m hub.Message) (parts []hub.Message, tooLarge uint64) {
	var part hub.Message
	size := 0
	reserve := func(item any) bool {
		data, err := json.Marshal(item)
		n := len(data) + 1
		if err != nil || n > maxItems {
			tooLarge++
			return false
		}
		if size+n > maxItems {
			parts, part, size = append(parts, part), hub.Message{}, 0
		}
		size += n
		return true
	}
	for _, h := range m.Hints {
		if reserve(h) {
			part.Hints = append(part.Hints, h)
		}
	}
	for _, e := range m.Events {
		if reserve(e) {
			part.Events = append(part.Events, e)
		}
	}
	for _, p := range m.Presence {
		if reserve(p) {
			part.Presence = append(part.Presence, p)
		}
	}
	for _, room := range m.PresenceRequests {
		if reserve(room) {
			part.PresenceRequests = append(part.PresenceRequests, room)
		}
	}
	if size > 0 {
		parts = append(parts, part)
	}
	return parts, tooLarge
}
