package popup_test

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
	"sidetext/store"
)

func TestSocketNeedsOwnOrigin(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, _, _ := s.SignedInAgent()
	host := strings.TrimPrefix(s.URL, "http://")
	port := host[strings.LastIndex(host, ":"):]
	for _, test := range []struct {
		origin, site string
		want         int
	}{
		{s.URL, "", 101}, {s.URL, "same-origin", 101},
		{"", "", 403}, {"", "same-origin", 403}, {"null", "", 403}, {"null", "same-origin", 403},
		{"http://evil.example", "", 403}, {"http://evil.example", "same-origin", 403}, {"http://evil.example" + port, "", 403},
		{s.URL, "cross-site", 403}, {s.URL, "same-site", 403}, {s.URL, "none", 403},
		{"http://www." + host, "", 403}, {s.URL + ".evil.example", "", 403}, {"http://evil.example/" + s.URL, "", 403},
		{strings.ToUpper(s.URL), "", 403}, {s.URL + "/", "", 403}, {s.URL + "0", "", 403}, {strings.TrimSuffix(s.URL, port), "", 403},
		{strings.TrimSuffix(s.URL, port) + ":1", "", 403}, {"https://" + host, "", 403}, {"ws://" + host, "", 403}, {"http://localhost" + port, "", 403},
		{s.URL + " http://evil.example", "", 403}, {"*", "", 403}, {"file://", "", 403},
	} {
		header := http.Header{}
		if test.origin != "" {
			header.Set("Origin", test.origin)
		}
		if test.site != "" {
			header.Set("Sec-Fetch-Site", test.site)
		}
		if got := agent.TryUpgrade(header); got != test.want {
			t.Errorf("Origin %q, Sec-Fetch-Site %q: got %d", test.origin, test.site, got)
		}
	}
	if got := agent.Call("GET", "/live", nil, nil); got != 400 {
		t.Errorf("without an upgrade: got %d", got)
	}
	if got := agent.Call("POST", "/live", nil, nil); got != 404 {
		t.Errorf("POST: got %d", got)
	}
}

func TestSocketNeedsSession(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	_, id, _ := s.SignedInAgent()
	link, err := s.App.Store.MakeSignInLink(t.Context(), s.Shop.ID, time.Now())
	stage.Must(t, err)
	merchant, err := s.App.Store.UseSignInLink(t.Context(), link, time.Now())
	stage.Must(t, err)
	for name, cookie := range map[string]string{
		"no cookie": "", "nonsense": "nonsense", "not signed": "eyJhbGciOiJub25lIn0.eyJpc3MiOiJzaWRldGV4dCIsImF1ZCI6ImFnZW50IiwianRpIjoieCIsImV4cCI6OTk5OTk5OTk5OX0.",
		"a merchant's":            s.SignedCookie(t, store.MerchantSession, merchant.ID, s.SessionKey()),
		"a merchant as an agent":  s.SignedCookie(t, store.AgentSession, merchant.ID, s.SessionKey()),
		"of no session":           s.SignedCookie(t, store.AgentSession, "nobody", s.SessionKey()),
		"signed with another key": s.SignedCookie(t, store.AgentSession, "nobody", make([]byte, 32)),
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{"Origin": {s.URL}}
			if cookie != "" {
				header.Set("Cookie", s.App.Web.Cookies.Name(store.AgentSession)+"="+cookie)
			}
			conn, _, err := websocket.DefaultDialer.Dial(strings.Replace(s.URL, "http", "ws", 1)+"/live", header)
			stage.Must(t, err)
			defer conn.Close()
			p := &stage.Popup{T: t, Conn: conn}
			p.SendFrame(map[string]any{"type": "open", "conversation": id})
			if code := p.WaitForClose(); code != 4401 {
				t.Errorf("closed with %d", code)
			}
		})
	}
}

