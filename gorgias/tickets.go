package gorgias

import (
	"context"
	"net/http"
	"net/url"
)

// States of a ticket.
const (
	Open   = "open"
	Closed = "closed"
)

// A Ticket is a case in the helpdesk.
type Ticket struct {
	ID         ID        `json:"id"`
	ExternalID string    `json:"external_id"`
	Status     string    `json:"status"` // Open or Closed
	Subject    string    `json:"subject"`
	Tags       []Tag     `json:"tags"`
	Messages   []Message `json:"messages"`         // nil in lists
	TrashedAt  Time      `json:"trashed_datetime"` // set: in the trash, from where it can come back
}

// A TicketDraft is a ticket to be opened. Talk.Ticket makes one.
type TicketDraft struct {
	Channel    string         `json:"channel"`
	Via        string         `json:"via"`
	Status     string         `json:"status"`
	FromAgent  bool           `json:"from_agent"`
	Subject    string         `json:"subject"`
	ExternalID string         `json:"external_id"`
	Customer   Ref            `json:"customer"`
	Tags       []TagName      `json:"tags"`
	Messages   []MessageDraft `json:"messages"`
}

// A Ref points at a customer or user by id alone. Whatever else it said would
// overwrite what the helpdesk holds of the customer.
type Ref struct {
	ID ID `json:"id"`
}

// CreateTicket opens a ticket. Gorgias has no idempotency key: after an Unknown
// error look with TicketsByExternalID before trying again.
func (c *Client) CreateTicket(ctx context.Context, draft TicketDraft) (Ticket, error) {
	return readObject(ctx, c, request{"create ticket", http.MethodPost, "/tickets", nil, draft},
		func(t Ticket, _ string) bool { return t.ExternalID == draft.ExternalID || t.ExternalID == "" })
}

// Ticket reads one ticket with all of its messages, notes included. A ticket in
// the trash is found too.
func (c *Client) Ticket(ctx context.Context, id ID) (Ticket, error) {
	return readObject[Ticket](ctx, c, request{"read ticket", http.MethodGet, "/tickets/" + id.String(), nil, nil})
}

// TicketsByExternalID lists the tickets that carry a name of ours, oldest first,
// those in the trash included. Gorgias doesn't keep such names unique.
func (c *Client) TicketsByExternalID(ctx context.Context, external string) ([]Ticket, error) {
	all, err := readList[Ticket](ctx, c, "find ticket", "/tickets",
		url.Values{"external_id": {external}, "order_by": {"created_datetime:asc"}}, 1)
	if err != nil {
		return nil, err
	}
	var named []Ticket
	for _, t := range all {
		// A ticket of somebody else's would get this shopper's words.
		if t.ExternalID == external {
			named = append(named, t)
		}
	}
	return named, nil
}

// SetStatus opens or closes a ticket. Doing it twice changes nothing.
func (c *Client) SetStatus(ctx context.Context, ticket ID, status string) error {
	body := map[string]any{"status": status}
	return c.do(ctx, request{"set ticket status", http.MethodPut, "/tickets/" + ticket.String(), nil, body})
}
