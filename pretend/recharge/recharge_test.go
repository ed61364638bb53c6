package recharge_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/pretend/recharge"
	"sidetext/pretend/wire"
)

const (
	secret  = "rc_test_secret"
	token   = "sk_1x1_test"
	person  = 33
	address = 22
	coffee  = 11
	tea     = 12
)

// day returns the date n days from today, as Recharge counts days.
func day(n int) recharge.Text {
	zone, _ := time.LoadLocation("America/New_York")
	return recharge.Text(time.Now().In(zone).AddDate(0, 0, n).Format(time.DateOnly))
}

func account() recharge.Account {
	return recharge.Account{
		Store: "acme.myshopify.com", Name: "Acme", Email: "ada@acme.example", Token: token, ClientSecret: secret, Limit: -1,
		Customers: []recharge.Customer{{ID: person, Email: "jane@example.com", FirstName: "Jane", LastName: "Doe", Phone: "(415) 555-0123", External: "601"}},
		Addresses: []recharge.Address{{ID: address, CustomerID: person, Address1: "1 Main St", City: "Austin", Province: "Texas", Zip: "78701"}},
		Subscriptions: []recharge.Subscription{
			{ID: coffee, AddressID: address, Product: "Coffee", Variant: "250 g", VariantID: "55", ProductID: "5", Price: "24.50", Quantity: 2, Next: day(10)},
			{ID: tea, AddressID: address, Product: "Tea", VariantID: "66", ProductID: "6", Price: "9.00", Next: day(10), Unit: "week", Every: 4},
		},
		PaymentMethods: []recharge.PaymentMethod{{ID: 7, CustomerID: person, Type: "CREDIT_CARD", Status: "valid"}},
		Plans:          []recharge.Plan{{ID: 3, ProductID: "5", Unit: "week", Every: 2}},
		Variants:       []recharge.Variant{{ID: "56", ProductID: "5", Product: "Coffee", Title: "1 kg", Price: "80.00", SKU: "C1"}, {ID: "77", ProductID: "8", Product: "Filter", Price: "5.00"}},
		Discounts:      []recharge.Discount{{ID: 5, Code: "SAVE10", Value: "10.00", Type: "percentage"}},
		Strategies:     []recharge.Strategy{{ID: 1, Reason: "Too much", Incentive: "delay_subscription"}},
	}
}

type client struct {
	*recharge.Recharge
	t *testing.T
}

func open(t *testing.T, account recharge.Account) *client {
	r := recharge.New(account)
	t.Cleanup(r.Close)
	return &client{r, t}
}

// call makes a request to the store's handler without a network.
func (c *client) call(method, path, body string, headers ...string) (int, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body)).WithContext(c.t.Context())
	r.Header.Set("X-Recharge-Access-Token", token)
	r.Header.Set("X-Recharge-Version", "2021-11")
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// want makes a request and checks the status and parts of the response.
func (c *client) want(call, body string, status int, parts ...string) string {
	c.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	got, text := c.call(method, path, body)
	if got != status {
		c.t.Errorf("%s %s: got %d %s, want %d", call, body, got, text, status)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			c.t.Errorf("%s %s: %s is not in %s", call, body, part, text)
		}
	}
	return text
}

// queued returns the dates and items of the queued charges: "2026-12-09 11 12".
func (c *client) queued() (out []string) {
	for _, charge := range c.Charges(person, "queued") {
		text := string(charge.ScheduledAt)
		for _, l := range charge.Items {
			text += fmt.Sprintf(" %d", l.ItemID)
		}
		out = append(out, text)
	}
	return out
}

