package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/fasthttp/websocket"

	"sidetext/chat"
)

// A Screen is an agent's pop-up without a browser. It follows the rules of the page
// (public/popup/state/rules.js, net/connection.js) and records what violates them.
type Screen struct {
	name         string
	nextNode     func() string // host:port for the next connection
	header       http.Header
	conversation chat.ConversationID
	actions      chan map[string]any // frames that the agent wants to send

	mu         sync.Mutex
	entries    map[int64]chat.Entry // the newest version of each
	first      map[int64]string     // the unchangeable fields of each, as first received
	hasState   bool
	rev        int64
	epoch      string
	floor      int64 // the first place with no gap up to last
	last       int64
	earlier    bool
	opening    bool
	open       bool
	requests   map[string]*request
	violations []string
	connects   int
}

// A request is a frame that the server has to answer.
type request struct {
	frame    map[string]any
	id       string
	text     string // of a text
	answered bool   // with saved
	seq      int64  // the place of a saved text
	code     string // why it was finally refused
}

func (d *request) pending() bool { return !d.answered && d.code == "" }

func newScreen(name string, where func() string, header http.Header, id chat.ConversationID) *Screen {
	return &Screen{name: name, nextNode: where, header: header, conversation: id,
		actions: make(chan map[string]any, 16), entries: map[int64]chat.Entry{}, first: map[int64]string{}, requests: map[string]*request{}}
}

// Times of public/popup/net/connection.js. The page's longest pause is longer; here it would
// only make the run longer.
const (
	SilenceTimeout    = 35 * time.Second
	heartbeatInterval = 25 * time.Second
	handshakeTimeout  = 10 * time.Second
	StableAfter       = 10 * time.Second
	maxReconnectPause = 4 * time.Second
)

// Run keeps the screen connected until ctx ends.
func (s *Screen) Run(ctx context.Context) {
	for attempt := 0; ctx.Err() == nil; attempt++ {
		begin := time.Now()
		code := s.connect(ctx)
		if time.Since(begin) > StableAfter {
			attempt = 0
		}
		if code >= 4400 {
			s.mu.Lock()
			s.violations = append(s.violations, fmt.Sprintf("was closed with code %d", code))
			s.mu.Unlock()
			return
		}
		select {
		case <-time.After(reconnectPause(code, attempt)):
		case <-ctx.Done():
		}
	}
}

func reconnectPause(code, attempt int) time.Duration {
	if code == 4001 && attempt == 0 {
		return 0
	}
	const least = 500 * time.Millisecond
	ceiling := min(maxReconnectPause, time.Second<<min(attempt, 10))
	return least + rand.N(ceiling-least)
}

// connect is one connection. It returns the close code, or 0.
func (s *Screen) connect(ctx context.Context) int {
	dialer := websocket.Dialer{HandshakeTimeout: handshakeTimeout}
	conn, _, err := dialer.DialContext(ctx, "ws://"+s.nextNode()+"/live", s.header)
	if err != nil {
		return 0
	}
	defer conn.Close()
	frames, ended := make(chan Frame), make(chan error, 1)
	stop := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() { ended <- readFrames(conn, frames, stop) })
	defer reading.Wait()
	defer close(stop)
	defer conn.Close()
	s.mu.Lock()
	s.connects++
	s.open, s.opening = false, false
	out := s.requestOpen()
	s.mu.Unlock()
	beat := time.NewTicker(heartbeatInterval)
	defer beat.Stop()
	for {
		for _, frame := range out {
			_ = conn.SetWriteDeadline(time.Now().Add(handshakeTimeout))
			if conn.WriteJSON(frame) != nil {
				return 0
			}
		}
		out = nil
		select {
		case f := <-frames:
			out = s.handleFrame(f)
		case frame := <-s.actions:
			out = s.addRequest(frame)
		case <-beat.C:
			out = []any{map[string]any{"type": "beat"}}
		case err := <-ended:
			var closed *websocket.CloseError
			if errors.As(err, &closed) {
				return closed.Code
			}
			return 0
		case <-ctx.Done():
			return 0
		}
	}
}

// readFrames reads until the connection ends or is silent for too long.
func readFrames(conn *websocket.Conn, frames chan<- Frame, stop <-chan struct{}) error {
	for {
		_ = conn.SetReadDeadline(time.Now().Add(SilenceTimeout))
		_, data, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		var f Frame
		switch f.Type = frameType(data); f.Type {
		case "presence", "shop": // not checked
			continue
		default:
			if err := json.Unmarshal(data, &f); err != nil {
				return err
			}
		}
		select {
		case frames <- f:
		case <-stop:
			return nil
		}
	}
}

// frameType returns the type of a frame.
func frameType(data []byte) string {
	var f struct{ Type string }
	if err := json.Unmarshal(data, &f); err != nil {
		return ""
	}
	return f.Type
}

// Do sends a frame for the agent. It does not wait for the answer.
func (s *Screen) Do(ctx context.Context, frame map[string]any) {
	select {
	case s.actions <- frame:
	case <-ctx.Done():
	}
}

// addRequest saves a request, so that it is sent on each connection until it is
// answered, and returns it if it can be sent now.
func (s *Screen) addRequest(frame map[string]any) []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &request{frame: frame, id: frame["id"].(string)}
	d.text, _ = frame["text"].(string)
	if _, again := s.requests[d.id]; again {
		return nil
	}
	s.requests[d.id] = d
	if !s.open {
		return nil
	}
	return []any{frame}
}

// shown returns what the screen shows.
func (s *Screen) shown() (entries map[int64]chat.Entry, floor, last int64, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.entries), s.floor, s.last, s.hasState && s.open
}

// unanswered counts the agent's requests without an answer.
func (s *Screen) unanswered() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.requests {
		if d.pending() {
			n++
		}
	}
	return n + len(s.actions)
}

// saved returns the texts that the server answered with saved, by their ids.
func (s *Screen) saved() map[string]request {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]request{}
	for id, d := range s.requests {
		if d.seq > 0 && d.text != "" {
			found[id] = *d
		}
	}
	return found
}

func (s *Screen) allViolations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}
