package main

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
	"sidetext/pretend/gorgias"
	"sidetext/store"
)

// agent is somebody who is signed in, with the conversation with jane and its
// ticket.
func (s *stage) agent() (*caller, chat.ConversationID, gorgias.Ticket) {
	s.t.Helper()
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	c := s.caller()
	return c, c.signIn(k, "Ben Okafor"), k
}

// knock asks for a live connection as any page may, and returns the status.
func (c *caller) knock(header http.Header) int {
	c.s.t.Helper()
	at, err := http.NewRequest(http.MethodGet, c.s.url, nil)
	must(c.s.t, err)
	for _, cookie := range c.http.Jar.Cookies(at.URL) {
		header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	conn, resp, err := websocket.DefaultDialer.Dial(strings.Replace(c.s.url, "http", "ws", 1)+"/live", header)
	if err == nil {
		_ = conn.Close()
		return http.StatusSwitchingProtocols
	}
	if resp == nil {
		c.s.t.Fatal(err)
	}
	return resp.StatusCode
}

func TestLiveOrigins(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, _, _ := s.agent()
	host := strings.TrimPrefix(s.url, "http://")
	port := host[strings.LastIndex(host, ":"):]
	for _, test := range []struct {
		origin, site string
		want         int
	}{
		{s.url, "", 101}, {s.url, "same-origin", 101},
		{"", "", 403}, {"", "same-origin", 403}, {"null", "", 403}, {"null", "same-origin", 403},
		{"http://evil.example", "", 403}, {"http://evil.example", "same-origin", 403}, {"http://evil.example" + port, "", 403},
		{s.url, "cross-site", 403}, {s.url, "same-site", 403}, {s.url, "none", 403},
		{"http://www." + host, "", 403}, {s.url + ".evil.example", "", 403}, {"http://evil.example/" + s.url, "", 403},
		{strings.ToUpper(s.url), "", 403}, {s.url + "/", "", 403}, {s.url + "0", "", 403}, {strings.TrimSuffix(s.url, port), "", 403},
		{strings.TrimSuffix(s.url, port) + ":1", "", 403}, {"https://" + host, "", 403}, {"ws://" + host, "", 403}, {"http://localhost" + port, "", 403},
		{s.url + " http://evil.example", "", 403}, {"*", "", 403}, {"file://", "", 403},
	} {
		header := http.Header{}
		if test.origin != "" {
			header.Set("Origin", test.origin)
		}
		if test.site != "" {
			header.Set("Sec-Fetch-Site", test.site)
		}
		if got := agent.knock(header); got != test.want {
			t.Errorf("Origin %q, Sec-Fetch-Site %q: got %d", test.origin, test.site, got)
		}
	}
	if got := agent.call("GET", "/live", nil, nil); got != 400 {
		t.Errorf("without an upgrade: got %d", got)
	}
	if got := agent.call("POST", "/live", nil, nil); got != 404 {
		t.Errorf("POST: got %d", got)
	}
}

func TestLiveNeedsASession(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, id, _ := s.agent()
	link, err := s.server.store.MakeSignInLink(t.Context(), s.shop.ID, time.Now())
	must(t, err)
	merchant, err := s.server.store.UseSignInLink(t.Context(), link, time.Now())
	must(t, err)
	for name, cookie := range map[string]string{
		"no cookie": "", "nonsense": "nonsense", "not signed": "eyJhbGciOiJub25lIn0.eyJpc3MiOiJzaWRldGV4dCIsImF1ZCI6ImFnZW50IiwianRpIjoieCIsImV4cCI6OTk5OTk5OTk5OX0.",
		"a merchant's":            s.signed(t, store.MerchantSession, merchant.ID, s.server.cookies.key),
		"a merchant as an agent":  s.signed(t, store.AgentSession, merchant.ID, s.server.cookies.key),
		"nobody's":                s.signed(t, store.AgentSession, "nobody", s.server.cookies.key),
		"signed by somebody else": s.signed(t, store.AgentSession, "nobody", make([]byte, 32)),
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{"Origin": {s.url}}
			if cookie != "" {
				header.Set("Cookie", s.server.cookies.name(store.AgentSession)+"="+cookie)
			}
			conn, _, err := websocket.DefaultDialer.Dial(strings.Replace(s.url, "http", "ws", 1)+"/live", header)
			must(t, err)
			defer conn.Close()
			p := &popup{t: t, conn: conn}
			p.say(map[string]any{"type": "open", "conversation": id})
			if code := p.closed(); code != 4401 {
				t.Errorf("closed with %d", code)
			}
		})
	}
}