func TestSocketFrames(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	open := fmt.Sprintf(`{"type":"open","conversation":%q}`, id)
	long := strings.Repeat("x", 65)
	for name, test := range map[string]struct {
		frames []string
		kind   int
		want   int
	}{
		"an unknown field":            {[]string{`{"type":"open","conversation":"x","shop":"y"}`}, 1, 4400},
		"an unknown type":             {[]string{open, `{"type":"subscribe"}`}, 1, 4400},
		"no type":                     {[]string{open, `{}`}, 1, 4400},
		"nothing":                     {[]string{open, ``}, 1, 4400},
		"null":                        {[]string{open, `null`}, 1, 4400},
		"a list":                      {[]string{`[` + open + `]`}, 1, 4400},
		"two values":                  {[]string{open + open}, 1, 4400},
		"something behind it":         {[]string{open + `]`}, 1, 4400},
		"half of it":                  {[]string{open[:20]}, 1, 4400},
		"rubbish":                     {[]string{"\x00\xff\xfe\x80"}, 2, 4400},
		"very deep":                   {[]string{strings.Repeat(`[`, 16000)}, 1, 4400},
		"another type of value":       {[]string{`{"type":"open","conversation":"x","since":"0"}`}, 1, 4400},
		"a second conversation":       {[]string{open, `{"type":"open","conversation":"other"}`}, 1, 4400},
		"a beat before it is open":    {[]string{`{"type":"beat"}`}, 1, 4400},
		"a text before it is open":    {[]string{`{"type":"send","id":"12345678","text":"x"}`}, 1, 4400},
		"a text without an id":        {[]string{open, `{"type":"send","text":"x"}`}, 1, 4400},
		"a text with a short id":      {[]string{open, `{"type":"send","id":"1234567","text":"x"}`}, 1, 4400},
		"a text with a long id":       {[]string{open, `{"type":"send","id":"` + long + `","text":"x"}`}, 1, 4400},
		"too many beats":              {slices.Concat([]string{open}, slices.Repeat([]string{`{"type":"beat"}`}, 200)), 1, 4400},
		"too many questions":          {slices.Concat([]string{open}, slices.Repeat([]string{`{"type":"earlier","before":1}`}, 200)), 1, 4400},
		"more than we read":           {[]string{open, `{"type":"send","id":"12345678","text":"` + strings.Repeat("x", 16<<10) + `"}`}, 1, 1009},
		"another conversation":        {[]string{`{"type":"open","conversation":"other"}`}, 1, 4404},
		"no conversation":             {[]string{`{"type":"open"}`}, 1, 4404},
		"a path instead of a name":    {[]string{`{"type":"open","conversation":"../` + string(s.Shop.ID) + `/` + string(id) + `"}`}, 1, 4404},
		"a conversation and a wish":   {[]string{`{"type":"open","conversation":"' OR '1'='1"}`}, 1, 4404},
		"the shop as a conversation":  {[]string{`{"type":"open","conversation":"` + string(s.Shop.ID) + `"}`}, 1, 4404},
		"the line of it":              {[]string{`{"type":"open","conversation":"` + string(s.Line().ID) + `"}`}, 1, 4404},
		"in other letters":            {[]string{`{"type":"open","conversation":"` + strings.ToUpper(string(id)) + `"}`}, 1, 4404},
		"a name with a NUL behind it": {[]string{`{"type":"open","conversation":"` + string(id) + `\u0000"}`}, 1, 4404},
	} {
		t.Run(name, func(t *testing.T) {
			p := agent.Dial()
			for _, frame := range test.frames {
				if err := p.Conn.WriteMessage(test.kind, []byte(frame)); err != nil {
					break // it has been closed already
				}
			}
			if code := p.WaitForClose(); code != test.want {
				t.Errorf("closed with %d", code)
			}
		})
	}
	if n := len(s.World.Twilio.Accepted()); n != 0 {
		t.Errorf("%d texts were sent", n)
	}
}

// TestRevokedSessionClosesSockets: no socket of an ended session outlives its
// next message.
func TestRevokedSessionClosesSockets(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	seen := int64(1 << 40)
	sockets := map[string]*stage.Popup{}
	frames := map[string]map[string]any{
		"beat": {"type": "beat"}, "send": {"type": "send", "id": "too-late-now", "text": "too late", "seen": seen},
		"open": {"type": "open", "conversation": id}, "earlier": {"type": "earlier", "before": 5}, "hand_back": {"type": "hand_back", "id": "too-late-now"},
	}
	for name := range frames {
		sockets[name] = agent.Open(id, 0)
	}
	at, err := http.NewRequest(http.MethodGet, s.URL, nil)
	stage.Must(t, err)
	old := agent.HTTP.Jar.Cookies(at.URL)
	if got := agent.Call("DELETE", "/api/session", nil, nil); got != 204 {
		t.Fatalf("got %d", got)
	}
	for name, p := range sockets {
		p.SendFrame(frames[name])
		if code := p.WaitForClose(); code != 4401 {
			t.Errorf("%s: closed with %d", name, code)
		}
	}
	agent.HTTP.Jar.SetCookies(at.URL, old) // a copy of the cookie
	p := agent.Dial()
	p.SendFrame(frames["open"])
	if code := p.WaitForClose(); code != 4401 {
		t.Errorf("with the old cookie: closed with %d", code)
	}
	if snapshot := s.Conversation(stage.Jane); snapshot.Conversation.Mode != chat.Human || slices.ContainsFunc(snapshot.Entries, func(e chat.Entry) bool { return e.Text == "too late" }) {
		t.Errorf("it was obeyed: %+v", snapshot.Entries)
	}
}

