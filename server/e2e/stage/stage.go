package stage

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

// A Stage is the whole program with pretended vendors around it, on addresses of
// this machine: what the demo shows, for tests.
type Stage struct {
	*demo.Show
	T    testing.TB
	URL  string
	Log  *LogBuffer
	Stop func() // the server, as a signal does
}

// jane has bought something; nobody knows the stranger.
const (
	Jane     = "+14155550123"
	Miguel   = "+14155550134"
	Stranger = "+14155550199"
)

func New(t testing.TB, more ...pretend.Shopper) *Stage {
	t.Helper()
	public, err := net.Listen("tcp", "127.0.0.1:0")
	Must(t, err)
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	Must(t, err)
	seed := demo.Seed()
	seed.Step = 0
	seed.Shoppers = append(seed.Shoppers[:len(seed.Shoppers):len(seed.Shoppers)], more...)
	ctx, stop := context.WithCancel(context.Background())
	s := &Stage{T: t, URL: "http://" + public.Addr().String(), Log: &LogBuffer{}, Stop: stop}
	s.Show, err = demo.New(ctx, demo.Settings{
		PublicURL: s.URL, Seed: seed, Log: slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		// Nobody else uses this helpdesk, so nothing has to be left for them.
		GorgiasLimits: api.Limits{PerSecond: 1000, Burst: 1000},
	})
	Must(t, err)
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
		s.CheckLog()
		if t.Failed() && testing.Verbose() {
			t.Log(s.Log)
		}
	})
	Must(t, s.Prepare(ctx))
	return s
}

// A Logbook keeps what was logged.
type LogBuffer struct {
	Mu      sync.Mutex
	Text    strings.Builder
	Secrets []string
}

func (l *LogBuffer) Write(p []byte) (int, error) {
	l.Mu.Lock()
	defer l.Mu.Unlock()
	return l.Text.Write(p)
}

func (l *LogBuffer) String() string {
	l.Mu.Lock()
	defer l.Mu.Unlock()
	return l.Text.String()
}

// Text has somebody text the store, and waits until the store has answered 200.
func (s *Stage) SendText(from, text string) {
	s.T.Helper()
	s.Log.AddSecrets(text)
	ctx, cancel := context.WithTimeout(context.Background(), Timeout)
	defer cancel()
	_, calls, err := s.World.Twilio.Deliver(ctx, twilio.Inbound{From: from, To: demo.Number, Body: text})
	Must(s.T, err)
	for _, c := range calls {
		if c.Status != http.StatusOK {
			s.T.Fatalf("the webhook answered %d", c.Status)
		}
	}
}

// Conversation finds what was said with somebody, as the store has it.
func (s *Stage) Conversation(phone string) chat.Snapshot {
	s.T.Helper()
	ctx := context.Background()
	doors, err := s.App.Store.LineConfigs(ctx, s.Shop.ID)
	Must(s.T, err)
	turn, err := s.App.Store.Receive(ctx, doors[0], chat.Phone(phone), time.Now(), func(*chat.Turn) error { return nil })
	Must(s.T, err)
	sight, _, err := s.App.Store.Snapshot(ctx, s.Shop.ID, turn.Conversation.ID, 0)
	Must(s.T, err)
	return sight
}

// Execute changes the database past the server.
func (s *Stage) ExecSQL(statement string) {
	s.T.Helper()
	db, err := sql.Open("sqlite", "file:"+s.DatabasePath()+"?_pragma=busy_timeout(10000)")
	Must(s.T, err)
	_, err = db.Exec(statement)
	Must(s.T, errors.Join(err, db.Close()))
}

