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

// A Viewer is a pop-up on a certain node that keeps every frame.
type Viewer struct {
	t    testing.TB
	Conn *websocket.Conn

	sending sync.Mutex

	mu     sync.Mutex
	frames []Frame
	ended  error
}

// A Frame is what the server sent, and when. The type decides which fields count.
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

// About is the conversation that a frame of type shop is about.
func (f Frame) ConversationID() (id chat.ConversationID) {
	_ = json.Unmarshal(f.Conversation, &id)
	return id
}

// Says finds an entry with a text.
func (f Frame) FindText(text string) (chat.Entry, bool) {
	for _, e := range f.Entries {
		if e.Text == text {
			return e, true
		}
	}
	return chat.Entry{}, false
}

// Names are the people of a frame of type presence; a star means typing.
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

// Beat sends a beat now and then, as a page does, until ctx ends or that fails:
// the server cuts a connection that says nothing for a minute.
func SendHeartbeats(ctx context.Context, send func(frame any) error) {
	for Sleep(ctx, heartbeatInterval) && send(map[string]any{"type": "beat"}) == nil {
	}
}

// Count is how many frames have come, for Next.
func (v *Viewer) Count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.frames)
}

// Find looks for a frame beyond the first few.
func (v *Viewer) Find(beyond int, like func(Frame) bool) (Frame, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, f := range v.frames[beyond:] {
		if like(f) {
			return f, true
		}
	}
	return Frame{}, false
}

// Await waits for a frame, unless it has come already.
func (v *Viewer) Await(what string, like func(Frame) bool) (found Frame) {
	v.t.Helper()
	return v.AwaitAfter(0, what, like)
}

// Next waits for a frame beyond the first few.
func (v *Viewer) AwaitAfter(beyond int, what string, like func(Frame) bool) (found Frame) {
	v.t.Helper()
	Until(v.t, what, func() (ok bool) {
		ended := v.Ended() // before the look: no frame comes after it
		if found, ok = v.Find(beyond, like); !ok && ended != nil {
			v.t.Fatalf("waited for %s, but the connection ended: %v", what, ended)
		}
		return ok
	})
	return found
}

// Sees waits for an entry with a text.
func (v *Viewer) AwaitText(text string) (e chat.Entry) {
	v.t.Helper()
	v.Await("a frame that says "+text, func(f Frame) (ok bool) {
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

// CloseCode waits for the end of the connection, and returns its code or 0.
func (v *Viewer) CloseCode() int {
	v.t.Helper()
	Until(v.t, "a live connection ends", func() bool { return v.Ended() != nil })
	var closed *websocket.CloseError
	if errors.As(v.Ended(), &closed) {
		return closed.Code
	}
	return 0
}

// Slim makes connections that need little memory.
var SmallDialer = &websocket.Dialer{HandshakeTimeout: time.Minute, ReadBufferSize: 512, WriteBufferSize: 512, WriteBufferPool: &sync.Pool{}}
