package chat_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sidetext/chat"
)

// parsePhone is a parser for tests: digits of a country it knows.
func parsePhone(raw, country string) (chat.Phone, error) {
	code := map[string]string{"US": "+1", "PR": "+1", "GB": "+44"}[country]
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, raw)
	switch {
	case strings.HasPrefix(raw, "+"):
		return chat.Phone("+" + digits), nil
	case len(digits) != 10:
		return "", &chat.Error{Kind: chat.KindInvalid, Text: "Not whole."}
	case code == "":
		return "", errors.New("no country")
	}
	return chat.Phone(code + digits), nil
}

func TestNormalizePhones(t *testing.T) {
	t.Parallel()
	type phones = []chat.PhoneRecord
	const unreadable = "This is not a phone number that can be texted."
	for name, test := range map[string]struct {
		country   string // of the customer
		have      phones
		want      phones
		noDefault bool
	}{
		"in the country of its address": {
			country: "GB", have: phones{{Raw: "(312) 555-0123", Country: "US", Source: chat.ShippingPhone}},
			want: phones{{Raw: "(312) 555-0123", Country: "US", Source: chat.ShippingPhone, Phone: "+13125550123"}},
		},
		"in the customer's country": {
			country: "gb", have: phones{{Raw: "7911 123456", Source: chat.ShopifyCustomerPhone}},
			want: phones{{Raw: "7911 123456", Country: "GB", Source: chat.ShopifyCustomerPhone, Phone: "+447911123456"}},
		},
		"in the shop's country": {
			have: phones{{Raw: "312 555 0123", Source: chat.RechargeCustomerPhone}},
			want: phones{{Raw: "312 555 0123", Country: "US", Source: chat.RechargeCustomerPhone, Phone: "+13125550123"}},
		},
		"in no country": {
			have: phones{{Raw: "312 555 0123", Source: chat.RechargeCustomerPhone}}, noDefault: true,
			want: phones{{Raw: "312 555 0123", Source: chat.RechargeCustomerPhone, Problem: unreadable}},
		},
		"unreadable": {
			have: phones{{Raw: "555-555-SHIP", Country: "US", Source: chat.BillingPhone, Phone: "+1", Problem: "old"}},
			want: phones{{Raw: "555-555-SHIP", Country: "US", Source: chat.BillingPhone, Problem: "Not whole."}},
		},
		"empty": {have: phones{{Raw: "", Source: chat.ShippingPhone}, {Raw: " \t", Source: chat.BillingPhone}}},
		"the same phone in several places": {
			have: phones{
				{Raw: "555-555-SHIP", Source: chat.ListPhone}, {Raw: "3125550123", Source: chat.BillingPhone}, {Raw: "+13125550123", Source: chat.OrderPhone},
				{Raw: "555-555-SHIP", Source: chat.ShippingPhone}, {Raw: "3125550124", Source: chat.ShippingPhone},
			},
			want: phones{
				{Raw: "+13125550123", Country: "US", Source: chat.OrderPhone, Phone: "+13125550123"}, {Raw: "555-555-SHIP", Country: "US", Source: chat.ShippingPhone, Problem: "Not whole."},
				{Raw: "3125550124", Country: "US", Source: chat.ShippingPhone, Phone: "+13125550124"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			country := map[bool]string{false: "us"}[test.noDefault]
			u := chat.DirectoryUpdate{
				Customers: []chat.CustomerRecord{{ID: "1", Country: test.country, Phones: append(phones{}, test.have...)}},
				Orders:    []chat.OrderRecord{{ID: "2", Country: test.country, Phones: append(phones{}, test.have...)}},
			}
			u.Normalize(parsePhone, country)
			for _, got := range []phones{u.Customers[0].Phones, u.Orders[0].Phones} {
				if len(got)+len(test.want) > 0 && !reflect.DeepEqual(got, test.want) {
					t.Errorf("got %+v\nwant %+v", got, test.want)
				}
			}
		})
	}
}

// The phone of a consent is in the country of its customer, if the update has that.
func TestNormalizeConsent(t *testing.T) {
	t.Parallel()
	u := chat.DirectoryUpdate{
		Customers: []chat.CustomerRecord{{ID: "1", Country: "GB"}},
		Consents:  []chat.ConsentRecord{{CustomerID: "1", Phone: chat.PhoneRecord{Raw: "7911123456"}}, {CustomerID: "2", Phone: chat.PhoneRecord{Raw: "3125550123"}}, {CustomerID: "3"}},
	}
	u.Normalize(parsePhone, "US")
	for i, want := range []chat.Phone{"+447911123456", "+13125550123", ""} {
		if got := u.Consents[i].Phone; got.Phone != want || got.Problem != "" {
			t.Errorf("consent %d has %+v, want %s", i, got, string(want))
		}
	}
}

// Normalizing again changes nothing, no phone is there twice, and each way to write a
// phone is parsed once.
func TestNormalizeIsIdempotent(t *testing.T) {
	t.Parallel()
	sources := []chat.PhoneSource{chat.ShopifyCustomerPhone, chat.OrderPhone, chat.ShippingPhone, chat.BillingPhone, chat.RechargeCustomerPhone, chat.RechargeAddressPhone, chat.ListPhone}
	phone := rapid.Custom(func(t *rapid.T) chat.PhoneRecord {
		return chat.PhoneRecord{
			Raw:     rapid.SampledFrom([]string{"", " ", "3125550123", "(312) 555-0123", "+13125550123", "555-SHIP", "7911 123456"}).Draw(t, "raw"),
			Country: rapid.SampledFrom([]string{"", "US", "gb", "XX"}).Draw(t, "country"), Source: rapid.SampledFrom(sources).Draw(t, "source"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		parsed := map[string]int{}
		count := func(raw, country string) (chat.Phone, error) {
			parsed[raw+"/"+country]++
			return parsePhone(raw, country)
		}
		var u chat.DirectoryUpdate
		for range rapid.IntRange(1, 3).Draw(t, "customers") {
			u.Customers = append(u.Customers, chat.CustomerRecord{Country: rapid.SampledFrom([]string{"", "US", "GB"}).Draw(t, "own country"), Phones: rapid.SliceOfN(phone, 0, 6).Draw(t, "phones")})
		}
		u.Normalize(count, "US")
		for written, n := range parsed {
			if n > 1 {
				t.Errorf("%s was parsed %d times", written, n)
			}
		}
		for i, c := range u.Customers {
			seen := map[string]bool{}
			for _, p := range c.Phones {
				key := string(p.Phone) + p.Problem + map[bool]string{true: p.Raw}[p.Phone == ""]
				if p.Raw == "" || (p.Phone == "") == (p.Problem == "") || seen[key] {
					t.Errorf("customer %d has %+v", i, c.Phones)
				}
				seen[key] = true
			}
		}
		var again chat.DirectoryUpdate
		for _, c := range u.Customers {
			c.Phones = append([]chat.PhoneRecord{}, c.Phones...)
			again.Customers = append(again.Customers, c)
		}
		if again.Normalize(parsePhone, "US"); !reflect.DeepEqual(again, u) {
			t.Errorf("once: %+v\ntwice: %+v", u, again)
		}
	})
}
