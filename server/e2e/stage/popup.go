package stage

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"sidetext/chat"
)

// A Popup is the live connection of an agent's pop-up, with the last frame it
// received.
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

// An AgentView is an agent, as the page reads it.
type AgentView struct{ ID, Name string }

// A TicketView is a ticket, as the page reads it.
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

// A ShopperView is a shopper, as the page reads it.
type ShopperView struct {
	Name, Email string
	Phone       chat.Phone
	Purchased   bool
}

// An EscalationView is an escalation, as the page reads it.
type EscalationView struct {
	NeedView
	Later []NeedView
	Agent *AgentView
	At    time.Time
}

// A NeedView is one thing that a person is needed for.
type NeedView struct {
	Reason chat.Reason
	Why    string
}

// A ShopFrame is an alert about another conversation of the shop.
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

// A Frame is any frame from the server.
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

// Dial opens a live connection.
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

// Open opens a conversation and returns after the first frame.
func (c *Client) Open(id chat.ConversationID, since int64) *Popup {
	c.S.T.Helper()
	p := c.Dial()
	p.SendFrame(map[string]any{"type": "open", "conversation": id, "since": since, "epoch": c.S.App.Store.Epoch()})
	p.WaitForFrame("opened")
	return p
}

// SendFrame sends a message of the page.
func (p *Popup) SendFrame(v any) {
	p.T.Helper()
	Must(p.T, p.Conn.WriteJSON(v))
}

// WaitForFrame reads until a frame of this type comes.
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

// WaitForClose waits for the end of the connection and returns its code.
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
