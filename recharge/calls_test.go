package recharge

import "context"

// A testCall is a method of Client or Writer, with the request that the reference
// prescribes for it and a good answer.
type testCall struct {
	do     func(context.Context, *Client) error
	want   string // method and URL
	body   string // with sorted keys
	answer string
}

func (c testCall) get() bool { return c.want[0] == 'G' }

// change makes a call of a Writer for customer 3.
func change[T any](do func(*Writer, context.Context) (T, error)) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		return c.Change(ctx, "3", func(ctx context.Context, w *Writer) error {
			_, err := do(w, ctx)
			return err
		})
	}
}

func read[T any](do func(*Client, context.Context) (T, error)) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		_, err := do(c, ctx)
		return err
	}
}

const (
	subscription7 = `{"subscription":{"id":7,"customer_id":3}}`
	charge9       = `{"charge":{"id":9,"customer":{"id":3}}}`
	address2      = `{"address":{"id":2,"customer_id":3}}`
	onetime4      = `{"onetime":{"id":4,"customer_id":3}}`
)

// testCalls returns every call by name.
func testCalls() map[string]testCall {
	type C = *Client
	type W = *Writer
	type X = context.Context
	return map[string]testCall{
		"customer": {read(func(c C, x X) (Customer, error) { return c.Customer(x, "3") }), "GET /customers/3", "", `{"customer":{"id":3}}`},
		"customer with children": {read(func(c C, x X) (Customer, error) {
			return c.Customer(x, "3", Addresses, Subscriptions, PaymentMethods)
		}), "GET /customers/3?include=addresses%2Csubscriptions%2Cpayment_methods", "", `{"customer":{"id":3}}`},
		"by e-mail": {read(func(c C, x X) ([]Customer, error) { return c.CustomersByEmail(x, "a+b@x.com") }),
			"GET /customers?email=a%2Bb%40x.com&limit=250", "", `{"customers":[]}`},
		"by Shopify id": {read(func(c C, x X) ([]Customer, error) { return c.CustomersByShopifyID(x, "601", Addresses) }),
			"GET /customers?external_customer_id=601&include=addresses&limit=250", "", `{"customers":[]}`},
		"subscription": {read(func(c C, x X) (Subscription, error) { return c.Subscription(x, "7") }), "GET /subscriptions/7", "", subscription7},
		"subscriptions": {read(func(c C, x X) ([]Subscription, error) { return c.Subscriptions(x, "3", "active") }),
			"GET /subscriptions?customer_id=3&limit=250&status=active", "", `{"subscriptions":[]}`},
		"all subscriptions": {read(func(c C, x X) ([]Subscription, error) { return c.Subscriptions(x, "3") }),
			"GET /subscriptions?customer_id=3&limit=250", "", `{"subscriptions":[]}`},
		"charge": {read(func(c C, x X) (Charge, error) { return c.Charge(x, "9") }), "GET /charges/9", "", charge9},
		"charges": {read(func(c C, x X) ([]Charge, error) { return c.Charges(x, "3", "queued", "skipped") }),
			"GET /charges?customer_id=3&limit=250&sort_by=scheduled_at-asc&status=queued%2Cskipped", "", `{"charges":[]}`},
		"recent charges": {read(func(c C, x X) ([]Charge, error) { return c.RecentCharges(x, "3", 50) }),
			"GET /charges?customer_id=3&limit=50&sort_by=updated_at-desc", "", `{"charges":[]}`},
		"schedule": {read(func(c C, x X) (Schedule, error) { return c.Schedule(x, "3") }),
			"GET /customers/3/delivery_schedule", "", `{"customer":{"id":3},"deliveries":[]}`},
		"orders": {read(func(c C, x X) ([]Order, error) { return c.Orders(x, "3", 3) }),
			"GET /orders?customer_id=3&limit=3&sort_by=processed_at-desc", "", `{"orders":[]}`},
		"onetimes": {read(func(c C, x X) ([]Onetime, error) { return c.Onetimes(x, "3") }),
			"GET /onetimes?customer_id=3&limit=250", "", `{"onetimes":[]}`},
		"payment methods": {read(func(c C, x X) ([]PaymentMethod, error) { return c.PaymentMethods(x, "3") }),
			"GET /payment_methods?customer_id=3&limit=250", "", `{"payment_methods":[]}`},
		"plans": {read(func(c C, x X) ([]Plan, error) { return c.Plans(x, "123") }),
			"GET /plans?external_product_id=123&limit=250", "", `{"plans":[]}`},
		"retention strategies": {read(func(c C, x X) ([]RetentionStrategy, error) { return c.RetentionStrategies(x) }),
			"GET /retention_strategies", "", `[{"id":1}]`},
		"settings": {func(x X, c C) error { _, err := c.ShopSettings(x); return err },
			"GET /shop/settings", "", `{"settings":{"customer_portal":{}}}`},
		"countries": {read(func(c C, x X) ([]Country, error) { return c.ShippingCountries(x) }),
			"GET /shop/shipping_countries?limit=250", "", `{"shipping_countries":[]}`},
		"token":     {read(func(c C, x X) (TokenInfo, error) { return c.Token(x) }), "GET /token_information", "", `{"token_information":{}}`},
		"store":     {read(func(c C, x X) (Store, error) { return c.Store(x) }), "GET /store", "", `{"store":{}}`},
		"test read": {func(x X, c C) error { return c.TestRead(x) }, "GET /customers?limit=1", "", `{"customers":[]}`},
		"webhooks":  {read(func(c C, x X) ([]Webhook, error) { return c.Webhooks(x) }), "GET /webhooks?limit=250", "", `{"webhooks":[]}`},
		"create webhook": {read(func(c C, x X) (Webhook, error) { return c.CreateWebhook(x, "charge/paid", "https://a/b") }),
			"POST /webhooks", `{"address":"https://a/b","topic":"charge/paid","version":"2021-11"}`, `{"webhook":{"id":6}}`},
		"delete webhook": {func(x X, c C) error { return c.DeleteWebhook(x, "6") }, "DELETE /webhooks/6", "", ``},
		"card update": {func(x X, c C) error { return c.SendCardUpdate(x, "3", "2", "7") }, "POST /customers/3/notifications",
			`{"template_type":"shopify_update_payment_information","template_vars":{"address_id":2,"payment_method_id":7},"type":"email"}`, ``},
		"account access": {func(x X, c C) error { return c.SendAccountAccess(x, "3") }, "POST /customers/3/notifications",
			`{"template_type":"get_account_access","template_vars":{},"type":"email"}`, ``},

		"skip": {change(func(w W, x X) (Charge, error) { return w.Skip(x, "9", "7", "8") }),
			"POST /charges/9/skip", `{"purchase_item_ids":[7,8]}`, charge9},
		"unskip": {change(func(w W, x X) (Charge, error) { return w.Unskip(x, "9", "7") }),
			"POST /charges/9/unskip", `{"purchase_item_ids":[7]}`, charge9},
		"skip date": {change(func(w W, x X) (Charge, error) { return w.SkipDate(x, "2", "2027-02-01", "7") }),
			"POST /addresses/2/charges/skip", `{"date":"2027-02-01","subscription_ids":[7]}`, charge9},
		"move charge": {change(func(w W, x X) (Charge, error) { return w.MoveCharge(x, "9", "2027-01-15") }),
			"POST /charges/9/change_next_charge_date", `{"next_charge_date":"2027-01-15"}`, charge9},
		"process charge": {change(func(w W, x X) (Charge, error) { return w.ProcessCharge(x, "9") }), "POST /charges/9/process", "", charge9},
		"set next charge": {change(func(w W, x X) (Subscription, error) { return w.SetNextCharge(x, "7", "2027-01-15", false) }),
			"POST /subscriptions/7/set_next_charge_date?commit=true", `{"date":"2027-01-15"}`, subscription7},
		"pause": {change(func(w W, x X) (Subscription, error) { return w.Later().SetNextCharge(x, "7", "2027-01-15", true) }),
			"POST /subscriptions/7/set_next_charge_date?pause=true", `{"date":"2027-01-15"}`, subscription7},
		"swap": {change(func(w W, x X) (Subscription, error) { return w.Swap(x, "7", "23123123123") }), "PUT /subscriptions/7?commit=true",
			`{"external_variant_id":{"ecommerce":"23123123123"},"use_external_variant_defaults":true}`, subscription7},
		"quantity": {change(func(w W, x X) (Subscription, error) { return w.SetQuantity(x, "7", 2) }),
			"PUT /subscriptions/7?commit=true", `{"quantity":2}`, subscription7},
		"quantity, commit later": {change(func(w W, x X) (Subscription, error) { return w.Later().SetQuantity(x, "7", 2) }),
			"PUT /subscriptions/7", `{"quantity":2}`, subscription7},
		"interval": {change(func(w W, x X) (Subscription, error) { return w.SetInterval(x, "7", Interval{"week", 2, 4}) }), "PUT /subscriptions/7?commit=true",
			`{"charge_interval_frequency":4,"order_interval_frequency":2,"order_interval_unit":"week"}`, subscription7},
		"cancel": {change(func(w W, x X) (Subscription, error) {
			return w.Cancel(x, "7", Cancellation{Reason: "too much", Comments: "by SMS"})
		}), "POST /subscriptions/7/cancel",
			`{"cancellation_reason":"too much","cancellation_reason_comments":"by SMS","send_email":false}`, subscription7},
		"reactivate": {change(func(w W, x X) (Subscription, error) { return w.Reactivate(x, "7") }), "POST /subscriptions/7/activate", "", subscription7},
		"add onetime": {change(func(w W, x X) (Onetime, error) {
			return w.AddOnetime(x, OnetimeDraft{"2", "55", 1, "2026-12-09"})
		}), "POST /onetimes", `{"address_id":2,"external_variant_id":{"ecommerce":"55"},"next_charge_scheduled_at":"2026-12-09","quantity":1}`, onetime4},
		"add to next charge": {change(func(w W, x X) (Onetime, error) {
			return w.AddOnetime(x, OnetimeDraft{"2", "55", 1, ""})
		}), "POST /onetimes", `{"add_to_next_charge":true,"address_id":2,"external_variant_id":{"ecommerce":"55"},"quantity":1}`, onetime4},
		"change onetime": {change(func(w W, x X) (Onetime, error) {
			return w.ChangeOnetime(x, "4", OnetimeChange{2, "56", "2026-12-10"})
		}), "PUT /onetimes/4", `{"external_variant_id":{"ecommerce":"56"},"next_charge_scheduled_at":"2026-12-10","quantity":2}`, onetime4},
		"remove onetime": {change(func(w W, x X) (struct{}, error) { return struct{}{}, w.RemoveOnetime(x, "4") }), "DELETE /onetimes/4", "", ``},
		"address": {change(func(w W, x X) (Address, error) {
			return w.ChangeAddress(x, "2", AddressChange{Address1: new("1 Main St"), Address2: new(""), Country: new("US")})
		}), "PUT /addresses/2?commit=true", `{"address1":"1 Main St","address2":"","country_code":"US"}`, address2},
		"discount": {change(func(w W, x X) (Address, error) { return w.SetDiscount(x, "2", "SAVE10") }),
			"PUT /addresses/2?commit=true", `{"discounts":[{"code":"SAVE10"}]}`, address2},
		"no discount": {change(func(w W, x X) (Address, error) { return w.SetDiscount(x, "2", "") }),
			"PUT /addresses/2?commit=true", `{"discounts":[]}`, address2},
	}
}