func (c *client) firstCharge() int64 {
	c.t.Helper()
	all := c.Charges(person, "queued")
	if len(all) == 0 {
		c.t.Fatal("no charge is queued")
	}
	return all[0].ID
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	c.DropScope("write_orders")
	for name, test := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		want               string
	}{
		"token":          {"GET", "/store", "", []string{"X-Recharge-Access-Token", "other"}, 401, `{"error":"bad authentication"}`},
		"scope":          {"POST", "/charges/1/skip", "{}", nil, 403, `write_orders`},
		"version":        {"GET", "/store", "", []string{"X-Recharge-Version", "2020-01"}, 426, `"errors"`},
		"older settings": {"GET", "/shop/settings", "", []string{"X-Recharge-Version", "2021-01"}, 200, `"skip_scheduled_order":true`},
		"not JSON":       {"PUT", "/customers/33", "{", nil, 400, `"errors"`},
		"form":           {"PUT", "/customers/33", "a=b", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, `"errors"`},
		"unknown":        {"GET", "/customers/999", "", nil, 404, `{"errors":"Not Found"}`},
		"invented path":  {"POST", "/subscriptions/11/skip", "{}", nil, 404, `{"errors":"Not Found"}`},
		"method":         {"DELETE", "/customers/33", "", nil, 405, `"errors"`},
		"e-mail":         {"PUT", "/customers/33", `{"first_name":""}`, nil, 422, `{"errors":{"first_name":["Shorter than minimum length 1."]}}`},
		"not null":       {"PUT", "/addresses/22", `{"address1":null}`, nil, 422, `{"errors":{"address1":["Field may not be null."]}}`},
		"past":           {"PUT", "/subscriptions/11", `{"next_charge_scheduled_at":"2020-01-01"}`, nil, 422, `{"errors":{"next_charge_scheduled_at":"Cannot be in the past"}}`},
		"near":           {"POST", "/subscriptions/11/set_next_charge_date", `{"date":"2020-01-01"}`, nil, 422, `{"errors":{"date":["date is not far enough in the future"]}}`},
		"interval":       {"PUT", "/subscriptions/11", `{"order_interval_unit":"week"}`, nil, 422, `{"errors":{"charge_interval_unit_type":"when passing`},
		"schema":         {"PUT", "/subscriptions/11", `[]`, nil, 422, `{"errors":{"_schema":[`},
		"no reason":      {"POST", "/subscriptions/11/cancel", `{}`, nil, 422, `{"errors":{"cancellation_reason":[`},
		"both":           {"POST", "/onetimes", `{"address_id":22,"external_variant_id":{"ecommerce":"77"},"add_to_next_charge":true,"next_charge_scheduled_at":"2999-01-01"}`, nil, 422, `add_to_next_charge`},
		"discount":       {"PUT", "/addresses/22", `{"discounts":[{"code":"NONE"}]}`, nil, 422, `{"errors":{"discounts":{"code":[`},
	} {
		t.Run(name, func(t *testing.T) {
			if status, got := c.call(test.method, test.path, test.body, test.headers...); status != test.status || !strings.Contains(got, test.want) {
				t.Errorf("got %d %s", status, got)
			}
		})
	}
	c.AddScope("write_orders")
	c.AddCustomer(recharge.Customer{Email: "miguel@example.com"}, recharge.Address{})
	c.want("PUT /customers/33", `{"email":"miguel@example.com"}`, 422, `{"errors":{"email":"email already exists on store"}}`)
}

