package shopify_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/shopify"
)

const orderNode = `{"id":"gid://shopify/Order/1234567891011","name":"#1001","email":"A@Example.com","phone":null,"customerLocale":"en","test":false,
	"createdAt":"2026-11-01T15:00:00Z","updatedAt":"2026-11-01T15:00:01Z","cancelledAt":null,"displayFinancialStatus":"PAID","displayFulfillmentStatus":"UNFULFILLED",
	"currentTotalPriceSet":{"shopMoney":{"amount":"49.00","currencyCode":"USD"}},
	"shippingAddress":{"name":"Ann Bee","phone":"555-555-SHIP","countryCodeV2":"US","zip":"60601"},"billingAddress":{"phone":"(312) 555-0123","countryCodeV2":"US"},
	"lineItems":{"nodes":[{"title":"Coffee","variantTitle":"250 g","currentQuantity":2},{"title":"Returned","variantTitle":null,"currentQuantity":0},{"title":"Filter","currentQuantity":1}]},
	"fulfillments":[{"id":"gid://shopify/Fulfillment/9","status":"SUCCESS","displayStatus":"IN_TRANSIT","updatedAt":"2026-11-01T15:00:01Z","trackingInfo":[{"company":"UPS","number":"1Z","url":"https://ups.example/1Z"}]}],
	"customer":{"id":"gid://shopify/Customer/601","firstName":"Ann","lastName":"Bee","locale":"en","updatedAt":"2026-11-01T14:00:00Z",
		"defaultPhoneNumber":{"phoneNumber":"+15551234567"},"defaultEmailAddress":{"emailAddress":"a@example.com"},
		"defaultAddress":{"countryCodeV2":"US","zip":"60601","phone":"(312) 555-0123"}}}`

