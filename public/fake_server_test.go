package public_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"

	"sidetext/public"
)

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

const chromium = "/usr/bin/chromium"

type object = map[string]any

// A fakeServer speaks the server's side of the live protocol to one browser.
type fakeServer struct {
	url       string
	signedOut atomic.Bool // the browser has no session
	refusing  atomic.Bool // refuse new sockets
	frames    chan object // frames from the browser other than "open" and "beat"
	answered  chan string // the epoch of each answer to "open"
	pictures  sync.Map    // PNGs by their address, such as "/api/media/m1"

	mu       sync.Mutex
	conn     *websocket.Conn
	snapshot object // the answer to "open"; nil: a default
}

func newFakeServer(t *testing.T) *fakeServer {
	s := &fakeServer{frames: make(chan object, 100), answered: make(chan string, 100)}
	mux := http.NewServeMux()
	// Tests are not embedded, so they come from the folder.
	for _, page := range []string{"popup", "demo", "console"} {
		mux.Handle("/public/"+page+"/test/", http.StripPrefix("/public/", http.FileServerFS(os.DirFS("."))))
	}
	mux.Handle("/public/", http.StripPrefix("/public/", http.FileServerFS(public.FS)))
	mux.HandleFunc("/popup", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, public.FS, "popup/index.html")
	})
	mux.HandleFunc("/api/", s.api)
	mux.HandleFunc("/api/media/", s.media)
	mux.HandleFunc("/live", s.live)
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	}))
	s.url = listener.URL
	t.Cleanup(func() {
		s.refusing.Store(true)
		s.disconnect(websocket.CloseNormalClosure)
		listener.CloseClientConnections()
		listener.Close()
	})
	return s
}

var browser = sync.OnceValues(func() (*rod.Browser, error) {
	url, err := launcher.New().Bin(chromium).NoSandbox(true).Leakless(false).
		Set("disable-gpu").Set("disable-quic").Set("no-first-run").Set("disable-background-networking").
		Set("disable-component-update").Set("disable-sync").Launch()
	if err != nil {
		return nil, err
	}
	b := rod.New().ControlURL(url).NoDefaultDevice()
	return b, b.Connect()
})

func TestMain(m *testing.M) {
	code := m.Run()
	if b, err := browser(); err == nil {
		_ = b.Close()
	}
	os.Exit(code)
}

// open opens the pop-up with cookies and storage of its own. The test fails if a script
// throws.
func (s *fakeServer) open(t *testing.T) *rod.Page {
	t.Helper()
	if _, err := os.Stat(chromium); err != nil {
		t.Fatal("the tests need Chromium: run make test as root, or install it")
	}
	b, err := browser()
	if err != nil {
		t.Fatal(err)
	}
	own := b.MustIncognito()
	// A wait without end fails one test and not the whole run.
	page := own.MustPage("").WithPanic(func(why any) { t.Helper(); t.Fatal(why) })
	go page.EachEvent(func(e *proto.RuntimeExceptionThrown) {
		t.Errorf("the page threw: %s", e.ExceptionDetails.Exception.Description)
	})()
	t.Cleanup(func() {
		_ = proto.TargetDisposeBrowserContext{BrowserContextID: own.BrowserContextID}.Call(b)
	})
	page.MustNavigate(s.url + "/popup#t=launchtoken&ticket=7")
	page = page.Timeout(testTimeout)
	if !s.signedOut.Load() {
		page.MustElement("main:not([hidden]) .message")
	}
	return page
}