func TestReads(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	for call, part := range map[string]string{
		"GET /token_information":                                     `"contact_email":"ada@acme.example"`,
		"GET /store":                                                 `"iana_name":"America/New_York"`,
		"GET /shop/shipping_countries":                               `"code":"TX","name":"Texas"`,
		"GET /retention_strategies":                                  `"cancellation_flow_type":"subscription"`,
		"GET /plans?external_product_id=5":                           `"subscription_preferences":{"charge_interval_frequency":2,"interval_unit":"week"`,
		"GET /payment_methods?customer_id=33":                        `"payment_type":"CREDIT_CARD"`,
		"GET /customers?external_customer_id=601":                    `"id":33`,
		"GET /customers?email=other@example.com":                     `"customers":[]`,
		"GET /customers/33?include=addresses,subscriptions,unknown":  `"include":{"addresses":[{`,
		"GET /customers/33?includes=addresses":                       `"has_valid_payment_method":true`,
		"GET /subscriptions?customer_id=33&status=active,expired":    `"is_skippable":true`,
		"GET /subscriptions?customer_id=99":                          `"subscriptions":[]`,
		"GET /charges?status=queued&sort_by=scheduled_at-asc":        `"total_price":"58.00"`,
		"GET /charges?scheduled_at_min=2999-01-01":                   `"charges":[]`,
		"GET /charges?purchase_item_ids=12&include=customer":         `"include":{"customer":{`,
		"GET /subscriptions?ids=11&created_at_min=2020-01-01T00:00Z": `Not a valid datetime`,
		"GET /charges?sort_by=price-asc":                             `Not a valid choice`,
		"GET /charges?limit=251":                                     `{"errors":{"limit":[`,
		"GET /charges?cursor=nonsense":                               `{"errors":{"cursor":["Invalid value"]}}`,
	} {
		method, path, _ := strings.Cut(call, " ")
		status, got := c.call(method, path, "")
		if invalid := strings.Contains(part, "ot a valid") || strings.Contains(part, "errors"); !strings.Contains(got, part) || (status == 422) != invalid {
			t.Errorf("%s: got %d %s", call, status, got)
		}
	}
	if got := c.want("GET /customers/33?includes=addresses", "", 200); strings.Contains(got, `"include"`) {
		t.Errorf("includes is not ignored: %s", got)
	}
	if got := c.want("GET /subscriptions/11", "", 200); !strings.Contains(got, fmt.Sprintf(`"created_at":"%d-`, time.Now().Year())) || strings.Contains(got, `+00:00"`) {
		t.Errorf("times of subscriptions have an offset: %s", got)
	}
	if got := c.want("GET /charges", "", 200); !strings.Contains(got, `+00:00"`) {
		t.Errorf("times of charges have no offset: %s", got)
	}
	c.RefuseSettings(true)
	c.want("GET /shop/settings", "", 403)
}

// TestPages reads all pages while rows are added and removed.
func TestPages(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	for i := range 20 {
		c.AddCustomer(recharge.Customer{Email: recharge.Text(fmt.Sprintf("p%d@example.com", i))}, recharge.Address{})
	}
	seen := map[int64]bool{}
	path := "/customers?limit=4&created_at_min=2000-01-01"
	for path != "" {
		_, got := c.call("GET", path, "")
		var page struct {
			Customers []struct{ ID int64 }
			Next      *string `json:"next_cursor"`
		}
		if err := json.Unmarshal([]byte(got), &page); err != nil || len(page.Customers) > 4 {
			t.Fatal(got)
		}
		for _, customer := range page.Customers {
			if seen[customer.ID] {
				t.Errorf("%d comes twice", customer.ID)
			}
			seen[customer.ID] = true
		}
		_ = c.DeleteCustomer(page.Customers[0].ID)
		path = ""
		if page.Next != nil {
			path = "/customers?limit=4&cursor=" + *page.Next
		}
	}
	if len(seen) != 21 {
		t.Errorf("saw %d of 21 customers", len(seen))
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := account()
		a.Limit = 0
		c := open(t, a)
		for range 40 {
			c.want("GET /store", "", 200)
		}
		c.want("GET /store", "", 429, `"errors"`)
		time.Sleep(time.Second)
		c.want("GET /store", "", 200)
		c.want("GET /store", "", 200)
		c.want("GET /store", "", 429)
	})
}

func TestFaults(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	c.Faults.Add(wire.Fault{Act: wire.AnswerAfter, Status: 502, Times: 1}, wire.Fault{Act: wire.Answer, Status: 409, Times: 1})
	if _, got := c.call("GET", "/store", ""); json.Valid([]byte(got)) {
		t.Errorf("502 with JSON: %s", got)
	}
	c.want("GET /store", "", http.StatusConflict, `{"errors":"Route Lock"}`)
	c.want("GET /store", "", 200)
	if got := c.Requests(); len(got) != 3 || got[0].Status != 502 {
		t.Errorf("recorded %+v", got)
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	other := account()
	other.Token, other.Store = "sk_other", "other.myshopify.com"
	a, b := open(t, account()), open(t, other)
	joined := recharge.Join(a.Recharge, b.Recharge)
	for key, want := range map[string]string{token: "acme.", "sk_other": "other.", "none": "bad authentication"} {
		r := httptest.NewRequest("GET", "/store", nil)
		r.Header.Set("X-Recharge-Access-Token", key)
		r.Header.Set("X-Recharge-Version", "2021-11")
		w := httptest.NewRecorder()
		joined.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: got %s", key, w.Body)
		}
	}
}
