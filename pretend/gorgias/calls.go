package gorgias

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sidetext/pretend/wire"
)

// A Call is one request of an HTTP integration.
type Call struct {
	Integration int64
	Event       string // "ticket-created" …
	EventID     int64
	Ticket      int64
	Method      string
	URL         string
	Sent        string // the body
	Attempt     int    // 1, 2 …
	Status      int    // of the response; 0 if there was none
	Body        string // of the response, up to 64 kB
	Problem     string // why it failed, or empty
	At          time.Time
	Took        time.Duration
}

// Calls returns the newest requests of integrations, at least 20,000, in the order of
// their completion.
func (g *Gorgias) Calls() []Call { return g.calls.All() }

// maxFailures is the number of failed requests in a row after which an integration is
// switched off (docs.gorgias.com/faq/broken-or-disconnected-http-integration).
const maxFailures = 100

// A card is an integration's last response for a customer.
type card struct {
	event int64
	data  map[string]any
}

type cardKey struct{ customer, integration int64 }

// fireEvent schedules the requests of all integrations triggered by an event. They use
// the current state of the ticket and the message.
func (g *Gorgias) fireEvent(event string, t *Ticket, m *Message, by *User) {
	var triggered []*Integration
	for _, i := range g.integrations {
		if i.HTTP != nil && i.Deactivated == nil && i.HTTP.Triggers[event] {
			triggered = append(triggered, i)
		}
	}
	if len(triggered) == 0 {
		return
	}
	id, object := g.nextID(), t.ID
	objects := map[string]any{"ticket": g.withoutMessages(t)}
	if m != nil {
		objects["message"], object = m.view(), m.ID
	}
	eventValues := map[string]any{"id": id, "type": event, "object_id": object, "context": newContext(id), "user_id": nil}
	if by != nil {
		eventValues["user_id"] = by.ID
	}
	objects["event"] = eventValues
	var values map[string]any
	recode(objects, &values)
	for _, i := range triggered {
		conn, c := clone(*i.HTTP), Call{Integration: i.ID, Event: event, EventID: id, Ticket: t.ID}
		customer := t.Customer.ID
		g.pending = append(g.pending, func(ctx context.Context) { g.call(ctx, c, conn, values, customer) })
	}
}

// newContext returns an opaque token that all requests of one event share.
func newContext(event int64) string { return fmt.Sprintf("%x", event) }

// call makes a request with its retries and stores the response as the customer's
// card. The response of the latest event wins.
func (g *Gorgias) call(ctx context.Context, c Call, conn HTTP, values map[string]any, customer int64) {
	for attempt := 1; ; attempt++ {
		c.Attempt = attempt
		retry := g.attempt(ctx, &c, conn, values)
		g.calls.Add(c)
		if c.Problem == "" || !retry || attempt > len(g.account.Retries) || !wire.Sleep(ctx, g.account.Retries[attempt-1]) {
			break
		}
	}
	if ctx.Err() != nil {
		return
	}
	g.update(func() { g.saveResult(c, customer) })
}

// saveResult counts failures and stores the response.
func (g *Gorgias) saveResult(c Call, customer int64) {
	defer g.Changes.Notify()
	i := find(g.integrations, c.Integration)
	if i == nil {
		return
	}
	if c.Problem != "" {
		i.failures++
		if i.failures >= maxFailures && i.Deactivated == nil {
			at := now()
			i.Deactivated = &at
		}
		return
	}
	i.failures = 0
	var data map[string]any
	if json.Unmarshal([]byte(c.Body), &data) != nil || data == nil {
		return
	}
	key := cardKey{customer, i.ID}
	if old, ok := g.cards[key]; !ok || old.event <= c.EventID {
		g.cards[key] = card{c.EventID, data}
	}
}

// attempt makes one HTTP request and reports whether a retry may help.
func (g *Gorgias) attempt(ctx context.Context, c *Call, conn HTTP, values map[string]any) (retry bool) {
	c.Method, c.URL = conn.Method, serverTemplates.render(conn.URL, values)
	c.Status, c.Body, c.Problem, c.At = 0, "", "", time.Now()
	defer func() { c.Took = time.Since(c.At) }()
	c.Sent = body(conn, values)
	var sent io.Reader = strings.NewReader(c.Sent)
	if conn.Method == http.MethodGet && c.Sent != "" {
		// Gorgias puts the form into the query, a JSON form as one strange key.
		if conn.RequestType == jsonType {
			c.Sent = url.QueryEscape(c.Sent)
		}
		c.URL += map[bool]string{true: "&", false: "?"}[strings.Contains(c.URL, "?")] + c.Sent
		c.Sent, sent = "", http.NoBody
	}
	req, err := http.NewRequestWithContext(ctx, conn.Method, c.URL, sent)
	if err != nil {
		c.Problem = err.Error()
		return false
	}
	for name, value := range conn.Headers {
		req.Header.Set(name, serverTemplates.render(value, values))
	}
	if c.Sent != "" {
		req.Header.Set("Content-Type", conn.RequestType)
	}
	req.Header.Set("Accept", conn.ResponseType)
	resp, err := g.client.Do(req)
	if err != nil {
		c.Problem = err.Error()
		return true
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	c.Status, c.Body = resp.StatusCode, string(raw)
	switch {
	case err != nil:
		c.Problem = err.Error()
	case c.Status < 200 || c.Status > 299:
		c.Problem = resp.Status
	case len(raw) > 0 && !json.Valid(raw):
		c.Problem = "The response is not JSON."
	}
	return err != nil || c.Status >= 500
}

// body returns the request's body, which is empty without a form.
func body(conn HTTP, values map[string]any) string {
	if conn.Form == nil {
		return ""
	}
	fields, flat := serverTemplates.fill(conn.Form, values).(map[string]any)
	if conn.RequestType == jsonType || !flat {
		return serverTemplates.inJSON(conn.Form, values)
	}
	form := url.Values{}
	for name, value := range fields {
		form.Set(name, pythonString(value))
	}
	return form.Encode()
}
