package gorgias_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"sidetext/gorgias"
)

// TestRequests compares each method's request with Gorgias' reference.
func TestRequests(t *testing.T) {
	t.Parallel()
	type api = *gorgias.Client
	draft := gorgias.IntegrationDraft{Name: "n", Type: "http", HTTP: gorgias.HTTP{URL: "https://x/{{ticket.id}}", Method: "GET"}}
	const httpBody = `"http":{"form":null,"method":"GET","request_content_type":"","response_content_type":"","triggers":null,"url":"https://x/{{ticket.id}}"},"name":"n"`
	for name, test := range map[string]struct {
		do     func(context.Context, api) error
		want   string // method and URL
		body   string
		answer string
	}{
		"customer":  {func(ctx context.Context, c api) error { _, err := c.Customer(ctx, 5); return err }, "GET /customers/5", "", `{"id":5}`},
		"by e-mail": {func(ctx context.Context, c api) error { _, err := c.CustomersByEmail(ctx, "a+b@x.com"); return err }, "GET /customers?email=a%2Bb%40x.com&limit=100", "", `{"data":[]}`},
		"by phone": {func(ctx context.Context, c api) error {
			_, err := c.CustomersByContact(ctx, "phone", "+15551234567")
			return err
		}, "GET /customers?channel_address=%2B15551234567&channel_type=phone&limit=100", "", `{"data":[]}`},
		"create customer": {func(ctx context.Context, c api) error {
			_, err := c.CreateCustomer(ctx, gorgias.CustomerDraft{Name: "J", Contacts: []gorgias.Contact{{Type: "phone", Address: "+1", Preferred: true}}})
			return err
		}, "POST /customers", `{"channels":[{"address":"+1","preferred":true,"type":"phone"}],"name":"J"}`, `{"id":5}`},
		"ticket by name": {func(ctx context.Context, c api) error { _, err := c.TicketsByExternalID(ctx, "e1"); return err },
			"GET /tickets?external_id=e1&limit=100&order_by=created_datetime%3Aasc", "", `{"data":[]}`},
		"open":  {func(ctx context.Context, c api) error { return c.SetStatus(ctx, 7, gorgias.Open) }, "PUT /tickets/7", `{"status":"open"}`, ``},
		"untag": {func(ctx context.Context, c api) error { return c.RemoveTags(ctx, 7, "a", "B") }, "DELETE /tickets/7/tags", `{"names":["a","B"]}`, ``},
		"tag":   {func(ctx context.Context, c api) error { return c.AddTags(ctx, 7, "a", "B") }, "POST /tickets/7/tags", `{"names":["a","B"]}`, ``},
		"find message": {func(ctx context.Context, c api) error { _, _, err := c.FindMessage(ctx, 7, "m1"); return err },
			"GET /messages?limit=100&order_by=created_datetime%3Adesc&ticket_id=7", "", `{"data":[]}`},
		"me":           {func(ctx context.Context, c api) error { _, err := c.Me(ctx); return err }, "GET /users/0", "", `{"id":3}`},
		"account":      {func(ctx context.Context, c api) error { _, err := c.Helpdesk(ctx); return err }, "GET /account", "", `{"domain":"acme"}`},
		"integrations": {func(ctx context.Context, c api) error { _, err := c.HTTPIntegrations(ctx); return err }, "GET /integrations?limit=100&type=http", "", `{"data":[]}`},
		"create integration": {func(ctx context.Context, c api) error { _, err := c.CreateIntegration(ctx, draft); return err },
			"POST /integrations", `{"description":"",` + httpBody + `,"type":"http"}`, `{"id":1}`},
		"repair integration": {func(ctx context.Context, c api) error { return c.RepairIntegration(ctx, 4, draft) },
			"PUT /integrations/4", `{"deactivated_datetime":null,"description":"",` + httpBody + `}`, `{"id":4}`},
		"deactivate integration": {func(ctx context.Context, c api) error {
			return c.DeactivateIntegration(ctx, 4, time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC))
		}, "PUT /integrations/4", `{"deactivated_datetime":"2026-12-01T09:00:00.000000+00:00"}`, ``},
		"widget":             {func(ctx context.Context, c api) error { _, err := c.Widget(ctx, 2); return err }, "GET /widgets/2", "", `{"id":2}`},
		"delete integration": {func(ctx context.Context, c api) error { return c.DeleteIntegration(ctx, 4) }, "DELETE /integrations/4", "", ``},
		"widgets":            {func(ctx context.Context, c api) error { _, err := c.Widgets(ctx, 4); return err }, "GET /widgets?integration_id=4&limit=100", "", `{"data":[]}`},
		"repair widget": {func(ctx context.Context, c api) error {
			return c.RepairWidget(ctx, 2, gorgias.WidgetDraft{Type: "http", Context: "ticket", IntegrationID: 4, Template: json.RawMessage(`{}`)})
		}, "PUT /widgets/2", `{"context":"ticket","deactivated_datetime":null,"integration_id":4,"order":0,"template":{},"type":"http"}`, ``},
		"delete widget": {func(ctx context.Context, c api) error { return c.DeleteWidget(ctx, 2) }, "DELETE /widgets/2", "", ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got, body string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				data, _ := io.ReadAll(r.Body)
				got, body = r.Method+" "+r.URL.RequestURI(), sorted(t, data)
				if kind := r.Header.Get("Content-Type"); (kind == "application/json") != (len(data) > 0) {
					t.Errorf("%d bytes with Content-Type %q", len(data), kind)
				}
				io.WriteString(w, test.answer)
			}))
			defer server.Close()
			if err := test.do(t.Context(), client(t, server.URL, gorgias.Limits{})); err != nil {
				t.Fatal(err)
			}
			if want := insert(test.want); got != want {
				t.Errorf("requested %s, want %s", got, want)
			}
			if body != test.body {
				t.Errorf("sent %s, want %s", body, test.body)
			}
		})
	}
}

