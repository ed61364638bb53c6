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

// A request is one that may be served.
type request struct {
	*http.Request
	body  []byte
	query url.Values
	user  *User
}

// id is a number in the path; 0 when it is none.
func (r *request) id(name string) int64 {
	n, _ := strconv.ParseInt(r.PathValue(name), 10, 64)
	return n
}

// A route serves one kind of request under the lock. A nil body is an empty one.
type route struct {
	serve func(*request) (status int, body any, no *failure)
	query string // the parameters it knows
	body  schema // the fields it knows; nil: it takes none
	admin bool   // only for admins
}

func (g *Gorgias) table() map[string]route {
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
	for pattern, route := range g.table() {
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
		if strings.HasPrefix(r.URL.Path, "/"+g.account.Domain+"/app/") { // what people open in a browser
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, "<!doctype html><meta name=viewport content=width=device-width><title>Helpdesk (pretended)</title>"+
				"<h1>This helpdesk is pretended</h1><p>In a real one you would see the page you asked for. Here all tickets are on the demo's page.")
			return
		}
		user, no := g.authorize(w, r)
		if no != nil {
			refuse(w, no)
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

// refuseUnknown tells a wrong path from a wrong method.
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

// authorize checks Basic authorization by e-mail and API key, and the rate.
func (g *Gorgias) authorize(w http.ResponseWriter, r *http.Request) (*User, *failure) {
	email, key, _ := r.BasicAuth()
	if !strings.EqualFold(email, g.account.Email) || subtle.ConstantTimeCompare([]byte(key), []byte(g.account.Key)) == 0 {
		return nil, &failure{http.StatusUnauthorized, "Unauthorized.", nil}
	}
	said, wait := g.bucket.acquire()
	w.Header().Set("X-Gorgias-Account-Api-Call-Limit", said)
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
	known := strings.Fields(route.query)
	for name := range in.query {
		if !slices.Contains(known, name) {
			refuse(w, invalid(name, "Unknown field."))
			return
		}
	}
	in.body, _ = io.ReadAll(r.Body)
	fields := route.body
	if fields == nil {
		fields = schema{}
	}
	no := fields.refuse(in.body)
	if no != nil {
		refuse(w, no)
		return
	}
	var status int
	var out []byte
	var remains string
	g.update(func() {
		if remains = g.redirectTarget(r.URL.Path); remains != "" {
			return
		}
		var body any
		if status, body, no = route.serve(in); no == nil && body != nil {
			// Written under the lock: body points into the helpdesk.
			out, _ = json.Marshal(body)
		}
	})
	if remains != "" {
		http.Redirect(w, r, remains, http.StatusMovedPermanently)
		return
	}
	if no != nil {
		refuse(w, no)
		return
	}
	if out != nil {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(out)
}

func refuse(w http.ResponseWriter, no *failure) {
	said := map[string]any{"msg": no.msg}
	if no.data != nil {
		said["data"] = no.data
	}
	out, _ := json.Marshal(map[string]any{"error": said})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(no.status)
	_, _ = w.Write(out)
}

// sayFault words a failure that a test asked for: of the helpdesk, or of what
// stands before it.
func sayFault(w http.ResponseWriter, status int) {
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
