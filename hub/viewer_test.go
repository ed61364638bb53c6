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

// A viewer is a client that checks what it receives, as a browser does.
type viewer struct {
	*testHub
	conn *pipe
	done chan struct{} // closed when Serve has returned
	err  error         // what Serve returned

	mu        sync.Mutex
	room      string
	pos       int64
	received  []string // "opened 3", "changed 3 5", "beat 5", "stale"
	stale     bool
	closeCode int           // of the close frame
	paused    chan struct{} // the viewer reads nothing until it is closed

	allowAhead bool // a heartbeat may be ahead of the viewer

	people    []hub.Person // of the last presence frame since it opened the room
	presences int          // presence frames
}

// connect starts a viewer. A paused one reads nothing until v.paused is closed.
func (h *testHub) connect(ctx context.Context, paused bool) *viewer {
	server, client := newPipe(h)
	v := &viewer{testHub: h, conn: client, done: make(chan struct{}), paused: make(chan struct{})}
	if !paused {
		close(v.paused)
	}
	h.viewers.Go(func() {
		v.err = h.Serve(ctx, server, v.handle)
		server.returned.Store(true)
		close(v.done)
	})
	h.viewers.Go(v.readFrames)
	return v
}

// view starts a viewer that opens room.
func (h *testHub) view(room string) *viewer {
	v := h.connect(context.Background(), false)
	v.send("open " + room)
	return v
}

// agent starts a viewer that identifies itself as the agent with that id, in group
// "shop" and with a session of the same name, and opens room.
func (h *testHub) agent(id, room string) *viewer {
	v := h.connect(context.Background(), false)
	v.send("identify shop " + id + " " + id)
	v.send("open " + room)
	return v
}

// shown returns the people of the last presence frame, like "a b* c": b types.
func (v *viewer) shown() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var names []string
	for _, p := range v.people {
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

// send sends a message, unless the connection is closed.
func (v *viewer) send(message string) { _ = v.conn.WriteMessage(textKind, []byte(message)) }

// handle is the server's side of the protocol.
func (v *viewer) handle(s *hub.Socket, data []byte) error {
	command, args, _ := strings.Cut(string(data), " ")
	switch command {
	case "open":
		return v.open(s, args)
	case "identify":
		words := strings.Split(args, " ")
		s.Identify(hub.Identity{Group: words[0], Session: words[1], Person: hub.Person{ID: words[2], Name: strings.ToUpper(words[2])}})
		return nil
	case "type":
		s.SetTyping(args == "on")
		return nil
	case "panic":
		panic(args)
	case "refuse":
		return &hub.Close{Code: 4400, Reason: args}
	}
	return s.Send(data)
}

func (v *viewer) open(s *hub.Socket, room string) error {
	s.Join(room)
	store := v.fakeStore
	store.mu.Lock()
	rev, down, onOpen := store.revs[room], store.down, store.onOpen
	store.mu.Unlock()
	if onOpen != nil {
		onOpen(room)
	}
	if down {
		return errDown
	}
	s.SendSnapshot(encode(frame{Type: "opened", Room: room, Rev: rev}), rev)
	return nil
}

// readFrames reads frames until the connection ends.
func (v *viewer) readFrames() {
	defer v.conn.Close()
	<-v.paused
	for {
		_, data, err := v.conn.ReadMessage()
		v.mu.Lock()
		if err != nil {
			if c, ok := errors.AsType[*closed](err); ok {
				v.closeCode = c.code
			}
			v.mu.Unlock()
			return
		}
		v.handleFrame(data)
		v.mu.Unlock()
	}
}

// handleFrame records a frame. It reports a gap, an update that the viewer has
// already, one of another room, and a heartbeat ahead of the viewer.
func (v *viewer) handleFrame(data []byte) {
	var f frame
	if err := json.Unmarshal(data, &f); err != nil {
		v.received = append(v.received, string(data))
		return
	}
	switch f.Type {
	case "opened":
		v.received = append(v.received, fmt.Sprint("opened ", f.Rev))
		if f.Rev < v.pos && f.Room == v.room {
			v.Errorf("opened at %d, was at %d", f.Rev, v.pos)
		}
		v.room, v.pos, v.stale, v.people = f.Room, f.Rev, false, nil
	case "changed":
		v.received = append(v.received, fmt.Sprint("changed ", f.From, " ", f.Rev))
		if f.Room != v.room || f.From > v.pos || f.Rev <= v.pos {
			v.Errorf("at %s %d, got %+v", v.room, v.pos, f)
		}
		v.pos = f.Rev
	case "beat":
		v.received = append(v.received, fmt.Sprint("beat ", f.Rev))
		if f.Rev > v.pos && !v.allowAhead {
			v.Errorf("at %d, got a heartbeat with %d", v.pos, f.Rev)
		}
		v.stale = false
	case "presence":
		v.people = f.People
		v.presences++
		if v.room == "" {
			v.Errorf("presence %v before a room was opened", f.People)
		}
	case "stale":
		v.received = append(v.received, "stale")
		v.stale = true
	}
}

func (v *viewer) state() (room string, pos int64, stale bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.room, v.pos, v.stale
}

// ended reports whether Serve has returned.
func (v *viewer) ended() bool {
	select {
	case <-v.done:
		return true
	default:
		return false
	}
}

// want compares what v has received so far, heartbeats and presence aside.
func (v *viewer) want(want ...string) {
	v.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	got := slices.DeleteFunc(slices.Clone(v.received), func(s string) bool { return strings.HasPrefix(s, "beat") })
	if !slices.Equal(got, want) {
		v.Errorf("received %q, want %q", got, want)
	}
}
