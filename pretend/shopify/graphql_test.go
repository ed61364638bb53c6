package shopify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/pretend/shopify"
	"sidetext/pretend/wire"
)

// These queries are those of the documentation.
const (
	connectionQuery = `query Connection {
  shop { name myshopifyDomain ianaTimezone currencyCode plan { publicDisplayName } }
  currentAppInstallation { accessScopes { handle } }
  publicApiVersions { handle supported }
}`
	customerQuery = `query CustomerByPhone($phone: String!) {
  customerByIdentifier(identifier: {phoneNumber: $phone}) {
    id legacyResourceId displayName firstName locale numberOfOrders updatedAt
    defaultPhoneNumber { phoneNumber marketingState }
    defaultEmailAddress { emailAddress }
    defaultAddress { countryCodeV2 provinceCode zip timeZone phone }
  }
}`
	ordersQuery = `query LastOrders($q: String!) {
  orders(first: 3, query: $q, sortKey: PROCESSED_AT, reverse: true) {
    nodes {
      id legacyResourceId name processedAt cancelledAt displayFinancialStatus displayFulfillmentStatus phone
      statusPageUrl(audience: CUSTOMERVIEW, notificationUsage: SMS)
      currentTotalPriceSet { shopMoney { amount currencyCode } }
      lineItems(first: 5) { nodes { name currentQuantity } }
      fulfillments(first: 5) {
        displayStatus createdAt estimatedDeliveryAt deliveredAt
        trackingInfo(first: 3) { company number url }
      }
      customer { id }
    }
  }
}`
	catchUpQuery = `query CatchUp($q: String!, $after: String) {
  orders(first: 50, after: $after, query: $q, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes { id legacyResourceId name phone email createdAt updatedAt test shippingAddress{phone countryCodeV2} billingAddress{phone countryCodeV2}
      customer{id legacyResourceId displayName defaultPhoneNumber{phoneNumber} defaultEmailAddress{emailAddress}} }
  }
}`
)

func TestQueries(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	for name, test := range map[string]struct {
		query     string
		variables vars
		want      []string
	}{
		"connection":        {connectionQuery, nil, []string{`"myshopifyDomain":"acme.myshopify.com"`, `{"handle":"read_all_orders"}`, `{"handle":"2026-10","supported":true}`}},
		"customer by phone": {customerQuery, vars{"phone": "+14155550123"}, []string{`"id":"gid://shopify/Customer/601","legacyResourceId":"601"`, `"numberOfOrders":"1"`, `"phone":"(415) 555-0123"`, `"timeZone":"America/Chicago"`, `{"marketingState":"NOT_SUBSCRIBED","phoneNumber":"+14155550123"}`}},
		"unknown phone":     {customerQuery, vars{"phone": "+14155550999"}, []string{`{"data":{"customerByIdentifier":null}}`}},
		"phone search":      {`{ customers(first: 5, query: "phone:+14155550123") { nodes { id } } }`, nil, []string{"Customer/601"}},
		"orders":            {ordersQuery, vars{"q": "customer_id:601"}, []string{`"name":"#1001"`, `"amount":"49.00"`, `"name":"Coffee - 250 g"`, `"fulfillments":[]`, `"displayFulfillmentStatus":"UNFULFILLED"`}},
		"order by name":     {ordersQuery, vars{"q": "name:#1001"}, []string{`Order/4501`}},
		"other order":       {ordersQuery, vars{"q": "name:#1002"}, []string{`"nodes":[]`}},
		"catching up":       {catchUpQuery, vars{"q": "updated_at:>='2026-01-01T00:00:00Z' AND test:false"}, []string{`"hasNextPage":false`, `"email":"jane@example.com"`}},
		"nothing newer":     {catchUpQuery, vars{"q": "updated_at:>='2999-01-01T00:00:00+01:00'"}, []string{`"nodes":[]`}},
		"alias, fragment":   {`query { me: customer(id: "gid://shopify/Customer/601") { ...F } } fragment F on Customer { __typename orders(first: 1) { edges { node { name } } } }`, nil, []string{`{"data":{"me":{"__typename":"Customer","orders":{"edges":[{"node":{"name":"#1001"}}]}}}}`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := (&client{c.Shopify, t, c.version, c.token}).query(test.query, test.variables)
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("%s is not in %s", want, got)
				}
			}
		})
	}
}

