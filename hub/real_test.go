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

// A service is a hub behind real sockets, set up as a server has to.
type service struct {
	*hub.Hub
	url  string
	app  *fiber.App
	done chan error
}

// serve starts a service. A message "open SHOP/ROOM" opens a room with what open
// says it holds, and "open SHOP/ROOM as ID" does so as somebody; "refuse" is
// refused.
func serve(t testing.TB, look hub.Look, open func(room string) ([]byte, int64), settings hub.Settings) *service {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &service{
		Hub:  hub.New(look, settings, discard),
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
				socket.Introduce(hub.Guest{Group: shop, Session: id, Who: hub.Person{ID: id, Name: id}})
			}
			socket.Join(room)
			socket.Opened(open(room))
			return nil
		})
	}, websocket.Config{
		ReadBufferSize: 512, WriteBufferSize: 512, WriteBufferPool: new(sync.Pool),
	}))
	go func() { s.done <- s.app.Listener(listener) }()
	return s
}

func (s *service) end(t testing.TB) {
	t.Helper()
	if err := errors.Join(s.Drain(context.Background()), s.app.Shutdown(), <-s.done); err != nil {
		t.Error(err)
	}
}

// dial opens room at address, and returns once it is open.
func dial(url, room string) (*client.Conn, error) {
	dialer := client.Dialer{HandshakeTimeout: 15 * time.Minute, ReadBufferSize: 512, WriteBufferSize: 512}
	conn, _, err := dialer.Dial(url, nil)
	if err != nil {
		return nil, err
	}
	err = conn.WriteMessage(text, []byte("open "+room))
	if err == nil {
		_, _, err = conn.ReadMessage()
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// A ledger is a store in memory that notes when each change was made.
type ledger struct {
	mu   sync.Mutex
	made map[string][]time.Time // by room: the change to revision i+1
}

func (l *ledger) change(room string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made[room] = append(l.made[room], time.Now())
	return int64(len(l.made[room]))
}

func (l *ledger) open(room string) ([]byte, int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rev := int64(len(l.made[room]))
	return entry(room, rev, rev), rev
}

func (l *ledger) look(_ context.Context, room string, since int64) (hub.News, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rev := int64(len(l.made[room]))
	if rev == since {
		return hub.News{}, nil
	}
	return hub.News{From: since, Rev: rev, Frame: entry(room, since, rev)}, nil
}

// entry is a frame about a room named SHOP/CONVERSATION, of the size of a text.
func entry(room string, from, rev int64) []byte {
	frame := make([]byte, 0, 512)
	frame = append(frame, room...)
	frame = append(frame, ' ')
	frame = strconv.AppendInt(frame, from, 10)
	frame = append(frame, ' ')
	frame = strconv.AppendInt(frame, rev, 10)
	return append(append(frame, ' '), filling...)
}

var filling = strings.Repeat("x", 400)

// parse is entry the other way round; false for a beat.
func parse(frame []byte) (room string, from, rev int64, ok bool) {
	words := strings.Fields(string(frame))
	if len(words) != 4 {
		return "", 0, 0, false
	}
	from, err1 := strconv.ParseInt(words[1], 10, 64)
	rev, err2 := strconv.ParseInt(words[2], 10, 64)
	return words[0], from, rev, err1 == nil && err2 == nil
}
