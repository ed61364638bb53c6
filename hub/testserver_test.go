package hub_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	client "github.com/fasthttp/websocket"
	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"sidetext/hub"
)

// A testServer is a hub behind real sockets, configured as hub.Conn requires.
type testServer struct {
	*hub.Hub
	url  string
	app  *fiber.App
	done chan error
}

// startServer starts a testServer on store. A message "open SHOP/CONVERSATION"
// opens a room, "open SHOP/CONVERSATION as ID" identifies the socket first, and any
// other message ends the socket.
func startServer(t testing.TB, store *timedStore, settings hub.Settings) *testServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &testServer{
		Hub:  hub.New(store.read, settings, discard),
		url:  "ws://" + listener.Addr().String() + "/live",
		app:  fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true, ReduceMemoryUsage: true}),
		done: make(chan error, 1),
	}
	s.app.Server().KeepHijackedConns = true
	s.app.Get("/live", websocket.New(func(c *websocket.Conn) {
		inner := c.Conn // the wrapper is recycled
		_ = s.Serve(context.Background(), inner, func(socket *hub.Socket, data []byte) error {
			room, ok := strings.CutPrefix(string(data), "open ")
			if !ok {
				return &hub.Close{Code: 4400, Reason: "protocol error"}
			}
			room, id, ok := strings.Cut(room, " as ")
			if ok {
				shop, _, _ := strings.Cut(room, "/")
				socket.Identify(hub.Identity{Group: shop, Session: id, Person: hub.Person{ID: id, Name: id}})
			}
			socket.Join(room)
			socket.SendSnapshot(store.snapshot(room))
			return nil
		})
	}, websocket.Config{
		ReadBufferSize: 512, WriteBufferSize: 512, WriteBufferPool: new(sync.Pool),
	}))
	go func() { s.done <- s.app.Listener(listener) }()
	return s
}

func (s *testServer) end(t testing.TB) {
	t.Helper()
	if err := errors.Join(s.Drain(context.Background()), s.app.Shutdown(), <-s.done); err != nil {
		t.Error(err)
	}
}

// dial connects to url, opens room and returns when it has received the snapshot.
func dial(url, room string) (*client.Conn, error) {
	dialer := client.Dialer{HandshakeTimeout: 15 * time.Minute, ReadBufferSize: 512, WriteBufferSize: 512}
	conn, _, err := dialer.Dial(url, nil)
	if err != nil {
		return nil, err
	}
	err = conn.WriteMessage(textKind, []byte("open "+room))
	if err == nil {
		_, _, err = conn.ReadMessage()
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// A timedStore holds when each change of a room was made.
type timedStore struct {
	mu      sync.Mutex
	changes map[string][]time.Time // by room; index i is the change to revision i+1
}

func newTimedStore() *timedStore { return &timedStore{changes: make(map[string][]time.Time)} }

// change makes a change and returns its revision.
func (s *timedStore) change(room string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes[room] = append(s.changes[room], time.Now())
	return int64(len(s.changes[room]))
}

func (s *timedStore) snapshot(room string) ([]byte, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rev := int64(len(s.changes[room]))
	return textFrame(room, rev, rev), rev
}

func (s *timedStore) read(_ context.Context, room string, since int64) (hub.Update, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rev := int64(len(s.changes[room]))
	if rev == since {
		return hub.Update{}, nil
	}
	return hub.Update{From: since, Rev: rev, Frame: textFrame(room, since, rev)}, nil
}

// textFrame returns a frame about a room, as large as one with a text.
func textFrame(room string, from, rev int64) []byte {
	frame := make([]byte, 0, 512)
	frame = append(frame, room...)
	frame = append(frame, ' ')
	frame = strconv.AppendInt(frame, from, 10)
	frame = append(frame, ' ')
	frame = strconv.AppendInt(frame, rev, 10)
	return append(append(frame, ' '), padding...)
}

var padding = strings.Repeat("x", 400)

// parseFrame parses a textFrame. It returns false for any other frame.
func parseFrame(frame []byte) (room string, from, rev int64, ok bool) {
	words := strings.Fields(string(frame))
	if len(words) != 4 {
		return "", 0, 0, false
	}
	from, err1 := strconv.ParseInt(words[1], 10, 64)
	rev, err2 := strconv.ParseInt(words[2], 10, 64)
	return words[0], from, rev, err1 == nil && err2 == nil
}