func TestStopClosesSockets(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	opened, silent := agent.Open(id, 0), agent.Dial()
	s.Stop()
	for _, p := range []*stage.Popup{opened, silent} {
		if code := p.WaitForClose(); code != 1012 {
			t.Errorf("closed with %d", code)
		}
	}
}

// A tapped listener tells of the first end of each of its connections.
type tapped struct {
	net.Listener
	ended func()
}

// TestHubClosesSocket: the hub closes the connection itself, before it could be
// recycled for another client. Without KeepHijackedConns its Close does
// nothing, and the connection ends only after the handler.
func TestHubClosesSocket(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	stage.Must(t, err)
	held := make(chan int, 10)
	app := s.App.Web.Serve(s.App.Popup.Routes)
	ended := make(chan error, 1)
	go func() {
		ended <- app.Listener(tapped{inner, func() { held <- s.App.Hub.Stats().Sockets }})
	}()
	t.Cleanup(func() { stage.Must(t, app.Shutdown()); stage.Must(t, <-ended) })
	at, err := http.NewRequest(http.MethodGet, s.URL, nil)
	stage.Must(t, err)
	header := http.Header{"Origin": {s.URL}}
	for _, cookie := range agent.HTTP.Jar.Cookies(at.URL) {
		header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+inner.Addr().String()+"/live", header)
	stage.Must(t, err)
	defer conn.Close()
	p := &stage.Popup{T: t, Conn: conn}
	p.SendFrame(map[string]any{"type": "open", "conversation": id})
	p.WaitForFrame("opened")
	p.SendFrame(map[string]any{"type": "nonsense"})
	if code := p.WaitForClose(); code != 4400 {
		t.Errorf("closed with %d", code)
	}
	if n := <-held; n != 1 {
		t.Error("the connection was not closed by the hub, but after it")
	}
}

// TestSocketWithoutSessionIsClosed: a connection without a session is closed,
// whether it sends something or not.
func TestSocketWithoutSessionIsClosed(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	if code := s.Client().Dial().WaitForClose(); code != stage.CloseSignedIn {
		t.Errorf("closed with %d", code)
	}
	stage.Until(t, "no socket is open", func() bool { return s.App.Hub.Stats().Sockets == 0 })
}

// TestLaunchIsLimited: a launch waits like the pop-ups while many reconnect at
// once.
func TestLaunchIsLimited(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "My cat sat on the parcel")
	token, ticket := s.LaunchLink(s.WaitForTicket(stage.Jane))
	for range cap(s.App.Popup.Limiter) {
		stage.Must(t, s.App.Popup.Limiter.Acquire())
	}
	answered, caller := make(chan int, 1), s.Client()
	go func() {
		answered <- caller.Call("POST", "/api/launch", map[string]string{"token": token, "ticket": ticket}, nil)
	}()
	select {
	case status := <-answered:
		t.Fatalf("out of turn it was answered %d", status)
	case <-time.After(time.Second):
	}
	s.App.Popup.Limiter.Release()
	if status := <-answered; status != 200 {
		t.Errorf("answered %d", status)
	}
	for range cap(s.App.Popup.Limiter) - 1 {
		s.App.Popup.Limiter.Release()
	}
}

func (w tapped) Accept() (net.Conn, error) {
	conn, err := w.Listener.Accept()
	return &tappedConn{Conn: conn, ended: w.ended}, err
}

type tappedConn struct {
	net.Conn
	once  sync.Once
	ended func()
}

func (c *tappedConn) Close() error {
	c.once.Do(c.ended)
	return c.Conn.Close()
}
