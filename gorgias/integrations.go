package gorgias

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Events that make Gorgias call an HTTP integration. The API spells them with
// hyphens.
const (
	TicketCreated       = "ticket-created"
	TicketUpdated       = "ticket-updated"
	TicketStatusUpdated = "ticket-status-updated"
	MessageCreated      = "ticket-message-created"
)

// An Integration connects the helpdesk with something outside.
type Integration struct {
	ID            ID     `json:"id"`
	Name          string `json:"name"`
	Description   string `json:"description"`
	DeactivatedAt Time   `json:"deactivated_datetime"` // set: off; Gorgias does it after 100 failed calls in a row
	HTTP          struct {
		URL string `json:"url"`
	} `json:"http"`
	Meta json.RawMessage `json:"meta"` // depends on the type
}

// HTTP is what an HTTP integration calls, and when. {{…}} in URL, headers and
// form is replaced at each call.
type HTTP struct {
	URL          string            `json:"url"`
	Method       string            `json:"method"`
	Headers      map[string]string `json:"headers,omitempty"` // never comes back
	RequestType  string            `json:"request_content_type"`
	ResponseType string            `json:"response_content_type"`
	Form         map[string]string `json:"form"` // the body, or null; must be null with GET
	Triggers     map[string]bool   `json:"triggers"`
}

// An IntegrationDraft is an HTTP integration to be made, or put right.
type IntegrationDraft struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description"`
	HTTP        HTTP   `json:"http"`
}

// HTTPIntegrations lists all HTTP integrations, at most 1000.
func (c *Client) HTTPIntegrations(ctx context.Context) ([]Integration, error) {
	return readList[Integration](ctx, c, "list integrations", "/integrations", url.Values{"type": {"http"}}, 10)
}

// Integration reads one integration of any type.
func (c *Client) Integration(ctx context.Context, id ID) (Integration, error) {
	return readObject[Integration](ctx, c, request{"read integration", http.MethodGet, "/integrations/" + id.String(), nil, nil})
}

// CreateIntegration makes an HTTP integration. The key's owner must be an admin.
func (c *Client) CreateIntegration(ctx context.Context, draft IntegrationDraft) (Integration, error) {
	return readObject[Integration](ctx, c, request{"create integration", http.MethodPost, "/integrations", nil, draft})
}

// RepairIntegration puts an integration into the state of the draft and switches
// it on again if it is off. Doing it twice changes nothing.
func (c *Client) RepairIntegration(ctx context.Context, id ID, draft IntegrationDraft) error {
	// The update has no "type", and an unknown name is refused.
	body := struct {
		Name          string `json:"name"`
		Description   string `json:"description"`
		HTTP          HTTP   `json:"http"`
		DeactivatedAt Time   `json:"deactivated_datetime"` // null
	}{Name: draft.Name, Description: draft.Description, HTTP: draft.HTTP}
	return c.do(ctx, request{"repair integration", http.MethodPut, "/integrations/" + id.String(), nil, body})
}

// DeactivateIntegration switches an integration off: it calls no more.
func (c *Client) DeactivateIntegration(ctx context.Context, id ID, at time.Time) error {
	body := map[string]any{"deactivated_datetime": Time{at}}
	return c.do(ctx, request{"deactivate integration", http.MethodPut, "/integrations/" + id.String(), nil, body})
}

// DeleteIntegration removes an integration. Its widgets go first; while rules
// use it, Gorgias refuses.
func (c *Client) DeleteIntegration(ctx context.Context, id ID) error {
	return c.do(ctx, request{"delete integration", http.MethodDelete, "/integrations/" + id.String(), nil, nil})
}
