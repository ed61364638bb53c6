package gorgias

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sidetext/pretend/wire"
)

// A request is an authorized request.
type request struct {
	*http.Request
	body  []byte
	query url.Values
	user  *User
}

// id returns a number in the path, or 0 if it is invalid.
func (r *request) id(name string) int64 {
	n, _ := strconv.ParseInt(r.PathValue(name), 10, 64)
	return n
}

// A route is an endpoint. serve runs with the lock held; a nil body is sent as an empty
// one.
type route struct {
	serve func(*request) (status int, body any, fail *failure)
	query string // allowed parameters
	body  schema // allowed fields; nil: none
	admin bool   // only for admins
}

func (g *Gorgias) endpoints() map[string]route {
	const pages = " limit cursor order_by"
	return map[string]route{
		"GET account":          {serve: g.getAccount},
		"GET account/settings": {serve: g.getSettings},
		"GET users":            {serve: g.listUsers, query: pages},
		"GET users/{id}":       {serve: g.getUser},

		"GET customers":      {serve: g.listCustomers, query: "email channel_type channel_address" + pages},
		"POST customers":     {serve: g.postCustomer, body: aCustomer},
		"GET customers/{id}": {serve: g.getCustomer},
		"PUT customers/{id}": {serve: g.putCustomer, body: aCustomer},

		"GET tickets":                {serve: g.listTickets, query: "external_id" + pages},
		"POST tickets":               {serve: g.postTicket, body: aNewTicket},
		"GET tickets/{id}":           {serve: g.getTicket},
		"PUT tickets/{id}":           {serve: g.putTicket, body: aTicket},
		"POST tickets/{id}/messages": {serve: g.postMessage, query: "action", body: aMessage},
		"GET messages":               {serve: g.listMessages, query: "ticket_id" + pages},

		"POST tickets/{id}/tags":   {serve: g.addTicketTags, body: anyOf("names ids")},
		"DELETE tickets/{id}/tags": {serve: g.removeTicketTags, body: anyOf("names ids")},
		"GET tags":                 {serve: g.listTags, query: "search" + pages},
		"POST tags":                {serve: g.postTag, body: aTag},

		"GET integrations":         {serve: g.listIntegrations, query: "type" + pages},
		"POST integrations":        {serve: g.postIntegration, admin: true, body: aNewIntegration},
		"GET integrations/{id}":    {serve: g.getIntegration},
		"PUT integrations/{id}":    {serve: g.putIntegration, admin: true, body: anIntegration},
		"DELETE integrations/{id}": {serve: g.deleteIntegration, admin: true},
		"GET widgets":              {serve: g.listWidgets, query: "integration_id" + pages},
		"POST widgets":             {serve: g.postWidget, admin: true, body: aNewWidget},
		"GET widgets/{id}":         {serve: g.getWidget},
		"PUT widgets/{id}":         {serve: g.putWidget, admin: true, body: aWidget},
		"DELETE widgets/{id}":      {serve: g.deleteWidget, admin: true},
	}
}

func (g *Gorgias) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, route := range g.endpoints() {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /"+g.account.Domain+"/api/"+path, func(w http.ResponseWriter, r *http.Request) {
			g.answer(w, r, route)
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if domain, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); domain != g.account.Domain {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "<!doctype html><title>Gorgias</title><h1>This helpdesk doesn't exist.</h1>")
			return
		}
		if strings.HasPrefix(r.URL.Path, "/"+g.account.Domain+"/app/") { // pages for browsers
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, "<!doctype html><meta name=viewport content=width=device-width><title>Helpdesk (simulated)</title>"+
				"<h1>This helpdesk is simulated</h1><p>A real one would show the page here. In the demo all tickets are on the demo's page.")
			return
		}
		user, fail := g.authorize(w, r)
		if fail != nil {
			refuse(w, fail)
			return
		}
		r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
		if _, pattern := mux.Handler(r); pattern == "" {
			g.refuseUnknown(w, r, mux)
			return
		}
		mux.ServeHTTP(w, r.WithContext(withUser(r.Context(), user)))
	})
}

// refuseUnknown responds to an unknown path or method.
func (g *Gorgias) refuseUnknown(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	var page wire.Recorder
	mux.ServeHTTP(&page, r)
	if page.Status == http.StatusMethodNotAllowed {
		w.Header()["Allow"] = page.Header()["Allow"]
		refuse(w, &failure{page.Status, "The specified HTTP method is not allowed.", nil})
		return
	}
	refuse(w, notFound)
}

// authorize checks the e-mail address and API key of Basic authorization, and the rate
// limit.
func (g *Gorgias) authorize(w http.ResponseWriter, r *http.Request) (*User, *failure) {
	email, key, _ := r.BasicAuth()
	if !strings.EqualFold(email, g.account.Email) || subtle.ConstantTimeCompare([]byte(key), []byte(g.account.Key)) == 0 {
		return nil, &failure{http.StatusUnauthorized, "Unauthorized.", nil}
	}
	usage, wait := g.bucket.acquire()
	w.Header().Set("X-Gorgias-Account-Api-Call-Limit", usage)
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(wait))
		return nil, &failure{http.StatusTooManyRequests, "Too many requests.", nil}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.userByEmail(g.account.Email), nil
}

func (g *Gorgias) answer(w http.ResponseWriter, r *http.Request, route route) {
	in := &request{Request: r, query: r.URL.Query(), user: userOf(r.Context())}
	if route.admin && in.user.Role.Name != "admin" {
		refuse(w, forbidden)
		return
	}
	allowed := strings.Fields(route.query)
	for name := range in.query {
		if !slices.Contains(allowed, name) {
			refuse(w, invalid(name, "Unknown field."))
			return
		}
	}
	in.body, _ = io.ReadAll(r.Body)
	fields := route.body
	if fields == nil {
		fields = schema{}
	}
	fail := fields.refuse(in.body)
	if fail != nil {
		refuse(w, fail)
		return
	}
	var status int
	var out []byte
	var location string
	g.update(func() {
		location = g.redirectTarget(r.URL.Path)
		if location != "" {
			return
		}
		var body any
		status, body, fail = route.serve(in)
		if fail == nil && body != nil {
			// Encoded with the lock held, because body refers to the helpdesk's objects.
			out, _ = json.Marshal(body)
		}
	})
	if location != "" {
		http.Redirect(w, r, location, http.StatusMovedPermanently)
		return
	}
	if fail != nil {
		refuse(w, fail)
		return
	}
	if out != nil {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(out)
}

func refuse(w http.ResponseWriter, fail *failure) {
	content := map[string]any{"msg": fail.msg}
	if fail.data != nil {
		content["data"] = fail.data
	}
	out, _ := json.Marshal(map[string]any{"error": content})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(fail.status)
	_, _ = w.Write(out)
}

// writeFault writes the response of an injected fault, in the format of the helpdesk or of
// a proxy in front of it.
func writeFault(w http.ResponseWriter, status int) {
	switch status {
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<html><head><title>"+http.StatusText(status)+"</title></head></html>")
	case http.StatusTooManyRequests:
		refuse(w, &failure{status, "Too many requests.", nil})
	case http.StatusForbidden:
		refuse(w, &failure{status, forbidden.msg + " Messaging quota exceeded.", nil})
	case http.StatusServiceUnavailable:
		refuse(w, &failure{status, "An external service had an issue.", nil})
	default:
		refuse(w, &failure{status, http.StatusText(status), nil})
	}
}
