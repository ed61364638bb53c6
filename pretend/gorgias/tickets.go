package gorgias

import (
	"encoding/json"
	"net/http"
)

func (g *Gorgias) getTicket(r *request) (int, any, *failure) {
	t := find(g.tickets, r.id("id"))
	if t == nil {
		return 0, nil, notFound
	}
	return http.StatusOK, g.view(t), nil
}

// listTickets answers GET tickets. Tickets in the trash are listed, too.
func (g *Gorgias) listTickets(r *request) (int, any, *failure) {
	var rows []row
	for _, t := range g.tickets {
		if r.query.Has("external_id") && r.query.Get("external_id") != text(t.ExternalID) {
			continue
		}
		rows = append(rows, row{t.ID, byTime(t.Created, t.Updated), func() any { return g.listView(t) }})
	}
	return list(r, "created_datetime:desc", rows)
}

// listView returns a ticket as lists show it.
func (g *Gorgias) listView(t *Ticket) map[string]any {
	out := g.withoutMessages(t)
	excerpt := ""
	if n := len(t.Messages); n > 0 {
		runes := []rune(text(t.Messages[n-1].BodyText))
		excerpt = string(runes[:min(len(runes), 200)])
	}
	out["excerpt"], out["messages_count"], out["integrations"] = excerpt, len(t.Messages), []any{}
	return out
}

// putTicket updates the given fields. Tags replace all tags.
func (g *Gorgias) putTicket(r *request) (int, any, *failure) {
	t := find(g.tickets, r.id("id"))
	if t == nil {
		return 0, nil, notFound
	}
	if fail := g.changeTicket(t, r.body, r.user); fail != nil {
		return 0, nil, fail
	}
	return http.StatusAccepted, g.view(t), nil
}

func (g *Gorgias) changeTicket(t *Ticket, raw []byte, by *User) *failure {
	fields, given, fail := patch(t.TicketFields, raw)
	if fail != nil {
		return fail
	}
	if problems := g.validateTicket(fields); len(problems) > 0 {
		return &failure{400, "Failed to update ticket", problems}
	}
	tags := t.Tags
	if !isNull(given["tags"]) {
		var named []tagInput
		if json.Unmarshal(given["tags"], &named) != nil {
			return invalid("tags", "Not a valid list.")
		}
		tags, fail = g.findOrMakeTags(named)
		if fail != nil {
			return fail
		}
	}
	if !isNull(given["customer"]) {
		c, fail := g.findOrMakeCustomer(given["customer"], "customer")
		if fail != nil {
			return fail
		}
		t.Customer = c
	}
	before := t.TicketFields
	t.TicketFields, t.Tags, t.Updated = fields, tags, now()
	statusChanged := before.Status != t.Status
	if statusChanged && t.Status == "closed" && isNull(given["closed_datetime"]) {
		at := now()
		t.Closed = &at
	}
	if statusChanged && t.Status == "open" {
		at := now()
		t.Closed, t.Opened = nil, &at
	}
	g.fireEvent("ticket-updated", t, nil, by)
	if statusChanged {
		g.fireEvent("ticket-status-updated", t, nil, by)
	}
	if refNumber(before.AssigneeUser) != refNumber(t.AssigneeUser) || refNumber(before.AssigneeTeam) != refNumber(t.AssigneeTeam) {
		g.fireEvent("ticket-assignment-updated", t, nil, by)
	}
	g.Changes.Notify()
	return nil
}