// A list and a webhook must give the same records, else each undoes the other.
func TestListAndWebhookAgree(t *testing.T) {
	t.Parallel()
	fake := &fakeStore{answer: always(200, `{"data":{"orders":{"nodes":[`+orderNode+`],`+lastPage+`}}}`)}
	accounts, _ := fake.start(t)
	directory := shopify.Directory{Accounts: accounts}
	got, next, err := directory.Page(t.Context(), byApp, "orders", "", time.Time{})
	if err != nil || next != "" {
		t.Fatalf("got %q, %v", next, err)
	}
	want, err := directory.Parse("orders/create", []byte(orderEvent))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v, %v\nwant %#v", got, err, want)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	fake := &fakeStore{answer: func(w http.ResponseWriter, r *http.Request, try int) {
		node := fmt.Sprintf(`{"id":"gid://shopify/Customer/60%d","updatedAt":"2026-11-01T10:00:00Z"}`, try)
		always(200, fmt.Sprintf(`{"data":{"customers":{"nodes":[%s],"pageInfo":{"hasNextPage":%v,"endCursor":"c%d"}}}}`, node, try < 3, try))(w, r, try)
	}}
	accounts, _ := fake.start(t)
	directory := shopify.Directory{Accounts: accounts}
	var ids []string
	cursor := ""
	for {
		u, next, err := directory.Page(t.Context(), byApp, "customers", cursor, noon.In(time.FixedZone("", -5*3600)))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range u.Customers {
			ids = append(ids, c.ID)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if !reflect.DeepEqual(ids, []string{"601", "602", "603"}) {
		t.Errorf("got %v", ids)
	}
	for i, want := range []any{nil, "c1", "c2"} {
		v := fake.queries[i].Variables
		if v["after"] != want || v["first"] != 50.0 || v["query"] != "updated_at:>='2026-12-01T12:00:00Z'" {
			t.Errorf("page %d was requested with %v", i, v)
		}
	}
}

// The whole list is requested without a filter.
func TestPageOfAll(t *testing.T) {
	t.Parallel()
	for _, part := range (shopify.Directory{}).Parts() {
		fake := &fakeStore{answer: always(200, `{"data":{"`+part+`":{"nodes":[],`+lastPage+`}}}`)}
		accounts, _ := fake.start(t)
		u, next, err := shopify.Directory{Accounts: accounts}.Page(t.Context(), byApp, part, "", time.Time{})
		if err != nil || next != "" || !reflect.DeepEqual(u, chat.DirectoryUpdate{Vendor: chat.Shopify}) {
			t.Errorf("%s: got %+v, %q, %v", part, u, next, err)
		}
		if _, filtered := fake.queries[0].Variables["query"]; filtered {
			t.Errorf("%s: requested with %v", part, fake.queries[0].Variables)
		}
	}
}

// A page that Shopify finds too costly is read in smaller ones, and so are those after.
func TestCostlyPage(t *testing.T) {
	t.Parallel()
	var fake *fakeStore
	fake = &fakeStore{answer: func(w http.ResponseWriter, r *http.Request, try int) {
		if size := fake.queries[try-1].Variables["first"].(float64); size > 12 {
			always(200, `{"errors":[{"message":"x","extensions":{"code":"MAX_COST_EXCEEDED"}}]}`)(w, r, try)
			return
		}
		always(200, fmt.Sprintf(`{"data":{"orders":{"nodes":[],"pageInfo":{"hasNextPage":%v,"endCursor":"c%d"}}}}`, try < 4, try))(w, r, try)
	}}
	accounts, _ := fake.start(t)
	directory := shopify.Directory{Accounts: accounts}
	_, next, err := directory.Page(t.Context(), byApp, "orders", "", noon)
	if err != nil || next == "" {
		t.Fatalf("got %q, %v", next, err)
	}
	if _, next, err = directory.Page(t.Context(), byApp, "orders", next, noon); err != nil || next != "" {
		t.Errorf("got %q, %v", next, err)
	}
	var sizes []float64
	for _, q := range fake.queries {
		sizes = append(sizes, q.Variables["first"].(float64))
	}
	if !reflect.DeepEqual(sizes, []float64{50, 25, 12, 12}) || fake.queries[3].Variables["after"] != "c3" {
		t.Errorf("requested %v, the last after %v", sizes, fake.queries[3].Variables["after"])
	}

	never := &fakeStore{answer: always(200, `{"errors":[{"message":"x","extensions":{"code":"MAX_COST_EXCEEDED"}}]}`)}
	accounts, _ = never.start(t)
	_, _, err = shopify.Directory{Accounts: accounts}.Page(t.Context(), byApp, "orders", "", noon)
	if e := sendError(t, err); e.Problem.Code != "too_costly" || e.Outcome != chat.Rejected {
		t.Errorf("got %+v", e)
	}
	if tries, _ := never.counts(); tries != 5 {
		t.Errorf("%d requests", tries)
	}
}

// A page without an end would end the list early without notice, and one that leads to
// itself would never end it.
func TestBrokenPages(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]string{
		"null":             `null`,
		"no page info":     `{"nodes":[]}`,
		"no cursor":        `{"nodes":[],"pageInfo":{"hasNextPage":true,"endCursor":null}}`,
		"the same cursor":  `{"nodes":[],"pageInfo":{"hasNextPage":true,"endCursor":"c1"}}`,
		"another type":     `{"nodes":7,"pageInfo":{"hasNextPage":false}}`,
		"nodes of numbers": `{"nodes":[7],"pageInfo":{"hasNextPage":false}}`,
	} {
		for _, part := range (shopify.Directory{}).Parts() {
			fake := &fakeStore{answer: always(200, `{"data":{"`+part+`":`+list+`}}`)}
			accounts, _ := fake.start(t)
			_, next, err := shopify.Directory{Accounts: accounts}.Page(t.Context(), byApp, part, "c1", noon)
			if e := sendError(t, err); next != "" || e.Outcome != chat.NotSent || e.Problem.Code != "unreadable" {
				t.Errorf("%s of %s: got %q, %v", name, part, next, err)
			}
		}
	}
}

func TestPageOfUnusableConnection(t *testing.T) {
	t.Parallel()
	fake := &fakeStore{}
	accounts, _ := fake.start(t)
	directory := shopify.Directory{Accounts: accounts}
	_, _, err := directory.Page(t.Context(), chat.Connection{Account: store}, "orders", "", noon)
	if e := sendError(t, err); e.Problem.Code != "token" || !e.WholeAccount || e.Outcome != chat.Rejected {
		t.Errorf("got %+v", e)
	}
	if _, _, err := directory.Page(t.Context(), byApp, "carts", "", noon); err == nil || !strings.Contains(err.Error(), "carts") {
		t.Errorf("an unknown list: %v", err)
	}
	if u, err := directory.Refresh(t.Context(), byApp, "601"); err != nil || !reflect.DeepEqual(u, chat.DirectoryUpdate{Vendor: chat.Shopify}) {
		t.Errorf("refresh: %+v, %v", u, err)
	}
}
