package shopify_test

import (
	"testing"
	"testing/synctest"
	"time"

	"sidetext/chat"
	"sidetext/shopify"
)

func TestParsePrivacy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		topic, body string
		want        chat.PrivacyRequest
	}{
		"export": {"customers/data_request", `{"shop_id":954889,"shop_domain":"acme.myshopify.com","orders_requested":[299938,280263],"customer":{"id":191167,"email":"John@Example.com","phone":"+1 (555) 625-1199"},"data_request":{"id":9999}}`,
			chat.PrivacyRequest{Kind: chat.PrivacyExport, Person: "john@example.com", CustomerID: "191167", Email: "john@example.com", Phone: "+15556251199"}},
		"erase": {"customers/redact", `{"shop_id":954889,"shop_domain":"acme.myshopify.com","customer":{"id":191167,"email":null,"phone":"555-625-1199"},"orders_to_redact":[299938]}`,
			chat.PrivacyRequest{Kind: chat.PrivacyErase, Person: "customer 191167", CustomerID: "191167", Phone: "555-625-1199"}},
		"erase by phone": {"customers/redact", `{"customer":{"phone":"+15556251199"}}`,
			chat.PrivacyRequest{Kind: chat.PrivacyErase, Person: "+15556251199", Phone: "+15556251199"}},
		"erase the shop": {"shop/redact", `{"shop_id":954889,"shop_domain":"acme.myshopify.com"}`,
			chat.PrivacyRequest{Kind: chat.PrivacyEraseShop}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				now := time.Now().UTC()
				got, ok, err := shopify.ParsePrivacy(test.topic, []byte(test.body))
				test.want.Topic, test.want.At, test.want.Due, test.want.ID = test.topic, now, now.AddDate(0, 0, 30), got.ID
				if err != nil || !ok || got != test.want {
					t.Errorf("got %#v, %v, %v", got, ok, err)
				}
				again, _, _ := shopify.ParsePrivacy(test.topic, []byte(test.body))
				other, _, _ := shopify.ParsePrivacy(test.topic, []byte(test.body+" "))
				if got.ID == "" || again.ID != got.ID || other.ID == got.ID {
					t.Errorf("the ids are %q, %q and %q", got.ID, again.ID, other.ID)
				}
			})
		})
	}
	for topic, body := range map[string]string{
		"customers/data_request": `{"customer":{}}`, "customers/redact": `{"customer":null}`, "shop/redact": `[]`,
	} {
		if got, ok, err := shopify.ParsePrivacy(topic, []byte(body)); err == nil || !ok || got != (chat.PrivacyRequest{}) {
			t.Errorf("%s: got %+v, %v, %v", topic, got, ok, err)
		}
	}
	if _, ok, err := shopify.ParsePrivacy("orders/create", []byte(`{"id":1}`)); ok || err != nil {
		t.Errorf("an order: %v, %v", ok, err)
	}
}
