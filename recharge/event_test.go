package recharge

import (
	"cmp"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
)

// Recorded shapes.
const (
	customerBody = `{"customer":{"id":82940007,"email":"a@example.com","first_name":"A","last_name":"B","phone":"(555) 555-0123",
 "external_customer_id":{"ecommerce":"6012345678901"},"hash":"6edd4a4f6ca8b165","subscriptions_active_count":1,
 "subscriptions_total_count":2,"has_valid_payment_method":true,"has_payment_method_in_dunning":false,
 "first_charge_processed_at":null,"created_at":"2025-01-05T10:00:00","updated_at":"2025-01-06T10:00:00"}}`
	addressBody = `{"address":{"id":2,"customer_id":3,"payment_method_id":7,"first_name":"A","last_name":"B","company":null,
 "address1":"1 Main St","address2":null,"city":"Austin","province":"Texas","zip":"78701","country_code":"us","phone":"555-0199",
 "discounts":[{"id":5}],"order_note":null,"order_attributes":[],"shipping_lines_override":null,"updated_at":"2025-01-06T10:00:00+00:00"}}`
	subscriptionBody = `{"subscription":{"id":1111111,"address_id":2222222,"customer_id":33333333,"status":"active",
 "product_title":"Coffee","variant_title":"250 g","quantity":1,"price":"49.00","sku":null,"sku_override":false,
 "external_product_id":{"ecommerce":"123123"},"external_variant_id":{"ecommerce":"23123123123"},
 "order_interval_unit":"day","order_interval_frequency":30,"charge_interval_frequency":30,
 "order_day_of_month":null,"order_day_of_week":null,"next_charge_scheduled_at":"2026-12-09",
 "is_prepaid":false,"is_skippable":true,"is_swappable":false,"has_queued_charges":true,"max_retries_reached":false,
 "expire_after_specific_number_of_charges":null,"cancelled_at":null,"cancellation_reason":null,
 "properties":[{"name":"Grind","value":"Fine"}],"presentment_currency":null,
 "created_at":"2025-01-05T10:00:00","updated_at":"2025-07-06T10:00:00"}}`
	chargeObject = `{"id":9,"address_id":2,"status":"queued","type":"recurring","scheduled_at":"2026-12-09",
 "customer":{"id":3,"email":"a@example.com","hash":"6edd4a4f","external_customer_id":{"ecommerce":"6012345678901"}},
 "line_items":[{"purchase_item_id":1111111,"purchase_item_type":"subscription","title":"Coffee","variant_title":"250 g",
   "quantity":1,"unit_price":"49.00","total_price":"49.00","external_variant_id":{"ecommerce":"23123123123"},"properties":[]},
  {"purchase_item_id":4,"purchase_item_type":"onetime","title":"Filter","variant_title":null,"quantity":2}],
 "subtotal_price":"49.00","total_discounts":"0.00","total_tax":"0.00","total_price":"59.00","currency":"USD",
 "external_order_id":{"ecommerce":null},"processed_at":null,"retry_date":null,"charge_attempts":0,
 "error":null,"error_type":null,"has_uncommitted_changes":false,"shipping_address":{},"billing_address":{},"updated_at":"2025-01-06T10:00:00"}`
	chargeBody = `{"charge":` + chargeObject + `}`
	orderBody  = `{"order":{"id":8,"address_id":2,"customer":{"id":3,"external_customer_id":{"ecommerce":"601"}},"charge":{"id":9,"status":"success"},"status":"success","type":"recurring",
 "scheduled_at":"2026-12-09","processed_at":"2026-12-09T06:00:00","external_order_id":{"ecommerce":"4501"},"updated_at":"2026-12-09T06:05:00",
 "external_order_number":{"ecommerce":"1001"},"line_items":[{"purchase_item_id":1,"purchase_item_type":"subscription","title":"Coffee","quantity":1}],"total_price":"49.00","currency":"USD"}}`
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

var (
	customerRecord = chat.CustomerRecord{
		ID: "82940007", ShopifyID: "6012345678901", Name: "A B", Email: "a@example.com",
		Phones:    []chat.PhoneRecord{{Raw: "(555) 555-0123", Source: chat.RechargeCustomerPhone}},
		CreatedAt: at("2025-01-05T15:00:00Z"), UpdatedAt: at("2025-01-06T15:00:00Z"),
	}
	addressRecord = chat.CustomerRecord{
		ID: "3", Phones: []chat.PhoneRecord{{Raw: "555-0199", Country: "US", Source: chat.RechargeAddressPhone}},
		Country: "US", Zip: "78701", Partial: true, UpdatedAt: at("2025-01-06T10:00:00Z"),
	}
	subscriptionRecord = chat.SubscriptionRecord{
		ID: "1111111", CustomerID: "33333333", AddressID: "2222222", Status: "active", Product: "Coffee", Variant: "250 g",
		VariantID: "23123123123", ProductID: "123123", Quantity: 1, Price: "49.00", Unit: "day", Every: 30,
		NextCharge: "2026-12-09", Skippable: true, CreatedAt: at("2025-01-05T15:00:00Z"), UpdatedAt: at("2025-07-06T14:00:00Z"),
	}
	chargeRecord = chat.ChargeRecord{
		ID: "9", CustomerID: "3", ShopifyID: "6012345678901", AddressID: "2", Status: "queued", ScheduledOn: "2026-12-09",
		Total: "59.00", Currency: "USD", UpdatedAt: at("2025-01-06T15:00:00Z"),
		Items: []chat.ChargeItem{
			{Item: chat.Item{Title: "Coffee", Variant: "250 g", Quantity: 1}, SubscriptionID: "1111111"},
			{Item: chat.Item{Title: "Filter", Quantity: 2}, OneTime: true},
		},
	}
	orderCharge = chat.ChargeRecord{
		ID: "9", CustomerID: "3", ShopifyID: "601", AddressID: "2", Status: "success", ScheduledOn: "2026-12-09",
		Total: "49.00", Currency: "USD", OrderID: "4501", ProcessedAt: at("2026-12-09T11:00:00Z"), UpdatedAt: at("2026-12-09T11:00:00Z"),
		Items: []chat.ChargeItem{{Item: chat.Item{Title: "Coffee", Quantity: 1}, SubscriptionID: "1"}},
	}
)

func TestParseEvent(t *testing.T) {
	t.Parallel()
	type update = chat.DirectoryUpdate
	tooOften := chargeRecord
	tooOften.MaxRetries = true
	customers := func(r ...chat.CustomerRecord) update { return update{Customers: r} }
	for name, test := range map[string]struct {
		topics []string
		body   string
		want   update
	}{
		"customer": {[]string{"customer/created", "customer/updated", "customer/payment_method_updated", ""}, customerBody, customers(customerRecord)},
		"address":  {[]string{"address/created", "address/updated", "", "/address/updated/"}, addressBody, customers(addressRecord)},
		"subscription": {[]string{"subscription/created", "subscription/updated", "subscription/activated", "subscription/cancelled", "subscription/skipped",
			"subscription/unskipped", "subscription/swapped", "subscription/paused", "", "Subscription/Updated"},
			subscriptionBody, update{Subscriptions: []chat.SubscriptionRecord{subscriptionRecord}}},
		"charge": {[]string{"charge/created", "charge/updated", "charge/upcoming", "charge/paid", "charge/failed", "charge/refunded", ""},
			chargeBody, update{Charges: []chat.ChargeRecord{chargeRecord}}},
		"charge with customer": {[]string{"charge/upcoming", ""}, `{"charge":` + chargeObject + `,` + customerBody[1:],
			update{Charges: []chat.ChargeRecord{chargeRecord}, Customers: []chat.CustomerRecord{customerRecord}}},
		"charge with a part of a customer": {[]string{"charge/upcoming"}, `{"charge":` + chargeObject + `,"customer":{"id":3}}`,
			update{Charges: []chat.ChargeRecord{chargeRecord}}},
		"charge without wrapper": {[]string{"charge/updated"}, chargeObject, update{Charges: []chat.ChargeRecord{chargeRecord}}},
		"no more retries":        {[]string{"charge/max_retries_reached"}, chargeBody, update{Charges: []chat.ChargeRecord{tooOften}}},
		"order":                  {[]string{"order/processed", ""}, orderBody, update{Charges: []chat.ChargeRecord{orderCharge}}},
		"other orders":           {[]string{"order/created", "order/cancelled", "order/upcoming", "order/deleted"}, orderBody, update{}},
		"prepaid order": {[]string{"order/processed"}, `{"order":{"id":8,"customer":{"id":3},"charge":{"id":9,"status":"success"},"processed_at":"2026-12-09T06:00:00",
			"line_items":[{"purchase_item_type":"prepaid"}]}}`, update{}},
		"customer deleted": {[]string{"customer/deleted"}, `{"customer":{"id":3}}`, update{Deletions: []chat.Deletion{{Kind: chat.CustomerKind, ID: "3"}}}},
		"charge deleted":   {[]string{"charge/deleted"}, chargeBody, update{Deletions: []chat.Deletion{{Kind: chat.ChargeKind, ID: "9", At: at("2025-01-06T15:00:00Z")}}}},
		"subscription deleted": {[]string{"subscription/deleted"}, `{"subscription":{"id":"7"}}`,
			update{Deletions: []chat.Deletion{{Kind: chat.SubscriptionKind, ID: "7"}}}},
		"address of no customer": {[]string{"address/updated"}, `{"address":{"id":2}}`, update{}},
		"2021-01 subscription": {[]string{"subscription/updated"}, `{"subscription":{"id":7,"customer_id":3,"status":"CANCELLED","shopify_variant_id":55,"shopify_product_id":"44",
			"order_interval_frequency":"30","order_interval_unit":"Day","price":49.5,"is_prepaid":0,"is_skippable":1,"next_charge_scheduled_at":"2026-12-09T00:00:00"}}`,
			update{Subscriptions: []chat.SubscriptionRecord{{ID: "7", CustomerID: "3", Status: "cancelled", VariantID: "55", ProductID: "44",
				Every: 30, Unit: "day", Price: "49.5", Skippable: true, NextCharge: "2026-12-09"}}}},
		"2021-01 charge": {[]string{"charge/paid"}, `{"charge":{"id":9,"customer_id":3,"status":"SUCCESS","shopify_order_id":"4501","scheduled_at":"2026-12-09T00:00:00",
			"line_items":[{"subscription_id":7,"title":"Coffee","quantity":1,"type":"SUBSCRIPTION"},{"title":"Filter","quantity":1,"type":"ONETIME"}]}}`,
			update{Charges: []chat.ChargeRecord{{ID: "9", CustomerID: "3", Status: "success", OrderID: "4501", ScheduledOn: "2026-12-09", Items: []chat.ChargeItem{
				{Item: chat.Item{Title: "Coffee", Quantity: 1}, SubscriptionID: "7"}, {Item: chat.Item{Title: "Filter", Quantity: 1}, OneTime: true}}}}}},
		"odd types": {[]string{"subscription/updated"}, `{"subscription":{"id":7,"customer_id":{"a":1},"status":["active"],"quantity":"many","price":null,
			"external_variant_id":"5","order_interval_frequency":1e99,"updated_at":12,"is_prepaid":{},"product_title":"a\u0000b"}}`,
			update{Subscriptions: []chat.SubscriptionRecord{{ID: "7", Product: "ab"}}}},
		"not about customers": {[]string{"recharge/uninstalled", "store/updated", "onetime/created", "plan/updated", "bundle_selection/created", "x"},
			`{"store":{"id":1},"charge":{"id":9,"customer_id":3}}`, update{}},
		"nothing known": {[]string{""}, `{"store":{"id":1}}`, update{}},
	} {
		for _, topic := range test.topics {
			test.want.Vendor = chat.Recharge
			got, err := ParseEvent(topic, []byte(test.body))
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("%s, topic %q:\n got %+v, %v\nwant %+v", name, topic, got, err, test.want)
			}
		}
	}
}

