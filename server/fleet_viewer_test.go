package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/pretend/twilio"
	"sidetext/store"
)

// A viewer is a pop-up on a certain node, which keeps every frame.
type viewer struct {
	t    testing.TB
	conn *websocket.Conn

	mu     sync.Mutex
	frames []frame
	ended  error
}

// A frame is what the server said, and when. Which fields count depends on the
// type.
type frame struct {
	at           time.Time
	Type         string
	ID, Code     string
	Rev, From    int64
	Seq          int64
	Entries      []chat.Entry
	People       []hub.Person
	Event        string
	Conversation json.RawMessage // an id in a frame of type shop, else an object
	Shopper, Why string
}

// about is which conversation a frame of type shop is about.
func (f frame) about() (id chat.ConversationID) {
	_ = json.Unmarshal(f.Conversation, &id)
	return id
}

// says finds an entry with a text.
func (f frame) says(text string) (chat.Entry, bool) {
	for _, e := range f.Entries {
		if e.Text == text {
			return e, true
		}
	}
	return chat.Entry{}, false
}

// names are the people of a frame of type presence, those who type with a star.
func (f frame) names() string {
	var all []string
	for _, p := range f.People {
		if p.Typing {
			p.Name += "*"
		}
		all = append(all, p.Name)
	}
	return strings.Join(all, ", ")
}

// view opens a conversation on a node in somebody's browser.
func (s *siege) view(n *node, browser http.Header, id chat.ConversationID) *viewer {
	s.t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+n.listen+"/live", browser)
	must(s.t, err)
	v := &viewer{t: s.t, conn: conn}
	var reading sync.WaitGroup
	reading.Go(v.read)
	s.t.Cleanup(func() {
		_ = conn.Close()
		reading.Wait()
	})
	v.say(map[string]any{"type": "open", "conversation": id, "since": 0, "epoch": ""})
	v.await(20*time.Second, "opened", func(f frame) bool { return f.Type == "opened" })
	return v
}

func (v *viewer) read() {
	for {
		_, data, err := v.conn.ReadMessage()
		f := frame{at: time.Now()}
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

// say is called by one goroutine at a time.
func (v *viewer) say(frame any) {
	v.t.Helper()
	must(v.t, v.conn.WriteJSON(frame))
}

// count is how many frames there are by now: what await is to look beyond.
func (v *viewer) count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.frames)
}

// find looks among all frames beyond the first few.
func (v *viewer) find(beyond int, like func(frame) bool) (frame, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, f := range v.frames[beyond:] {
		if like(f) {
			return f, true
		}
	}
	return frame{}, false
}

// await waits for a frame, unless it has come already.
func (v *viewer) await(within time.Duration, what string, like func(frame) bool) (found frame) {
	v.t.Helper()
	return v.next(0, within, what, like)
}

// next waits for a frame beyond the first few.
func (v *viewer) next(beyond int, within time.Duration, what string, like func(frame) bool) (found frame) {
	v.t.Helper()
	until(v.t, within, what, func() (ok bool) {
		found, ok = v.find(beyond, like)
		return ok
	})
	return found
}

// sees waits for an entry with a text.
func (v *viewer) sees(within time.Duration, text string) (e chat.Entry) {
	v.t.Helper()
	v.await(within, "somebody sees "+text, func(f frame) (ok bool) {
		e, ok = f.says(text)
		return ok
	})
	return e
}

// closed waits for the end of the connection, and returns its code or 0.
func (v *viewer) closed(within time.Duration) int {
	v.t.Helper()
	until(v.t, within, "a live connection ends", func() bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		return v.ended != nil
	})
	var closed *websocket.CloseError
	if errors.As(v.ended, &closed) {
		return closed.Code
	}
	return 0
}

// hand gives one node a text, as the provider does, and returns the status that
// it answers.
func (s *siege) hand(n *node, client *http.Client, sid, from, body string) (int, error) {
	path := "/hooks/twilio/" + s.line.Endpoint + "/inbound"
	form := url.Values{"MessageSid": {sid}, "AccountSid": {demoAccount}, "From": {from}, "To": {demoNumber}, "Body": {body}, "NumMedia": {"0"}, "SmsStatus": {"received"}}
	req, err := http.NewRequest(http.MethodPost, "http://"+n.listen+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", twilio.Sign(demoToken, s.url+path, form))
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// mustHand is hand for a text that has to be taken.
func (s *siege) mustHand(n *node, sid, from, body string) {
	s.t.Helper()
	if status, err := s.hand(n, http.DefaultClient, sid, from, body); err != nil || status != http.StatusOK {
		s.t.Fatalf("%s was answered %d: %v", body, status, err)
	}
}

// within opens the store beside the servers, to do what takes no server.
func (s *siege) within(do func(context.Context, *store.Store) error) {
	s.t.Helper()
	db, err := store.Open(context.Background(), s.base.url, s.key, slog.New(slog.DiscardHandler))
	must(s.t, err)
	must(s.t, errors.Join(do(context.Background(), db), db.Close()))
}

// call makes a request of a node as one of our pages does, and returns the status.
func (s *siege) call(n *node, browser http.Header, method, path, kind, body string) int {
	s.t.Helper()
	req, err := http.NewRequest(method, "http://"+n.listen+path, strings.NewReader(body))
	must(s.t, err)
	req.Header = browser.Clone()
	req.Header.Set("Origin", s.url)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Content-Type", kind)
	client := http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	must(s.t, err)
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	must(s.t, err)
	for _, cookie := range resp.Cookies() { // of the sign-in
		browser.Set("Cookie", cookie.Name+"="+cookie.Value)
	}
	return resp.StatusCode
}
