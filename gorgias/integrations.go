package gorgias

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Events that trigger an HTTP integration.
const (
	TicketCreated       = "ticket-created"
	TicketUpdated       = "ticket-updated"
	TicketStatusUpdated = "ticket-status-updated"
	MessageCreated      = "ticket-message-created"
)

// An Integration connects the helpdesk with another service.
type Integration struct {
	ID            ID     `json:"id"`
	Name          string `json:"name"`
	Description   string `json:"description"`
	DeactivatedAt Time   `json:"deactivated_datetime"` // set: off. Gorgias sets it after 100 failed requests in a row
	HTTP          struct {
		URL string `json:"url"`
	} `json:"http"`
	Meta json.RawMessage `json:"meta"` // its shape depends on the type
}

// HTTP says which request an HTTP integration makes, and on which events. Gorgias
// replaces {{…}} in URL, headers and form for each request.
type HTTP struct {
	URL          string            `json:"url"`
	Method       string            `json:"method"`
	Headers      map[string]string `json:"headers,omitempty"` // responses never contain them
	RequestType  string            `json:"request_content_type"`
	ResponseType string            `json:"response_content_type"`
	Form         map[string]string `json:"form"` // the body; must be null for GET
	Triggers     map[string]bool   `json:"triggers"`
}

// An IntegrationDraft is an HTTP integration to create or repair.
type IntegrationDraft struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description"`
	HTTP        HTTP   `json:"http"`
}

// HTTPIntegrations lists the HTTP integrations, at most 1000.
func (c *Client) HTTPIntegrations(ctx context.Context) ([]Integration, error) {
	return readList[Integration](ctx, c, "list integrations", "/integrations", url.Values{"type": {"http"}}, 10)
}

// Integration reads one integration of any type.
func (c *Client) Integration(ctx context.Context, id ID) (Integration, error) {
	return readObject[Integration](ctx, c, request{"read integration", http.MethodGet, "/integrations/" + id.String(), nil, nil})
}

// CreateIntegration creates an HTTP integration. The key's owner must be an admin.
func (c *Client) CreateIntegration(ctx context.Context, draft IntegrationDraft) (Integration, error) {
	return readObject[Integration](ctx, c, request{"create integration", http.MethodPost, "/integrations", nil, draft})
}

// RepairIntegration sets an integration to the draft and switches it on. It is
// idempotent.
func (c *Client) RepairIntegration(ctx context.Context, id ID, draft IntegrationDraft) error {
	// An update must not contain "type": Gorgias refuses unknown fields.
	body := struct {
		Name          string `json:"name"`
		Description   string `json:"description"`
		HTTP          HTTP   `json:"http"`
		DeactivatedAt Time   `json:"deactivated_datetime"` // null
	}{Name: draft.Name, Description: draft.Description, HTTP: draft.HTTP}
	return c.do(ctx, request{"repair integration", http.MethodPut, "/integrations/" + id.String(), nil, body})
}

// DeactivateIntegration switches an integration off.
func (c *Client) DeactivateIntegration(ctx context.Context, id ID, at time.Time) error {
	body := map[string]any{"deactivated_datetime": Time{at}}
	return c.do(ctx, request{"deactivate integration", http.MethodPut, "/integrations/" + id.String(), nil, body})
}

// DeleteIntegration deletes an integration. Delete its widgets first. Gorgias
// refuses while a rule uses it.
func (c *Client) DeleteIntegration(ctx context.Context, id ID) error {
	return c.do(ctx, request{"delete integration", http.MethodDelete, "/integrations/" + id.String(), nil, nil})
}