func TestUnreadableEvents(t *testing.T) {
	t.Parallel()
	for _, test := range [][2]string{
		{"charge/paid", ``}, {"charge/paid", `null`}, {"charge/paid", `[]`}, {"charge/paid", `{}`}, {"charge/paid", `{"charge":`},
		{"charge/paid", `{"charge":{}}`}, {"charge/paid", `{"charge":null}`}, {"charge/paid", `{"charge":{"id":"abc"}}`},
		{"charge/paid", `{"charge":{"id":0}}`}, {"charge/paid", `{"charge":{"id":-3}}`}, {"charge/paid", `{"charge":{"id":1.5}}`},
		{"charge/paid", subscriptionBody}, {"charge/paid", chargeBody + chargeBody}, {"x", `no JSON`}, {"customer/deleted", `{}`},
	} {
		u, err := ParseEvent(test[0], []byte(test[1]))
		if !errors.Is(err, ErrEvent) || !reflect.DeepEqual(u, chat.DirectoryUpdate{Vendor: chat.Recharge}) {
			t.Errorf("%q: got %+v, %v", test, u, err)
		}
	}
}

// TestTopics: each topic that is registered is understood.
func TestTopics(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{"customer": customerBody, "address": addressBody, "subscription": subscriptionBody, "charge": chargeBody, "order": orderBody}
	for _, topic := range Topics {
		kind, _, _ := strings.Cut(topic, "/")
		u, err := ParseEvent(topic, []byte(cmp.Or(bodies[kind], "{}")))
		if err != nil || reflect.DeepEqual(u, chat.DirectoryUpdate{Vendor: chat.Recharge}) != (topic == Uninstalled) {
			t.Errorf("%s: got %+v, %v", topic, u, err)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, body := range []string{customerBody, addressBody, subscriptionBody, chargeBody, orderBody} {
		f.Add("", []byte(body))
		f.Add("charge/deleted", []byte(body))
		f.Add("order/processed", []byte(body))
	}
	f.Add("customer/updated", []byte(`{"customer":{"id":3,"updated_at":"9999-12-31T23:59:59"}}`))
	f.Fuzz(func(t *testing.T, topic string, body []byte) {
		u, err := ParseEvent(topic, body)
		if u.Vendor != chat.Recharge {
			t.Errorf("vendor %q", u.Vendor)
		}
		if err != nil {
			u.Vendor = ""
			if !reflect.DeepEqual(u, chat.DirectoryUpdate{}) {
				t.Errorf("records beside an error: %+v", u)
			}
			return
		}
		var ids []string
		for _, r := range u.Customers {
			ids = append(ids, r.ID)
		}
		for _, r := range u.Subscriptions {
			ids = append(ids, r.ID)
		}
		for _, r := range u.Charges {
			ids = append(ids, r.ID)
		}
		for _, d := range u.Deletions {
			ids = append(ids, d.ID)
		}
		for _, id := range ids {
			if !validID(id) {
				t.Errorf("a record has the id %q", id)
			}
		}
	})
}
