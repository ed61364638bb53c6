package pretend

import (
	"cmp"
	"html"
	"slices"
	"strings"
	"time"

	"sidetext/pretend/gorgias"
)

// A screen is everything that the demo's page shows. Times are RFC 3339.
type screen struct {
	Rev     int64    `json:"rev"`
	Shop    string   `json:"shop"`
	Number  string   `json:"number"` // the store's
	Faults  string   `json:"faults"` // the active preset
	Presets []string `json:"presets"`
	Agents  []agent  `json:"agents"`
	Phones  []phone  `json:"phones"`
	Tickets []ticket `json:"tickets"` // the last changed first
	Mail    []mail   `json:"mail"`    // e-mails that the helpdesk sent, oldest first

	Webhooks []webhookView `json:"webhooks"` // of the store's vendors, oldest first
}

type agent struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  string `json:"role"`
}

type phone struct {
	Shopper
	Texts []line     `json:"texts"` // oldest first
	Store *storeView `json:"store,omitempty"`
}

type line struct {
	Way    string    `json:"way"` // "in" to the store, "out" to the shopper
	By     string    `json:"by"`  // "shopper", "store" or "carrier"
	Text   string    `json:"text"`
	Media  []string  `json:"media,omitempty"`
	At     time.Time `json:"at"`
	Status string    `json:"status"`
}

type ticket struct {
	ID       int64          `json:"id"`
	Subject  string         `json:"subject"`
	Status   string         `json:"status"`
	Channel  string         `json:"channel"`
	Trashed  bool           `json:"trashed"`
	Updated  time.Time      `json:"updated"`
	Tags     []tag          `json:"tags"`
	Customer customer       `json:"customer"`
	Messages []message      `json:"messages"` // oldest first
	Sidebar  []gorgias.Card `json:"sidebar"`
}

type tag struct {
	Name  string `json:"name"`
	Color string `json:"color"`
}

type customer struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

type message struct {
	ID      int64     `json:"id"`
	From    string    `json:"from"` // "shopper", "agent" or "note"
	Author  string    `json:"author"`
	Text    string    `json:"text"`           // without its quotation
	Whole   string    `json:"full,omitempty"` // with its quotation, if there is one
	At      time.Time `json:"at"`
	Channel string    `json:"channel"`
	Failed  string    `json:"failed,omitempty"` // why it could not be sent
}

type mail struct {
	At      time.Time `json:"at"`
	Ticket  int64     `json:"ticket"`
	From    string    `json:"from"`
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
}

// The page shows at most this many of the newest items.
const (
	maxTexts    = 200
	maxTickets  = 50
	maxMessages = 200
	maxMails    = 100
)

func newest[T any](items []T, n int) []T { return items[max(0, len(items)-n):] }

// screen returns the state for an agent. 0 means the first agent.
func (w *World) screen(viewer int64) screen {
	w.mu.Lock()
	out := screen{
		// Read first: concurrent changes have a later revision.
		Rev: w.changes.Rev(), Shop: w.seed.Shop, Number: w.seed.Number, Faults: w.preset, Presets: presets,
		Agents: []agent{}, Phones: []phone{}, Tickets: []ticket{}, Mail: []mail{},
	}
	w.mu.Unlock()
	for _, u := range w.Gorgias.Users() {
		out.Agents = append(out.Agents, agent{u.ID, u.Name, u.Email, u.Role.Name})
	}
	if viewer == 0 {
		viewer = out.Agents[0].ID
	}
	for _, shopper := range w.seed.Shoppers {
		p := phone{Shopper: shopper, Texts: []line{}, Store: w.store(shopper)}
		for _, l := range newest(w.Twilio.Screen(shopper.Phone), maxTexts) {
			shown := line{Way: l.Way, By: l.By, Text: l.Text, At: l.At, Status: l.Status}
			for _, m := range l.Media {
				shown.Media = append(shown.Media, m.URL)
			}
			p.Texts = append(p.Texts, shown)
		}
		out.Phones = append(out.Phones, p)
	}
	tickets := w.Gorgias.Tickets()
	slices.SortStableFunc(tickets, func(a, b gorgias.Ticket) int { return cmp.Compare(b.Updated.UnixMicro(), a.Updated.UnixMicro()) })
	for _, t := range tickets[:min(len(tickets), maxTickets)] {
		shown := showTicket(t)
		shown.Sidebar = w.Gorgias.Sidebar(t.ID, viewer)
		out.Tickets = append(out.Tickets, shown)
	}
	for _, m := range newest(w.Gorgias.Outbox(), maxMails) {
		out.Mail = append(out.Mail, mail{m.At.Time, m.Ticket, m.From, m.To, m.Subject, m.Text})
	}
	out.Webhooks = w.webhooks()
	return out
}

func showTicket(t gorgias.Ticket) ticket {
	out := ticket{
		ID: t.ID, Subject: deref(t.Subject), Status: t.Status, Channel: t.Channel, Trashed: t.Trashed != nil, Updated: t.Updated.Time,
		Customer: customer{t.Customer.ID, deref(t.Customer.Name), deref(t.Customer.Email)},
		Tags:     []tag{}, Messages: []message{},
	}
	for _, tagged := range t.Tags {
		out.Tags = append(out.Tags, tag{tagged.Name, tagged.Decoration.Color})
	}
	for _, m := range newest(t.Messages, maxMessages) {
		shown := message{ID: m.ID, From: "shopper", Author: m.Sender.Name, At: m.Created.Time, Channel: m.Channel}
		switch {
		case m.Channel == "internal-note":
			shown.From = "note"
		case m.FromAgent:
			shown.From = "agent"
		}
		whole := deref(m.BodyText)
		if whole == "" {
			whole = textOfHTML(deref(m.BodyHTML))
		}
		shown.Text = whole
		if stripped := deref(m.StrippedText); stripped != "" && stripped != whole {
			shown.Text, shown.Whole = stripped, whole
		}
		if m.LastError != nil {
			shown.Failed = m.LastError.Error
		}
		out.Messages = append(out.Messages, shown)
	}
	return out
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// textOfHTML returns the text of simple HTML.
func textOfHTML(page string) string {
	var out strings.Builder
	inTag := false
	for _, r := range strings.NewReplacer("<br>", "\n", "<br/>", "\n", "<br />", "\n", "</p>", "\n").Replace(page) {
		switch {
		case r == '<':
			inTag = true
		case r == '>':
			inTag = false
		case !inTag:
			out.WriteRune(r)
		}
	}
	return strings.TrimSpace(html.UnescapeString(out.String()))
}
