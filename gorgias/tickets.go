package gorgias

import (
	"context"
	"net/http"
	"net/url"
)

// Values of Ticket.Status.
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
	TrashedAt  Time      `json:"trashed_datetime"` // set: in the trash, and can be restored
}

// A TicketDraft is a ticket to create. See Drafter.Ticket.
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

// A Ref refers to a customer or user. It has no other fields, because they would
// overwrite the customer's.
type Ref struct {
	ID ID `json:"id"`
}

// CreateTicket creates a ticket. Gorgias has no idempotency key: after an Unknown
// error call TicketsByExternalID before retrying.
func (c *Client) CreateTicket(ctx context.Context, draft TicketDraft) (Ticket, error) {
	return readObject(ctx, c, request{"create ticket", http.MethodPost, "/tickets", nil, draft},
		func(t Ticket, _ string) bool { return t.ExternalID == draft.ExternalID || t.ExternalID == "" })
}

// Ticket reads one ticket with all of its messages and notes, also from the trash.
func (c *Client) Ticket(ctx context.Context, id ID) (Ticket, error) {
	return readObject[Ticket](ctx, c, request{"read ticket", http.MethodGet, "/tickets/" + id.String(), nil, nil})
}

// TicketsByExternalID lists the tickets with an external id, oldest first, also from
// the trash. Gorgias does not keep external ids unique.
func (c *Client) TicketsByExternalID(ctx context.Context, external string) ([]Ticket, error) {
	all, err := readList[Ticket](ctx, c, "find ticket", "/tickets",
		url.Values{"external_id": {external}, "order_by": {"created_datetime:asc"}}, 1)
	if err != nil {
		return nil, err
	}
	var matching []Ticket
	for _, t := range all {
		// Check again: another shopper's ticket must never get this one's texts.
		if t.ExternalID == external {
			matching = append(matching, t)
		}
	}
	return matching, nil
}

// SetStatus opens or closes a ticket. It is idempotent.
func (c *Client) SetStatus(ctx context.Context, ticket ID, status string) error {
	body := map[string]any{"status": status}
	return c.do(ctx, request{"set ticket status", http.MethodPut, "/tickets/" + ticket.String(), nil, body})
}
