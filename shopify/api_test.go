package shopify_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/shopify"
)

func TestInstallation(t *testing.T) {
	t.Parallel()
	fake := &fakeStore{answer: always(200, `{"data":{
		"shop":{"name":"Acme","myshopifyDomain":"acme.myshopify.com","ianaTimezone":"America/Chicago","currencyCode":"USD","plan":{"publicDisplayName":"Grow"}},
		"currentAppInstallation":{"accessScopes":[{"handle":"read_orders"},{"handle":"read_customers"}]},
		"publicApiVersions":[{"handle":"2026-10","supported":true},{"handle":"2027-01","supported":false},{"handle":"2026-07","supported":true}]}}`)}
	got, err := fake.client(t, byApp).Installation(t.Context())
	want := shopify.Installation{
		Name: "Acme", Domain: store, TimeZone: "America/Chicago", Currency: "USD", Plan: "Grow",
		Scopes: []string{"read_customers", "read_orders"}, Version: "2026-10", Versions: []string{"2026-07", "2026-10"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Without access to protected customer data, Shopify leaves the fields empty.
func TestTestRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		nodes string
		want  shopify.TestRead
	}{
		"no orders":        {``, shopify.TestRead{}},
		"an e-mail":        {`{"id":"gid://shopify/Order/1","email":"a@example.com"},{"id":"gid://shopify/Order/2","email":null}`, shopify.TestRead{Orders: 2, WithContact: 1}},
		"an address":       {`{"shippingAddress":{"phone":"555"}}`, shopify.TestRead{Orders: 1, WithContact: 1}},
		"the customer":     {`{"customer":{"defaultPhoneNumber":{"phoneNumber":"+15551234567"}}}`, shopify.TestRead{Orders: 1, WithContact: 1}},
		"nothing to see":   {`{"email":null,"phone":null,"shippingAddress":null,"billingAddress":{"phone":null},"customer":{"id":"gid://shopify/Customer/1"}}`, shopify.TestRead{Orders: 1}},
		"nothing but null": {`null`, shopify.TestRead{Orders: 1}},
	} {
		fake := &fakeStore{answer: always(200, `{"data":{"orders":{"nodes":[`+test.nodes+`]}}}`)}
		got, err := fake.client(t, byApp).TestRead(t.Context())
		if err != nil || got != test.want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// Where consent is, and how "never asked" is written, depends on the version.
func TestConsentByVersion(t *testing.T) {
	t.Parallel()
	const customer = `{"id":"gid://shopify/Customer/601","firstName":"Ann","lastName":"Bee","locale":"en-US","createdAt":"2025-01-01T00:00:00Z","updatedAt":"2026-11-01T10:00:00Z",
		"defaultPhoneNumber":{"phoneNumber":"+15551234567",CONSENT},"defaultEmailAddress":{"emailAddress":"Ann@Example.com"},
		"defaultAddress":{"countryCodeV2":"US","zip":"60601","timeZone":"America/Chicago","phone":"(312) 555-0123"}}`
	record := chat.CustomerRecord{
		ID: "601", Name: "Ann Bee", Email: "ann@example.com", Locale: "en-US", TimeZone: "America/Chicago", Country: "US", Zip: "60601",
		Phones: []chat.PhoneRecord{
			{Raw: "+15551234567", Country: "US", Source: chat.ShopifyCustomerPhone}, {Raw: "(312) 555-0123", Country: "US", Source: chat.ShippingPhone},
		},
		CreatedAt: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC),
	}
	for name, test := range map[string]struct {
		version, consent string
		state            chat.ConsentState
		level            string
	}{
		"subscribed, before":   {"2026-07", `"marketingState":"SUBSCRIBED","marketingOptInLevel":"SINGLE_OPT_IN","marketingCollectedFrom":"OTHER","marketingUpdatedAt":"2026-01-02T00:00:00Z"`, chat.ConsentGiven, "single_opt_in"},
		"unsubscribed, before": {"2026-04", `"marketingState":"UNSUBSCRIBED","marketingOptInLevel":null,"marketingCollectedFrom":"OTHER","marketingUpdatedAt":"2026-01-02T00:00:00Z"`, chat.ConsentRevoked, ""},
		"never asked, before":  {"2026-07", `"marketingState":"NOT_SUBSCRIBED","marketingOptInLevel":"UNKNOWN"`, chat.ConsentUnknown, ""},
		"subscribed, now":      {"2026-10", `"smsMarketingConsent":{"state":"SUBSCRIBED","optInLevel":"SINGLE_OPT_IN","collectedFrom":"OTHER","updatedAt":"2026-01-02T00:00:00Z"}`, chat.ConsentGiven, "single_opt_in"},
		"unsubscribed, now":    {"2026-10", `"smsMarketingConsent":{"state":"UNSUBSCRIBED","optInLevel":null,"collectedFrom":"OTHER","updatedAt":"2026-01-02T00:00:00Z"}`, chat.ConsentRevoked, ""},
		"pending, now":         {"2027-01", `"smsMarketingConsent":{"state":"PENDING","optInLevel":"CONFIRMED_OPT_IN","collectedFrom":"OTHER","updatedAt":"2026-01-02T00:00:00Z"}`, chat.ConsentPending, "confirmed_opt_in"},
		"never asked, now":     {"2026-10", `"smsMarketingConsent":{"state":"NEVER_SUBSCRIBED"}`, chat.ConsentUnknown, ""},
		"erased, now":          {"2026-10", `"smsMarketingConsent":{"state":"REDACTED"}`, chat.ConsentUnknown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.version == "2027-01" {
				// There is no extract of its schema: it has the fields of the one before.
				if a, b := texts(t, "2027-01"), texts(t, "2026-10"); !reflect.DeepEqual(a, b) {
					t.Error("the queries differ from those of 2026-10")
				}
				test.version = "2026-10"
			}
			fake := &fakeStore{version: test.version, answer: always(200, `{"data":{"customers":{"nodes":[`+strings.Replace(customer, "CONSENT", test.consent, 1)+`],`+lastPage+`}}}`)}
			accounts, _ := fake.start(t)
			got, _, err := shopify.Directory{Accounts: accounts}.Page(t.Context(), byApp, "customers", "", time.Time{})
			want := chat.DirectoryUpdate{Vendor: chat.Shopify, Customers: []chat.CustomerRecord{record}}
			if test.state != chat.ConsentUnknown {
				want.Consents = []chat.ConsentRecord{{
					CustomerID: "601", Phone: record.Phones[0], State: test.state, Level: test.level,
					Source: "other", At: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
				}}
			}
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got  %#v, %v\nwant %#v", got, err, want)
			}
		})
	}
}

