// Package hub keeps the live sockets of this node, grouped in rooms. A room is
// one conversation; to the hub its name is an opaque string.
//
// The store holds the truth, and a hint only causes a read. The hub reads a room
// once for all its sockets, which receive the same bytes. Each socket has a
// position, the revision it has been brought to, and receives only updates that
// continue from there. Hints may be lost, duplicated and reordered, because each
// heartbeat reads the room again. A heartbeat carries the room's revision; if the
// read fails, the room becomes stale: its clients receive a stale frame instead,
// which says that what they show may be out of date.
//
// A Bus carries hints, events and presence between nodes. The hub does not rely
// on it: when the bus may have lost messages, and as long as it is unhealthy, the
// hub compares all viewed rooms with the store. Presence is best effort: a node
// repeats it with each heartbeat, and it expires when it is not repeated. Nothing
// else depends on other nodes.
//
// One mutex guards the rooms. It is held for a few queue insertions, never during
// a write to a socket or a read of the store. On two cores an update costs 0.4 to
// 2 µs in a room with one socket, including the wait for the mutex and for the
// socket's writer (BenchmarkSendUpdate), so several mutexes would gain nothing.
// The hub's mutex is locked before a socket's, never after it.
package hub

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
)

// An Update is what a room's conversation holds beyond a revision: one frame for
// all sockets at From or later and before Rev. It brings them to Rev.
type Update struct {
	From, Rev int64
	Frame     []byte // shared by all sockets: must not be changed
}

// A ReadFunc returns what room's conversation holds beyond revision since. It
// must see everything that was committed before the call, so it never reads from
// a lagging replica, and it ends when ctx does.
//
//   - Nothing new: the zero Update, or Rev since and no Frame.
//   - Too much for one frame: the Rev and no Frame. Clients learn Rev from a
//     heartbeat and open the room again.
//   - A Rev below since: the store was restored. Sockets at a later position are
//     closed with 4001 and open the room anew.
//   - An error: the room becomes stale and is read again. An error that is a *Close
//     ends the room's sockets instead.
type ReadFunc func(ctx context.Context, room string, since int64) (Update, error)

// A Hub keeps sockets in rooms. Use New.
type Hub struct {
	readFunc ReadFunc
	settings Settings
	log      *slog.Logger

	ctx  context.Context // ends with the hub: reads run under it
	stop context.CancelFunc
	work sync.WaitGroup // the wheel, the readers, presence, and the goroutines of cluster.go

	unsubscribe context.CancelFunc
	subscribing sync.WaitGroup // the subscription to the bus
	loss        chan struct{}  // holds one: the bus may have lost messages
	events      chan Event     // from other nodes

	mu        sync.Mutex
	rooms     map[string]*room // the viewed ones
	sockets   []*Socket        // all, including those in no room; a socket knows its index
	wheel     [slots]slot
	current   int     // the slot that was due last
	nextSlot  int     // the slot for the next new room
	readQueue []*room // rooms to be read, each at most once
	readers   int     // goroutines that take from readQueue

	groups     socketIndex    // identified sockets by group
	sessions   socketIndex    // … and by session
	people     map[string]int // the number of identified sockets by person ID
	dirtyRooms []*room        // rooms whose presence is to be sent or published
	flushing   bool           // a goroutine takes from dirtyRooms

	draining bool
	stopped  bool
	empty    chan struct{} // closed when the last socket of a draining hub has gone

	storeDown     atomic.Bool // the last read failed; for the log
	reads         atomic.Uint64
	failedReads   atomic.Uint64
	dropped       atomic.Uint64
	resyncs       atomic.Uint64
	droppedEvents atomic.Uint64
}

// New starts a hub. Drain ends it.
func New(read ReadFunc, settings Settings, log *slog.Logger) *Hub {
	h := &Hub{
		readFunc: read,
		settings: settings.withDefaults(),
		log:      log,
		rooms:    make(map[string]*room),
		groups:   make(socketIndex),
		sessions: make(socketIndex),
		people:   make(map[string]int),
		empty:    make(chan struct{}),
	}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.work.Go(h.runWheel)
	h.joinCluster()
	return h
}

// Hint reports that room's conversation has reached rev, or with rev 0 that it
// may have changed. It never waits for the store, and costs next to nothing when
// the room has no viewers. Hints are merged: all that arrive during one read
// cause one more. The hints of other nodes take the same path.
func (h *Hub) Hint(room string, rev int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.applyHint(room, rev)
}

func (h *Hub) applyHint(room string, rev int64) {
	r := h.rooms[room]
	if r == nil {
		return
	}
	if rev <= 0 {
		rev = math.MaxInt64
	}
	r.hinted = max(r.hinted, rev)
	h.readIfBehind(r)
}

// SendUpdate is a Hint from the node that made the change, with the update at
// hand: the sockets whose position it continues receive it at once. The change
// must be committed.
func (h *Hub) SendUpdate(room string, u Update) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[room]
	if r == nil {
		return
	}
	r.send(u)
	h.readIfBehind(r)
}

// HasViewers reports whether room has sockets: whether it is worthwhile to build
// a frame for SendUpdate.
func (h *Hub) HasViewers(room string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[room] != nil
}
