package widget

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A node is a node of a widget's template: the wrapper, a card, or a field that
// shows what Path leads to in the card's data.
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

// launchField is the part of our link that no other widget has.
const launchField = "{{launch}}"

// buildTemplate is the card with its title and link. In a link {{launch}} is a field of
// the card's data, but {{ticket.id}} is the ticket on the screen: the data
// belongs to the customer, who may have several tickets. Values are not encoded,
// so both are made of characters that a URL takes as they are.
func buildTemplate(public, title string) (json.RawMessage, error) {
	// The helpdesk would fill in what stands in braces.
	title = strings.NewReplacer("{", "(", "}", ")").Replace(title)
	// Links are shown below the header of a first-level card only, and not at
	// all while displayCard is false.
	meta := map[string]any{
		"displayCard": true,
		"color":       "#3B82F6",
		"custom": map[string]any{
			"links":   []link{{"Text via SMS", public + "/popup#t=" + launchField + "&ticket={{ticket.id}}"}},
			"buttons": []any{}, // they call servers and can't open a page
		},
	}
	fields := []node{
		{Type: "text", Path: "name", Title: "Name"},
		{Type: "text", Path: "phone", Title: "Phone"},
		{Type: "text", Path: "email", Title: "E-mail"},
		{Type: "text", Path: "consent", Title: "Texting"},
		{Type: "text", Path: "wants", Title: "Wants"},
		{Type: "text", Path: "last_text", Title: "Last text"},
		{Type: "date", Path: "last_text_at", Title: "When"},
		{Type: "text", Path: "state", Title: "State"},
		{Type: "text", Path: "next_order", Title: "Next order"},
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
