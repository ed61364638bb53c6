package shopify_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/shopify"
)

const orderEvent = `{"id":1234567891011,"admin_graphql_api_id":"gid://shopify/Order/1234567891011","name":"#1001","order_number":1001,"test":false,
 "confirmation_number":"ABC123","email":"A@Example.com","phone":null,"customer_locale":"en","created_at":"2026-11-01T10:00:00-05:00",
 "updated_at":"2026-11-01T10:00:01-05:00","cancelled_at":null,"currency":"USD","total_price":"59.00","current_total_price":"49.00","financial_status":"paid","fulfillment_status":null,
 "order_status_url":"https://...","source_name":"web","tags":"","note_attributes":[],
 "customer":{"id":601,"email":"a@example.com","first_name":"Ann","last_name":"Bee","phone":"+15551234567","updated_at":"2026-11-01T09:00:00-05:00",
  "default_address":{"country_code":"US","zip":"60601","phone":"(312) 555-0123"}},
 "billing_address":{"phone":"(312) 555-0123","country_code":"US"},"shipping_address":{"name":"Ann Bee","phone":"555-555-SHIP","country_code":"us","zip":"60601"},
 "line_items":[{"id":1,"title":"Coffee","variant_title":"250 g","quantity":3,"current_quantity":2},{"title":"Returned","quantity":1,"current_quantity":0},{"title":"Filter","quantity":1}],
 "fulfillments":[{"id":9,"status":"success","shipment_status":"in_transit","tracking_company":"UPS","tracking_numbers":["1Z"],"tracking_urls":["https://ups.example/1Z"],"updated_at":"2026-11-01T15:00:01Z"}]}`

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func phone(raw, country string, source chat.PhoneSource) chat.PhoneRecord {
	return chat.PhoneRecord{Raw: raw, Country: country, Source: source}
}

// A huge id must not lose its last digits, as it would in a float64.
const hugeID = "820982911946154501"

