package stories

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"sidetext/chat"
	api "sidetext/gorgias"
	"sidetext/pretend"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/twilio"
	"sidetext/server/demo"
)

// A stage is the whole program with pretended vendors around it, on addresses of
// this machine: what the demo shows, for tests.
type stage struct {
	*demo.Show
	t    testing.TB
	url  string
	log  *logbook
	stop func() // the server, as a signal does
}

// jane has bought something; nobody knows the stranger.
const (
	jane     = "+14155550123"
	miguel   = "+14155550134"
	stranger = "+14155550199"
)

func newStage(t testing.TB, more ...pretend.Shopper) *stage {
	t.Helper()
	public, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	seed := demo.Seed()
	seed.Step = 0
	seed.Shoppers = append(seed.Shoppers[:len(seed.Shoppers):len(seed.Shoppers)], more...)
	ctx, stop := context.WithCancel(context.Background())
	s := &stage{t: t, url: "http://" + public.Addr().String(), log: &logbook{}, stop: stop}
	s.Show, err = demo.New(ctx, demo.Settings{
		PublicURL: s.url, Seed: seed, Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		// Nobody else uses this helpdesk, so nothing has to be left for them.
		GorgiasLimits: api.Limits{PerSecond: 1000, Burst: 1000},
	})
	must(t, err)
	s.World.Gorgias.SetLimit(10_000, time.Second)
	ended := make(chan error, 1)
	go func() { ended <- s.App.Run(ctx, public, admin) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error("the server ended with:", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		s.discreet()
		if t.Failed() && testing.Verbose() {
			t.Log(s.log)
		}
	})
	must(t, s.Prepare(ctx))
	return s
}

// A logbook keeps what was logged.
type logbook struct {
	mu      sync.Mutex
	text    strings.Builder
	secrets []string
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// text has somebody text the store, and waits until the store has answered 200.
func (s *stage) text(from, text string) {
	s.t.Helper()
	s.log.private(text)
	ctx, cancel := context.WithTimeout(context.Background(), lastResort)
	defer cancel()
	_, calls, err := s.World.Twilio.Deliver(ctx, twilio.Inbound{From: from, To: demo.Number, Body: text})
	must(s.t, err)
	for _, c := range calls {
		if c.Status != http.StatusOK {
			s.t.Fatalf("the webhook answered %d", c.Status)
		}
	}
}

// conversation finds what was said with somebody, as the store has it.
func (s *stage) conversation(phone string) chat.Snapshot {
	s.t.Helper()
	ctx := context.Background()
	doors, err := s.App.Store.LineConfigs(ctx, s.Shop.ID)
	must(s.t, err)
	turn, err := s.App.Store.Receive(ctx, doors[0], chat.Phone(phone), time.Now(), func(*chat.Turn) error { return nil })
	must(s.t, err)
	sight, _, err := s.App.Store.Snapshot(ctx, s.Shop.ID, turn.Conversation.ID, 0)
	must(s.t, err)
	return sight
}

// execute changes the database past the server.
func (s *stage) execute(statement string) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.DatabasePath()+"?_pragma=busy_timeout(10000)")
	must(s.t, err)
	_, err = db.Exec(statement)
	must(s.t, errors.Join(err, db.Close()))
}

// ticketOf waits for the one open ticket of somebody's texts.
func (s *stage) ticketOf(phone string) gorgias.Ticket {
	s.t.Helper()
	var found gorgias.Ticket
	until(s.t, "a ticket", func() bool {
		sight := s.conversation(phone)
		if sight.Ticket == nil || sight.Ticket.Remote == "" {
			return false
		}
		for _, k := range s.World.Gorgias.Tickets() {
			if fmt.Sprint(k.ID) == sight.Ticket.Remote {
				found = k
			}
		}
		return found.ID != 0
	})
	return found
}

// A caller is a browser that has a cookie jar but no pages.
type caller struct {
	s    *stage
	http *http.Client
}