func TestLiveFrames(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
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
		"a path instead of a name":    {[]string{`{"type":"open","conversation":"../` + string(s.shop.ID) + `/` + string(id) + `"}`}, 1, 4404},
		"a conversation and a wish":   {[]string{`{"type":"open","conversation":"' OR '1'='1"}`}, 1, 4404},
		"the shop as a conversation":  {[]string{`{"type":"open","conversation":"` + string(s.shop.ID) + `"}`}, 1, 4404},
		"the line of it":              {[]string{`{"type":"open","conversation":"` + string(s.line().ID) + `"}`}, 1, 4404},
		"in other letters":            {[]string{`{"type":"open","conversation":"` + strings.ToUpper(string(id)) + `"}`}, 1, 4404},
		"a name with a NUL behind it": {[]string{`{"type":"open","conversation":"` + string(id) + `\u0000"}`}, 1, 4404},
	} {
		t.Run(name, func(t *testing.T) {
			p := agent.dial()
			for _, frame := range test.frames {
				if err := p.conn.WriteMessage(test.kind, []byte(frame)); err != nil {
					break // it has been closed already
				}
			}
			if code := p.closed(); code != test.want {
				t.Errorf("closed with %d", code)
			}
		})
	}
	if n := len(s.world.Twilio.Accepted()); n != 1 { // the answer to jane's text
		t.Errorf("%d texts were sent", n)
	}
}

func seqs(entries []chat.Entry) (seqs []int64) {
	for _, e := range entries {
		seqs = append(seqs, e.Seq)
	}
	return seqs
}

// TestMissedFrames goes away, and gets what it lacks when it is back.
func TestMissedFrames(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	s.settled()
	p := agent.open(id, 0)
	first := p.news
	if !first.Reset || first.Rev == 0 || len(first.Entries) < 2 || first.Conversation.ID != id {
		t.Fatalf("opened with %+v", first)
	}
	must(t, p.conn.Close())
	s.text(jane, "hello, anybody?")
	said := s.say(jane, "one moment please")
	said.becomes(chat.Delivered)
	s.settled()
	now := s.conversation(jane)
	var lacks []int64
	for _, e := range now.Entries {
		if e.Rev > first.Rev {
			lacks = append(lacks, e.Seq)
		}
	}
	p = agent.open(id, first.Rev)
	if p.Reset || p.Rev != now.Conversation.Rev || !slices.Equal(seqs(p.Entries), lacks) || !slices.Contains(lacks, said.seq) {
		t.Errorf("got %v, reset %v, rev %d; lacks %v up to %d", seqs(p.Entries), p.Reset, p.Rev, lacks, now.Conversation.Rev)
	}
	for _, e := range p.Entries {
		if e.Seq == said.seq && (e.State != chat.Delivered || e.Text != said.text) {
			t.Errorf("its text is %+v", e)
		}
	}
	p = agent.open(id, now.Conversation.Rev)
	if p.Reset || len(p.Entries) != 0 || p.Rev != now.Conversation.Rev {
		t.Errorf("up to date: got %+v", p.news)
	}
	for name, frame := range map[string]map[string]any{
		"of another epoch": {"since": now.Conversation.Rev, "epoch": "another"}, "of no epoch": {"since": now.Conversation.Rev},
		"from the future": {"since": now.Conversation.Rev + 1, "epoch": s.server.store.Epoch()}, "from before": {"since": -7, "epoch": s.server.store.Epoch()},
	} {
		frame["type"], frame["conversation"] = "open", id
		p.say(frame) // on the same socket: a page may lose its place
		if got := p.wait("opened"); !got.Reset || len(got.Entries) != len(now.Entries) || got.Epoch != s.server.store.Epoch() {
			t.Errorf("%s: got %v, reset %v", name, seqs(got.Entries), got.Reset)
		}
	}
}

func TestEarlierEntries(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	s.settled()
	door, err := s.server.store.Door(t.Context(), s.line().Endpoint)
	must(t, err)
	before := s.conversation(jane).Conversation
	_, err = s.server.store.Receive(t.Context(), door, jane, time.Now(), func(turn *chat.Turn) error {
		for i := range 450 - before.Seq {
			if _, err := turn.Hear(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("text ", i), Text: fmt.Sprint("text ", i)}); err != nil {
				return err
			}
		}
		return nil
	})
	must(t, err)
	p := agent.open(id, before.Rev)
	if got := seqs(p.Entries); !p.Reset || !p.Earlier || len(got) != 200 || got[0] != 251 || got[199] != 450 {
		t.Fatalf("opened with %v, reset %v", got, p.Reset)
	}
	for _, test := range []struct {
		before, first, last int64
		more                bool
	}{{251, 51, 250, true}, {51, 1, 50, false}, {201, 1, 200, false}, {202, 2, 201, true}, {2, 1, 1, false}, {1, 0, 0, false}, {0, 0, 0, false}, {-1 << 63, 0, 0, false}} {
		p.say(map[string]any{"type": "earlier", "before": test.before})
		got := p.wait("earlier")
		all := seqs(got.Entries)
		if test.first == 0 {
			if len(all) != 0 || got.Earlier || got.Entries == nil {
				t.Errorf("before %d: got %v", test.before, all)
			}
			continue
		}
		if int64(len(all)) != test.last-test.first+1 || all[0] != test.first || all[len(all)-1] != test.last || got.Earlier != test.more {
			t.Errorf("before %d: got %v, and more: %v", test.before, all, got.Earlier)
		}
	}
}