func TestRevokeSMSConsent(t *testing.T) {
	t.Parallel()
	fake := &fakeStore{answer: always(200, calls["revoke consent"].ok)}
	if err := fake.client(t, byApp).RevokeSMSConsent(t.Context(), "601", noon.In(time.FixedZone("", 3600))); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"input": map[string]any{
		"customerId": "gid://shopify/Customer/601",
		"smsMarketingConsent": map[string]any{
			"marketingState": "UNSUBSCRIBED", "consentUpdatedAt": "2026-12-01T12:00:00Z",
		},
	}}
	if got := fake.queries[0].Variables; !reflect.DeepEqual(got, want) {
		t.Errorf("sent %v", got)
	}
	err := fake.client(t, byApp).RevokeSMSConsent(t.Context(), "", noon)
	if e := sendError(t, err); e.Outcome != chat.Rejected || e.WholeAccount {
		t.Errorf("without a customer: %+v", e)
	}
}

func TestWebhooksOfAllPages(t *testing.T) {
	t.Parallel()
	fake := &fakeStore{answer: func(w http.ResponseWriter, r *http.Request, try int) {
		if try == 1 {
			always(200, `{"data":{"webhookSubscriptions":{"nodes":[`+webhookJSON+`],"pageInfo":{"hasNextPage":true,"endCursor":"c1"}}}}`)(w, r, try)
			return
		}
		always(200, `{"data":{"webhookSubscriptions":{"nodes":[{"id":"gid://shopify/WebhookSubscription/2","topic":"CARTS_CREATE","uri":"https://x.example/2","format":"JSON","filter":"id:1","includeFields":[],"apiVersion":{"handle":"2026-04"}}],`+lastPage+`}}}`)(w, r, try)
	}}
	got, err := fake.client(t, byApp).Webhooks(t.Context())
	want := []shopify.Webhook{
		{ID: "gid://shopify/WebhookSubscription/1", Name: "ORDERS_CREATE", Topic: "orders/create", Address: "https://x.example/hooks/shopify/e1", Version: "2026-10"},
		{ID: "gid://shopify/WebhookSubscription/2", Name: "CARTS_CREATE", Address: "https://x.example/2", Version: "2026-04", Changed: true},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if after := fake.queries[1].Variables["after"]; after != "c1" {
		t.Errorf("the second page began after %v", after)
	}
}

func TestWebhookInput(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"create webhook", "update webhook"} {
		fake := &fakeStore{answer: always(200, calls[call].ok)}
		if err := calls[call].do(t.Context(), fake.client(t, byApp)); err != nil {
			t.Fatal(err)
		}
		input, _ := fake.queries[0].Variables["webhook"].(map[string]any)
		if input["uri"] != "https://x.example/hooks/shopify/e1" || input["format"] != "JSON" || input["callbackUrl"] != nil {
			t.Errorf("%s: sent %v", call, input)
		}
	}
}