// insert adds the base path to a request like "GET /customers".
func insert(want string) string {
	for i := range want {
		if want[i] == ' ' {
			return want[:i+1] + "/acme/api" + want[i+1:]
		}
	}
	return want
}

// sorted returns JSON with sorted keys.
func sorted(t *testing.T, data []byte) string {
	if len(data) == 0 {
		return ""
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Errorf("sent %s: %v", data, err)
	}
	out, _ := json.Marshal(v)
	return string(out)
}

func TestTicketsByExternalIDIgnoresOthers(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"data":[{"id":1,"external_id":null},{"id":2,"external_id":"other"},{"id":3,"external_id":"ours","trashed_datetime":"2025-02-07T09:55:18"}]}`)
	})
	got, err := c.TicketsByExternalID(t.Context(), "ours")
	if err != nil || len(got) != 1 || got[0].ID != 3 || got[0].TrashedAt.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestFindMessage(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("cursor") == "" {
			io.WriteString(w, `{"data":[{"id":5,"ticket_id":7,"external_id":null}],"meta":{"next_cursor":"x"}}`)
			return
		}
		io.WriteString(w, `{"data":[{"id":4,"ticket_id":8,"external_id":"m1"},{"id":3,"ticket_id":7,"external_id":"m1"}],"meta":{"next_cursor":null}}`)
	})
	m, found, err := c.FindMessage(t.Context(), 7, "m1")
	if err != nil || !found || m.ID != 3 {
		t.Errorf("got %+v, %v, %v", m, found, err)
	}
	if _, found, err = c.FindMessage(t.Context(), 7, "m2"); found || err != nil {
		t.Errorf("found a missing message (%v)", err)
	}
}

func TestEnsureTag(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lists  []string // the result of each search
		create int
		want   gorgias.ID
		posts  int
	}{
		"there":                {[]string{`{"data":[{"id":1,"name":"rechargesms"},{"id":2,"name":"RechargeSMS"}]}`}, 500, 2, 0},
		"other case only":      {[]string{`{"data":[{"id":1,"name":"rechargesms"}]}`}, 201, 9, 1},
		"created concurrently": {[]string{`{"data":[]}`, `{"data":[{"id":3,"name":"RechargeSMS"}]}`}, 409, 3, 1},
		"refused":              {[]string{`{"data":[]}`, `{"data":[]}`}, 400, 0, 1},
		"not allowed":          {[]string{`{"data":[]}`}, 403, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			searches, posts := 0, 0
			c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					posts++
					w.WriteHeader(test.create)
					io.WriteString(w, `{"id":9,"name":"RechargeSMS"}`)
					return
				}
				io.WriteString(w, test.lists[searches])
				searches++
			})
			tag, err := c.EnsureTag(t.Context(), "RechargeSMS", "")
			if tag.ID != test.want || (err == nil) != (test.want != 0) || posts != test.posts || searches != len(test.lists) {
				t.Errorf("got %+v, %v after %d searches, %d posts", tag, err, searches, posts)
			}
		})
	}
}

func TestDefaultMailbox(t *testing.T) {
	t.Parallel()
	for integration, want := range map[string]gorgias.Mailbox{
		`{"id":12,"type":"email","name":"support@acme.com"}`:                                 {Address: "support@acme.com"},
		`{"id":12,"type":"gmail","name":"Acme Support","meta":{"address":"help@acme.com"}}`:  {Name: "Acme Support", Address: "help@acme.com"},
		`{"id":12,"type":"email","name":"Acme","meta":{"address":{"odd":true}},"http":null}`: {},
	} {
		c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/acme/api/account/settings":
				io.WriteString(w, `{"data":[{"type":"business-hours","data":[1]},{"type":"default-integration","data":{"email":12}}]}`)
			case "/acme/api/integrations/12":
				io.WriteString(w, integration)
			default:
				t.Errorf("requested %s", r.URL)
			}
		})
		if got, err := c.DefaultMailbox(t.Context()); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", integration, got, err)
		}
	}
}
