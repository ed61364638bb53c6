package gorgias

import (
	"encoding/json"
	"net/http"
	"strings"
)

// A Message is a message of a ticket.
type Message struct {
	ID       int64  `json:"id"`
	TicketID int64  `json:"ticket_id"`
	URI      string `json:"uri"`
	MessageFields
	Sender    *Person `json:"sender"`
	Receiver  *Person `json:"receiver"`
	LastError *Reason `json:"last_sending_error"`
}

// MessageFields are the fields that requests may set.
type MessageFields struct {
	Channel       string       `json:"channel"`
	Via           string       `json:"via"`
	FromAgent     bool         `json:"from_agent"`
	Public        bool         `json:"public"`
	Source        *Source      `json:"source"`
	Subject       *string      `json:"subject"`
	BodyText      *string      `json:"body_text"`
	BodyHTML      *string      `json:"body_html"`
	StrippedText  *string      `json:"stripped_text"`
	StrippedHTML  *string      `json:"stripped_html"`
	Attachments   []Attachment `json:"attachments"`
	ExternalID    *string      `json:"external_id"`
	MessageID     *string      `json:"message_id"`
	IntegrationID *int64       `json:"integration_id"`
	Meta          any          `json:"meta"`
	Headers       any          `json:"headers"`
	Created       Time         `json:"created_datetime"`
	Sent          *Time        `json:"sent_datetime"`
	Failed        *Time        `json:"failed_datetime"`
	Opened        *Time        `json:"opened_datetime"`
}

// A Source says by which way a message arrived.
type Source struct {
	Type  string    `json:"type"`
	From  *Address  `json:"from"`
	To    []Address `json:"to"`
	CC    []Address `json:"cc"`
	BCC   []Address `json:"bcc"`
	Extra any       `json:"extra"`
}

// An Address is the sender or a receiver of a message.
type Address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// An Attachment is a file of a message.
type Attachment struct {
	URL    string `json:"url"`
	Name   string `json:"name"`
	Type   string `json:"content_type"`
	Size   any    `json:"size"`
	Public *bool  `json:"public"`
}

// A Person is the sender or the receiver of a message: a customer or a user.
type Person struct {
	ID        int64  `json:"id"`
	Email     string `json:"email"`
	Name      string `json:"name"`
	Firstname string `json:"firstname"`
	Lastname  string `json:"lastname"`
	Meta      any    `json:"meta"`
}

// A Reason says why a message could not be sent.
type Reason struct {
	Error string `json:"error"`
}

// view returns a message as the API and templates show it.
func (m *Message) view() map[string]any {
	var out map[string]any
	recode(m, &out)
	for _, name := range []string{"auth_customer_identity", "rule_id", "macros", "actions", "stripped_signature", "deleted_datetime", "replied_by", "replied_to"} {
		out[name] = nil
	}
	out["intents"], out["imported"], out["processed_datetime"] = []any{}, false, out["created_datetime"]
	out["is_retriable"] = m.Failed != nil
	return out
}

// SetRejectedText makes the API reject messages whose body contains this text. An empty
// text rejects none.
func (g *Gorgias) SetRejectedText(text string) { g.update(func() { g.rejectedText = text }) }

// readMessage makes a message without a ticket from a JSON object. For a message from a
// shopper it also returns the customer.
func (g *Gorgias) readMessage(raw []byte) (*Message, *Customer, *failure) {
	fields, given, fail := patch(MessageFields{Public: true, Created: now()}, raw)
	if fail != nil {
		return nil, nil, fail
	}
	problems := map[string][]string{}
	for _, name := range []string{"channel", "via", "from_agent", "sender"} {
		if isNull(given[name]) {
			problems[name] = []string{missing}
		}
	}
	if len(problems) == 0 {
		oneOf(problems, "channel", fields.Channel, channels)
		oneOf(problems, "via", fields.Via, vias)
		maxLength(problems, "external_id", fields.ExternalID, 255)
	}
	if g.rejectedText != "" && strings.Contains(text(fields.BodyText)+text(fields.BodyHTML), g.rejectedText) {
		problems["body_text"] = []string{"Not a valid value."}
	}
	note := fields.Channel == "internal-note"
	if note && !fields.FromAgent {
		problems["from_agent"] = []string{"Internal notes are always from an agent."}
	}
	if !fields.FromAgent && !isNull(given["receiver"]) {
		problems["receiver"] = []string{"Must not be set on a message from a customer."}
	}
	for _, file := range fields.Attachments {
		if file.URL == "" || file.Type == "" {
			problems["attachments"] = []string{missing}
		}
	}
	if len(problems) > 0 {
		return nil, nil, &failure{400, "Failed to create message", problems}
	}
	m := &Message{MessageFields: fields}
	author, fail := g.setParties(m, given["sender"], given["receiver"])
	if fail != nil {
		return nil, nil, fail
	}
	if note {
		m.Public = false
	}
	if m.Source == nil {
		m.Source = &Source{Type: m.Channel}
	}
	if m.Sent == nil && (note || !m.FromAgent) {
		at := now()
		m.Sent = &at
	}
	return m, author, nil
}

