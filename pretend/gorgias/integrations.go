package gorgias

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
)

// An Integration connects the helpdesk with another service. The API can create those
// of type "http" only.
type Integration struct {
	ID          int64   `json:"id"`
	Name        string  `json:"name"`
	Type        string  `json:"type"`
	Description *string `json:"description"`
	HTTP        *HTTP   `json:"http"`
	Meta        any     `json:"meta"`
	Deactivated *Time   `json:"deactivated_datetime"`
	Created     Time    `json:"created_datetime"`
	Updated     Time    `json:"updated_datetime"`
	User        Ref     `json:"user"`

	failures int // in a row
}

// HTTP is the request of an HTTP integration and its triggers. Strings are templates.
type HTTP struct {
	URL          string            `json:"url"`
	Method       string            `json:"method"`
	Headers      map[string]string `json:"headers"`
	RequestType  string            `json:"request_content_type"`
	ResponseType string            `json:"response_content_type"`
	Form         any               `json:"form"`
	Triggers     map[string]bool   `json:"triggers"`
}

func (i *Integration) id() int64 { return i.ID }

var (
	methods  = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"}
	triggers = []string{
		"ticket-created", "ticket-updated", "ticket-message-created", "ticket-self-unsnoozed",
		"ticket-message-failed", "ticket-assignment-updated", "ticket-status-updated", "ticket-handed-over",
	}
)

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

// Integrations returns all integrations, with the secrets in their headers.
func (g *Gorgias) Integrations() []Integration {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]Integration, 0, len(g.integrations))
	for _, i := range g.integrations {
		out = append(out, clone(*i))
	}
	return out
}

// show returns an integration without its headers, which contain secrets.
func (i *Integration) show() any {
	var out map[string]any
	recode(i, &out)
	if i.HTTP == nil {
		delete(out, "http")
	} else {
		delete(out["http"].(map[string]any), "headers")
	}
	out["uri"] = "/api/integrations/" + itoa(i.ID) + "/"
	out["application_id"], out["business_hours_id"], out["managed"] = nil, nil, false
	return out
}

// updated returns the integration updated from a JSON object. "http" is merged, too.
func (i *Integration) updated(raw []byte) (*Integration, *failure) {
	out, given, fail := patch(*i, raw)
	if fail != nil {
		return nil, fail
	}
	var conn HTTP
	if i.HTTP != nil {
		conn = *i.HTTP
	}
	if !isNull(given["http"]) {
		conn, _, fail = patch(conn, given["http"])
		if fail != nil {
			return nil, fail
		}
		out.HTTP = &conn
	}
	out.ID, out.Created, out.User, out.Updated = i.ID, i.Created, i.User, now()
	out.failures = i.failures
	if out.Deactivated == nil && i.Deactivated != nil {
		out.failures = 0
	}
	return &out, out.validate()
}

func (i *Integration) validate() *failure {
	problems := map[string][]string{}
	if i.Name == "" {
		problems["name"] = []string{missing}
	}
	oneOf(problems, "type", i.Type, []string{"http"})
	if i.HTTP == nil {
		problems["http"] = []string{missing}
	} else {
		if u, err := url.Parse(i.HTTP.URL); i.HTTP.URL == "" || err == nil && u.Host == "" {
			problems["http.url"] = []string{"Not a valid URL."}
		}
		oneOf(problems, "http.method", i.HTTP.Method, methods)
		oneOf(problems, "http.request_content_type", i.HTTP.RequestType, []string{jsonType, formType})
		oneOf(problems, "http.response_content_type", i.HTTP.ResponseType, []string{jsonType})
		for name := range i.HTTP.Triggers {
			oneOf(problems, "http.triggers", name, triggers)
		}
	}
	if len(problems) > 0 {
		return &failure{400, "Failed to save integration", problems}
	}
	return nil
}

func (g *Gorgias) postIntegration(r *request) (int, any, *failure) {
	i, fail := (&Integration{ID: g.nextID(), Created: now(), User: Ref{r.user.ID}}).updated(r.body)
	if fail != nil {
		return 0, nil, fail
	}
	g.integrations = append(g.integrations, i)
	g.Changes.Notify()
	return http.StatusCreated, i.show(), nil
}

func (g *Gorgias) putIntegration(r *request) (int, any, *failure) {
	i := find(g.integrations, r.id("id"))
	if i == nil {
		return 0, nil, notFound
	}
	updated, fail := i.updated(r.body)
	if fail != nil {
		return 0, nil, fail
	}
	*i = *updated
	g.Changes.Notify()
	return http.StatusAccepted, i.show(), nil
}

func (g *Gorgias) getIntegration(r *request) (int, any, *failure) {
	if i := find(g.integrations, r.id("id")); i != nil {
		return http.StatusOK, i.show(), nil
	}
	return 0, nil, notFound
}

// SetRule creates a rule that uses the integration with this name, as an admin. An
// empty integration deletes the rule.
func (g *Gorgias) SetRule(rule, integration string) (err error) {
	g.update(func() {
		if integration == "" {
			delete(g.rules, rule)
			return
		}
		at := slices.IndexFunc(g.integrations, func(i *Integration) bool { return i.Name == integration })
		if at < 0 {
			err = errors.New("gorgias: no such integration")
			return
		}
		g.rules[rule] = g.integrations[at].ID
	})
	return err
}

// deleteIntegration fails while a widget or a rule uses the integration. The failure is
// documented, its status is not.
func (g *Gorgias) deleteIntegration(r *request) (int, any, *failure) {
	i := find(g.integrations, r.id("id"))
	if i == nil || i.Type != "http" {
		return 0, nil, notFound
	}
	if slices.ContainsFunc(g.widgets, func(w *Widget) bool { return w.IntegrationID != nil && *w.IntegrationID == i.ID }) {
		return 0, nil, &failure{400, "This integration is used by a widget.", nil}
	}
	for name, used := range g.rules {
		if used == i.ID {
			return 0, nil, &failure{400, "This integration is used by the rule " + name + ".", nil}
		}
	}
	g.integrations = slices.DeleteFunc(g.integrations, func(other *Integration) bool { return other == i })
	for key := range g.cards {
		if key.integration == i.ID {
			delete(g.cards, key)
		}
	}
	g.Changes.Notify()
	return http.StatusNoContent, nil, nil
}

func (g *Gorgias) listIntegrations(r *request) (int, any, *failure) {
	var rows []row
	for _, i := range g.integrations {
		if kind := r.query.Get("type"); kind == "" || kind == i.Type {
			rows = append(rows, row{i.ID, byTime(i.Created, i.Updated), i.show})
		}
	}
	return list(r, "created_datetime:desc", rows)
}
