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

// A desk plays the server's side of the live protocol, one browser at a time.
type desk struct {
	url       string
	signedOut atomic.Bool // ask for a code
	shut      atomic.Bool // refuse new sockets
	frames    chan object // what the browser sends, "open" and "beat" aside
	answered  chan string // epochs that "open" was answered with
	pictures  sync.Map    // PNGs by their address, such as "/api/media/m1"

	mu    sync.Mutex
	conn  *websocket.Conn
	whole object // the answer to "open", if it is not the usual one
}

func newDesk(t *testing.T) *desk {
	d := &desk{frames: make(chan object, 100), answered: make(chan string, 100)}
	mux := http.NewServeMux()
	// Tests are not embedded, so they come from the folder.
	for _, page := range []string{"popup", "demo", "console"} {
		mux.Handle("/public/"+page+"/test/", http.StripPrefix("/public/", http.FileServerFS(os.DirFS("."))))
	}
	mux.Handle("/public/", http.StripPrefix("/public/", http.FileServerFS(public.FS)))
	mux.HandleFunc("/popup", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, public.FS, "popup/index.html")
	})
	mux.HandleFunc("/api/", d.api)
	mux.HandleFunc("/api/media/", d.media)
	mux.HandleFunc("/live", d.live)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	}))
	d.url = server.URL
	t.Cleanup(func() {
		d.shut.Store(true)
		d.hangUp(websocket.CloseNormalClosure)
		server.CloseClientConnections()
		server.Close()
	})
	return d
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

// open opens the pop-up in a browser of its own cookies and storage, and reports
// whatever its scripts throw.
func (d *desk) open(t *testing.T) *rod.Page {
	t.Helper()
	if _, err := os.Stat(chromium); err != nil {
		t.Fatal("the tests need Chromium: run make test as root, or install it")
	}
	b, err := browser()
	if err != nil {
		t.Fatal(err)
	}
	own := b.MustIncognito()
	// What a page was waited for in vain fails one test, not the whole run.
	page := own.MustPage("").WithPanic(func(why any) { t.Helper(); t.Fatal(why) })
	go page.EachEvent(func(e *proto.RuntimeExceptionThrown) {
		t.Errorf("the page threw: %s", e.ExceptionDetails.Exception.Description)
	})()
	t.Cleanup(func() {
		_ = proto.TargetDisposeBrowserContext{BrowserContextID: own.BrowserContextID}.Call(b)
	})
	page.MustNavigate(d.url + "/popup#t=launchtoken&ticket=7")
	page = page.Timeout(lastResort)
	if !d.signedOut.Load() {
		page.MustElement("main:not([hidden]) .message")
	}
	return page
}

func (d *desk) api(w http.ResponseWriter, r *http.Request) {
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
		answer(http.StatusOK, object{"conversation": "c", "shop": "Juniper", "signed_in": !d.signedOut.Load(), "ticket": ticket, "agents": agents})
	case r.URL.Path == "/api/code":
		answer(http.StatusAccepted, object{"challenge": "challenge", "ticket": ticket})
	case in.Code == "123456":
		d.signedOut.Store(false)
		answer(http.StatusOK, object{"agent": agents[0]})
	default:
		answer(http.StatusUnauthorized, object{"code": "wrong_code", "text": "That is not the code. 4 tries left."})
	}
}

func (d *desk) media(w http.ResponseWriter, r *http.Request) {
	picture, there := d.pictures.Load(r.URL.Path)
	if !there {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(picture.([]byte))
}

func (d *desk) live(w http.ResponseWriter, r *http.Request) {
	if d.shut.Load() {
		http.Error(w, "shut", http.StatusServiceUnavailable)
		return
	}
	upgrader := websocket.Upgrader{}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	d.mu.Lock()
	d.conn = conn
	d.mu.Unlock()
	for {
		var frame object
		if conn.ReadJSON(&frame) != nil {
			return
		}
		switch frame["type"] {
		case "open":
			whole := d.opened()
			d.say(whole)
			d.answered <- whole["epoch"].(string)
		case "beat":
		default:
			d.frames <- frame
		}
	}
}

var conversation = object{"id": "c", "shop": "Juniper", "line": "+14155550100", "mode": "human", "opted_out": false,
	"shopper": object{"name": "Jane Doe", "phone": "+14155550123", "email": "jane@example.com", "purchased": true}, "escalation": nil, "ticket": nil}

func (d *desk) opened() object {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.whole != nil {
		return d.whole
	}
	return object{"type": "opened", "reset": true, "rev": 1, "epoch": "e", "agent": object{"id": "1", "name": "Ana Ruiz"},
		"conversation": conversation, "entries": []object{said(1, "in", "hello", "", "")}}
}

func (d *desk) changed(from int, entry object) object {
	return object{"type": "changed", "from": from, "rev": from + 1, "conversation": conversation, "entries": []object{entry}}
}

func said(seq int, way, text, state, origin string) object {
	by := object{"role": "shopper"}
	if way == "out" {
		by = object{"role": "agent", "id": "1", "name": "Ana Ruiz"}
	}
	entry := object{"seq": seq, "rev": seq, "kind": "text", "way": way, "by": by, "text": text, "state": state,
		"at": "2026-11-22T10:00:00Z", "origin": origin}
	maps.DeleteFunc(entry, func(_ string, v any) bool { return v == "" }) // as the server does
	return entry
}

func (d *desk) say(frame object) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil {
		_ = d.conn.WriteJSON(frame)
	}
}

func (d *desk) hangUp(code int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil {
		_ = d.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
		_ = d.conn.Close()
		d.conn = nil
	}
}

// lastResort ends a wait that would never end.
const lastResort = 15 * time.Minute

// back loses the browser and waits until it has come back.
func (d *desk) back(t *testing.T) {
	t.Helper()
	for len(d.answered) > 0 {
		<-d.answered
	}
	d.hangUp(4001)
	select {
	case <-d.answered:
	case <-time.After(lastResort):
		t.Fatal("the browser stayed away")
	}
}

// await returns the browser's next frame, which must be of this type.
func (d *desk) await(t *testing.T, kind string) object {
	t.Helper()
	select {
	case frame := <-d.frames:
		if frame["type"] != kind {
			t.Fatalf("got %v, want a %s", frame, kind)
		}
		return frame
	case <-time.After(lastResort):
		t.Fatalf("no %s came", kind)
		return nil
	}
}