func TestParseEvent(t *testing.T) {
	t.Parallel()
	order := chat.OrderRecord{
		ID: "1234567891011", CustomerID: "601", Name: "#1001", Email: "a@example.com", Customer: "Ann Bee", Locale: "en", Country: "US", Zip: "60601",
		Phones:          []chat.PhoneRecord{phone("555-555-SHIP", "US", chat.ShippingPhone), phone("(312) 555-0123", "US", chat.BillingPhone)},
		FinancialStatus: "paid", Total: "49.00", Currency: "USD",
		Items:     []chat.Item{{Title: "Coffee", Variant: "250 g", Quantity: 2}, {Title: "Filter", Quantity: 1}},
		CreatedAt: at("2026-11-01T15:00:00Z"), UpdatedAt: at("2026-11-01T15:00:01Z"),
	}
	customerOfOrder := chat.CustomerRecord{
		ID: "601", Name: "Ann Bee", Email: "a@example.com", Locale: "en", Country: "US", Zip: "60601", Partial: true,
		Phones:    []chat.PhoneRecord{phone("+15551234567", "US", chat.ShopifyCustomerPhone), phone("(312) 555-0123", "US", chat.ShippingPhone)},
		UpdatedAt: at("2026-11-01T14:00:00Z"),
	}
	shipment := chat.FulfillmentRecord{
		ID: "9", OrderID: "1234567891011", Status: "success", ShipmentStatus: "in_transit", Company: "UPS",
		Numbers: []string{"1Z"}, URLs: []string{"https://ups.example/1Z"}, UpdatedAt: at("2026-11-01T15:00:01Z"),
	}
	whole := chat.DirectoryUpdate{
		Orders: []chat.OrderRecord{order}, Customers: []chat.CustomerRecord{customerOfOrder},
		Fulfillments: []chat.FulfillmentRecord{shipment},
	}
	for name, test := range map[string]struct {
		topic, body string
		want        chat.DirectoryUpdate
	}{
		"orders/create":    {"orders/create", orderEvent, whole},
		"orders/updated":   {"orders/updated", orderEvent, whole},
		"orders/paid":      {"orders/paid", orderEvent, whole},
		"orders/fulfilled": {"orders/fulfilled", orderEvent, whole},
		"orders/cancelled": {"orders/cancelled", `{"id":1,"cancelled_at":"2026-11-02T00:00:00Z","test":true}`, chat.DirectoryUpdate{
			Orders: []chat.OrderRecord{{ID: "1", Test: true, CancelledAt: at("2026-11-02T00:00:00Z")}},
		}},
		"a guest's order": {"orders/create", `{"id":` + hugeID + `,"email":"B@x.com","phone":"+525512345678","customer":null,"billing_address":{"first_name":"Bo","last_name":"Li","country_code":"MX","zip":"01000","phone":"+525512345678"}}`, chat.DirectoryUpdate{
			Orders: []chat.OrderRecord{{ID: hugeID, Email: "b@x.com", Customer: "Bo Li", Country: "MX", Zip: "01000", Phones: []chat.PhoneRecord{phone("+525512345678", "MX", chat.OrderPhone)}}},
		}},
		"an order without a customer's time": {"orders/create", `{"id":1,"updated_at":"2026-11-02T00:00:00Z","customer":{"id":601,"updated_at":null}}`, chat.DirectoryUpdate{
			Orders:    []chat.OrderRecord{{ID: "1", CustomerID: "601", UpdatedAt: at("2026-11-02T00:00:00Z")}},
			Customers: []chat.CustomerRecord{{ID: "601", Partial: true, UpdatedAt: at("2026-11-02T00:00:00Z")}},
		}},
		"an order of other types": {"orders/create", `{"id":"77","test":"yes","email":7,"phone":{},"customer":[],"shipping_address":"x","line_items":{},"fulfillments":[null,7],"total_price":12.5,"created_at":1,"updated_at":"soon","currency":null}`, chat.DirectoryUpdate{
			Orders: []chat.OrderRecord{{ID: "77", Email: "7", Total: "12.5"}},
		}},
		"control characters": {"orders/create", `{"id":1,"name":"#1\u0000\u202e\n 2","billing_address":{"country_code":"United States","phone":" 312\u0000 "}}`, chat.DirectoryUpdate{
			Orders: []chat.OrderRecord{{ID: "1", Name: "#1 2", Phones: []chat.PhoneRecord{phone("312", "", chat.BillingPhone)}}},
		}},
		"orders/delete": {"orders/delete", `{"id":` + hugeID + `}`, chat.DirectoryUpdate{Deletions: []chat.Deletion{{Kind: chat.OrderKind, ID: hugeID}}}},
		"customers/create": {"customers/create", `{"id":601,"email":"A@example.com","phone":"+15551234567","first_name":"Ann","last_name":null,"addresses":[],"default_address":{},"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-02-01T00:00:00Z"}`, chat.DirectoryUpdate{
			Customers: []chat.CustomerRecord{{ID: "601", Name: "Ann", Email: "a@example.com", Phones: []chat.PhoneRecord{phone("+15551234567", "", chat.ShopifyCustomerPhone)}, CreatedAt: at("2026-01-01T00:00:00Z"), UpdatedAt: at("2026-02-01T00:00:00Z")}},
		}},
		"customers/update": {"customers/update", `{"id":706405506930370000,"admin_graphql_api_id":"gid://shopify/Customer/706405506930370084","email":"bob@biller.com","phone":null,"default_address":{"name":"Bob Biller","country_code":"CA","zip":"K2P 2L8","phone":"555-555-5555"},"updated_at":"2021-12-31T19:00:00-05:00"}`, chat.DirectoryUpdate{
			Customers: []chat.CustomerRecord{
				{ID: "706405506930370000", Name: "Bob Biller", Email: "bob@biller.com", Country: "CA", Zip: "K2P 2L8", Phones: []chat.PhoneRecord{phone("555-555-5555", "CA", chat.ShippingPhone)}, UpdatedAt: at("2022-01-01T00:00:00Z")},
			},
		}},
		"one phone in both places": {"customers/update", `{"id":601,"phone":"+15551234567","default_address":{"phone":"+15551234567","country_code":"US"}}`, chat.DirectoryUpdate{
			Customers: []chat.CustomerRecord{{ID: "601", Country: "US", Phones: []chat.PhoneRecord{phone("+15551234567", "US", chat.ShopifyCustomerPhone)}}},
		}},
		"only the global id": {"customers/delete", `{"id":null,"admin_graphql_api_id":"gid://shopify/Customer/601"}`, chat.DirectoryUpdate{Deletions: []chat.Deletion{{Kind: chat.CustomerKind, ID: "601"}}}},
		"a merge": {"customers/merge", `{"admin_graphql_api_customer_kept_id":"gid://shopify/Customer/601","admin_graphql_api_customer_deleted_id":"gid://shopify/Customer/602","status":"completed","errors":[]}`, chat.DirectoryUpdate{
			Merges: []chat.CustomerMerge{{KeptID: "601", GoneID: "602"}},
		}},
		"a merge that failed":       {"customers/merge", `{"admin_graphql_api_customer_kept_id":"gid://shopify/Customer/1","admin_graphql_api_customer_deleted_id":"gid://shopify/Customer/2","status":"failed","errors":[{"customer_ids":[1]}]}`, chat.DirectoryUpdate{}},
		"a merge without a status":  {"customers/merge", `{"admin_graphql_api_customer_kept_id":"gid://shopify/Customer/1","admin_graphql_api_customer_deleted_id":"gid://shopify/Customer/2"}`, chat.DirectoryUpdate{}},
		"a merge with itself":       {"customers/merge", `{"admin_graphql_api_customer_kept_id":"gid://shopify/Customer/1","admin_graphql_api_customer_deleted_id":"gid://shopify/Customer/1","status":"completed"}`, chat.DirectoryUpdate{}},
		"consent withdrawn":         {"customers_marketing_consent/update", consentEvent(`"+15551234567"`, `"unsubscribed"`), consentUpdate(chat.ConsentRevoked)},
		"consent given":             {"customers_marketing_consent/update", consentEvent(`"+15551234567"`, `"subscribed"`), consentUpdate(chat.ConsentGiven)},
		"consent asked for":         {"customers_marketing_consent/update", consentEvent(`"+15551234567"`, `"pending"`), consentUpdate(chat.ConsentPending)},
		"never asked, before":       {"customers_marketing_consent/update", consentEvent(`"+15551234567"`, `"not_subscribed"`), chat.DirectoryUpdate{}},
		"never asked, now":          {"customers_marketing_consent/update", consentEvent(`"+15551234567"`, `"never_subscribed"`), chat.DirectoryUpdate{}},
		"consent of nothing":        {"customers_marketing_consent/update", consentEvent(`"+15551234567"`, `null`), chat.DirectoryUpdate{}},
		"consent without a phone":   {"customers_marketing_consent/update", consentEvent(`null`, `"unsubscribed"`), chat.DirectoryUpdate{}},
		"consent with null inside":  {"customers_marketing_consent/update", `{"id":601,"phone":null,"sms_marketing_consent":{"state":null,"opt_in_level":null,"consent_updated_at":null,"consent_collected_from":null}}`, chat.DirectoryUpdate{}},
		"consent that is null":      {"customers_marketing_consent/update", `{"id":601,"phone":"+15551234567","sms_marketing_consent":null}`, chat.DirectoryUpdate{}},
		"consent without a time":    {"customers_marketing_consent/update", `{"id":601,"phone":"+15551234567","sms_marketing_consent":{"state":"unsubscribed"}}`, chat.DirectoryUpdate{Consents: []chat.ConsentRecord{{CustomerID: "601", Phone: phone("+15551234567", "", chat.ShopifyCustomerPhone), State: chat.ConsentRevoked}}}},
		"a summary of purchases":    {"customers/purchasing_summary", `{"customerId":"gid://shopify/Customer/601","numberOfOrders":3,"lastOrderId":"gid://shopify/Order/1"}`, chat.DirectoryUpdate{}},
		"app/uninstalled":           {"app/uninstalled", `{"id":548380009}`, chat.DirectoryUpdate{}},
		"app/scopes_update":         {"app/scopes_update", `{"previous":["read_orders"],"current":[],"updated_at":"x"}`, chat.DirectoryUpdate{}},
		"customers/redact":          {"customers/redact", `{"shop_id":1}`, chat.DirectoryUpdate{}},
		"an unknown topic":          {"carts/create", `not JSON`, chat.DirectoryUpdate{}},
		"a topic in another case":   {"Orders/Create", orderEvent, chat.DirectoryUpdate{}},
		"fulfillments/create":       {"fulfillments/create", `{"id":9,"order_id":1234567891011,"status":"success","shipment_status":null,"tracking_company":null,"tracking_number":"1Z","tracking_numbers":[],"tracking_url":"javascript:alert(1)","destination":{"phone":"555-555-SHIP"},"created_at":"2026-11-02T00:00:00Z","updated_at":"2026-11-02T00:00:00Z"}`, chat.DirectoryUpdate{Fulfillments: []chat.FulfillmentRecord{{ID: "9", OrderID: "1234567891011", Status: "success", Numbers: []string{"1Z"}, CreatedAt: at("2026-11-02T00:00:00Z"), UpdatedAt: at("2026-11-02T00:00:00Z")}}}},
		"two parcels":               {"fulfillments/update", `{"id":9,"order_id":1,"tracking_numbers":["1Z","2Z"],"tracking_urls":[null,"https://ups.example/2Z"]}`, chat.DirectoryUpdate{Fulfillments: []chat.FulfillmentRecord{{ID: "9", OrderID: "1", Numbers: []string{"1Z", "2Z"}, URLs: []string{"", "https://ups.example/2Z"}}}}},
		"a parcel without a number": {"fulfillments/update", `{"id":9,"order_id":1,"tracking_number":null,"tracking_url":"http://ups.example/"}`, chat.DirectoryUpdate{Fulfillments: []chat.FulfillmentRecord{{ID: "9", OrderID: "1", Numbers: []string{""}, URLs: []string{"http://ups.example/"}}}}},
		"fulfillment_events/create": {"fulfillment_events/create", `{"id":1,"fulfillment_id":9,"order_id":1234567891011,"status":"OUT_FOR_DELIVERY","message":null,"happened_at":"2026-11-03T00:00:00Z","created_at":"2026-11-03T01:00:00Z"}`, chat.DirectoryUpdate{Fulfillments: []chat.FulfillmentRecord{{ID: "9", OrderID: "1234567891011", ShipmentStatus: "out_for_delivery", Partial: true, UpdatedAt: at("2026-11-03T00:00:00Z")}}}},
		"an event without its time": {"fulfillment_events/create", `{"fulfillment_id":9,"order_id":1,"status":"delivered","happened_at":null,"created_at":"2026-11-03T01:00:00Z"}`, chat.DirectoryUpdate{Fulfillments: []chat.FulfillmentRecord{{ID: "9", OrderID: "1", ShipmentStatus: "delivered", Partial: true, UpdatedAt: at("2026-11-03T01:00:00Z")}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.want.Vendor = chat.Shopify
			got, err := shopify.ParseEvent(test.topic, []byte(test.body))
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %#v, %v\nwant %#v", got, err, test.want)
			}
		})
	}
}

