package gorgias

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// A Card is a rendered card of the sidebar.
type Card struct {
	Title   string  `json:"title,omitempty"`
	URL     string  `json:"url,omitempty"` // link of the title
	Color   string  `json:"color,omitempty"`
	Picture string  `json:"picture,omitempty"`
	Links   []Link  `json:"links"` // each opens in a new tab
	Fields  []Field `json:"fields"`
	Cards   []Card  `json:"cards,omitempty"`
}

// A Field is one line of a card.
type Field struct {
	Title string `json:"title"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

// A templateContext contains the values that templates of widgets can use.
type templateContext struct {
	ticket, agent      any
	integration, index string
}

// Sidebar renders the cards beside a ticket for a user, with the current data of the
// ticket's customer. A widget without data has no card.
func (g *Gorgias) Sidebar(ticket, user int64) []Card {
	g.mu.Lock()
	defer g.mu.Unlock()
	cards := []Card{}
	t := find(g.tickets, ticket)
	if t == nil {
		return cards
	}
	var s templateContext
	recode(g.withoutMessages(t), &s.ticket)
	if u := find(g.users, user); u != nil {
		recode(map[string]any{"id": u.ID, "name": u.Name, "firstname": u.Firstname, "lastname": u.Lastname, "email": u.Email}, &s.agent)
	}
	widgets := slices.DeleteFunc(slices.Clone(g.widgets), func(w *Widget) bool {
		return w.Context != "ticket" || w.Deactivated != nil
	})
	slices.SortStableFunc(widgets, func(a, b *Widget) int { return cmp.Compare(a.Order, b.Order) })
	for _, w := range widgets {
		data, ok := g.dataFor(w, t.Customer)
		if !ok {
			continue
		}
		if w.IntegrationID != nil {
			s.integration = itoa(*w.IntegrationID)
		}
		var tree Node
		if json.Unmarshal(w.Template, &tree) == nil {
			cards = append(cards, s.draw(tree, data, true).Cards...)
		}
	}
	return cards
}

// dataFor returns the data that a widget shows for a customer, or false if there
// is none. Only widgets of HTTP integrations have data here.
func (g *Gorgias) dataFor(w *Widget, c *Customer) (any, bool) {
	var data any
	if w.Type == "http" && w.IntegrationID != nil {
		recode(g.cards[cardKey{c.ID, *w.IntegrationID}].data, &data)
	}
	return data, !empty(data)
}

func empty(data any) bool {
	switch v := data.(type) {
	case nil:
		return true
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// draw renders a node's children into a card. Only cards of the first level have links.
func (s templateContext) draw(n Node, data any, first bool) Card {
	out := Card{Links: []Link{}, Fields: []Field{}}
	children := slices.Clone(n.Widgets)
	slices.SortStableFunc(children, func(a, b Node) int { return cmp.Compare(a.Order, b.Order) })
	for _, child := range children {
		below := data
		if child.Path != "" {
			below = lookup(data, child.Path)
		}
		switch child.Type {
		case "card":
			if !empty(below) || n.Type == "wrapper" && child.Path == "" {
				out.Cards = append(out.Cards, s.card(child, below, first))
			}
		case "list":
			out.Cards = append(out.Cards, s.list(child, below, first)...)
		default:
			out.Fields = append(out.Fields, Field{s.renderOwn(child.Title, data), child.Type, pythonString(below)})
		}
	}
	return out
}

func (s templateContext) card(n Node, data any, first bool) Card {
	out := s.draw(n, data, false)
	if n.Meta.DisplayCard != nil && !*n.Meta.DisplayCard {
		return out // without a header there are no links
	}
	out.Title, out.URL = s.renderOwn(n.Title, data), s.renderOwn(n.Meta.Link, data)
	out.Color, out.Picture = n.Meta.Color, n.Meta.PictureURL
	if first {
		for _, link := range n.Meta.Custom.Links {
			out.Links = append(out.Links, Link{s.renderAll(link.Label, data), s.renderAll(link.URL, data)})
		}
	}
	return out
}

func (s templateContext) list(n Node, data any, first bool) (out []Card) {
	items, _ := data.([]any)
	if limit, err := strconv.Atoi(pythonString(n.Meta.Limit)); err == nil && limit > 0 {
		items = items[:min(limit, len(items))]
	}
	for i, item := range items {
		s.index = strconv.Itoa(i)
		out = append(out, s.draw(Node{Type: n.Type, Widgets: n.Widgets}, item, first && i == 0).Cards...)
	}
	return out
}

// renderOwn renders a title or its link, which can use the card's data only.
func (s templateContext) renderOwn(template string, data any) string {
	values, _ := data.(map[string]any)
	return browserTemplates.render(s.replaceVariables(template), values)
}

// renderAll renders a link, which can also use the open ticket and the agent. Values are
// not encoded.
func (s templateContext) renderAll(template string, data any) string {
	values := map[string]any{}
	if own, ok := data.(map[string]any); ok {
		for name, value := range own {
			values[name] = value
		}
	}
	values["ticket"], values["current_user"] = s.ticket, s.agent
	return browserTemplates.render(s.replaceVariables(template), values)
}

func (s templateContext) replaceVariables(template string) string {
	return strings.NewReplacer("$integrationId", s.integration, "$listIndex", s.index, "$appId", "").Replace(template)
}
