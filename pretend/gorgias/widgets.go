package gorgias

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// A Widget is a card of the sidebar.
type Widget struct {
	ID            int64           `json:"id"`
	Type          string          `json:"type"`
	Context       string          `json:"context"`
	IntegrationID *int64          `json:"integration_id"`
	AppID         any             `json:"app_id"`
	Order         int             `json:"order"`
	Template      json.RawMessage `json:"template"` // a Node, unchanged
	Deactivated   *Time           `json:"deactivated_datetime"`
	Created       Time            `json:"created_datetime"`
	Updated       Time            `json:"updated_datetime"`
}

// A Node is a part of a widget's template.
type Node struct {
	Type    string   `json:"type"` // "wrapper", "card", "list", or a type of field
	Path    string   `json:"path"` // relative to the parent's data; empty: the same
	Title   string   `json:"title"`
	Order   int      `json:"order"`
	Meta    NodeMeta `json:"meta"`
	Widgets []Node   `json:"widgets"`
}

// NodeMeta are the properties of a node.
type NodeMeta struct {
	DisplayCard *bool  `json:"displayCard,omitempty"` // false hides the header and its links
	Color       string `json:"color,omitempty"`
	PictureURL  string `json:"pictureUrl,omitempty"`
	Link        string `json:"link,omitempty"`  // of a card's title
	Limit       any    `json:"limit,omitempty"` // of a list; a number, also in a string
	OrderBy     string `json:"orderBy,omitempty"`
	Custom      struct {
		Links   []Link `json:"links,omitempty"`
		Buttons []any  `json:"buttons,omitempty"`
	} `json:"custom"`
}

// A Link is a link of a card.
type Link struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

func (w *Widget) id() int64 { return w.ID }

var (
	widgetTypes = strings.Fields(`http custom customer_external_data standalone shopify recharge smile yotpo
		bigcommerce magento2 woocommerce klaviyo stripe`)
	fieldTypes = strings.Fields("text date age url email boolean array rating sentiment points percent")
)

// Widgets returns all widgets.
func (g *Gorgias) Widgets() []Widget {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]Widget, 0, len(g.widgets))
	for _, w := range g.widgets {
		out = append(out, clone(*w))
	}
	return out
}

// readWidget makes a widget from a JSON object. It replaces all fields of the old one,
// except the integration if it is missing.
func (g *Gorgias) readWidget(raw []byte, old Widget) (*Widget, *failure) {
	w, _, fail := patch(Widget{Context: "ticket", IntegrationID: old.IntegrationID}, raw)
	if fail != nil {
		return nil, fail
	}
	w.ID, w.Created, w.Updated = old.ID, old.Created, now()
	problems := map[string][]string{}
	oneOf(problems, "type", w.Type, widgetTypes)
	oneOf(problems, "context", w.Context, []string{"ticket", "customer", "user"})
	var tree Node
	if isNull(w.Template) {
		problems["template"] = []string{missing}
	} else if err := json.Unmarshal(w.Template, &tree); err != nil {
		problems["template"] = []string{err.Error()}
	} else if why := tree.validate(true); why != "" {
		problems["template"] = []string{why}
	}
	if w.Type == "http" && (w.IntegrationID == nil || find(g.integrations, *w.IntegrationID) == nil) {
		problems["integration_id"] = []string{"Integration does not exist."}
	}
	if len(problems) > 0 {
		return nil, &failure{400, "Failed to save widget", problems}
	}
	return &w, nil
}

// validate returns what is wrong with a template, or "". Only the root must be a wrapper.
func (n Node) validate(root bool) string {
	if root != (n.Type == "wrapper") {
		return "The root, and only the root, must be a wrapper."
	}
	branch := n.Type == "wrapper" || n.Type == "card" || n.Type == "list"
	if !branch && !slices.Contains(fieldTypes, n.Type) {
		return n.Type + " is not a type."
	}
	if !branch && len(n.Widgets) > 0 {
		return "A field has no widgets."
	}
	for _, child := range n.Widgets {
		if why := child.validate(false); why != "" {
			return why
		}
	}
	return ""
}

func (g *Gorgias) postWidget(r *request) (int, any, *failure) {
	w, fail := g.readWidget(r.body, Widget{ID: g.nextID(), Created: now()})
	if fail != nil {
		return 0, nil, fail
	}
	g.widgets = append(g.widgets, w)
	g.Changes.Notify()
	return http.StatusCreated, w, nil
}

func (g *Gorgias) putWidget(r *request) (int, any, *failure) {
	old := find(g.widgets, r.id("id"))
	if old == nil {
		return 0, nil, notFound
	}
	w, fail := g.readWidget(r.body, *old)
	if fail != nil {
		return 0, nil, fail
	}
	*old = *w
	g.Changes.Notify()
	return http.StatusAccepted, old, nil
}

func (w *Widget) listed() any {
	var out map[string]any
	recode(w, &out)
	delete(out, "integration_id")
	return out
}

func (g *Gorgias) getWidget(r *request) (int, any, *failure) {
	if w := find(g.widgets, r.id("id")); w != nil {
		return http.StatusOK, w, nil
	}
	return 0, nil, notFound
}

func (g *Gorgias) deleteWidget(r *request) (int, any, *failure) {
	w := find(g.widgets, r.id("id"))
	if w == nil {
		return 0, nil, notFound
	}
	g.widgets = slices.DeleteFunc(g.widgets, func(other *Widget) bool { return other == w })
	g.Changes.Notify()
	return http.StatusNoContent, nil, nil
}

// listWidgets handles GET widgets. As in the reference's examples, items have no
// integration_id.
func (g *Gorgias) listWidgets(r *request) (int, any, *failure) {
	var rows []row
	for _, w := range g.widgets {
		of := ""
		if w.IntegrationID != nil {
			of = itoa(*w.IntegrationID)
		}
		if r.query.Has("integration_id") && r.query.Get("integration_id") != of {
			continue
		}
		rows = append(rows, row{w.ID, byTime(w.Created, w.Updated), func() any { return w.listed() }})
	}
	return list(r, "created_datetime:asc", rows)
}
