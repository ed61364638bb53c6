package gorgias_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/gorgias"
)

const (
	owner = "ann@acme.com"
	key   = "key-canary-8491"
)

// fakeHelpdesk returns a client of a helpdesk that answers with the handler.
func fakeHelpdesk(t *testing.T, answer http.HandlerFunc) *gorgias.Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return client(t, server.URL, gorgias.Limits{PerSecond: 1000, Burst: 1000})
}

func client(t *testing.T, address string, limits gorgias.Limits) *gorgias.Client {
	t.Helper()
	accounts, err := gorgias.NewAccounts(address+"/{account}", limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(accounts.Close)
	c, err := accounts.Client("acme", " "+owner+"\n", key+" ")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// apiError returns err as a *gorgias.Error, or fails the test.
func apiError(t *testing.T, err error) *gorgias.Error {
	t.Helper()
	var e *gorgias.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *gorgias.Error", err)
	}
	return e
}

func post(c *gorgias.Client, ctx context.Context) error {
	_, err := c.CreateTicket(ctx, gorgias.TicketDraft{})
	return err
}

func get(c *gorgias.Client, ctx context.Context) error {
	_, err := c.Ticket(ctx, 7)
	return err
}

func TestClientSendsCredentials(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if user != owner || password != key {
			t.Errorf("credentials %q, %q", user, password)
		}
		if r.URL.Path != "/acme/api/tickets/7" || r.Header.Get("Accept") != "application/json" {
			t.Errorf("requested %s with %v", r.URL, r.Header)
		}
		io.WriteString(w, `{"id":7,"status":"open","trashed_datetime":"2025-02-07T09:55:18.820000",
			"customer":{"id":9,"email":null,"name":null},"external_id":null,"messages":[{"id":1,"public":true,"source":null,"sender":{"id":2,"name":null}}]}`)
	})
	ticket, err := c.Ticket(t.Context(), 7)
	if err != nil || ticket.ID != 7 || ticket.TrashedAt.IsZero() ||
		len(ticket.Messages) != 1 || ticket.Messages[0].Sender.ID != 2 {
		t.Errorf("got %+v, %v", ticket, err)
	}
}

func TestErrorClassification(t *testing.T) {
	t.Parallel()
	const resource = `{"error":{"msg":"Resource not found."}}`
	for name, test := range map[string]struct {
		status     int
		body       string
		get, post  string // which methods return true
		retryAfter time.Duration
	}{
		"validation":            {400, `{"error":{"msg":"Failed to create ticket","data":{"sender":["Missing data for required field."]}}}`, "", "", 0},
		"bad key":               {401, `{"error":{"msg":"Unauthorized."}}`, "badkey", "badkey", 0},
		"role":                  {403, `{"error":{"msg":"You do not have enough permissions to perform this action."}}`, "forbidden", "forbidden", 0},
		"quota":                 {403, `{"error":{"msg":"You do not have enough permissions to perform this action. Messaging quota exceeded."}}`, "quota", "quota", 0},
		"no object":             {404, resource, "gone", "gone", 0},
		"no account":            {404, "<!DOCTYPE html><title>Not found</title>", "noaccount", "noaccount", 0},
		"gone":                  {410, ``, "gone", "gone", 0},
		"moved":                 {301, ``, "", "", 0},
		"to a login":            {302, ``, "", "", 0},
		"conflict":              {409, `{"error":{"msg":"The resource already exists."}}`, "", "", 0},
		"time-out":              {408, ``, "temporary", "temporary unknown", 0},
		"too many":              {429, `{"error":{"msg":"Too many"}}`, "temporary", "temporary", 3 * time.Second},
		"internal":              {500, `oops`, "temporary", "temporary unknown", 0},
		"bad gateway":           {502, `<html>`, "temporary", "temporary unknown", 0},
		"upstream":              {503, `{"error":{"msg":"An external service had an issue."}}`, "temporary", "temporary unknown", 0},
		"created, invalid JSON": {201, `{"id":`, "temporary", "temporary unknown", 0},
		"created, no body":      {201, ``, "temporary", "temporary unknown", 0},
		"created, no id":        {201, `{}`, "temporary", "temporary unknown", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				w.Header().Set("X-Request-Id", "req-5")
				w.Header().Set("Location", "/acme/api/tickets/8")
				if test.status == 429 {
					w.Header().Set("Retry-After", "3")
				}
				w.WriteHeader(test.status)
				io.WriteString(w, test.body)
			}))
			defer server.Close()
			for method, do := range map[string]func(*gorgias.Client, context.Context) error{"GET": get, "POST": post} {
				requests.Store(0)
				e := apiError(t, do(client(t, server.URL, gorgias.Limits{}), t.Context()))
				want := test.get
				if method == "POST" {
					want = test.post
				}
				if got := classification(e); got != want {
					t.Errorf("%s: %q, want %q (%v)", method, got, want, e)
				}
				if e.RequestID != "req-5" || e.Method != method || e.RetryAfter != test.retryAfter {
					t.Errorf("%s: got %+v", method, e)
				}
				if n := requests.Load(); n != 1 && (test.status != 301 || n != 2) {
					t.Errorf("%s: %d requests", method, n)
				}
			}
		})
	}
}