func (s *stage) caller() *caller {
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	return &caller{s, &http.Client{Jar: jar, Timeout: lastResort, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// call makes a request as a page of ours does; the answer's JSON goes into out.
func (c *caller) call(method, path string, in, out any) int {
	c.s.t.Helper()
	body, err := json.Marshal(in)
	must(c.s.t, err)
	req, err := http.NewRequest(method, c.s.url+path, strings.NewReader(string(body)))
	must(c.s.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Origin", c.s.url)
	resp, err := c.http.Do(req)
	must(c.s.t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	must(c.s.t, err)
	if out != nil && len(data) > 0 {
		must(c.s.t, json.Unmarshal(data, out))
	}
	return resp.StatusCode
}

// launch is the link that the card beside a ticket offers.
func (s *stage) launch(k gorgias.Ticket) (token, ticket string) {
	s.t.Helper()
	link := ""
	until(s.t, "the card with its link", func() bool {
		for _, card := range s.World.Gorgias.Sidebar(k.ID, 0) {
			for _, l := range card.Links {
				link = l.URL
			}
		}
		return strings.Contains(link, "#t=ey")
	})
	_, fragment, _ := strings.Cut(link, "#")
	values, err := url.ParseQuery(fragment)
	must(s.t, err)
	return values.Get("t"), values.Get("ticket")
}

var sixDigitsInANote = regexp.MustCompile(`\b\d{6}\b`)

// signIn goes from a ticket's card through the code in its note to a session,
// and returns the conversation that the link leads to.
func (c *caller) signIn(k gorgias.Ticket, agent string) chat.ConversationID {
	t := c.s.t
	t.Helper()
	token, ticket := c.s.launch(k)
	var launch launchAnswer
	if status := c.call("POST", "/api/launch", map[string]string{"token": token, "ticket": ticket}, &launch); status != 200 {
		t.Fatalf("launch answered %d", status)
	}
	who := ""
	for _, a := range launch.Agents {
		if a.Name == agent {
			who = a.ID
		}
	}
	before := len(c.s.codes(k))
	var asked struct{ Challenge string }
	if status := c.call("POST", "/api/code", map[string]string{"token": token, "ticket": ticket, "agent": who}, &asked); status != 202 {
		t.Fatalf("code answered %d", status)
	}
	until(t, "the code in a note", func() bool { return len(c.s.codes(k)) > before })
	codes := c.s.codes(k)
	if status := c.call("POST", "/api/session", map[string]string{"challenge": asked.Challenge, "code": codes[len(codes)-1]}, nil); status != 200 {
		t.Fatalf("session answered %d", status)
	}
	return launch.Conversation
}

// codes are the codes in a ticket's internal notes, oldest first.
func (s *stage) codes(k gorgias.Ticket) (codes []string) {
	now, _ := s.World.Gorgias.Ticket(k.ID)
	for _, m := range now.Messages {
		if m.Channel == "internal-note" {
			if code := sixDigitsInANote.FindString(words(m)); code != "" {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// A popup is the live connection of an agent's pop-up.
type popup struct {
	t    testing.TB
	conn *websocket.Conn
	news
}

// A launchAnswer is the response to a launch, as the page reads it.
type launchAnswer struct {
	Conversation chat.ConversationID `json:"conversation"`
	Shop         string              `json:"shop"`
	SignedIn     bool                `json:"signed_in"`
	Agent        *agentView          `json:"agent"`
	Ticket       *ticketView         `json:"ticket"`
	Agents       []agentView         `json:"agents"`
	SignedOut    string              `json:"signed_out"`
}

type agentView struct{ ID, Name string }

type ticketView struct {
	ID, URL string
	Open    bool
}

// A conversationView is what the pop-up shows of a conversation.
type conversationView struct {
	ID         chat.ConversationID `json:"id"`
	Shop       string              `json:"shop"`
	Shopper    shopperView         `json:"shopper"`
	Line       chat.Phone          `json:"line"`
	Mode       chat.Mode           `json:"mode"`
	OptedOut   bool                `json:"opted_out"`
	Reachable  bool                `json:"reachable"`
	Escalation *escalationView     `json:"escalation"`
	Ticket     *ticketView         `json:"ticket"`
}

type shopperView struct {
	Name, Email string
	Phone       chat.Phone
	Purchased   bool
}

type escalationView struct {
	needView
	Later []needView
	Agent *agentView
	At    time.Time
}

type needView struct {
	Reason chat.Reason
	Why    string
}

// A shopFrame tells a pop-up what happened in another conversation of its shop.
type shopFrame struct {
	Type, Event, Shopper, Why, Agent string
	Conversation                     chat.ConversationID
	Ticket                           *ticketView
	At                               time.Time
}

// The codes with which the server closes a socket.
const (
	closeProtocol = 4400
	closeSignedIn = 4401
	closeNotFound = 4404
)

// News is whatever the server says.
type news struct {
	Type         string
	ID, Code     string
	Text         string
	Seq          int64
	Rev, From    int64
	Epoch        string
	Reset        bool
	Earlier      bool
	Conversation conversationView
	Entries      []chat.Entry
	Newer        []chat.Entry
}

func (c *caller) dial() *popup {
	c.s.t.Helper()
	at, err := url.Parse(c.s.url)
	must(c.s.t, err)
	header := http.Header{"Origin": {c.s.url}}
	for _, cookie := range c.http.Jar.Cookies(at) {
		header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	conn, _, err := websocket.DefaultDialer.Dial(strings.Replace(c.s.url, "http", "ws", 1)+"/live", header)
	must(c.s.t, err)
	c.s.t.Cleanup(func() { _ = conn.Close() })
	return &popup{t: c.s.t, conn: conn}
}

// open opens a conversation and returns the first frame.
func (c *caller) open(id chat.ConversationID, since int64) *popup {
	c.s.t.Helper()
	p := c.dial()
	p.say(map[string]any{"type": "open", "conversation": id, "since": since, "epoch": c.s.App.Store.Epoch()})
	p.wait("opened")
	return p
}

func (p *popup) say(v any) {
	p.t.Helper()
	must(p.t, p.conn.WriteJSON(v))
}

// wait reads until a frame of this type comes.
func (p *popup) wait(kind string) news {
	p.t.Helper()
	must(p.t, p.conn.SetReadDeadline(time.Now().Add(lastResort)))
	for {
		_, data, err := p.conn.ReadMessage()
		if err != nil {
			p.t.Fatalf("waited for a frame %q: %v", kind, err)
		}
		var is struct{ Type string }
		must(p.t, json.Unmarshal(data, &is))
		if is.Type == kind {
			p.news = news{}
			must(p.t, json.Unmarshal(data, &p.news))
			return p.news
		}
	}
}

// closed waits for the end of the connection and returns its code.
func (p *popup) closed() int {
	p.t.Helper()
	must(p.t, p.conn.SetReadDeadline(time.Now().Add(lastResort)))
	for {
		if _, _, err := p.conn.ReadMessage(); err != nil {
			if closed, ok := err.(*websocket.CloseError); ok {
				return closed.Code
			}
			p.t.Fatalf("the connection ended without a code: %v", err)
		}
	}
}

// words are a message's words.
func words(m *gorgias.Message) string {
	if m.BodyText == nil {
		return ""
	}
	return *m.BodyText
}

// stripped is what is new in a message, each text on lines of its own.
func stripped(m *gorgias.Message) string {
	if m.StrippedText != nil {
		return *m.StrippedText + "\n"
	}
	return words(m) + "\n"
}
