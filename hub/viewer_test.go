package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"sidetext/hub"
)

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

	here   []hub.Person // who is in the room, as far as it was told since it opened
	crowds int          // how often it was told
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

// agent is a viewer of room whose socket is introduced first, as an agent of that
// id in group "shop", with a session of the same name.
func (w *world) agent(id, room string) *viewer {
	v := w.connect(context.Background(), false)
	v.say("introduce shop " + id + " " + id)
	v.say("open " + room)
	return v
}

// sees is who v was told is there, like "a b* c": b types.
func (v *viewer) sees() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var names []string
	for _, p := range v.here {
		if p.Name != strings.ToUpper(p.ID) {
			v.Errorf("person %+v", p)
		}
		if p.Typing {
			p.ID += "*"
		}
		names = append(names, p.ID)
	}
	return strings.Join(names, " ")
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
	case "introduce":
		words := strings.Split(room, " ")
		s.Introduce(hub.Guest{Group: words[0], Session: words[1], Who: hub.Person{ID: words[2], Name: strings.ToUpper(words[2])}})
		return nil
	case "type":
		s.Typing(room == "on")
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
		v.room, v.pos, v.stale, v.here = f.Room, f.Rev, false, nil
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
	case "presence":
		v.here = f.People
		v.crowds++
		if v.room == "" {
			v.Errorf("told of %v before opening", f.People)
		}
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
