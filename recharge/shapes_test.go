package recharge

import (
	"context"
	"reflect"
	"testing"
)

// TestShapes reads recorded responses.
func TestShapes(t *testing.T) {
	t.Parallel()
	type X = context.Context
	type C = *Client
	coffee := Item{PurchaseID: "1", PurchaseType: "subscription", Title: "Coffee", Quantity: 1, UnitPrice: "49.00", Total: "49.00", VariantID: "55"}
	const coffeeItem = `{"purchase_item_id":1,"purchase_item_type":"subscription","title":"Coffee","quantity":1,"unit_price":"49.00","total_price":"49.00","external_variant_id":{"ecommerce":"55"}}`
	schedule := Schedule{CustomerID: "3", Deliveries: []Delivery{
		{Date: "2026-12-09", Orders: []DeliveryOrder{{ChargeID: "9", AddressID: "2", Currency: "USD", Subtotal: "49.00", Uncommitted: true, Items: []DeliveryItem{
			{SubscriptionID: "1111111", Product: "Coffee", Variant: "250 g", Quantity: 1, UnitPrice: "49.00", Skippable: true}}}}},
		{Date: "2027-01-08", Orders: []DeliveryOrder{{AddressID: "2", Items: []DeliveryItem{{SubscriptionID: "1111111", Skipped: true}}}}},
	}}
	const scheduleBody = `{"customer":{"id":3,"email":"a@example.com"},"deliveries":[
		{"date":"2027-01-08","orders":[{"id":null,"charge_id":null,"address_id":2,"line_items":[{"subscription_id":1111111,"is_skipped":true}]}]},
		{"date":"2026-12-09","orders":[{"id":null,"charge_id":9,"address_id":2,"currency":"USD","has_uncommitted_changes":true,
   		"order_subtotal":"49.00","payment_method":{},"shipping_address":{},"line_items":[{"subscription_id":1111111,"product_title":"Coffee",
		"variant_title":"250 g","quantity":1,"unit_price":"49.00","is_skippable":true,"is_prepaid":false,"plan_type":null,"properties":[]}]}]}]}`
	for name, test := range map[string]struct {
		answer string
		read   func(X, C) (any, error)
		want   any
	}{
		"customer": {`{"customer":{"id":"3","email":"a@example.com","first_name":"A","last_name":null,"phone":"+15555550123","external_customer_id":{"ecommerce":6012345678901},
			"subscriptions_active_count":1,"has_valid_payment_method":true,"has_payment_method_in_dunning":null,"created_at":"2025-01-05T10:00:00","include":{
			"addresses":[{"id":2,"customer_id":3,"country_code":"US","zip":"78701"}],"subscriptions":[{"id":7,"status":"active"}],
			"payment_methods":[{"id":8,"default":true}]}}}`,
			func(x X, c C) (any, error) { return c.Customer(x, "3", Addresses) },
			Customer{ID: "3", ShopifyID: "6012345678901", Email: "a@example.com", FirstName: "A", Phone: "+15555550123", ActiveSubscriptions: 1,
				ValidPayment: true, CreatedAt: at("2025-01-05T15:00:00Z"), Addresses: []Address{{ID: "2", CustomerID: "3", Country: "US", Zip: "78701"}},
				Subscriptions: []Subscription{{ID: "7", Status: "active"}}, PaymentMethods: []PaymentMethod{{ID: "8", Default: true}}}},
		"subscription": {subscriptionBody, func(x X, c C) (any, error) { return c.Subscription(x, "1111111") },
			Subscription{ID: "1111111", AddressID: "2222222", CustomerID: "33333333", Status: "active", Product: "Coffee", Variant: "250 g",
				ProductID: "123123", VariantID: "23123123123", Quantity: 1, Price: "49.00", Interval: Interval{"day", 30, 30}, NextCharge: "2026-12-09",
				Skippable: true, CreatedAt: at("2025-01-05T15:00:00Z"), UpdatedAt: at("2025-07-06T14:00:00Z")}},
		"charges": {`{"charges":[{"id":9,"address_id":2,"customer":{"id":3,"external_customer_id":{"ecommerce":"601"}},"status":"a new one","type":"recurring","scheduled_at":"2026-12-09T00:00:00",
			"line_items":[` + coffeeItem + `],"subtotal_price":49.5,"total_discounts":"1.00","total_price":"48.50","currency":"USD","external_order_id":null,
			"error_type":"CUSTOMER_NEEDS_TO_UPDATE_CARD","charge_attempts":2,"retry_date":"2026-12-12","has_uncommitted_changes":true,"processed_at":"2026-12-09T01:00:00-05:00"}],"next_cursor":null}`,
			func(x X, c C) (any, error) { return c.Charges(x, "3", "error") },
			[]Charge{{ID: "9", AddressID: "2", CustomerID: "3", ShopifyCustomerID: "601", Status: "a new one", Type: "recurring", ScheduledOn: "2026-12-09", Items: []Item{coffee},
				Subtotal: "49.5", Discounts: "1.00", Total: "48.50", Currency: "USD", ErrorType: "CUSTOMER_NEEDS_TO_UPDATE_CARD", Attempts: 2, RetryOn: "2026-12-12",
				Uncommitted: true, ProcessedAt: at("2026-12-09T06:00:00Z")}}},
		"orders": {`{"orders":[{"id":8,"address_id":2,"customer":{"id":3},"charge":{"id":9,"status":"success"},"status":"success","type":"recurring",
 			"scheduled_at":"2026-12-09","processed_at":"2026-12-09T06:00:00","external_order_id":{"ecommerce":"4501"},
 			"external_order_number":{"ecommerce":"1001"},"line_items":[` + coffeeItem + `],"total_price":"49.00","currency":"USD"}]}`,
			func(x X, c C) (any, error) { return c.Orders(x, "3", 1) },
			[]Order{{ID: "8", AddressID: "2", CustomerID: "3", ChargeID: "9", ChargeStatus: "success", Status: "success", Type: "recurring", ScheduledOn: "2026-12-09",
				ProcessedAt: at("2026-12-09T11:00:00Z"), ShopifyID: "4501", ShopifyNumber: "1001", Items: []Item{coffee}, Total: "49.00", Currency: "USD"}}},
		"onetimes": {`{"onetimes":[{"id":4,"address_id":2,"customer_id":3,"external_product_id":{"ecommerce":"1"},"external_variant_id":{"ecommerce":"55"},
 			"product_title":"Filter","variant_title":null,"price":"5.00","quantity":1,"next_charge_scheduled_at":"2026-12-09","sku":null,"properties":[],"is_cancelled":false}]}`,
			func(x X, c C) (any, error) { return c.Onetimes(x, "3") },
			[]Onetime{{ID: "4", AddressID: "2", CustomerID: "3", ProductID: "1", VariantID: "55", Product: "Filter", Price: "5.00", Quantity: 1, NextCharge: "2026-12-09"}}},
		"payment methods": {`{"payment_methods":[{"id":7,"customer_id":3,"payment_type":"CREDIT_CARD","processor_name":"shopify_payments","default":true,
 			"status":"valid","status_reason":null,"payment_details":{"brand":"visa","last4":"4242","exp_month":"4","exp_year":2027}},
			{"id":8,"payment_type":"SEPA_DEBIT","status":null,"payment_details":null}]}`,
			func(x X, c C) (any, error) { return c.PaymentMethods(x, "3") },
			[]PaymentMethod{{ID: "7", CustomerID: "3", Type: "CREDIT_CARD", Processor: "shopify_payments", Default: true, Status: "valid", Brand: "visa", Last4: "4242", ExpMonth: 4, ExpYear: 2027},
				{ID: "8", Type: "SEPA_DEBIT"}}},
		"plans": {`{"plans":[{"id":1,"type":"subscription","subscription_preferences":{"interval_unit":"month","order_interval_frequency":2,"charge_interval_frequency":2},
			"channel_settings":{"customer_portal":{"display":true}},"external_variant_ids":["55",56,{"ecommerce":"57"}]},
			{"id":2,"channel_settings":{"customer_portal":{"display":false}}},{"id":3}]}`,
			func(x X, c C) (any, error) { return c.Plans(x, "1") },
			[]Plan{{ID: "1", Type: "subscription", Interval: Interval{"month", 2, 2}, Shown: true, VariantIDs: []string{"55", "56", "57"}}, {ID: "2"}, {ID: "3", Shown: true}}},
		"schedule":         {scheduleBody, func(x X, c C) (any, error) { return c.Schedule(x, "3") }, schedule},
		"wrapped schedule": {`{"deliverySchedule":` + scheduleBody + `}`, func(x X, c C) (any, error) { return c.Schedule(x, "3") }, schedule},
		"retention strategies": {`{"retention_strategies":[{"id":1,"reason":"Too much","prevention_text":"Skip one?","incentive_type":"discount","discount_code":"SAVE10","cancellation_flow_type":"subscription"},{"id":2,"reason":"Other","incentive_type":null}]}`,
			func(x X, c C) (any, error) { return c.RetentionStrategies(x) },
			[]RetentionStrategy{{"1", "Too much", "Skip one?", "discount", "SAVE10", "subscription"}, {ID: "2", Reason: "Other"}}},
		"countries": {`{"shipping_countries":[{"code":"US","country_id":1,"id":1,"name":"United States","provinces":[{"code":"TX","id":1,"name":"Texas"},{"name":"Guam"}]},{"code":"MC","name":"Monaco","provinces":[]}]}`,
			func(x X, c C) (any, error) { return c.ShippingCountries(x) },
			[]Country{{"US", "United States", []Province{{"TX", "Texas"}, {"Guam", "Guam"}}}, {"MC", "Monaco", nil}}},
		"token": {`{"token_information":{"name":"Sidetext","contact_email":"ann@acme.com","client":{"name":"x"},"scopes":["read_customers",null,"write_orders"]}}`,
			func(x X, c C) (any, error) { return c.Token(x) }, TokenInfo{"Sidetext", "ann@acme.com", []string{"read_customers", "write_orders"}}},
		"store": {`{"store":{"id":1,"name":"Acme","identifier":"Acme.myshopify.com","currency":"USD","timezone":{"iana_name":"America/Chicago","name":"(GMT-06:00)"},"customer_portal_base_url":"https://acme.com/tools/recurring"}}`,
			func(x X, c C) (any, error) { return c.Store(x) }, Store{"Acme", "acme.myshopify.com", "USD", "America/Chicago", "https://acme.com/tools/recurring"}},
		"webhooks": {`{"webhooks":[{"id":6,"address":"https://a/b","topic":"charge/paid","version":"2021-11","included_objects":[]}]}`,
			func(x X, c C) (any, error) { return c.Webhooks(x) }, []Webhook{{"6", "charge/paid", "https://a/b", "2021-11"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.read(t.Context(), newClient(t, answer(200, test.answer)))
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf(" got %+v, %v\nwant %+v", got, err, test.want)
			}
		})
	}
}

func TestNextDelivery(t *testing.T) {
	t.Parallel()
	on := func(date string, skipped ...bool) Delivery {
		var items []DeliveryItem
		for _, s := range skipped {
			items = append(items, DeliveryItem{Skipped: s})
		}
		return Delivery{Date: date, Orders: []DeliveryOrder{{}, {Items: items}}}
	}
	for name, test := range map[string]struct {
		deliveries []Delivery
		want       string
	}{
		"first":       {[]Delivery{on("2026-12-09", false), on("2027-01-08", false)}, "2026-12-09"},
		"one skipped": {[]Delivery{on("2026-12-09", true, false)}, "2026-12-09"},
		"all skipped": {[]Delivery{on("2026-12-09", true, true), on("2027-01-08", false)}, "2027-01-08"},
		"no items":    {[]Delivery{on("2026-12-09")}, ""},
		"none":        {nil, ""},
	} {
		got, ok := Schedule{Deliveries: test.deliveries}.Next()
		if got.Date != test.want || ok != (test.want != "") {
			t.Errorf("%s: got %+v, %v", name, got, ok)
		}
	}
}
