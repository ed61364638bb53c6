package gorgias

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// What follows is what people do in the helpdesk, and not through its API.

var errTicket = errors.New("gorgias: there is no such ticket")

// Reply has an agent type an answer into a ticket's composer and send it by
// e-mail. Unless the account says otherwise the mail quotes the shopper's last
// message. It returns the id of the message.
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
				BodyText: &whole, BodyHTML: html(whole), StrippedText: &answer, StrippedHTML: html(answer),
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

// Note has an agent write an internal note into a ticket.
func (g *Gorgias) Note(ticket, user int64, words string) (id int64, err error) {
	err = g.asUser(ticket, user, func(t *Ticket, u *User) error {
		at := now()
		m := &Message{Sender: u.person(), MessageFields: MessageFields{
			Channel: "internal-note", Via: "helpdesk", FromAgent: true, Created: at, Sent: &at,
			BodyText: &words, BodyHTML: html(words), Source: &Source{Type: "internal-note"},
		}}
		g.append(t, m, u)
		id = m.ID
		return nil
	})
	return id, err
}

// SetStatus has an agent close a ticket ("closed") or open it ("open").
func (g *Gorgias) SetStatus(ticket, user int64, status string) error {
	return g.alter(ticket, user, map[string]any{"status": status})
}

// SetTrashed has an agent put a ticket into the trash or take it out.
func (g *Gorgias) SetTrashed(ticket, user int64, trashed bool) error {
	if trashed {
		return g.alter(ticket, user, map[string]any{"trashed_datetime": now()})
	}
	return g.alter(ticket, user, map[string]any{"trashed_datetime": nil})
}

// Delete has an agent delete a ticket for good.
func (g *Gorgias) Delete(ticket, user int64) error {
	return g.asUser(ticket, user, func(t *Ticket, _ *User) error {
		g.remove(t)
		return nil
	})
}

func (g *Gorgias) alter(ticket, user int64, fields map[string]any) error {
	return g.asUser(ticket, user, func(t *Ticket, u *User) error {
		if no := g.change(t, encode(fields), u); no != nil {
			return fmt.Errorf("gorgias: change ticket: %d %s", no.status, no.msg)
		}
		return nil
	})
}

// asUser finds the ticket and the user; 0 is the owner of the API key.
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

// address is where the composer sends mail: to whoever wrote last, else to the
// customer.
func address(t *Ticket) string {
	if m := lastMail(t); m != nil && m.Source != nil && m.Source.From != nil && strings.Contains(m.Source.From.Address, "@") {
		return m.Source.From.Address
	}
	return text(t.Customer.Email)
}

// lastMail is the last message from the shopper.
func lastMail(t *Ticket) *Message {
	for i := len(t.Messages) - 1; i >= 0; i-- {
		if !t.Messages[i].FromAgent {
			return t.Messages[i]
		}
	}
	return nil
}

func html(words string) *string {
	escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", "<br>").Replace(words)
	out := "<div>" + escaped + "</div>"
	return &out
}
