package gorgias

import (
	"context"
	"net/http"
	"net/url"
)

// Values of Channel and Via that we use or look for.
const (
	ChannelEmail = "email"         // channel: mail
	ChannelNote  = "internal-note" // channel: for agents only, never delivered
	ViaAPI       = "api"           // via: made by an app, maybe by us
	ViaHelpdesk  = "helpdesk"      // via: typed by an agent
)

// A Message is one line of a ticket.
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

// A Person is a customer or a user, as a message names its sender.
type Person struct {
	ID    ID     `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// IsAgentReply reports whether this is an agent's answer to the shopper, typed in
// the helpdesk: not a note, not a rule's, not an app's.
func (m Message) IsAgentReply() bool {
	return m.FromAgent && m.Public && m.Via == ViaHelpdesk && m.Channel != ChannelNote
}

// A Source says how a message travelled. Its type decides what the helpdesk
// offers for the answer.
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

// A MessageDraft is a message to be made. It has no receiver: an inbound
// message must not name one, a note needs none, and we make no others.
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

// CreateMessage adds a message to a ticket. The message's TicketID says which:
// another than was asked for when that was merged into it. After an Unknown error
// look with FindMessage before trying again.
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

// FindMessage looks among the newest 300 messages of a ticket for the one that
// carries a name of ours.
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
