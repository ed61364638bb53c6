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

// A Screen is an agent's pop-up without a picture. It follows the rules of the page
// (public/popup/state/rules.js, net/connection.js) and keeps what they can't explain.
type Screen struct {
	name         string
	where        func() string // the next connection leads to, host:port
	header       http.Header
	conversation chat.ConversationID
	wishes       chan map[string]any // what the agent does

	mu      sync.Mutex
	entries map[int64]chat.Entry // as the server told them last
	first   map[int64]string     // what was there when the place was first seen
	known   bool
	rev     int64
	epoch   string
	floor   int64 // the first place without a hole up to last
	last    int64
	earlier bool
	asking  bool
	greeted bool
	drafts  map[string]*draft
	broken  []string
	visits  int
}

// A draft is something that the agent asked for, until the server answered.
type draft struct {
	frame map[string]any
	id    string
	text  string // of a text
	done  bool   // it is kept, or done
	seq   int64  // of a text that is kept: its place
	code  string // why it was refused for good
}

func (d *draft) open() bool { return !d.done && d.code == "" }

func newScreen(name string, where func() string, header http.Header, id chat.ConversationID) *Screen {
	return &Screen{name: name, where: where, header: header, conversation: id,
		wishes: make(chan map[string]any, 16), entries: map[int64]chat.Entry{}, first: map[int64]string{}, drafts: map[string]*draft{}}
}

// Times of public/popup/net/connection.js. It waits longer between tries in the end;
// so long a wait would only make the run longer.
const (
	ScreenSilence  = 35 * time.Second
	screenBeats    = 25 * time.Second
	screenShakes   = 10 * time.Second
	ScreenSettled  = 10 * time.Second
	screenPauseMax = 4 * time.Second
)

// Run keeps the screen connected until ctx ends.
func (s *Screen) Run(ctx context.Context) {
	for attempt := 0; ctx.Err() == nil; attempt++ {
		begin := time.Now()
		code := s.visit(ctx)
		if time.Since(begin) > ScreenSettled {
			attempt = 0
		}
		if code >= 4400 {
			s.mu.Lock()
			s.broken = append(s.broken, fmt.Sprintf("was sent away with code %d", code))
			s.mu.Unlock()
			return
		}
		select {
		case <-time.After(screenPause(code, attempt)):
		case <-ctx.Done():
		}
	}
}

func screenPause(code, attempt int) time.Duration {
	if code == 4001 && attempt == 0 {
		return 0
	}
	const least = 500 * time.Millisecond
	ceiling := min(screenPauseMax, time.Second<<min(attempt, 10))
	return least + rand.N(ceiling-least)
}

// visit is one connection. It returns the code that it ended with, or 0.
func (s *Screen) visit(ctx context.Context) int {
	dialer := websocket.Dialer{HandshakeTimeout: screenShakes}
	conn, _, err := dialer.DialContext(ctx, "ws://"+s.where()+"/live", s.header)
	if err != nil {
		return 0
	}
	defer conn.Close()
	frames, ended := make(chan Frame), make(chan error, 1)
	stop := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() { ended <- listen(conn, frames, stop) })
	defer reading.Wait()
	defer close(stop)
	defer conn.Close()
	s.mu.Lock()
	s.visits++
	s.greeted, s.asking = false, false
	out := s.ask()
	s.mu.Unlock()
	beat := time.NewTicker(screenBeats)
	defer beat.Stop()
	for {
		for _, frame := range out {
			_ = conn.SetWriteDeadline(time.Now().Add(screenShakes))
			if conn.WriteJSON(frame) != nil {
				return 0
			}
		}
		out = nil
		select {
		case f := <-frames:
			out = s.hear(f)
		case wish := <-s.wishes:
			out = s.wish(wish)
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

// listen reads until the connection ends or is silent for too long.
func listen(conn *websocket.Conn, frames chan<- Frame, stop <-chan struct{}) error {
	for {
		_ = conn.SetReadDeadline(time.Now().Add(ScreenSilence))
		_, data, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		var f Frame
		switch f.Type = typeOf(data); f.Type {
		case "presence", "shop": // which change nothing that a screen is judged by
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

// typeOf is the type of a frame.
func typeOf(data []byte) string {
	var f struct{ Type string }
	if err := json.Unmarshal(data, &f); err != nil {
		return ""
	}
	return f.Type
}

// Do has the agent do something. It does not wait for the server's answer.
func (s *Screen) Do(ctx context.Context, frame map[string]any) {
	select {
	case s.wishes <- frame:
	case <-ctx.Done():
	}
}

// wish remembers what the agent wants, so that it is asked for until it is
// answered, and asks for it at once if the server listens.
func (s *Screen) wish(frame map[string]any) []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &draft{frame: frame, id: frame["id"].(string)}
	d.text, _ = frame["text"].(string)
	if _, again := s.drafts[d.id]; again {
		return nil
	}
	s.drafts[d.id] = d
	if !s.greeted {
		return nil
	}
	return []any{frame}
}

// copied is what the screen shows.
func (s *Screen) copied() (entries map[int64]chat.Entry, floor, last int64, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.entries), s.floor, s.last, s.known && s.greeted
}

// unanswered is how many things the agent asked for and got no answer to.
func (s *Screen) unanswered() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.drafts {
		if d.open() {
			n++
		}
	}
	return n + len(s.wishes)
}

// kept is the texts that the server said it has, by their ids.
func (s *Screen) kept() map[string]draft {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]draft{}
	for id, d := range s.drafts {
		if d.seq > 0 && d.text != "" {
			found[id] = *d
		}
	}
	return found
}

func (s *Screen) complaints() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.broken)
}
