package gorgias_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/pretend/gorgias"
)

// A helpdesk is a running helpdesk and a server that receives the requests of its
// integrations.
type helpdesk struct {
	*gorgias.Gorgias
	t    *testing.T
	url  string
	hook string

	mu       sync.Mutex
	answer   http.HandlerFunc
	received []received
}

type received struct {
	*http.Request
	body string
}

func open(t *testing.T) *helpdesk { return openAs(t, gorgias.Account{}) }

func openAs(t *testing.T, account gorgias.Account) *helpdesk {
	d := &helpdesk{t: t, answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }}
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		d.mu.Lock()
		d.received = append(d.received, received{r, string(raw)})
		answer := d.answer
		d.mu.Unlock()
		answer(w, r)
	}))
	account.Domain, account.Email, account.Key = "acme", "Ada@acme.example", "secret"
	if account.Users == nil {
		account.Users = []gorgias.User{{Name: "Ada Admin", Email: "ada@acme.example", Role: gorgias.Role{Name: "admin"}}, {Name: "Bob", Email: "bob@acme.example"}}
	}
	if account.Limit == 0 {
		account.Limit = -1
	}
	account.Retries = []time.Duration{time.Millisecond}
	d.Gorgias = gorgias.New(account)
	server := httptest.NewServer(d.Gorgias)
	d.url, d.hook = server.URL, hook.URL
	t.Cleanup(func() { d.Close(); server.Close(); hook.Close() })
	return d
}

func (d *helpdesk) calls() []received {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]received(nil), d.received...)
}

func (d *helpdesk) answerWith(answer http.HandlerFunc) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = answer
}

func (d *helpdesk) until(ok func() bool) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 15*time.Minute)
	defer cancel()
	if err := d.Until(ctx, ok); err != nil {
		d.t.Fatal("timeout waiting for a condition")
	}
}

type object = map[string]any

// api makes a request to a path below /acme/api/. The body is JSON.
func (d *helpdesk) api(method, path, body string) (int, object) {
	d.t.Helper()
	resp, raw := d.raw(method, "/acme/api/"+path, body, "ada@acme.example", "secret")
	var out object
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &out); err != nil {
			d.t.Fatalf("%s %s: %s", method, path, raw)
		}
	}
	return resp.StatusCode, out
}

func (d *helpdesk) raw(method, path, body, email, key string) (*http.Response, []byte) {
	d.t.Helper()
	r, err := http.NewRequest(method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	r.SetBasicAuth(email, key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp, raw
}

// create makes a POST request, expects status 201, and returns the id.
func (d *helpdesk) create(path, body string) int64 {
	d.t.Helper()
	status, out := d.api("POST", path, body)
	if status != 201 {
		d.t.Fatalf("POST %s: %d %v", path, status, out)
	}
	return int64(out["id"].(float64))
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

const shopperMessage = `{"channel":"email","via":"api","from_agent":false,"sender":{"email":"jane@example.com"},"body_text":"cancel <it>"}`

func (d *helpdesk) ticket() int64 {
	d.t.Helper()
	return d.create("tickets", `{"via":"api","channel":"email","subject":"SMS from Jane","external_id":"c-1","tags":[{"name":"RechargeSMS","decoration":{"color":"#F58D86"}}],
		"customer":{"email":"jane@example.com","name":"Jane Doe"},"messages":[`+shopperMessage+`]}`)
}
