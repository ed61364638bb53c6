package shopify_test

import (
	"strings"
	"testing"

	"sidetext/pretend/shopify"
)

func TestMergeCustomers(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	c.AddCustomer(shopify.Customer{ID: 602, FirstName: "J."})
	if err := c.MergeCustomers(602, 601); err != nil {
		t.Fatal(err)
	}
	kept, _ := c.Customer(602)
	if _, found := c.Customer(601); found || kept.Phone != "+14155550123" || len(c.OrdersOf(602)) != 1 {
		t.Errorf("kept %+v with %d orders", kept, len(c.OrdersOf(602)))
	}
	if c.MergeCustomers(602, 601) == nil {
		t.Error("a customer was merged twice")
	}
}

func TestConsent(t *testing.T) {
	t.Parallel()
	const update = `mutation SmsConsent($input: CustomerSmsMarketingConsentUpdateInput!) {
  customerSmsMarketingConsentUpdate(input: $input) { customer { id } userErrors { field message code } } }`
	input := func(id, state string) vars {
		return vars{"input": vars{"customerId": "gid://shopify/Customer/" + id, "smsMarketingConsent": vars{"marketingState": state, "consentUpdatedAt": "2026-01-01T10:00:00Z"}}}
	}
	c := open(t, account())
	c.AddCustomer(shopify.Customer{ID: 602})
	for name, test := range map[string]struct {
		input vars
		want  string
	}{
		"no phone":  {input("602", "UNSUBSCRIBED"), `"code":"INVALID"`},
		"no level":  {input("601", "SUBSCRIBED"), `"code":"MISSING_ARGUMENT"`},
		"unknown":   {input("9", "UNSUBSCRIBED"), `Customer not found`},
		"withdrawn": {input("601", "UNSUBSCRIBED"), `"customer":{"id":"gid://shopify/Customer/601"},"userErrors":[]`},
	} {
		if got := c.query(update, test.input); !strings.Contains(got, test.want) {
			t.Errorf("%s: got %s", name, got)
		}
	}
	if got, _ := c.Customer(601); got.Consent.State != "UNSUBSCRIBED" || got.Consent.At.Year() != 2026 {
		t.Errorf("got %+v", got.Consent)
	}
	c.RemoveScope("write_customers")
	if got := c.query(update, input("601", "UNSUBSCRIBED")); !strings.Contains(got, "ACCESS_DENIED") {
		t.Errorf("without the scope: got %s", got)
	}
}
