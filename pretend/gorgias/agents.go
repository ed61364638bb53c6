package gorgias

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// This file has the actions of agents in the helpdesk's web client.

var errTicket = errors.New("gorgias: no such ticket")

// Reply sends an agent's reply by e-mail and returns the id of its message. The e-mail
// quotes the shopper's last message unless Account.NoQuote is set.
func (g *Gorgias) Reply(ticket, user int64, answer string) (id int64, err error) {
	err = g.asUser(ticket, user, func(t *Ticket, u *User) error {
		to := address(t)
		if to == "" {
			return errors.New("gorgias: the customer has no e-mail address")
		}
		at := now()
		whole := answer
		if last := lastMail(t); last != nil && !g.account.NoQuote {
			whole += fmt.Sprintf("\n\nOn %s, %s wrote:\n\n> %s", last.Created.Format("Mon, 2 Jan 2006 at 15:04"),
				last.Sender.Name, strings.ReplaceAll(text(last.BodyText), "\n", "\n> "))
		}
		subject := "Re: " + strings.TrimPrefix(text(t.Subject), "Re: ")
		m := &Message{
			Sender: u.person(), Receiver: t.Customer.person(),
			MessageFields: MessageFields{
				Channel: "email", Via: "helpdesk", FromAgent: true, Public: true, Subject: &subject, Created: at,
				BodyText: &whole, BodyHTML: toHTML(whole), StrippedText: &answer, StrippedHTML: toHTML(answer),
				IntegrationID: &g.mailbox,
				Source: &Source{Type: "email", From: &Address{g.account.Domain, g.account.Address},
					To: []Address{{text(t.Customer.Name), to}}, Extra: map[string]any{"include_thread": false}},
			},
		}
		g.append(t, m, u)
		id = m.ID
		return nil
	})
	return id, err
}

// Note adds an agent's internal note to a ticket.
func (g *Gorgias) Note(ticket, user int64, words string) (id int64, err error) {
	err = g.asUser(ticket, user, func(t *Ticket, u *User) error {
		at := now()
		m := &Message{Sender: u.person(), MessageFields: MessageFields{
			Channel: "internal-note", Via: "helpdesk", FromAgent: true, Created: at, Sent: &at,
			BodyText: &words, BodyHTML: toHTML(words), Source: &Source{Type: "internal-note"},
		}}
		g.append(t, m, u)
		id = m.ID
		return nil
	})
	return id, err
}

// SetStatus sets a ticket's status, "open" or "closed", as an agent.
func (g *Gorgias) SetStatus(ticket, user int64, status string) error {
	return g.changeAs(ticket, user, map[string]any{"status": status})
}

// SetTrashed moves a ticket to the trash or restores it, as an agent.
func (g *Gorgias) SetTrashed(ticket, user int64, trashed bool) error {
	if trashed {
		return g.changeAs(ticket, user, map[string]any{"trashed_datetime": now()})
	}
	return g.changeAs(ticket, user, map[string]any{"trashed_datetime": nil})
}

// Delete deletes a ticket permanently, as an agent.
func (g *Gorgias) Delete(ticket, user int64) error {
	return g.asUser(ticket, user, func(t *Ticket, _ *User) error {
		g.remove(t)
		return nil
	})
}

func (g *Gorgias) changeAs(ticket, user int64, fields map[string]any) error {
	return g.asUser(ticket, user, func(t *Ticket, u *User) error {
		if fail := g.changeTicket(t, encode(fields), u); fail != nil {
			return fmt.Errorf("gorgias: change ticket: %d %s", fail.status, fail.msg)
		}
		return nil
	})
}

// asUser calls act with a ticket and a user. The user 0 is the owner of the API key.
func (g *Gorgias) asUser(ticket, user int64, act func(*Ticket, *User) error) (err error) {
	g.update(func() {
		t, u := find(g.tickets, ticket), find(g.users, user)
		if user == 0 {
			u = g.userByEmail(g.account.Email)
		}
		switch {
		case t == nil:
			err = errTicket
		case u == nil:
			err = errors.New("gorgias: " + http.StatusText(http.StatusForbidden))
		default:
			err = act(t, u)
		}
	})
	return err
}

// address returns the receiver of a reply: the sender of the last message from the
// shopper, else the customer.
func address(t *Ticket) string {
	if m := lastMail(t); m != nil && m.Source != nil && m.Source.From != nil && strings.Contains(m.Source.From.Address, "@") {
		return m.Source.From.Address
	}
	return text(t.Customer.Email)
}

// lastMail returns the last message from the shopper, or nil.
func lastMail(t *Ticket) *Message {
	for i := len(t.Messages) - 1; i >= 0; i-- {
		if !t.Messages[i].FromAgent {
			return t.Messages[i]
		}
	}
	return nil
}

func toHTML(words string) *string {
	escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", "<br>").Replace(words)
	out := "<div>" + escaped + "</div>"
	return &out
}
