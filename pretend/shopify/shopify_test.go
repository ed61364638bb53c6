package shopify_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sidetext/pretend/shopify"
)

const (
	domain = "acme.myshopify.com"
	secret = "shpss_test_secret"
	old    = "shpat_old"
)

func account() shopify.Account {
	jane := shopify.Customer{
		ID: 601, FirstName: "Jane", LastName: "Doe", Email: "jane@example.com", Phone: "+14155550123",
		Addresses: []shopify.Address{{Address1: "1 Main St", City: "Austin", ProvinceCode: "TX", Zip: "78701", Phone: "(415) 555-0123", TimeZone: "America/Chicago"}},
	}
	return shopify.Account{
		Store: domain, Name: "Acme", ClientID: "client", Secret: secret, Token: old, Customers: []shopify.Customer{jane},
		Orders: []shopify.Order{{
			ID: 4501, CustomerID: 601, Email: "jane@example.com", Shipping: &jane.Addresses[0],
			Items: []shopify.Item{{Title: "Coffee", Variant: "250 g", Quantity: 2, Price: "24.50"}},
		}},
	}
}

// A client is an app of the store. It calls the store's handler without a network.
type client struct {
	*shopify.Shopify
	t       *testing.T
	version string
	token   string
}

func open(t *testing.T, account shopify.Account) *client {
	s := shopify.New(account)
	t.Cleanup(s.Close)
	return &client{s, t, "2026-10", old}
}

func (c *client) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r.WithContext(c.t.Context()))
	return w
}

func (c *client) post(query string, variables any) *httptest.ResponseRecorder {
	c.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		c.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/"+domain+"/admin/api/"+c.version+"/graphql.json", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Shopify-Access-Token", c.token)
	return c.serve(r)
}

// query returns the response as indented JSON without its extensions.
func (c *client) query(query string, variables any) string {
	c.t.Helper()
	w := c.post(query, variables)
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 {
		c.t.Fatalf("%d %s", w.Code, w.Body)
	}
	delete(out, "extensions")
	text, _ := json.Marshal(out)
	return string(text)
}

type vars = map[string]any

func (c *client) grant(form string) (int, string) {
	r := httptest.NewRequest("POST", "/"+domain+"/admin/oauth/access_token", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := c.serve(r)
	return w.Code, w.Body.String()
}

func (c *client) newToken() string {
	c.t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"client"}, "client_secret": {secret}}
	status, body := c.grant(form.Encode())
	var out struct {
		Token   string `json:"access_token"`
		Scope   string
		Expires int `json:"expires_in"`
	}
	if err := json.Unmarshal([]byte(body), &out); err != nil || status != 200 || out.Expires != 86399 || !strings.Contains(out.Scope, "read_customers,") {
		c.t.Fatalf("%d %s", status, body)
	}
	return out.Token
}

func TestGrant(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	for form, want := range map[string]string{
		"grant_type=client_credentials&client_id=client&client_secret=wrong":     "401 invalid_client",
		"grant_type=client_credentials&client_id=other&client_secret=" + secret:  "400 application_cannot_be_found",
		"grant_type=authorization_code&client_id=client&client_secret=" + secret: "400 invalid_request",
	} {
		status, body := c.grant(form)
		code, name, _ := strings.Cut(want, " ")
		if http.StatusText(status) == "" || code != map[int]string{400: "400", 401: "401"}[status] || !strings.Contains(body, `"error":"`+name+`"`) {
			t.Errorf("%s: got %d %s, want %s", form, status, body, want)
		}
	}
	c.token = c.newToken()
	if got := c.query("{ shop { name } }", nil); got != `{"data":{"shop":{"name":"Acme"}}}` {
		t.Errorf("got %s", got)
	}
	c.ExpireTokens()
	w := c.post("{ shop { name } }", nil)
	if want := `{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}`; w.Code != 401 || w.Body.String() != want {
		t.Errorf("expired: got %d %s", w.Code, w.Body)
	}
	c.token = old // does not expire
	if w := c.post("{ shop { name } }", nil); w.Code != 200 {
		t.Errorf("older token: got %d", w.Code)
	}
	c.RefuseShop(true)
	if status, body := c.grant("grant_type=client_credentials&client_id=client&client_secret=" + secret); status != 400 || !strings.Contains(body, "shop_not_permitted") {
		t.Errorf("other organization: got %d %s", status, body)
	}
	c.SetUnavailable(402)
	if w := c.post("{ shop { name } }", nil); w.Code != 402 || !strings.Contains(w.Body.String(), `"errors":"`) {
		t.Errorf("frozen: got %d %s", w.Code, w.Body)
	}
}

func TestUnknownStore(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	w := c.serve(httptest.NewRequest("POST", "/other.myshopify.com/admin/api/2026-10/graphql.json", strings.NewReader("{}")))
	if w.Code != 404 || w.Body.String() != `{"errors":"Not Found"}` {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