func (s *fakeServer) api(w http.ResponseWriter, r *http.Request) {
	var in struct{ Token, Ticket, Agent, Challenge, Code string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, "{}", http.StatusBadRequest)
		return
	}
	answer := func(status int, v object) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	ticket := object{"id": "7", "url": "https://acme.gorgias.com/app/ticket/7"}
	agents := []object{{"id": "1", "name": "Ana Ruiz"}, {"id": "2", "name": "Bernd Ångström"}, {"id": "3", "name": "Chloé"},
		{"id": "4", "name": "Dan"}, {"id": "5", "name": "Eve"}, {"id": "6", "name": "Flo"}}
	switch {
	case in.Token != "launchtoken" && in.Challenge != "challenge":
		answer(http.StatusNotFound, object{"code": "not_found", "text": "There is nothing here."})
	case r.URL.Path == "/api/launch":
		answer(http.StatusOK, object{"conversation": "c", "shop": "Juniper", "signed_in": !s.signedOut.Load(), "ticket": ticket, "agents": agents})
	case r.URL.Path == "/api/code":
		answer(http.StatusAccepted, object{"challenge": "challenge", "ticket": ticket})
	case in.Code == "123456":
		s.signedOut.Store(false)
		answer(http.StatusOK, object{"agent": agents[0]})
	default:
		answer(http.StatusUnauthorized, object{"code": "wrong_code", "text": "That is not the code. 4 tries left."})
	}
}

func (s *fakeServer) media(w http.ResponseWriter, r *http.Request) {
	picture, there := s.pictures.Load(r.URL.Path)
	if !there {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(picture.([]byte))
}

func (s *fakeServer) live(w http.ResponseWriter, r *http.Request) {
	if s.refusing.Load() {
		http.Error(w, "refusing sockets", http.StatusServiceUnavailable)
		return
	}
	upgrader := websocket.Upgrader{}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	s.mu.Lock()
	s.conn = conn
	s.mu.Unlock()
	for {
		var frame object
		if conn.ReadJSON(&frame) != nil {
			return
		}
		switch frame["type"] {
		case "open":
			snapshot := s.opened()
			s.send(snapshot)
			s.answered <- snapshot["epoch"].(string)
		case "beat":
		default:
			s.frames <- frame
		}
	}
}

var conversation = object{"id": "c", "shop": "Juniper", "line": "+14155550100", "mode": "human", "opted_out": false,
	"shopper": object{"name": "Jane Doe", "phone": "+14155550123", "email": "jane@example.com", "purchased": true}, "escalation": nil, "ticket": nil}

func (s *fakeServer) opened() object {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snapshot != nil {
		return s.snapshot
	}
	return object{"type": "opened", "reset": true, "rev": 1, "epoch": "e", "agent": object{"id": "1", "name": "Ana Ruiz"},
		"conversation": conversation, "entries": []object{textEntry(1, "in", "hello", "", "")}}
}

func (s *fakeServer) changed(from int, entry object) object {
	return object{"type": "changed", "from": from, "rev": from + 1, "conversation": conversation, "entries": []object{entry}}
}

func textEntry(seq int, way, text, state, origin string) object {
	by := object{"role": "shopper"}
	if way == "out" {
		by = object{"role": "agent", "id": "1", "name": "Ana Ruiz"}
	}
	entry := object{"seq": seq, "rev": seq, "kind": "text", "way": way, "by": by, "text": text, "state": state,
		"at": "2026-11-22T10:00:00Z", "origin": origin}
	maps.DeleteFunc(entry, func(_ string, v any) bool { return v == "" }) // as the server does
	return entry
}

func (s *fakeServer) send(frame object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		_ = s.conn.WriteJSON(frame)
	}
}

func (s *fakeServer) disconnect(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
		_ = s.conn.Close()
		s.conn = nil
	}
}

// testTimeout ends a wait that would not end otherwise.
const testTimeout = 15 * time.Minute

// reconnect breaks the connection and waits until the browser has connected again.
func (s *fakeServer) reconnect(t *testing.T) {
	t.Helper()
	for len(s.answered) > 0 {
		<-s.answered
	}
	s.disconnect(4001)
	select {
	case <-s.answered:
	case <-time.After(testTimeout):
		t.Fatal("the browser did not connect again")
	}
}

// waitFor returns the browser's next frame, which must be of this type.
func (s *fakeServer) waitFor(t *testing.T, kind string) object {
	t.Helper()
	select {
	case frame := <-s.frames:
		if frame["type"] != kind {
			t.Fatalf("got %v, want a %s", frame, kind)
		}
		return frame
	case <-time.After(testTimeout):
		t.Fatalf("no %s frame arrived", kind)
		return nil
	}
}
