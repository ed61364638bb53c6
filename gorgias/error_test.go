package gorgias_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/gorgias"
)

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