func classification(e *gorgias.Error) string {
	var words []string
	for _, class := range []struct {
		word string
		is   bool
	}{
		{"temporary", e.Temporary()}, {"unknown", e.Unknown()}, {"gone", e.Gone()}, {"noaccount", e.NoAccount()},
		{"badkey", e.BadKey()}, {"quota", e.Quota()}, {"forbidden", e.Forbidden()},
	} {
		if class.is {
			words = append(words, class.word)
		}
	}
	return strings.Join(words, " ")
}

func TestValidationDataIsKept(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(400)
		io.WriteString(w, `{"error":{"msg":"Bad","data":{"messages":{"0":{"sender":["jane@example.com is bad"]}}}}}`)
	})
	e := apiError(t, post(c, t.Context()))
	if !strings.Contains(string(e.Data), `"sender"`) || e.Message != "Bad" {
		t.Errorf("got %+v", e)
	}
	if strings.Contains(e.Error(), "jane@") {
		t.Errorf("the error contains personal data: %v", e)
	}
}

// TestBrokenConnections: the outcome of a change is unknown only if its connection
// broke after the request was written.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	reset := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}))
	defer reset.Close()
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-release }))
	defer silent.Close()
	defer close(release)
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(201)
		io.WriteString(w, `{"id":7`)
	}))
	defer cut.Close()
	for name, test := range map[string]struct{ url, get, post string }{
		"refused": {closed.URL, "temporary", "temporary"},
		"reset":   {reset.URL, "temporary", "temporary unknown"},
		"silent":  {silent.URL, "temporary", "temporary unknown"},
		"cut off": {cut.URL, "temporary", "temporary unknown"},
	} {
		limits := gorgias.Limits{}
		if name == "silent" {
			limits.Timeout = 2 * time.Second // the others fail by themselves
		}
		c := client(t, test.url, limits)
		if got := classification(apiError(t, get(c, t.Context()))); got != test.get {
			t.Errorf("%s: GET: %q, want %q", name, got, test.get)
		}
		if got := classification(apiError(t, post(c, t.Context()))); got != test.post {
			t.Errorf("%s: POST: %q, want %q", name, got, test.post)
		}
	}
}

func TestResponseWithWrongObject(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"id":7,"ticket_id":8,"external_id":"other"}`)
	})
	_, err := c.CreateMessage(t.Context(), 9, gorgias.MessageDraft{})
	if e := apiError(t, err); !e.Unknown() {
		t.Errorf("message of another ticket: %v", e)
	}
	_, err = c.CreateTicket(t.Context(), gorgias.TicketDraft{ExternalID: "ours"})
	if e := apiError(t, err); !e.Unknown() {
		t.Errorf("another ticket: %v", e)
	}
}

func TestContextEndsRequest(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	e := apiError(t, post(c, ctx))
	if !errors.Is(e, context.Canceled) || !e.Unknown() {
		t.Errorf("canceled after the request was sent: %v, unknown %v", e, e.Unknown())
	}
	e = apiError(t, post(c, ctx))
	if !errors.Is(e, context.Canceled) || e.Unknown() {
		t.Errorf("canceled before: %v, unknown %v", e, e.Unknown())
	}
}

func TestResponseTooLarge(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"id":7,"subject":"`)
		for range 9 << 4 {
			io.WriteString(w, strings.Repeat("a", 64<<10))
		}
		io.WriteString(w, `"}`)
	})
	if e := apiError(t, get(c, t.Context())); e.Status != 200 || !e.Temporary() {
		t.Errorf("got %v", e)
	}
}

