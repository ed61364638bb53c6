package gorgias

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// A Widget is a card in a ticket's sidebar that shows an integration's data.
type Widget struct {
	ID            ID              `json:"id"`
	Type          string          `json:"type"`    // "http"
	Context       string          `json:"context"` // "ticket" or "customer"
	IntegrationID ID              `json:"integration_id"`
	Order         int             `json:"order"` // ascending from the top
	Template      json.RawMessage `json:"template"`
}

// A WidgetDraft is a widget to create or repair.
type WidgetDraft struct {
	Type          string          `json:"type"`
	Context       string          `json:"context"`
	IntegrationID ID              `json:"integration_id"`
	Order         int             `json:"order"`
	Template      json.RawMessage `json:"template"`
}

// Widgets lists the widgets of an integration. List responses may omit
// integration_id. Such a widget is included if it is of type "http", because the
// request was filtered by the integration. Check its template before deleting it.
func (c *Client) Widgets(ctx context.Context, integration ID) ([]Widget, error) {
	all, err := readList[Widget](ctx, c, "list widgets", "/widgets",
		url.Values{"integration_id": {integration.String()}}, 5)
	if err != nil {
		return nil, err
	}
	var matching []Widget
	for _, w := range all {
		if w.IntegrationID == integration || w.IntegrationID == 0 && w.Type == "http" {
			matching = append(matching, w)
		}
	}
	return matching, nil
}

// Widget reads one widget.
func (c *Client) Widget(ctx context.Context, id ID) (Widget, error) {
	return readObject[Widget](ctx, c, request{"read widget", http.MethodGet, "/widgets/" + id.String(), nil, nil})
}

// CreateWidget creates a widget.
func (c *Client) CreateWidget(ctx context.Context, draft WidgetDraft) (Widget, error) {
	return readObject[Widget](ctx, c, request{"create widget", http.MethodPost, "/widgets", nil, draft})
}

// RepairWidget replaces a widget and switches it on. It is idempotent.
func (c *Client) RepairWidget(ctx context.Context, id ID, draft WidgetDraft) error {
	body := struct {
		WidgetDraft
		DeactivatedAt Time `json:"deactivated_datetime"` // null
	}{WidgetDraft: draft}
	return c.do(ctx, request{"repair widget", http.MethodPut, "/widgets/" + id.String(), nil, body})
}

// DeleteWidget deletes a widget.
func (c *Client) DeleteWidget(ctx context.Context, id ID) error {
	return c.do(ctx, request{"delete widget", http.MethodDelete, "/widgets/" + id.String(), nil, nil})
}
