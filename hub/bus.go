package hub

import (
	"context"
	"time"
)

// A Message is what one node publishes to the others. It names things to read
// again, and never holds their contents.
type Message struct {
	Node             string     `json:"node"` // the sender
	Hints            []Hint     `json:"hints,omitempty"`
	Events           []Event    `json:"events,omitempty"`
	Presence         []Presence `json:"here,omitempty"`
	PresenceRequests []string   `json:"asks,omitempty"` // rooms whose presence the other nodes should publish
}

// A Hint reports that a room's conversation has reached a revision.
type Hint struct {
	Room string `json:"room"`
	Rev  int64  `json:"rev"`
}

// An Event concerns more than one room. The hub does not interpret it.
type Event struct {
	Kind    string `json:"kind"`
	Group   string `json:"group,omitempty"`   // the group it concerns
	Subject string `json:"subject,omitempty"` // what it is about
}

// A Presence lists all the people that one node's sockets show in a room. An
// empty list means that none are left.
type Presence struct {
	Room   string   `json:"room"`
	People []Person `json:"people,omitempty"`
}

// A Person is the user of a socket.
type Person struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Typing bool   `json:"typing,omitempty"`
}

// A Bus carries messages between nodes. It may lose, duplicate and reorder them:
// the store holds the truth, and a message only causes a read.
type Bus interface {
	// Publish queues a message for all nodes, including this one. It never
	// blocks. A message that cannot be carried is dropped and counted.
	Publish(Message)
	// Subscribe passes published messages to sub until ctx ends. When it returns,
	// it no longer uses sub. It is called once.
	Subscribe(ctx context.Context, sub Subscriber)
	// Health returns the state of the bus. It is cheap and never blocks.
	Health() BusHealth
}

// A Subscriber receives messages from a bus. Its methods are called from one
// goroutine and must not block.
type Subscriber interface {
	OnMessage(Message)
	// OnLoss reports that messages may have been lost before this call, and that
	// later ones will arrive: compare everything with the store once.
	OnLoss()
}

// BusHealth is the state of a bus and its counters since the start.
type BusHealth struct {
	Healthy    bool      // messages published now are received: recent ones were
	Since      time.Time // when Healthy last changed
	Published  uint64    // messages passed to Publish
	Received   uint64
	Dropped    uint64 // messages that could not be carried
	Invalid    uint64 // received and not understood
	Reconnects uint64
}