func TestClientsOfAnAccountShareItsBudget(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `{"id":7}`) }))
	defer server.Close()
	accounts, err := gorgias.NewAccounts(server.URL+"/{account}", gorgias.Limits{PerSecond: 0.001, Burst: 4, Wait: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer accounts.Close()
	one, _ := accounts.Client("acme", owner, key)
	two, _ := accounts.Client("acme", "bob@acme.com", key)
	other, _ := accounts.Client("other", owner, key)
	for i, test := range []struct {
		c  *gorgias.Client
		ok bool
	}{{one.Background(), true}, {two.Background(), false}, {two, true}, {one, true}, {two, false}, {one, false}, {other, true}} {
		err := get(test.c, t.Context())
		if (err == nil) != test.ok {
			t.Errorf("request %d: %v", i, err)
		}
		if err != nil {
			if e := apiError(t, err); e.Status != 429 || e.RetryAfter <= 0 || e.Unknown() || !e.Temporary() {
				t.Errorf("request %d: %+v", i, e)
			}
		}
	}
}

func TestErrorsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	c := client(t, closed.URL, gorgias.Limits{})
	_, err := c.CustomersByEmail(t.Context(), "jane@example.com")
	for _, s := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), fmt.Sprintf("%+v %#v", c, c)} {
		if strings.Contains(s, "jane") || strings.Contains(s, key) {
			t.Errorf("contains secrets or personal data: %s", s)
		}
	}
}

func TestListsReadAllPages(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("limit") != "100" {
			t.Errorf("requested %s", r.URL)
		}
		switch r.URL.Query().Get("cursor") {
		case "":
			io.WriteString(w, `{"data":[{"id":1,"name":"Ann","active":true}],"meta":{"next_cursor":"a b+c"}}`)
		case "a b+c":
			io.WriteString(w, `{"data":[{"id":2,"firstname":"Bob","lastname":"Lee"},{"id":3,"role":{"name":"bot"}}],"meta":{"next_cursor":null}}`)
		default:
			t.Errorf("requested %s", r.URL)
		}
	})
	users, err := c.Users(t.Context())
	if err != nil || len(users) != 3 || users[1].DisplayName() != "Bob Lee" || !users[0].Human() || users[2].Human() {
		t.Errorf("got %+v, %v", users, err)
	}
}

func TestListsReadLimitedPages(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"data":[{"id":1}],"meta":{"next_cursor":"%d"}}`, requests.Add(1))
	})
	if users, err := c.Users(t.Context()); err != nil || len(users) != 50 {
		t.Errorf("got %d, %v", len(users), err)
	}
}

func TestInvalidSettings(t *testing.T) {
	t.Parallel()
	for _, template := range []string{"", "https://gorgias.com", "ftp://{account}.x", "https://u@{account}.x", "{account}",
		"https://{account}.{account}", "https://{account}.x?a=1", "https://{account}.x#a"} {
		if _, err := gorgias.NewAccounts(template, gorgias.Limits{}); err == nil {
			t.Errorf("template %q was accepted", template)
		}
	}
	accounts, err := gorgias.NewAccounts(gorgias.Template, gorgias.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range [][3]string{{"acme.evil.com", owner, key}, {"", owner, key}, {"acme", "", key}, {"acme", "ann", key},
		{"acme", "a:b@acme.com", key}, {"acme", owner, ""}, {"acme", owner, "a b"}, {"acme", owner, "k\x00"}, {"acme@evil.com/", owner, key}} {
		_, err := accounts.Client(test[0], test[1], chat.Secret(test[2]))
		var plain *chat.Error
		if !errors.As(err, &plain) {
			t.Errorf("%q: %v", test, err)
		}
	}
	c, err := accounts.Client("acme", owner, key)
	if err != nil || c.Page("/app") != "https://acme.gorgias.com/app" {
		t.Errorf("got %v", err)
	}
}