func consentEvent(phone, state string) string {
	return `{"id":601,"phone":` + phone + `,"sms_marketing_consent":{"state":` + state + `,"opt_in_level":"single_opt_in","consent_updated_at":"2026-11-01T00:00:00Z","consent_collected_from":"OTHER"}}`
}

func consentUpdate(state chat.ConsentState) chat.DirectoryUpdate {
	return chat.DirectoryUpdate{Consents: []chat.ConsentRecord{{
		CustomerID: "601", Phone: phone("+15551234567", "", chat.ShopifyCustomerPhone), State: state,
		Level: "single_opt_in", Source: "other", At: at("2026-11-01T00:00:00Z"),
	}}}
}

// A webhook that cannot be applied is set aside. Its error says why, without a word of it.
func TestParseEventRefuses(t *testing.T) {
	t.Parallel()
	for _, topic := range []string{
		"customers/create", "customers/update", "customers/delete", "customers/merge", "customers_marketing_consent/update",
		"orders/create", "orders/delete", "fulfillments/create", "fulfillment_events/create",
	} {
		for name, body := range map[string]string{
			"nothing":          ``,
			"a list":           `[{"id":1}]`,
			"null":             `null`,
			"a text":           `"canary"`,
			"cut":              `{"id":1,"email":"canary`,
			"two objects":      `{"id":1} {"id":2}`,
			"no ids":           `{"email":"canary","status":"completed"}`,
			"an id of zero":    `{"id":0,"order_id":0,"fulfillment_id":0,"status":"completed"}`,
			"a negative id":    `{"id":-1,"order_id":-1,"fulfillment_id":-1,"status":"completed"}`,
			"a fraction as id": `{"id":1.5,"order_id":1.5,"fulfillment_id":1.5,"status":"completed"}`,
			"a word as id":     `{"id":"canary","order_id":"canary","fulfillment_id":"canary","status":"completed"}`,
			"an object as id":  `{"id":{"a":1},"order_id":[1],"fulfillment_id":true,"status":"completed"}`,
		} {
			got, err := shopify.ParseEvent(topic, []byte(body))
			if err == nil || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), topic) {
				t.Errorf("%s, %s: got %v", topic, name, err)
			}
			if !reflect.DeepEqual(got, chat.DirectoryUpdate{Vendor: chat.Shopify}) {
				t.Errorf("%s, %s: got %+v", topic, name, got)
			}
		}
	}
}

