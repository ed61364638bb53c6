package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"sidetext/hub"
)

var (
	errDown = errors.New("the store is down")
	discard = slog.New(slog.DiscardHandler)
)

// A reporter is what the tests need of *testing.T and *rapid.T.
type reporter interface {
	Helper()
	Error(...any)
	Errorf(string, ...any)
}

// A world is a hub on a store that holds revisions 1, 2, 3 … of rooms, and the
// viewers of it.
type world struct {
	reporter
	*hub.Hub

	mu      sync.Mutex
	rev     map[string]int64
	looks   []string // "room since"
	down    bool
	looking func(ctx context.Context, room string) // runs in a look, after the store was read
	opening func(room string)                      // runs in an opening, after the store was read
	viewers sync.WaitGroup
}

func newWorld(t reporter, settings hub.Settings) *world {
	w := &world{reporter: t, rev: make(map[string]int64)}
	w.Hub = hub.New(w.look, settings, discard)
	return w
}

// end drains the hub and waits for everybody.
func (w *world) end() {
	if err := w.Drain(context.Background()); err != nil {
		w.Error(err)
	}
	w.viewers.Wait()
}

// commit makes one change to room and returns its revision.
func (w *world) commit(room string) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rev[room]++
	return w.rev[room]
}

func (w *world) at(room string) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rev[room]
}

func (w *world) set(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
}

func (w *world) looked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.looks)
}

func (w *world) look(ctx context.Context, room string, since int64) (hub.News, error) {
	w.mu.Lock()
	w.looks = append(w.looks, fmt.Sprint(room, " ", since))
	rev, down, looking := w.rev[room], w.down, w.looking
	w.mu.Unlock()
	if looking != nil {
		looking(ctx, room)
	}
	if down || ctx.Err() != nil {
		return hub.News{}, errDown
	}
	if rev == since {
		return hub.News{}, nil
	}
	return changed(room, since, rev), nil
}

func changed(room string, from, rev int64) hub.News {
	return hub.News{From: from, Rev: rev, Frame: encode(frame{"changed", room, from, rev})}
}

type frame struct {
	Type string `json:"type"`
	Room string `json:"room,omitempty"`
	From int64  `json:"from,omitempty"`
	Rev  int64  `json:"rev,omitempty"`
}

func encode(f frame) []byte {
	data, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return data
}

// A viewer is what a browser makes of its socket.
type viewer struct {
	*world
	conn *pipe
	gone chan struct{} // closed when Serve has returned
	why  error         // what Serve returned

	mu    sync.Mutex
	room  string
	pos   int64
	heard []string // "opened 3", "changed 3 5", "beat 5", "stale"
	stale bool
	code  int           // of the close frame
	held  chan struct{} // reads nothing before this is closed

	lenient bool // does not mind a beat ahead of it
}

// connect starts a viewer. Held, it reads nothing before held is closed.
func (w *world) connect(ctx context.Context, held bool) *viewer {
	server, client := newPipe(w)
	v := &viewer{world: w, conn: client, gone: make(chan struct{}), held: make(chan struct{})}
	if !held {
		close(v.held)
	}
	w.viewers.Go(func() {
		v.why = w.Serve(ctx, server, v.handle)
		server.returned.Store(true)
		close(v.gone)
	})
	w.viewers.Go(v.listen)
	return v
}

// view connects a viewer and opens room from the beginning.
func (w *world) view(room string) *viewer {
	v := w.connect(context.Background(), false)
	v.say("open " + room)
	return v
}

// say sends a message; one that has no end left to read it is lost.
func (v *viewer) say(message string) { _ = v.conn.WriteMessage(text, []byte(message)) }

// handle is the server's side of the protocol.
func (v *viewer) handle(s *hub.Socket, data []byte) error {
	word, room, _ := strings.Cut(string(data), " ")
	switch word {
	case "open":
		s.Join(room)
		v.world.mu.Lock()
		rev, down, opening := v.world.rev[room], v.world.down, v.world.opening
		v.world.mu.Unlock()
		if opening != nil {
			opening(room)
		}
		if down {
			return errDown
		}
		s.Opened(encode(frame{Type: "opened", Room: room, Rev: rev}), rev)
		return nil
	case "panic":
		panic(room)
	case "refuse":
		return &hub.Close{Code: 4400, Reason: room}
	}
	return s.Send(data)
}

// listen takes frames as a browser does, and reports whatever a browser would
// have to ask about: a gap, news that it has, another room's, a beat ahead of it.
func (v *viewer) listen() {
	defer v.conn.Close()
	<-v.held
	for {
		_, data, err := v.conn.ReadMessage()
		v.mu.Lock()
		if err != nil {
			if c, ok := errors.AsType[*closed](err); ok {
				v.code = c.code
			}
			v.mu.Unlock()
			return
		}
		v.take(data)
		v.mu.Unlock()
	}
}

func (v *viewer) take(data []byte) {
	var f frame
	if err := json.Unmarshal(data, &f); err != nil {
		v.heard = append(v.heard, string(data))
		return
	}
	switch f.Type {
	case "opened":
		v.heard = append(v.heard, fmt.Sprint("opened ", f.Rev))
		if f.Rev < v.pos && f.Room == v.room {
			v.Errorf("opened at %d, was at %d", f.Rev, v.pos)
		}
		v.room, v.pos, v.stale = f.Room, f.Rev, false
	case "changed":
		v.heard = append(v.heard, fmt.Sprint("changed ", f.From, " ", f.Rev))
		if f.Room != v.room || f.From > v.pos || f.Rev <= v.pos {
			v.Errorf("at %s %d, got %+v", v.room, v.pos, f)
		}
		v.pos = f.Rev
	case "beat":
		v.heard = append(v.heard, fmt.Sprint("beat ", f.Rev))
		if f.Rev > v.pos && !v.lenient {
			v.Errorf("at %d, the beat said %d", v.pos, f.Rev)
		}
		v.stale = false
	case "stale":
		v.heard = append(v.heard, "stale")
		v.stale = true
	}
}

func (v *viewer) state() (room string, pos int64, stale bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.room, v.pos, v.stale
}

// want compares what v heard so far, beats aside.
func (v *viewer) want(want ...string) {
	v.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	got := slices.DeleteFunc(slices.Clone(v.heard), func(s string) bool { return strings.HasPrefix(s, "beat") })
	if !slices.Equal(got, want) {
		v.Errorf("heard %q, want %q", got, want)
	}
}

const beat = 15 * time.Second