// TicketOf waits for the one open ticket of somebody's texts.
func (s *Stage) WaitForTicket(phone string) gorgias.Ticket {
	s.T.Helper()
	var found gorgias.Ticket
	Until(s.T, "a ticket", func() bool {
		sight := s.Conversation(phone)
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

// A Caller is a browser that has a cookie jar but no pages.
type Client struct {
	S    *Stage
	HTTP *http.Client
}

func (s *Stage) Client() *Client {
	jar, err := cookiejar.New(nil)
	Must(s.T, err)
	return &Client{s, &http.Client{Jar: jar, Timeout: Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Call makes a request as a page of ours does; the answer's JSON goes into out.
func (c *Client) Call(method, path string, in, out any) int {
	c.S.T.Helper()
	body, err := json.Marshal(in)
	Must(c.S.T, err)
	req, err := http.NewRequest(method, c.S.URL+path, strings.NewReader(string(body)))
	Must(c.S.T, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Origin", c.S.URL)
	resp, err := c.HTTP.Do(req)
	Must(c.S.T, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	Must(c.S.T, err)
	if out != nil && len(data) > 0 {
		Must(c.S.T, json.Unmarshal(data, out))
	}
	return resp.StatusCode
}

// Launch is the link that the card beside a ticket offers.
func (s *Stage) LaunchLink(k gorgias.Ticket) (token, ticket string) {
	s.T.Helper()
	link := ""
	Until(s.T, "the card with its link", func() bool {
		for _, card := range s.World.Gorgias.Sidebar(k.ID, 0) {
			for _, l := range card.Links {
				link = l.URL
			}
		}
		return strings.Contains(link, "#t=ey")
	})
	_, fragment, _ := strings.Cut(link, "#")
	values, err := url.ParseQuery(fragment)
	Must(s.T, err)
	return values.Get("t"), values.Get("ticket")
}

var SixDigits = regexp.MustCompile(`\b\d{6}\b`)

// SignIn goes from a ticket's card through the code in its note to a session,
// and returns the conversation that the link leads to.
func (c *Client) SignIn(k gorgias.Ticket, agent string) chat.ConversationID {
	t := c.S.T
	t.Helper()
	token, ticket := c.S.LaunchLink(k)
	var launch LaunchAnswer
	if status := c.Call("POST", "/api/launch", map[string]string{"token": token, "ticket": ticket}, &launch); status != 200 {
		t.Fatalf("launch answered %d", status)
	}
	who := ""
	for _, a := range launch.Agents {
		if a.Name == agent {
			who = a.ID
		}
	}
	before := len(c.S.Codes(k))
	var asked struct{ Challenge string }
	if status := c.Call("POST", "/api/code", map[string]string{"token": token, "ticket": ticket, "agent": who}, &asked); status != 202 {
		t.Fatalf("code answered %d", status)
	}
	Until(t, "the code in a note", func() bool { return len(c.S.Codes(k)) > before })
	codes := c.S.Codes(k)
	if status := c.Call("POST", "/api/session", map[string]string{"challenge": asked.Challenge, "code": codes[len(codes)-1]}, nil); status != 200 {
		t.Fatalf("session answered %d", status)
	}
	return launch.Conversation
}

// Codes are the codes in a ticket's internal notes, oldest first.
func (s *Stage) Codes(k gorgias.Ticket) (codes []string) {
	now, _ := s.World.Gorgias.Ticket(k.ID)
	for _, m := range now.Messages {
		if m.Channel == "internal-note" {
			if code := SixDigits.FindString(BodyText(m)); code != "" {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// A Popup is the live connection of an agent's pop-up.
type Popup struct {
	T    testing.TB
	Conn *websocket.Conn
	Frame
}

// A LaunchAnswer is the response to a launch, as the page reads it.
type LaunchAnswer struct {
	Conversation chat.ConversationID `json:"conversation"`
	Shop         string              `json:"shop"`
	SignedIn     bool                `json:"signed_in"`
	Agent        *AgentView          `json:"agent"`
	Ticket       *TicketView         `json:"ticket"`
	Agents       []AgentView         `json:"agents"`
	SignedOut    string              `json:"signed_out"`
}

type AgentView struct{ ID, Name string }

type TicketView struct {
	ID, URL string
	Open    bool
}

// A ConversationView is what the pop-up shows of a conversation.
type ConversationView struct {
	ID         chat.ConversationID `json:"id"`
	Shop       string              `json:"shop"`
	Shopper    ShopperView         `json:"shopper"`
	Line       chat.Phone          `json:"line"`
	Mode       chat.Mode           `json:"mode"`
	OptedOut   bool                `json:"opted_out"`
	Reachable  bool                `json:"reachable"`
	Escalation *EscalationView     `json:"escalation"`
	Ticket     *TicketView         `json:"ticket"`
}

type ShopperView struct {
	Name, Email string
	Phone       chat.Phone
	Purchased   bool
}

type EscalationView struct {
	NeedView
	Later []NeedView
	Agent *AgentView
	At    time.Time
}

type NeedView struct {
	Reason chat.Reason
	Why    string
}

// A ShopFrame tells a pop-up what happened in another conversation of its shop.
type ShopFrame struct {
	Type, Event, Shopper, Why, Agent string
	Conversation                     chat.ConversationID
	Ticket                           *TicketView
	At                               time.Time
}

// The codes with which the server closes a socket.
const (
	CloseProtocol = 4400
	CloseSignedIn = 4401
	CloseNotFound = 4404
)

// News is whatever the server says.
type Frame struct {
	Type         string
	ID, Code     string
	Text         string
	Seq          int64
	Rev, From    int64
	Epoch        string
	Reset        bool
	Earlier      bool
	Conversation ConversationView
	Entries      []chat.Entry
	Newer        []chat.Entry
}

func (c *Client) Dial() *Popup {
	c.S.T.Helper()
	at, err := url.Parse(c.S.URL)
	Must(c.S.T, err)
	header := http.Header{"Origin": {c.S.URL}}
	for _, cookie := range c.HTTP.Jar.Cookies(at) {
		header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	conn, _, err := websocket.DefaultDialer.Dial(strings.Replace(c.S.URL, "http", "ws", 1)+"/live", header)
	Must(c.S.T, err)
	c.S.T.Cleanup(func() { _ = conn.Close() })
	return &Popup{T: c.S.T, Conn: conn}
}

// Open opens a conversation and returns the first frame.
func (c *Client) Open(id chat.ConversationID, since int64) *Popup {
	c.S.T.Helper()
	p := c.Dial()
	p.SendFrame(map[string]any{"type": "open", "conversation": id, "since": since, "epoch": c.S.App.Store.Epoch()})
	p.WaitForFrame("opened")
	return p
}

func (p *Popup) SendFrame(v any) {
	p.T.Helper()
	Must(p.T, p.Conn.WriteJSON(v))
}

// Wait reads until a frame of this type comes.
func (p *Popup) WaitForFrame(kind string) Frame {
	p.T.Helper()
	Must(p.T, p.Conn.SetReadDeadline(time.Now().Add(Timeout)))
	for {
		_, data, err := p.Conn.ReadMessage()
		if err != nil {
			p.T.Fatalf("waited for a frame %q: %v", kind, err)
		}
		var is struct{ Type string }
		Must(p.T, json.Unmarshal(data, &is))
		if is.Type == kind {
			p.Frame = Frame{}
			Must(p.T, json.Unmarshal(data, &p.Frame))
			return p.Frame
		}
	}
}

// Closed waits for the end of the connection and returns its code.
func (p *Popup) WaitForClose() int {
	p.T.Helper()
	Must(p.T, p.Conn.SetReadDeadline(time.Now().Add(Timeout)))
	for {
		if _, _, err := p.Conn.ReadMessage(); err != nil {
			if closed, ok := err.(*websocket.CloseError); ok {
				return closed.Code
			}
			p.T.Fatalf("the connection ended without a code: %v", err)
		}
	}
}

// Words are a message's words.
func BodyText(m *gorgias.Message) string {
	if m.BodyText == nil {
		return ""
	}
	return *m.BodyText
}
