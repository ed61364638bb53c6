package gorgias

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// A Ticket is a ticket with its messages.
type Ticket struct {
	ID  int64  `json:"id"`
	URI string `json:"uri"`
	TicketFields
	Customer     *Customer  `json:"customer"`
	Tags         []*Tag     `json:"tags"`
	Messages     []*Message `json:"messages"`
	Created      Time       `json:"created_datetime"`
	Updated      Time       `json:"updated_datetime"`
	LastMessage  *Time      `json:"last_message_datetime"`
	LastReceived *Time      `json:"last_received_message_datetime"`
}

// TicketFields are the fields that requests may set.
type TicketFields struct {
	ExternalID   *string `json:"external_id"`
	Status       string  `json:"status"`
	Priority     string  `json:"priority"`
	Channel      string  `json:"channel"`
	Via          string  `json:"via"`
	FromAgent    bool    `json:"from_agent"`
	Spam         bool    `json:"spam"`
	Language     *string `json:"language"`
	Subject      *string `json:"subject"`
	Meta         any     `json:"meta"`
	CustomFields any     `json:"custom_fields"`
	AssigneeUser *Ref    `json:"assignee_user"`
	AssigneeTeam *Ref    `json:"assignee_team"`
	Opened       *Time   `json:"opened_datetime"`
	Closed       *Time   `json:"closed_datetime"`
	Trashed      *Time   `json:"trashed_datetime"`
	Snoozed      *Time   `json:"snooze_datetime"`
}

func (t *Ticket) id() int64 { return t.ID }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Tickets returns all tickets with their messages, oldest first.
func (g *Gorgias) Tickets() []Ticket {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]Ticket, 0, len(g.tickets))
	for _, t := range g.tickets {
		out = append(out, clone(*t))
	}
	return out
}

// Ticket returns one ticket with its messages.
func (g *Gorgias) Ticket(id int64) (Ticket, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t := find(g.tickets, id); t != nil {
		return clone(*t), true
	}
	return Ticket{}, false
}

// view returns a ticket as the API shows it.
func (g *Gorgias) view(t *Ticket) map[string]any {
	out := g.withoutMessages(t)
	messages := make([]any, 0, len(t.Messages))
	for _, m := range t.Messages {
		messages = append(messages, m.view())
	}
	out["messages"] = messages
	return out
}

// withoutMessages returns a ticket without its messages, as templates see it.
func (g *Gorgias) withoutMessages(t *Ticket) map[string]any {
	var out map[string]any
	bare := *t
	bare.Customer, bare.Messages = nil, nil
	recode(bare, &out)
	customer := g.customerView(t.Customer)
	out["customer"], out["requester"] = customer, customer
	delete(out, "messages")
	out["assignee_user_id"], out["assignee_team_id"] = refID(t.AssigneeUser), refID(t.AssigneeTeam)
	out["events"], out["summary"], out["satisfaction_survey"], out["is_unread"] = []any{}, nil, nil, false
	can := map[string]any{"answerable": true}
	out["reply_options"] = map[string]any{"email": can, "internal-note": can}
	if user := find(g.users, refNumber(t.AssigneeUser)); user != nil {
		out["assignee_user"] = user
	}
	return out
}

func refNumber(ref *Ref) int64 {
	if ref == nil {
		return 0
	}
	return ref.ID
}

func refID(ref *Ref) any {
	if ref == nil {
		return nil
	}
	return ref.ID
}

// validateTicket validates a ticket's own fields.
func (g *Gorgias) validateTicket(f TicketFields) map[string][]string {
	problems := map[string][]string{}
	oneOf(problems, "status", f.Status, statuses)
	oneOf(problems, "priority", f.Priority, priorities)
	oneOf(problems, "channel", f.Channel, channels)
	oneOf(problems, "via", f.Via, vias)
	maxLength(problems, "subject", f.Subject, 998)
	maxLength(problems, "external_id", f.ExternalID, 255)
	if f.AssigneeUser != nil && find(g.users, f.AssigneeUser.ID) == nil {
		problems["assignee_user"] = []string{"User does not exist."}
	}
	return problems
}

