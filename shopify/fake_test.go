package shopify_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"sidetext/chat"
	"sidetext/shopify"
)

const (
	store        = "acme.myshopify.com"
	clientID     = "client-1"
	clientSecret = "shpss_canary-8491"
	pastedToken  = "shpat_canary-5522"
)

// fast are limits under which nothing waits.
var fast = shopify.Limits{PerSecond: 1e6, Burst: 1e6}

var (
	byApp   = chat.Connection{Shop: "s1", Vendor: chat.Shopify, Account: store, ClientID: clientID, Secret: clientSecret}
	byToken = chat.Connection{Shop: "s1", Vendor: chat.Shopify, Account: store, Token: pastedToken}
)

// A fakeStore is a store that answers with a function. It checks that each request fits
// the schema of its version.
type fakeStore struct {
	t       *testing.T
	version string
	schema  *ast.Schema
	answer  func(w http.ResponseWriter, r *http.Request, try int)
	grant   func(w http.ResponseWriter, r *http.Request, try int) // nil: gives a token

	mu      sync.Mutex
	tries   int // requests to the API
	grants  int // requests for a token
	queries []graphQL
	tokens  []string // that the requests came with
}

type graphQL struct {
	Query     string
	Variables map[string]any
}

func (f *fakeStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		f.t.Errorf("requested %s %s", r.Method, r.URL)
	}
	switch r.URL.Path {
	case "/" + store + "/admin/oauth/access_token":
		f.mu.Lock()
		f.grants++
		try := f.grants
		f.mu.Unlock()
		if r.FormValue("grant_type") != "client_credentials" || r.FormValue("client_id") != clientID || r.FormValue("client_secret") != clientSecret {
			f.t.Errorf("requested a token with %d values", len(r.Form))
		}
		if f.grant != nil {
			f.grant(w, r, try)
			return
		}
		giveToken(w, try)
	case "/" + store + "/admin/api/" + f.version + "/graphql.json":
		body, _ := io.ReadAll(r.Body)
		var in graphQL
		if err := json.Unmarshal(body, &in); err != nil {
			f.t.Errorf("sent %v", err)
		}
		f.validate(in)
		f.mu.Lock()
		f.tries++
		try := f.tries
		f.queries = append(f.queries, in)
		f.tokens = append(f.tokens, r.Header.Get("X-Shopify-Access-Token"))
		f.mu.Unlock()
		w.Header().Set("X-Shopify-API-Version", f.version)
		f.answer(w, r, try)
	default:
		f.t.Errorf("requested %s", r.URL)
	}
}

func giveToken(w http.ResponseWriter, n int) {
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "token-" + string(rune('0'+n)), "scope": "read_orders", "expires_in": 86399})
}

func (f *fakeStore) validate(in graphQL) {
	doc, errs := gqlparser.LoadQueryWithRules(f.schema, in.Query, rules.NewDefaultRules())
	if errs != nil {
		f.t.Errorf("invalid query: %v", errs)
		return
	}
	if _, err := validator.VariableValues(f.schema, doc.Operations[0], in.Variables); err != nil {
		f.t.Errorf("invalid variables: %v", err)
	}
}

func (f *fakeStore) counts() (tries, grants int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tries, f.grants
}

// start starts the store and returns its accounts. Its queries are of the default
// version unless version is set.
func (f *fakeStore) start(t *testing.T) (*shopify.Accounts, *httptest.Server) {
	t.Helper()
	f.t = t
	if f.version == "" {
		f.version = shopify.Version
	}
	f.schema = loadExtract(t, f.version)
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	accounts, err := shopify.NewAccounts(server.URL+"/{shop}", f.version, fast)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(accounts.Close)
	return accounts, server
}

// client starts the store and returns a client for a connection.
func (f *fakeStore) client(t *testing.T, c chat.Connection) *shopify.Client {
	t.Helper()
	accounts, _ := f.start(t)
	return clientOf(t, accounts, c)
}

func clientOf(t *testing.T, accounts *shopify.Accounts, c chat.Connection) *shopify.Client {
	t.Helper()
	client, err := accounts.Client(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// always answers with a status and a body.
func always(status int, body string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// cut closes the connection without an answer.
func cut(w http.ResponseWriter, _ *http.Request, _ int) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// sendError returns err as a *chat.SendError, and checks that it shows no secret and none
// of the vendor's words.
func sendError(t *testing.T, err error) *chat.SendError {
	t.Helper()
	var e *chat.SendError
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *chat.SendError", err)
	}
	for _, canary := range []string{"canary", "Canary"} {
		if strings.Contains(err.Error(), canary) {
			t.Errorf("the error shows too much: %v", err)
		}
	}
	if e.Problem.Text == "" {
		t.Errorf("%v has no text for people", err)
	}
	return e
}

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
