package hub

import (
	"context"
	"time"
)

// A Message is what nodes tell each other: that there is something to look at,
// never what it says.
type Message struct {
	Node   string     `json:"node"` // who says it
	Hints  []Hint     `json:"hints,omitempty"`
	Events []Event    `json:"events,omitempty"`
	Here   []Presence `json:"here,omitempty"`
	Asks   []string   `json:"asks,omitempty"` // rooms: who of yours is there?
}

// A Hint says that a room's conversation has reached a revision.
type Hint struct {
	Room string `json:"room"`
	Rev  int64  `json:"rev"`
}

// An Event is something of interest beyond one room. The hub does not know what
// kinds there are.
type Event struct {
	Kind    string `json:"kind"`
	Group   string `json:"group,omitempty"`   // whom it concerns
	Subject string `json:"subject,omitempty"` // what it is about
}

// A Presence is who of one node's viewers is in a room: all of them, or nobody
// any more.
type Presence struct {
	Room   string   `json:"room"`
	People []Person `json:"people,omitempty"`
}

// A Person is somebody at the other end of a socket.
type Person struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Typing bool   `json:"typing,omitempty"`
}

// A Bus carries messages between nodes. It may lose, double and swap them: the
// store is the truth, and whoever hears a message only looks.
type Bus interface {
	// Publish hands a message to be carried to all nodes, this one too. It never
	// waits; what can't be carried now is dropped, and counted.
	Publish(Message)
	// Listen tells ear what is published until ctx ends, and by then uses it no
	// more. It is called once.
	Listen(ctx context.Context, ear Ear)
	// Health says how the bus is doing. It is cheap, and never waits.
	Health() BusHealth
}

// An Ear hears a bus. It is called from one goroutine, and may not wait.
type Ear interface {
	Hear(Message)
	// Lost says that messages may have been lost before now, and that those from
	// now on are heard: look at everything once.
	Lost()
}

// BusHealth says how a bus is doing.
type BusHealth struct {
	Whole     bool      // what is published now is heard: what was published lately was
	Since     time.Time // when that began, or ended
	Published uint64    // messages handed to it
	Heard     uint64
	Dropped   uint64 // that could not be carried
	Garbage   uint64 // heard, and not understood
	Again     uint64 // times that it had to connect again
}
