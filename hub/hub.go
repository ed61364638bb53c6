// Package hub keeps the live sockets of this node, grouped in rooms. A room is
// one conversation; to the hub its name is an opaque string.
//
// The store is the truth, and a hint only says "look". A room is read once for
// all its viewers, who get the same bytes; every viewer has a position, the
// revision it has been brought to, and is only ever sent what leads on from
// there. Hints may be lost, doubled and swapped: whatever they did, each beat
// looks once more, and says where the conversation is or that nobody can tell.
//
// Other nodes tell by a Bus what changed, what happened and who is where. It is
// not trusted: when it may have lost something, and while it may be losing more,
// all viewed rooms are compared with the store. Who is in a room is a courtesy
// and not the truth: it is said anew with every beat, and forgotten when it is
// not. Nothing about other nodes is needed for anything else.
//
// One lock guards the rooms. It is held for the time of some queue insertions,
// never while a socket is written to or the store is read. On two cores a change
// costs 0.4 to 2 µs in a room with one viewer, waiting for the lock and the
// viewer's writer included, so more locks would gain nothing (BenchmarkTell).
// Where both are held, the hub's lock is taken before a socket's.
package hub

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// News is what a room's conversation holds beyond a revision: one frame for all
// viewers that are at From or later, and before Rev. It brings them to Rev.
type News struct {
	From, Rev int64
	Frame     []byte // shared by all viewers: nobody may change it
}

// A Look reads what room's conversation holds beyond revision since. It must
// see everything that was committed before it was called, so it never asks a
// lagging replica, and it ends when ctx does.
//
//   - Nothing new: the zero News, or Rev since and no Frame.
//   - Too much for one frame: the Rev and no Frame. Viewers learn Rev from a beat
//     and open again.
//   - A Rev below since: the store was put back. Viewers further on are sent
//     away with 4001 to open anew.
//   - An error: viewers are told that they may be out of date, and the room is
//     looked at again. An error that is a *Close ends its viewers instead.
type Look func(ctx context.Context, room string, since int64) (News, error)

// Settings of a hub. Zero means the default.
type Settings struct {
	Beat         time.Duration // between two beats of a room; 15 s
	Silence      time.Duration // after which an unheard socket is cut; 60 s
	WriteTimeout time.Duration // for one frame, and for all that is left when a socket ends; 5 s
	LookTimeout  time.Duration // for one look; 5 s
	Spread       time.Duration // over which Drain sends the sockets away; 2 s
	Frames       int           // that may wait for one socket; 64
	Bytes        int           // at which a socket's queue is full; 256 KiB. One frame may go beyond it
	ReadLimit    int64         // for a message from a socket, in bytes; 16 KiB
	Lookers      int           // looks under way at once; 8

	Node string // the name of this node on the bus
	Bus  Bus    // to the other nodes; nil: there are none
	// Revs reads the revisions of some rooms' conversations, at most 500, as fresh
	// as a Look. Rooms that are missing in the answer are looked at, and so are all
	// when Revs is nil.
	Revs func(ctx context.Context, rooms []string) (map[string]int64, error)
	// Heed is told of other nodes' events, one at a time. It may be told of one
	// twice, or never. Drain waits for it, so it has deadlines of its own.
	Heed func(Event)
}

func (s Settings) withDefaults() Settings {
	fill(&s.Beat, 15*time.Second)
	fill(&s.Silence, time.Minute)
	fill(&s.WriteTimeout, 5*time.Second)
	fill(&s.LookTimeout, 5*time.Second)
	fill(&s.Spread, 2*time.Second)
	fill(&s.Frames, 64)
	fill(&s.Bytes, 256<<10)
	fill(&s.ReadLimit, 16<<10)
	fill(&s.Lookers, 8)
	return s
}

func fill[T ~int | ~int64](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// A Hub keeps sockets in rooms. Use New.
type Hub struct {
	look     Look
	settings Settings
	log      *slog.Logger

	ctx  context.Context // ends with the hub: looks run under it
	stop context.CancelFunc
	work sync.WaitGroup // the wheel, the lookers, and whoever deals with other nodes

	hangUp context.CancelFunc // ends listening to the bus
	ears   sync.WaitGroup     // who listens to it
	lost   chan struct{}      // holds one: the bus may have lost something
	events chan Event         // of other nodes

	mu      sync.Mutex
	rooms   map[string]*room // the viewed ones
	sockets []*Socket        // all, also those in no room; a socket knows its index
	wheel   [spokes]spoke
	at      int   // the spoke that had its turn last
	next    int   // the spoke for the next new room
	waiting queue // rooms that are to be looked at
	lookers int   // goroutines that take from it

	guests    [circles]map[string]*Socket // the first of each circle
	restless  []*room                     // where something about who is there is to be said
	murmuring bool                        // somebody takes from it

	draining bool
	stopped  bool
	empty    chan struct{} // closed when the last socket of a draining hub has gone

	blind   atomic.Bool // the last look failed; for the log
	looks   atomic.Uint64
	failed  atomic.Uint64
	dropped atomic.Uint64
	resyncs atomic.Uint64
	unheard atomic.Uint64
}

// New starts a hub. Drain ends it.
func New(look Look, settings Settings, log *slog.Logger) *Hub {
	h := &Hub{
		look:     look,
		settings: settings.withDefaults(),
		log:      log,
		rooms:    make(map[string]*room),
		empty:    make(chan struct{}),
	}
	for c := range h.guests {
		h.guests[c] = make(map[string]*Socket)
	}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.work.Go(h.spin)
	h.join()
	return h
}

// Hint says that room's conversation has reached rev, or with rev 0 that it may
// have changed. It never waits for the store, costs next to nothing when nobody
// views the room, and many of them collapse: while a look is under way they
// cause one more. What other nodes announce comes in this way.
func (h *Hub) Hint(room string, rev int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hint(room, rev)
}

func (h *Hub) hint(room string, rev int64) {
	r := h.rooms[room]
	if r == nil {
		return
	}
	if rev <= 0 {
		rev = math.MaxInt64
	}
	r.want = max(r.want, rev)
	h.follow(r)
}

// Tell is a Hint from the node that made the change, with the news at hand:
// viewers whose position it leads on from get it at once. Only for what has been
// committed.
func (h *Hub) Tell(room string, n News) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[room]
	if r == nil {
		return
	}
	r.deliver(n)
	h.follow(r)
}

// Viewed reports whether anybody looks at room: whether it is worth the trouble
// to put news into a frame for Tell.
func (h *Hub) Viewed(room string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[room] != nil
}
