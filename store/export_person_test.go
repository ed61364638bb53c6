package store_test

import (
	"encoding/json"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/store"
)

// A person is found by each of what a request may name, and by nothing else.
func TestFindPerson(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		addCustomer(h, "6010000001", "", "Joe", "joe@example.com", phone)
		addCustomer(h, "", "9010000001", "Ann", "ann@example.com", "+14155550177")
		fillPerson(h)
		for name, test := range map[string]struct {
			chat.PrivacyRequest
			found bool
		}{
			"the id":                  {chat.PrivacyRequest{CustomerID: canaryID}, true},
			"the e-mail address":      {chat.PrivacyRequest{Email: " CANARY.jane@example.com"}, true},
			"the phone":               {chat.PrivacyRequest{Phone: canaryPhone}, true},
			"everything":              {canaryRequest, true},
			"nothing":                 {chat.PrivacyRequest{}, false},
			"an unknown id":           {chat.PrivacyRequest{CustomerID: "601"}, false},
			"the id at the other one": {chat.PrivacyRequest{CustomerID: "9010777777"}, false},
		} {
			got, err := s.ExportPerson(h.ctx, h.config.Shop.ID, test.PrivacyRequest)
			if err != nil {
				t.Fatal(err)
			}
			raw := string(must[[]byte](t)(json.Marshal(got)))
			if !test.found {
				if len(got.Customers)+len(got.Conversations)+len(got.Consents) != 0 {
					t.Errorf("%s: found %s", name, raw)
				}
				continue
			}
			if len(got.Customers) != 1 || len(got.Conversations) != 1 || len(got.Consents) != 1 || strings.Contains(raw, "Joe") || strings.Contains(raw, "Ann") {
				t.Errorf("%s: found %s", name, raw)
			}
		}
	})
}

// ExportPerson returns all of a person's data as JSON.
func TestExportPerson(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		fillPerson(h)
		got := must[store.PersonExport](t)(s.ExportPerson(h.ctx, h.config.Shop.ID, canaryRequest))
		raw := string(must[[]byte](t)(json.Marshal(got)))
		for _, want := range []string{
			`"shopify_id":"6010777777","recharge_id":"9010777777","name":"Canary Jane","email":"canary.jane@example.com"`, `{"phone":"+14155550142","source":"shopify_customer"`, `{"phone":"555-SHIP","source":"billing"`,
			`"orders":[{"name":"Canary Jane"}]`, `"fulfillments":[{"name":"Canary Jane"}]`, `"subscriptions":[{"name":"Canary Jane"}]`, `"charges":[{"name":"Canary Jane"}]`,
			`"kind":"texts","state":"withdrawn","source":"text","words":"canary one"`, `"from":"shopper","text":"canary one"`, `"from":"shop","text":"canary two"`, `"text":"canary three","files":1`, `"number":"+14155550100","opted_out":true`,
		} {
			if !strings.Contains(raw, want) {
				t.Errorf("%s is missing in %s", want, raw)
			}
		}
	})
}
