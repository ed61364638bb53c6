package gorgias

import (
	"fmt"
	"time"
)

// A InboundEmail is a mail that a shopper wrote to the shop, and what came of it.
type InboundEmail struct {
	From, Name string // the address, and the name if the helpdesk does not know it
	Subject    string
	Text       string
	Ago        time.Duration // when it came
	Answer     string        // of the first user, an hour later; empty: none yet
	Closed     bool
	Tags       []string
}

// Receive takes in a letter as a ticket and returns the ticket's id. An answer
// in it has long been sent: it is not in the outbox.
func (g *Gorgias) Receive(l InboundEmail) (id int64, err error) {
	g.update(func() {
		t, no := g.makeTicket(encode(g.emailTicket(l)), nil)
		if no != nil {
			err = fmt.Errorf("gorgias: receive letter: %d %s %v", no.status, no.msg, no.data)
			return
		}
		t.Updated = t.Messages[len(t.Messages)-1].Created
		if l.Closed {
			t.Closed = &t.Updated
		}
		id = t.ID
	})
	return id, err
}

// emailTicket is the ticket that a letter becomes.
func (g *Gorgias) emailTicket(l InboundEmail) map[string]any {
	at := Time{time.Now().Add(-l.Ago)}
	shop, shopper := Address{g.account.Domain, g.account.Address}, Address{l.Name, l.From}
	who := map[string]any{"email": l.From}
	if c := g.customerByEmail(l.From); c == nil {
		who["name"] = l.Name
	} else {
		shopper.Name = text(c.Name)
	}
	message := func(fromAgent bool, words string, at Time, sender any, from, to Address) map[string]any {
		return map[string]any{
			"channel": "email", "via": "email", "from_agent": fromAgent, "sender": sender, "subject": l.Subject,
			"body_text": words, "body_html": html(words), "stripped_text": words,
			"created_datetime": at, "sent_datetime": at,
			"source": Source{Type: "email", From: &from, To: []Address{to}},
		}
	}
	messages := []any{message(false, l.Text, at, map[string]any{"email": l.From}, shopper, shop)}
	if l.Answer != "" {
		later := Time{at.Add(time.Hour)}
		messages = append(messages, message(true, l.Answer, later, Ref{g.users[0].ID}, shop, shopper))
	}
	tags := []tagInput{}
	for _, name := range l.Tags {
		tags = append(tags, tagInput{Name: name})
	}
	status := "open"
	if l.Closed {
		status = "closed"
	}
	return map[string]any{
		"channel": "email", "via": "email", "subject": l.Subject, "status": status, "tags": tags,
		"customer": who, "created_datetime": at, "messages": messages,
	}
}

// KnownCustomer is a customer with a name, an e-mail address and phone numbers; any of
// them may be missing.
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
