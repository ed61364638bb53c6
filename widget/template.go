package widget

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A node is a part of a widget's template: the wrapper, a card, or a field that shows
// the value at Path of the card's data.
type node struct {
	Type    string `json:"type"`
	Path    string `json:"path"`
	Title   string `json:"title,omitempty"`
	Order   int    `json:"order"`
	Meta    any    `json:"meta,omitempty"`
	Widgets []node `json:"widgets,omitempty"`
}

type link struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

// launchField is a part of our link that no other widget has.
const launchField = "{{launch}}"

// buildTemplate returns the template of the card with its title and link. In the link,
// {{launch}} is a field of the card's data, but {{ticket.id}} is the open ticket: the
// data belongs to the customer, who may have several tickets. Gorgias does not encode
// values; both need no encoding in URLs.
func buildTemplate(public, title string) (json.RawMessage, error) {
	// The helpdesk would replace {{…}}.
	title = strings.NewReplacer("{", "(", "}", ")").Replace(title)
	// The helpdesk shows links only below the header of a first-level card, and only if
	// displayCard is true.
	meta := map[string]any{
		"displayCard": true,
		"color":       "#3B82F6",
		"custom": map[string]any{
			"links":   []link{{"Text via SMS", public + "/popup#t=" + launchField + "&ticket={{ticket.id}}"}},
			"buttons": []any{}, // buttons make requests and can't open a page
		},
	}
	fields := []node{
		{Type: "text", Path: "name", Title: "Name"},
		{Type: "text", Path: "phone", Title: "Phone"},
		{Type: "text", Path: "shared_phone", Title: "Shared phone"},
		{Type: "text", Path: "email", Title: "E-mail"},
		{Type: "text", Path: "consent", Title: "Texting"},
		{Type: "text", Path: "marketing", Title: "Marketing"},
		{Type: "text", Path: "wants", Title: "Wants"},
		{Type: "text", Path: "last_text", Title: "Last text"},
		{Type: "date", Path: "last_text_at", Title: "When"},
		{Type: "text", Path: "state", Title: "State"},
		{Type: "text", Path: "failed_charge", Title: "Payment failed"},
		{Type: "text", Path: "next_charge", Title: "Next charge"},
		{Type: "text", Path: "subscriptions", Title: "Subscriptions"},
		{Type: "text", Path: "last_order", Title: "Last order"},
		{Type: "text", Path: "tracking", Title: "Tracking"},
		// The helpdesk shows a valid absolute URL as a link in a new tab.
		{Type: "url", Path: "tracking_url", Title: "Track it"},
	}
	for i := range fields {
		fields[i].Order = i
	}
	data, err := json.Marshal(node{Type: "wrapper", Widgets: []node{
		{Type: "card", Title: title, Meta: meta, Widgets: fields},
	}})
	if err != nil {
		return nil, fmt.Errorf("widget: make template: %w", err)
	}
	return data, nil
}