// An order of a wholesale customer may have thousands of lines.
func TestParseHugeOrder(t *testing.T) {
	t.Parallel()
	lines := strings.Repeat(`{"title":"Coffee","quantity":1},`, 20000)
	shipments := strings.Repeat(`{"id":5,"tracking_numbers":["1","2","3","4","5","6","7","8"]},`, 500)
	body := `{"id":1,"line_items":[` + strings.TrimSuffix(lines, ",") + `],"fulfillments":[` + strings.TrimSuffix(shipments, ",") + `]}`
	got, err := shopify.ParseEvent("orders/updated", []byte(body))
	if err != nil || len(got.Orders) != 1 || len(got.Orders[0].Items) != 10 || len(got.Fulfillments) != 10 || len(got.Fulfillments[0].Numbers) != 5 {
		t.Errorf("got %d orders, %d shipments, %v", len(got.Orders), len(got.Fulfillments), err)
	}
}

func BenchmarkParseOrder(b *testing.B) {
	body := []byte(orderEvent)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := shopify.ParseEvent("orders/create", body); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add("orders/create", []byte(orderEvent))
	f.Add("customers_marketing_consent/update", []byte(consentEvent("null", "null")))
	f.Add("fulfillments/update", []byte(`{"id":"9","order_id":1,"tracking_numbers":[null,{}],"tracking_urls":"x"}`))
	f.Add("customers/merge", []byte(`{"admin_graphql_api_customer_kept_id":"gid://shopify/Customer/1?x","admin_graphql_api_customer_deleted_id":2,"status":"COMPLETED"}`))
	f.Add("customers/redact", []byte(`{"customer":{"id":1,"phone":"555"}}`))
	f.Fuzz(func(t *testing.T, topic string, body []byte) {
		u, err := shopify.ParseEvent(topic, body)
		if _, _, err := shopify.ParsePrivacy(topic, body); err != nil && strings.Contains(err.Error(), "invalid character") {
			t.Fatalf("the error quotes the body: %v", err)
		}
		if err != nil {
			return
		}
		var ids []string
		for _, c := range u.Customers {
			ids = append(ids, c.ID)
			if c.Email != strings.ToLower(c.Email) || len(c.Country) != 0 && len(c.Country) != 2 {
				t.Errorf("got %+v", c)
			}
		}
		for _, o := range u.Orders {
			ids = append(ids, o.ID)
		}
		for _, one := range u.Fulfillments {
			ids = append(ids, one.ID, one.OrderID)
			if len(one.URLs) > len(one.Numbers) {
				t.Errorf("%d addresses for %d parcels", len(one.URLs), len(one.Numbers))
			}
		}
		for _, m := range u.Merges {
			ids = append(ids, m.KeptID, m.GoneID)
		}
		for _, d := range u.Deletions {
			ids = append(ids, d.ID)
		}
		for _, id := range ids {
			if id == "" || strings.Trim(id, "0123456789") != "" {
				t.Errorf("%q is no id", id)
			}
		}
	})
}
