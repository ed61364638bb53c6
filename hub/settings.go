package hub

import (
	"context"
	"time"
)

// Settings configure a hub. A zero value means the default.
type Settings struct {
	Heartbeat    time.Duration // between two heartbeats of a room; 15 s
	IdleTimeout  time.Duration // a socket that sends nothing for this long is closed; 60 s
	WriteTimeout time.Duration // for one frame, and for everything queued when a socket ends; 5 s
	StoreTimeout time.Duration // for one read of the store; 5 s
	DrainTime    time.Duration // over which Drain spreads closing the sockets; 2 s
	QueueFrames  int           // most frames queued for one socket; 64
	QueueBytes   int           // at this size a socket's queue is full; 256 KiB. One frame may exceed it
	ReadLimit    int64         // for a message from a socket, in bytes; 16 KiB
	Readers      int           // most concurrent reads of rooms; 8

	Node string // the name of this node on the bus
	Bus  Bus    // connects the other nodes; nil if there are none
	// ReadRevisions returns the revisions of at most 500 rooms' conversations, as
	// fresh as a ReadFunc. The hub reads the rooms that are missing in the result,
	// and all rooms if ReadRevisions is nil.
	ReadRevisions func(ctx context.Context, rooms []string) (map[string]int64, error)
	// OnEvent receives the events of other nodes, one at a time. An event may come
	// twice or not at all. Drain waits for OnEvent, so it sets its own deadlines.
	OnEvent func(Event)
}

func (s Settings) withDefaults() Settings {
	setDefault(&s.Heartbeat, 15*time.Second)
	setDefault(&s.IdleTimeout, time.Minute)
	setDefault(&s.WriteTimeout, 5*time.Second)
	setDefault(&s.StoreTimeout, 5*time.Second)
	setDefault(&s.DrainTime, 2*time.Second)
	setDefault(&s.QueueFrames, 64)
	setDefault(&s.QueueBytes, 256<<10)
	setDefault(&s.ReadLimit, 16<<10)
	setDefault(&s.Readers, 8)
	return s
}

func setDefault[T ~int | ~int64](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}