// postTicket creates a ticket with its messages. A refused ticket may nevertheless have
// created a customer.
func (g *Gorgias) postTicket(r *request) (int, any, *failure) {
	t, fail := g.makeTicket(r.body, r.user)
	if fail != nil {
		return 0, nil, fail
	}
	return http.StatusCreated, g.view(t), nil
}

func (g *Gorgias) makeTicket(raw []byte, by *User) (*Ticket, *failure) {
	var in struct {
		Customer json.RawMessage   `json:"customer"`
		Tags     []tagInput        `json:"tags"`
		Messages []json.RawMessage `json:"messages"`
		Created  *Time             `json:"created_datetime"`
	}
	fields, given, fail := patch(TicketFields{Status: "open", Priority: "normal", Via: "api"}, raw)
	if fail != nil {
		return nil, fail
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, &failure{400, "Failed to create ticket", map[string][]string{"body": {err.Error()}}}
	}
	if len(in.Messages) < 1 || len(in.Messages) > 500 {
		why := "Length must be between 1 and 500."
		if isNull(given["messages"]) {
			why = missing
		}
		return nil, &failure{400, "Failed to create ticket", map[string][]string{"messages": {why}}}
	}
	if g.messageCount+len(in.Messages) > g.account.MaxObjects {
		return nil, &failure{http.StatusForbidden, forbidden.msg + " Messaging quota exceeded.", nil}
	}
	t := &Ticket{Created: now(), Tags: []*Tag{}}
	if in.Created != nil {
		t.Created = *in.Created
	}
	if fail := g.fillTicket(t, in.Messages, in.Customer, by); fail != nil {
		return nil, fail
	}
	first := t.Messages[0]
	if fields.Channel == "" {
		fields.Channel = first.Channel
	}
	if isNull(given["from_agent"]) {
		fields.FromAgent = first.FromAgent
	}
	if problems := g.validateTicket(fields); len(problems) > 0 {
		return nil, &failure{400, "Failed to create ticket", problems}
	}
	tags, fail := g.findOrMakeTags(in.Tags)
	if fail != nil {
		return nil, fail
	}
	t.TicketFields, t.Tags, t.Updated = fields, tags, now()
	if t.Opened == nil {
		t.Opened = &t.Created
	}
	g.addTicket(t, by)
	return t, nil
}

// fillTicket reads a new ticket's messages and sets its customer: the given one, else the one
// of the first message.
func (g *Gorgias) fillTicket(t *Ticket, messages []json.RawMessage, customer json.RawMessage, by *User) *failure {
	if !isNull(customer) {
		c, fail := g.findOrMakeCustomer(customer, "customer")
		if fail != nil {
			return fail
		}
		t.Customer = c
	}
	for i, raw := range messages {
		m, author, fail := g.readMessage(raw)
		if fail != nil {
			if fail.status == http.StatusBadRequest {
				fail = &failure{fail.status, "Failed to create ticket", map[string]any{"messages": map[string]any{strconv.Itoa(i): fail.data}}}
			}
			return fail
		}
		if t.Customer == nil {
			t.Customer = author
		}
		t.Messages = append(t.Messages, m)
	}
	if t.Customer == nil {
		return &failure{400, "Failed to create ticket", map[string][]string{"customer": {missing}}}
	}
	return nil
}

// addTicket adds a valid ticket to the helpdesk.
func (g *Gorgias) addTicket(t *Ticket, by *User) {
	t.ID = g.nextID()
	t.URI = "/api/tickets/" + itoa(t.ID) + "/"
	messages := t.Messages
	t.Messages = nil
	g.tickets = append(g.tickets, t)
	g.fireEvent("ticket-created", t, nil, by)
	for _, m := range messages {
		g.append(t, m, by)
	}
	g.Changes.Notify()
}

// remove deletes a ticket.
func (g *Gorgias) remove(t *Ticket) {
	g.tickets = slices.DeleteFunc(g.tickets, func(other *Ticket) bool { return other == t })
	g.Changes.Notify()
}
