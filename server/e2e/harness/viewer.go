package harness

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"sidetext/chat"
	"sidetext/hub"
)

// A Viewer is a pop-up's connection to a certain node. It records every frame.
type Viewer struct {
	t    testing.TB
	Conn *websocket.Conn

	sending sync.Mutex

	mu     sync.Mutex
	frames []Frame
	ended  error
}

// A Frame is a frame from the server and when it arrived. The type decides which fields
// are set.
type Frame struct {
	At           time.Time
	Type         string
	ID, Code     string
	Rev, From    int64
	Seq          int64
	Epoch        string
	Reset        bool
	Earlier      bool
	Entries      []chat.Entry
	People       []hub.Person
	Event        string
	Conversation json.RawMessage // an id in a frame of type shop, else an object
	Shopper, Why string
}

// ConversationID returns the conversation of a frame of type shop.
func (f Frame) ConversationID() (id chat.ConversationID) {
	_ = json.Unmarshal(f.Conversation, &id)
	return id
}

// FindText finds the entry with a text.
func (f Frame) FindText(text string) (chat.Entry, bool) {
	for _, e := range f.Entries {
		if e.Text == text {
			return e, true
		}
	}
	return chat.Entry{}, false
}

// PeopleNames lists the people of a frame of type presence. A star means typing.
func (f Frame) PeopleNames() string {
	var all []string
	for _, p := range f.People {
		if p.Typing {
			p.Name += "*"
		}
		all = append(all, p.Name)
	}
	return strings.Join(all, ", ")
}

// View opens a conversation on a node, with an agent's cookie.
func (s *System) View(n *Node, browser http.Header, id chat.ConversationID) *Viewer {
	s.T.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+n.Listen+"/live", browser)
	Must(s.T, err)
	v := &Viewer{t: s.T, Conn: conn}
	var reading sync.WaitGroup
	reading.Go(v.read)
	ctx, stop := context.WithCancel(context.Background())
	reading.Go(func() { SendHeartbeats(ctx, v.send) })
	s.T.Cleanup(func() {
		stop()
		_ = conn.Close()
		reading.Wait()
	})
	v.Send(map[string]any{"type": "open", "conversation": id, "since": 0, "epoch": ""})
	v.Await("opened", func(f Frame) bool { return f.Type == "opened" })
	return v
}

func (v *Viewer) read() {
	for {
		_, data, err := v.Conn.ReadMessage()
		f := Frame{At: time.Now()}
		if err == nil {
			err = json.Unmarshal(data, &f)
		}
		v.mu.Lock()
		if err != nil {
			v.ended = err
			v.mu.Unlock()
			return
		}
		v.frames = append(v.frames, f)
		v.mu.Unlock()
	}
}

// Say sends a frame.
func (v *Viewer) Send(frame any) {
	v.t.Helper()
	Must(v.t, v.send(frame))
}

func (v *Viewer) send(frame any) error {
	v.sending.Lock()
	defer v.sending.Unlock()
	return v.Conn.WriteJSON(frame)
}

// SendHeartbeats sends heartbeats, as a page does, until ctx ends or sending fails. The
// server closes a connection that is silent for a minute.
func SendHeartbeats(ctx context.Context, send func(frame any) error) {
	for Sleep(ctx, heartbeatInterval) && send(map[string]any{"type": "beat"}) == nil {
	}
}

// Count returns how many frames have arrived, for AwaitAfter.
func (v *Viewer) Count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.frames)
}

// Find finds a frame after the first skip frames.
func (v *Viewer) Find(skip int, match func(Frame) bool) (Frame, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, f := range v.frames[skip:] {
		if match(f) {
			return f, true
		}
	}
	return Frame{}, false
}

// Await waits for a frame, unless it has arrived already.
func (v *Viewer) Await(what string, match func(Frame) bool) (found Frame) {
	v.t.Helper()
	return v.AwaitAfter(0, what, match)
}

// AwaitAfter waits for a frame after the first skip frames.
func (v *Viewer) AwaitAfter(skip int, what string, match func(Frame) bool) (found Frame) {
	v.t.Helper()
	Until(v.t, what, func() (ok bool) {
		ended := v.Ended() // read first: no frame arrives after the end
		if found, ok = v.Find(skip, match); !ok && ended != nil {
			v.t.Fatalf("waited for %s, but the connection ended: %v", what, ended)
		}
		return ok
	})
	return found
}

// AwaitText waits for an entry with a text.
func (v *Viewer) AwaitText(text string) (e chat.Entry) {
	v.t.Helper()
	v.Await("a frame with the text "+text, func(f Frame) (ok bool) {
		e, ok = f.FindText(text)
		return ok
	})
	return e
}

// Ended returns what ended the connection, or nil while it lasts.
func (v *Viewer) Ended() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.ended
}

// CloseCode waits for the end of the connection, and returns the close code or 0.
func (v *Viewer) CloseCode() int {
	v.t.Helper()
	Until(v.t, "the connection ends", func() bool { return v.Ended() != nil })
	var closed *websocket.CloseError
	if errors.As(v.Ended(), &closed) {
		return closed.Code
	}
	return 0
}

// SmallDialer dials connections that need little memory.
var SmallDialer = &websocket.Dialer{HandshakeTimeout: time.Minute, ReadBufferSize: 512, WriteBufferSize: 512, WriteBufferPool: &sync.Pool{}}