// setParties sets a message's sender and receiver.
func (g *Gorgias) setParties(m *Message, sender, receiver json.RawMessage) (*Customer, *failure) {
	if !m.FromAgent {
		c, fail := g.findOrMakeCustomer(sender, "sender")
		if fail == nil {
			m.Sender = c.person()
		}
		return c, fail
	}
	var named struct {
		ID    int64  `json:"id"`
		Email string `json:"email"`
	}
	if json.Unmarshal(sender, &named) != nil {
		return nil, invalid("sender", "Not a valid user.")
	}
	user := find(g.users, named.ID)
	if named.ID == 0 {
		user = g.userByEmail(named.Email)
	}
	if user == nil {
		return nil, invalid("sender", "User does not exist.")
	}
	m.Sender = user.person()
	if isNull(receiver) {
		return nil, nil
	}
	c, fail := g.findOrMakeCustomer(receiver, "receiver")
	if fail == nil {
		m.Receiver = c.person()
	}
	return c, fail
}

func (c *Customer) person() *Person {
	return &Person{ID: c.ID, Email: text(c.Email), Name: text(c.Name), Firstname: c.Firstname, Lastname: c.Lastname}
}

func (u *User) person() *Person {
	return &Person{ID: u.ID, Email: u.Email, Name: u.Name, Firstname: u.Firstname, Lastname: u.Lastname}
}

// append adds a message to a ticket, and sends it if it is outgoing.
func (g *Gorgias) append(t *Ticket, m *Message, by *User) {
	m.ID = g.nextID()
	m.TicketID = t.ID
	m.URI = t.URI + "messages/" + itoa(m.ID) + "/"
	if m.Receiver == nil && m.FromAgent && m.Channel != "internal-note" {
		m.Receiver = t.Customer.person()
	}
	t.Messages = append(t.Messages, m)
	g.messageCount++
	t.Updated = now()
	if m.Channel != "internal-note" {
		t.LastMessage = &m.Created
		if !m.FromAgent {
			t.LastReceived = &m.Created
		}
	}
	g.fireEvent("ticket-message-created", t, m, by)
	if m.FromAgent && m.Sent == nil {
		g.send(t, m)
	}
	g.Changes.Notify()
}

// postMessage adds a message to a ticket. It does not reopen a closed ticket, because
// Gorgias does not document that.
func (g *Gorgias) postMessage(r *request) (int, any, *failure) {
	t := find(g.tickets, r.id("id"))
	if t == nil {
		return 0, nil, notFound
	}
	if g.messageCount >= g.account.MaxObjects {
		return 0, nil, &failure{http.StatusForbidden, forbidden.msg + " Messaging quota exceeded.", nil}
	}
	m, _, fail := g.readMessage(r.body)
	if fail != nil {
		return 0, nil, fail
	}
	g.append(t, m, r.user)
	return http.StatusCreated, m.view(), nil
}

func (g *Gorgias) listMessages(r *request) (int, any, *failure) {
	var rows []row
	for _, t := range g.tickets {
		if r.query.Has("ticket_id") && r.query.Get("ticket_id") != itoa(t.ID) {
			continue
		}
		for _, m := range t.Messages {
			rows = append(rows, row{m.ID, byTime(m.Created, m.Created), func() any { return m.view() }})
		}
	}
	return list(r, "created_datetime:desc", rows)
}
