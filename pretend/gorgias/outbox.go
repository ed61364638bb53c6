package gorgias

import (
	"context"
	"slices"
)

// A Mail is an e-mail that the helpdesk has sent.
type Mail struct {
	At      Time
	Ticket  int64
	Message int64
	From    string
	To      string
	Subject string
	Text    string // with its quotation
	HTML    string
}

// Outbox returns all sent e-mails, oldest first.
func (g *Gorgias) Outbox() []Mail {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.outbox)
}

// send sends an outgoing message after the API has responded. Only e-mail can be sent;
// messages of the channel "api" are delivered by their app.
func (g *Gorgias) send(t *Ticket, m *Message) {
	g.pending = append(g.pending, func(context.Context) {
		g.update(func() {
			at := now()
			to := recipient(m)
			switch {
			case m.Channel == "api" || m.Channel == "chat":
				m.Sent = &at
			case m.Channel == "email" && to != "":
				m.Sent = &at
				g.outbox = append(g.outbox, Mail{
					At: at, Ticket: t.ID, Message: m.ID, From: g.sender(m), To: to,
					Subject: text(m.Subject), Text: text(m.BodyText), HTML: text(m.BodyHTML),
				})
			default:
				m.Failed, m.LastError = &at, &Reason{"The message could not be sent: there is no way to reach the recipient."}
				g.fireEvent("ticket-message-failed", t, m, nil)
			}
			g.Changes.Notify()
		})
	})
}

// recipient returns the address in the message's source, else the receiver's.
func recipient(m *Message) string {
	if m.Source != nil && len(m.Source.To) > 0 {
		return m.Source.To[0].Address
	}
	if m.Receiver != nil {
		return m.Receiver.Email
	}
	return ""
}

func (g *Gorgias) sender(m *Message) string {
	if m.Source != nil && m.Source.From != nil && m.Source.From.Address != "" {
		return m.Source.From.Address
	}
	return g.account.Address
}