// TestTheSameSendTwice presses the button twice, also on two sockets at once.
func TestTheSameSendTwice(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	sockets := []*popup{agent.open(id, 0), agent.open(id, 0), agent.open(id, 0)}
	send := map[string]any{"type": "send", "id": "the-very-same", "text": "only once please", "seen": sockets[0].Entries[len(sockets[0].Entries)-1].Seq}
	var sending sync.WaitGroup
	places := make([]int64, len(sockets))
	for i, p := range sockets {
		sending.Go(func() {
			for range 3 {
				if err := p.conn.WriteJSON(send); err != nil {
					t.Error(err)
				}
			}
			for range 3 {
				places[i] = p.wait("saved").Seq
			}
		})
	}
	sending.Wait()
	y := saying{s, jane, "only once please", id, places[0]}
	if got := y.becomes(chat.Delivered); got.Origin != "agent:the-very-same" || !slices.Equal(places, []int64{got.Seq, got.Seq, got.Seq}) {
		t.Errorf("it is at %v: %+v", places, got)
	}
	s.settled()
	if n := len(y.accepted()); n != 1 {
		t.Errorf("sent %d times", n)
	}
	if n := len(slices.DeleteFunc(s.conversation(jane).Entries, func(e chat.Entry) bool { return e.Text != y.text })); n != 1 {
		t.Errorf("kept %d times", n)
	}
}

// TestTwoAgents: the second has not seen what the first one answered.
func TestTwoAgents(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, k := s.agent()
	colleague := s.caller()
	colleague.signIn(k, "Chloe Martin")
	s.settled()
	p, q := agent.open(id, 0), colleague.open(id, 0)
	seen := p.Entries[len(p.Entries)-1].Seq
	q.say(map[string]any{"type": "send", "id": "chloe-first", "text": "I am on it", "seen": seen})
	place := q.wait("saved").Seq
	mine := map[string]any{"type": "send", "id": "ben-first", "text": "Me too", "seen": seen}
	p.say(mine)
	got := p.wait("refused")
	if got.Code != "newer" || got.ID != "ben-first" || got.Text == "" || !slices.Contains(seqs(got.Newer), place) || slices.ContainsFunc(got.Newer, func(e chat.Entry) bool { return e.Seq <= seen || e.Text == "Me too" }) {
		t.Errorf("refused with %+v", got)
	}
	mine["anyway"] = true
	p.say(mine)
	if seq := p.wait("saved").Seq; seq <= place {
		t.Errorf("kept at %d", seq)
	}
	for said := ""; said != "Me too"; { // the colleague sees it, and who said it
		for _, e := range q.wait("changed").Entries {
			if e.By.Name == "Ben Okafor" {
				said = e.Text
			}
		}
	}
	seen = s.conversation(jane).Conversation.Seq
	s.text(jane, "thanks both of you") // a shopper's text is no reason to refuse
	p.say(map[string]any{"type": "send", "id": "ben-second", "text": "You are welcome", "seen": seen})
	p.wait("saved")
}

func TestRefusedTexts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	s.text("72345", "your parcel is late")
	code := s.conversation("72345").Conversation.ID
	for name, test := range map[string]struct {
		id         chat.ConversationID
		text, want string
	}{
		"nothing": {id, "", "empty"}, "white space": {id, " \n\t\u00a0", "empty"}, "NUL": {id, "\x00", "empty"},
		"too long": {id, strings.Repeat("x", 1601), "too_long"}, "too long in other units": {id, strings.Repeat("🍵", 801), "too_long"},
		"to a short code": {code, "hello", "unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			p := agent.open(test.id, 0)
			p.say(map[string]any{"type": "send", "id": "refused-" + name, "text": test.text, "seen": 1 << 40})
			if got := p.wait("refused"); got.Code != test.want || got.ID != "refused-"+name || !strings.HasSuffix(got.Text, ".") {
				t.Errorf("refused with %+v", got)
			}
		})
	}
	p := agent.open(id, 0)
	p.say(map[string]any{"type": "send", "id": "just-fits", "text": strings.Repeat("x", 1600), "seen": 1 << 40})
	p.wait("saved")
	s.text(jane, "STOP")
	p.say(map[string]any{"type": "send", "id": "after-stop", "text": "but why?", "seen": 1 << 40})
	if got := p.wait("refused"); got.Code != "opted_out" {
		t.Errorf("after STOP: refused with %+v", got)
	}
	if sight := s.conversation(jane); slices.ContainsFunc(sight.Entries, func(e chat.Entry) bool { return e.Text == "but why?" }) {
		t.Error("it was kept all the same")
	}
	if fresh := agent.open(id, 0); !fresh.Conversation.OptedOut {
		t.Error("the page is not told")
	}
}

func TestHandBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	s.settled()
	p := agent.open(id, 0)
	if p.Conversation.Mode != chat.Human || p.Conversation.Escalation == nil || p.Conversation.Ticket == nil {
		t.Fatalf("opened with %+v", p.Conversation)
	}
	for range 2 { // the second time there is nothing to give back
		p.say(map[string]any{"type": "hand_back", "id": "hand-back-1"})
	}
	p.wait("saved")
	p.wait("saved")
	sight := s.conversation(jane)
	if n := count(sight.Entries, chat.HandedBack); n != 1 || sight.Conversation.Mode != chat.Automated {
		t.Errorf("handed back %d times, and is %s", n, sight.Conversation.Mode)
	}
	if fresh := agent.open(id, p.Rev-1); fresh.Conversation.Mode != chat.Automated || fresh.Conversation.Escalation != nil {
		t.Errorf("the page is told %+v", fresh.Conversation)
	}
}

// TestSessionEnds while sockets are open: none outlives its next message.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	seen := int64(1 << 40)
	sockets := map[string]*popup{}
	frames := map[string]map[string]any{
		"beat": {"type": "beat"}, "send": {"type": "send", "id": "too-late-now", "text": "too late", "seen": seen},
		"open": {"type": "open", "conversation": id}, "earlier": {"type": "earlier", "before": 5}, "hand_back": {"type": "hand_back", "id": "too-late-now"},
	}
	for name := range frames {
		sockets[name] = agent.open(id, 0)
	}
	at, err := http.NewRequest(http.MethodGet, s.url, nil)
	must(t, err)
	old := agent.http.Jar.Cookies(at.URL)
	if got := agent.call("DELETE", "/api/session", nil, nil); got != 204 {
		t.Fatalf("got %d", got)
	}
	for name, p := range sockets {
		p.say(frames[name])
		if code := p.closed(); code != 4401 {
			t.Errorf("%s: closed with %d", name, code)
		}
	}
	agent.http.Jar.SetCookies(at.URL, old) // somebody kept the cookie
	p := agent.dial()
	p.say(frames["open"])
	if code := p.closed(); code != 4401 {
		t.Errorf("with the old cookie: closed with %d", code)
	}
	if sight := s.conversation(jane); sight.Conversation.Mode != chat.Human || slices.ContainsFunc(sight.Entries, func(e chat.Entry) bool { return e.Text == "too late" }) {
		t.Errorf("it was obeyed: %+v", sight.Entries)
	}
}

func TestServerStops(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	opened, silent := agent.open(id, 0), agent.dial()
	s.stop()
	for _, p := range []*popup{opened, silent} {
		if code := p.closed(); code != 1012 {
			t.Errorf("closed with %d", code)
		}
	}
}

// A tapped listener tells of the first end of each of its connections.
type tapped struct {
	net.Listener
	ended func()
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

// TestSocketIsClosedByItsOwner: the hub closes the connection itself, before
// anybody could have taken it for another visitor's. Without KeepHijackedConns
// its Close does nothing, and the connection ends only after the hub has let go.
func TestSocketIsClosedByItsOwner(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	held := make(chan int, 10)
	app := s.server.routes()
	ended := make(chan error, 1)
	go func() {
		ended <- app.Listener(tapped{inner, func() { held <- s.server.hub.Stats().Sockets }})
	}()
	t.Cleanup(func() { must(t, app.Shutdown()); must(t, <-ended) })
	at, err := http.NewRequest(http.MethodGet, s.url, nil)
	must(t, err)
	header := http.Header{"Origin": {s.url}}
	for _, cookie := range agent.http.Jar.Cookies(at.URL) {
		header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+inner.Addr().String()+"/live", header)
	must(t, err)
	defer conn.Close()
	p := &popup{t: t, conn: conn}
	p.say(map[string]any{"type": "open", "conversation": id})
	p.wait("opened")
	p.say(map[string]any{"type": "nonsense"})
	if code := p.closed(); code != 4400 {
		t.Errorf("closed with %d", code)
	}
	if n := <-held; n != 1 {
		t.Error("the connection was not closed by the hub, but after it")
	}
}
