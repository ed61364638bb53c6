package gorgias

import (
	"fmt"
	"time"
)

// An InboundEmail is an e-mail from a shopper and its ticket's state.
type InboundEmail struct {
	From, Name string // address, and name if there is no such customer
	Subject    string
	Text       string
	Ago        time.Duration // how long ago it arrived
	Answer     string        // reply of the first user, one hour later; empty: none
	Closed     bool
	Tags       []string
}

// Receive creates a ticket from an e-mail and returns its id. The e-mail's Answer does
// not appear in the outbox.
func (g *Gorgias) Receive(m InboundEmail) (id int64, err error) {
	g.update(func() {
		t, fail := g.makeTicket(encode(g.emailTicket(m)), nil)
		if fail != nil {
			err = fmt.Errorf("gorgias: receive e-mail: %d %s %v", fail.status, fail.msg, fail.data)
			return
		}
		t.Updated = t.Messages[len(t.Messages)-1].Created
		if m.Closed {
			t.Closed = &t.Updated
		}
		id = t.ID
	})
	return id, err
}

// emailTicket returns the ticket of an e-mail as a request's body.
func (g *Gorgias) emailTicket(m InboundEmail) map[string]any {
	at := Time{time.Now().Add(-m.Ago)}
	shop, shopper := Address{g.account.Domain, g.account.Address}, Address{m.Name, m.From}
	customer := map[string]any{"email": m.From}
	if c := g.customerByEmail(m.From); c == nil {
		customer["name"] = m.Name
	} else {
		shopper.Name = text(c.Name)
	}
	message := func(fromAgent bool, words string, at Time, sender any, from, to Address) map[string]any {
		return map[string]any{
			"channel": "email", "via": "email", "from_agent": fromAgent, "sender": sender, "subject": m.Subject,
			"body_text": words, "body_html": toHTML(words), "stripped_text": words,
			"created_datetime": at, "sent_datetime": at,
			"source": Source{Type: "email", From: &from, To: []Address{to}},
		}
	}
	messages := []any{message(false, m.Text, at, map[string]any{"email": m.From}, shopper, shop)}
	if m.Answer != "" {
		later := Time{at.Add(time.Hour)}
		messages = append(messages, message(true, m.Answer, later, Ref{g.users[0].ID}, shop, shopper))
	}
	tags := []tagInput{}
	for _, name := range m.Tags {
		tags = append(tags, tagInput{Name: name})
	}
	status := "open"
	if m.Closed {
		status = "closed"
	}
	return map[string]any{
		"channel": "email", "via": "email", "subject": m.Subject, "status": status, "tags": tags,
		"customer": customer, "created_datetime": at, "messages": messages,
	}
}

// KnownCustomer returns a customer with a name, an e-mail address and phone numbers. All
// are optional.
func KnownCustomer(name, email string, phones ...string) CustomerFields {
	fields := CustomerFields{}
	if name != "" {
		fields.Name = &name
	}
	if email != "" {
		fields.Email = &email
		fields.Channels = append(fields.Channels, Channel{Type: "email", Address: email, Preferred: true})
	}
	for _, phone := range phones {
		fields.Channels = append(fields.Channels, Channel{Type: "phone", Address: phone, Preferred: true})
	}
	return fields
}