func TestInvalidQueries(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	for query, want := range map[string]string{
		"{ shop { colour } }":                         `"extensions":{"code":"undefinedField"}`,
		"{ shop { name }":                             `"errors":`,
		"{ customers { nodes { id } } }":              `you must provide one of first or last`,
		"{ customers(first: 900) { nodes { id } } }":  `first must be between`,
		`{ orders(first: 1, after: "x") {nodes{id}}}`: `Invalid cursor`,
		"{ orders(first: 250) { nodes { lineItems(first: 50) { nodes { id } } } } }": `"code":"MAX_COST_EXCEEDED"`,
		customerQuery: `"errors":`, // without its variable
	} {
		if got := c.post(query, nil); got.Code != 200 || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%s: got %d %s", query, got.Code, got.Body)
		}
	}
	if got := c.post(`{ orders(first: 1, query: "phone:+14155550123") { nodes { id } } }`, nil).Body.String(); !strings.Contains(got, `"code":"invalid_field"`) || !strings.Contains(got, "Order/4501") {
		t.Errorf("orders have a phone filter: %s", got)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	const fresh = `{ customer(id: "gid://shopify/Customer/601") { defaultPhoneNumber { smsMarketingConsent { state } } } }`
	for version, want := range map[string]struct {
		answered string
		known    bool
	}{"2026-10": {"2026-10", true}, "2026-07": {"2026-07", false}, "2024-01": {"2026-01", false}} {
		c.version = version
		w := c.post(fresh, nil)
		if got := w.Header().Get("X-Shopify-API-Version"); got != want.answered || strings.Contains(w.Body.String(), `"state":"NEVER_SUBSCRIBED"`) != want.known {
			t.Errorf("%s: answered by %s: %s", version, got, w.Body)
		}
	}
	c.version = "2031-01"
	if w := c.post(fresh, nil); w.Code != http.StatusNotFound {
		t.Errorf("unknown version: got %d", w.Code)
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	c.RemoveScope("read_customers")
	c.RemoveScope("write_customers")
	got := c.query(ordersQuery, vars{"q": ""})
	if !strings.Contains(got, `"customer":null`) || !strings.Contains(got, `"code":"ACCESS_DENIED"`) || !strings.Contains(got, "read_customers") || !strings.Contains(got, `"path":["orders","nodes",0,"customer"]`) {
		t.Errorf("a part of the data: got %s", got)
	}
	if got := c.query(`{ shop { name } customers(first: 1) { nodes { id } } }`, nil); !strings.Contains(got, `"data":null`) || !strings.Contains(got, "ACCESS_DENIED") {
		t.Errorf("all of the data: got %s", got)
	}
	c.AddScope("read_customers")
	c.HidePeople(true)
	got = c.query(`{ customer(id: "gid://shopify/Customer/601") { firstName email defaultPhoneNumber { phoneNumber } defaultAddress { phone countryCodeV2 } } }`, nil)
	if got != `{"data":{"customer":{"defaultAddress":{"countryCodeV2":"US","phone":null},"defaultPhoneNumber":null,"email":null,"firstName":null}}}` {
		t.Errorf("without protected customer data: got %s", got)
	}
}

func TestOldOrdersAreHidden(t *testing.T) {
	t.Parallel()
	a := account()
	a.Scopes = []string{"read_orders"}
	a.Orders = append(a.Orders, shopify.Order{ID: 4502, CreatedAt: time.Now().AddDate(0, 0, -70)})
	c := open(t, a)
	const all = `{ orders(first: 5) { nodes { id } } order(id: "gid://shopify/Order/4502") { id } }`
	if got := c.query(all, nil); strings.Contains(got, "4502") || !strings.Contains(got, "4501") {
		t.Errorf("got %s", got)
	}
	c.AddScope("read_all_orders")
	if got := c.query(all, nil); strings.Count(got, "4502") != 2 {
		t.Errorf("with read_all_orders: got %s", got)
	}
}

// TestPages reads all pages while rows change. A row that changes comes again, and no
// row is left out.
func TestPages(t *testing.T) {
	t.Parallel()
	a := account()
	for i := range 20 {
		a.Customers = append(a.Customers, shopify.Customer{ID: int64(1000 + i), UpdatedAt: time.Unix(int64(1_700_000_000+i/3), 0)})
	}
	c := open(t, a)
	seen, after := map[string]bool{}, any(nil)
	for range 20 {
		got := c.query(`query($after: String) { customers(first: 3, after: $after, sortKey: UPDATED_AT) { nodes { id } pageInfo { hasNextPage endCursor } } }`, vars{"after": after})
		var page struct {
			Data struct {
				Customers struct {
					Nodes    []struct{ ID string }
					PageInfo struct {
						HasNextPage bool
						EndCursor   string
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(got), &page); err != nil {
			t.Fatal(err)
		}
		for _, node := range page.Data.Customers.Nodes {
			seen[node.ID] = true
		}
		if len(seen) == 6 {
			_ = c.UpdateCustomer(1001, func(c *shopify.Customer) { c.FirstName = "New" })
		}
		after = page.Data.Customers.PageInfo.EndCursor
		if !page.Data.Customers.PageInfo.HasNextPage {
			break
		}
	}
	if len(seen) != 21 {
		t.Errorf("saw %d of 21 customers", len(seen))
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, account())
		ask := func() (int, string) { w := c.post(ordersQuery, vars{"q": ""}); return w.Code, w.Body.String() }
		c.SetPoints(100, 10)
		if status, got := ask(); status != 200 || !strings.Contains(got, `"requestedQueryCost":95`) || !strings.Contains(got, `"actualQueryCost":9`) || !strings.Contains(got, `"currentlyAvailable":91`) {
			t.Errorf("got %d %s", status, got)
		}
		status, got := ask()
		want := `"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{"actualQueryCost":null,"requestedQueryCost":95,"throttleStatus":{"currentlyAvailable":91,"maximumAvailable":100,"restoreRate":10}}}`
		if status != 200 || !strings.Contains(got, want) {
			t.Errorf("got %d %s", status, got)
		}
		c.SetThrottledStatus(true)
		if status, _ := ask(); status != 429 {
			t.Errorf("got %d, want 429", status)
		}
		time.Sleep(time.Second) // (95-91)/10 s, at least 1
		if status, _ := ask(); status != 200 {
			t.Errorf("after the wait: got %d", status)
		}
	})
}

func TestFaults(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	for status, kind := range map[int]string{502: "text/html", 429: "application/json; charset=utf-8"} {
		c.Faults.Add(wire.Fault{Act: wire.AnswerAfter, Status: status, Times: 1})
		w := c.post("{ shop { name } }", nil)
		if w.Code != status || w.Header().Get("Content-Type") != kind {
			t.Errorf("%d: got %d %s", status, w.Code, w.Header())
		}
	}
	c.Faults.Add(wire.Fault{Act: wire.ResetAfter, Times: 1})
	resp, err := http.Post(server.URL+"/"+domain+"/admin/api/2026-10/graphql.json", "application/json", strings.NewReader("{}"))
	if err == nil {
		_ = resp.Body.Close()
		t.Error("the connection was not cut")
	}
	if got := fmt.Sprint(len(c.Requests())); got != "3" {
		t.Errorf("%s requests are recorded", got)
	}
}
