package gorgias_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"sidetext/gorgias"
)

// TestRedirectsOfMergedObjects: every kind of request is repeated for the remaining
// object with the same method and body.
func TestRedirectsOfMergedObjects(t *testing.T) {
	t.Parallel()
	type api = *gorgias.Client
	for name, test := range map[string]struct {
		do   func(context.Context, api) (gorgias.ID, error)
		want string
	}{
		"read ticket": {func(ctx context.Context, c api) (gorgias.ID, error) { k, err := c.Ticket(ctx, 7); return k.ID, err }, "GET tickets/8 "},
		"close":       {func(ctx context.Context, c api) (gorgias.ID, error) { return 8, c.SetStatus(ctx, 7, gorgias.Closed) }, `PUT tickets/8 {"status":"closed"}`},
		"tag":         {func(ctx context.Context, c api) (gorgias.ID, error) { return 8, c.AddTags(ctx, 7, "a") }, `POST tickets/8/tags {"names":["a"]}`},
		"read customer": {func(ctx context.Context, c api) (gorgias.ID, error) {
			p, err := c.Customer(ctx, 7)
			return p.ID, err
		}, "GET customers/8 "},
		"set contacts": {func(ctx context.Context, c api) (gorgias.ID, error) { return 8, c.SetContacts(ctx, 7, nil) }, `PUT customers/8 {"channels":null}`},
		"write": {func(ctx context.Context, c api) (gorgias.ID, error) {
			m, err := c.CreateMessage(ctx, 7, gorgias.MessageDraft{Channel: "email"})
			return m.TicketID, err
		}, `POST tickets/8/messages {"channel":"email"`},
	} {
		for where, to := range map[string]string{
			"absolute": "{base}/api/{rest}", "below the host": "/acme/api/{rest}", "with a slash": "/acme/api/{rest}/",
			"the object only": "/acme/api/{object}", "with a query": "{base}/api/{rest}?moved=1",
		} {
			t.Run(name+", "+where, func(t *testing.T) {
				t.Parallel()
				var mu sync.Mutex
				var got []string
				c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					rest := strings.TrimPrefix(r.URL.Path, "/acme/api/")
					mu.Lock()
					got = append(got, r.Method+" "+rest+" "+string(body))
					mu.Unlock()
					if _, _, ok := r.BasicAuth(); !ok {
						t.Error("request without credentials")
					}
					if strings.Contains(rest, "/7") {
						rest = strings.Replace(rest, "/7", "/8", 1)
						object := strings.Join(strings.Split(rest, "/")[:2], "/")
						w.Header().Set("Location", strings.NewReplacer("{base}", "http://"+r.Host+"/acme", "{rest}", rest, "{object}", object).Replace(to))
						w.WriteHeader(http.StatusMovedPermanently)
						return
					}
					if strings.Contains(rest, "messages") {
						io.WriteString(w, `{"id":55,"ticket_id":8}`)
					} else {
						io.WriteString(w, `{"id":8,"status":"open"}`)
					}
				})
				id, err := test.do(t.Context(), c)
				if err != nil || id != 8 && id != 55 {
					t.Errorf("got %v, %v", id, err)
				}
				if len(got) != 2 || !strings.HasPrefix(got[1], test.want) || strings.Replace(got[0], "/7", "/8", 1) != got[1] {
					t.Errorf("requested %q, want %q at the end", got, test.want)
				}
			})
		}
	}
}

// TestRedirectsThatAreNotFollowed: to other hosts, to other kinds of objects, and in a
// loop.
func TestRedirectsThatAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("request to another host") }))
	defer elsewhere.Close()
	for name, test := range map[string]struct {
		status int
		to     string
		other  bool // Error.OtherHost
		asked  int
	}{
		"another host":       {301, elsewhere.URL + "/acme/api/tickets/8", true, 1},
		"another host, bare": {301, "//other.example/acme/api/tickets/8", true, 1},
		"a user in it":       {301, "http://ann:x@{host}/acme/api/tickets/8", true, 1},
		"another scheme":     {301, "ftp://{host}/acme/api/tickets/8", true, 1},
		"another account":    {301, "/other/api/tickets/8", false, 1},
		"another kind":       {301, "/acme/api/customers/8", false, 1},
		"a page":             {301, "/acme/app/ticket/8", false, 1},
		"no id":              {301, "/acme/api/tickets", false, 1},
		"not an id":          {301, "/acme/api/tickets/08", false, 1},
		"up the path":        {301, "/acme/api/tickets/../../../x", false, 1},
		"nowhere":            {301, "", false, 1},
		"itself":             {301, "/acme/api/tickets/7", false, 1},
		"to a login":         {302, "/acme/api/tickets/8", false, 1},
		"see other":          {303, "/acme/api/tickets/8", false, 1},
		"not for good":       {307, "/acme/api/tickets/8", false, 1},
		"a circle":           {301, "circle", false, 2},
		"without an end":     {301, "next", false, 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
				asked++
				to := strings.ReplaceAll(test.to, "{host}", r.Host)
				switch {
				case to == "circle" && strings.HasSuffix(r.URL.Path, "/7"):
					to = "/acme/api/tickets/8"
				case to == "circle":
					to = "/acme/api/tickets/7"
				case to == "next":
					to = r.URL.Path + "1"
				}
				if to != "" {
					w.Header().Set("Location", to)
				}
				w.WriteHeader(test.status)
			})
			_, err := c.Ticket(t.Context(), 7)
			e := apiError(t, err)
			if !e.Moved() || e.Gone() || e.Temporary() || e.Unknown() || e.OtherHost != test.other || asked != test.asked {
				t.Errorf("%d requests, got %+v", asked, e)
			}
			if strings.Contains(e.Error(), "tickets/8") {
				t.Errorf("the error contains the location: %v", e)
			}
		})
	}
}

func TestRedirect308(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/7") {
			w.Header().Set("Location", "/acme/api/tickets/8")
			w.WriteHeader(http.StatusPermanentRedirect)
			return
		}
		io.WriteString(w, `{"id":8}`)
	})
	if k, err := c.Ticket(t.Context(), 7); err != nil || k.ID != 8 {
		t.Errorf("got %+v, %v", k, err)
	}
}

// TestRemainingTicketIsGone: the error is Gone, not Moved.
func TestRemainingTicketIsGone(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/7") {
			http.Redirect(w, r, "/acme/api/tickets/8", http.StatusMovedPermanently)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"error":{"msg":"Resource not found."}}`)
	})
	_, err := c.Ticket(t.Context(), 7)
	if e := apiError(t, err); !e.Gone() || e.Moved() {
		t.Errorf("got %v", e)
	}
}

// TestWidgetsWithoutIntegrationID: list responses may omit it.
func TestWidgetsWithoutIntegrationID(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"data":[{"id":1,"type":"http"},{"id":2,"type":"http","integration_id":4},{"id":3,"type":"http","integration_id":5},{"id":4,"type":"shopify"},{"id":5,"type":"http","integration_id":null}]}`)
	})
	all, err := c.Widgets(t.Context(), 4)
	var ids []string
	for _, w := range all {
		ids = append(ids, w.ID.String())
	}
	if got := strings.Join(ids, " "); err != nil || got != "1 2 5" {
		t.Errorf("got %s, %v", got, err)
	}
}
