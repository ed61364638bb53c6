package gorgias

import (
	"context"
	"net/http"
	"net/url"
)

// Values of Channel and Via.
const (
	ChannelEmail = "email"         // channel: e-mail
	ChannelNote  = "internal-note" // channel: visible to agents only, never delivered
	ViaAPI       = "api"           // via: created by an app, for example us
	ViaHelpdesk  = "helpdesk"      // via: typed by an agent
)

// A Message is a message of a ticket.
type Message struct {
	ID         ID     `json:"id"`
	TicketID   ID     `json:"ticket_id"`
	ExternalID string `json:"external_id"`
	Public     bool   `json:"public"`
	Channel    string `json:"channel"`
	Via        string `json:"via"`
	FromAgent  bool   `json:"from_agent"`
	Sender     Person `json:"sender"`
	CreatedAt  Time   `json:"created_datetime"`
}

// A Person is the sender of a message: a customer or a user.
type Person struct {
	ID    ID     `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// IsAgentReply reports whether an agent typed this reply to the shopper in the
// helpdesk. Notes and messages from rules and apps are none.
func (m Message) IsAgentReply() bool {
	return m.FromAgent && m.Public && m.Via == ViaHelpdesk && m.Channel != ChannelNote
}

// A Source says by which way a message arrived. Its type decides the channel of a
// reply.
type Source struct {
	Type string    `json:"type"`
	From *Mailbox  `json:"from,omitempty"`
	To   []Mailbox `json:"to,omitzero"`
}

// A Mailbox is a name and an address.
type Mailbox struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address"`
}

// A MessageDraft is a message to create: an inbound message or a note. Neither has
// a receiver.
type MessageDraft struct {
	Channel      string `json:"channel"`
	Via          string `json:"via"`
	FromAgent    bool   `json:"from_agent"`
	Public       bool   `json:"public"`
	Sender       Ref    `json:"sender"`
	Source       Source `json:"source"`
	Subject      string `json:"subject,omitempty"`
	BodyText     string `json:"body_text"`
	BodyHTML     string `json:"body_html"`
	StrippedText string `json:"stripped_text,omitempty"`
	StrippedHTML string `json:"stripped_html,omitempty"`
	ExternalID   string `json:"external_id,omitempty"`
	CreatedAt    Time   `json:"created_datetime,omitzero"`
	SentAt       Time   `json:"sent_datetime,omitzero"`
}

// CreateMessage adds a message to a ticket. If the ticket was merged into another
// one, the message is added there, and its TicketID says so. After an Unknown
// error call FindMessage before retrying.
func (c *Client) CreateMessage(ctx context.Context, ticket ID, draft MessageDraft) (Message, error) {
	remaining := ticket
	m, err := readObject(ctx, c, request{"create message", http.MethodPost, "/tickets/" + ticket.String() + "/messages", nil, draft},
		func(m Message, at string) bool {
			remaining = objectID(at)
			return m.TicketID == remaining || m.TicketID == 0
		})
	if err == nil {
		m.TicketID = remaining
	}
	return m, err
}

// FindMessage searches the newest 300 messages of a ticket for an external id.
func (c *Client) FindMessage(ctx context.Context, ticket ID, external string) (Message, bool, error) {
	all, err := readList[Message](ctx, c, "list messages", "/messages",
		url.Values{"ticket_id": {ticket.String()}, "order_by": {"created_datetime:desc"}}, 3)
	if err != nil {
		return Message{}, false, err
	}
	for _, m := range all {
		if m.ExternalID == external && (m.TicketID == ticket || m.TicketID == 0) {
			return m, true, nil
		}
	}
	return Message{}, false, nil
}
