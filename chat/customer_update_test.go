package chat_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"sidetext/chat"
)

// day returns a time in the order of n.
func day(n int) time.Time { return time.Date(2026, 11, n, 12, 0, 0, 0, time.UTC) }

func TestApplyCustomer(t *testing.T) {
	t.Parallel()
	shopify := chat.Customer{ShopifyID: "601", Name: "Jane Doe", Email: "jane@example.com", Locale: "en", Country: "US", Zip: "78701", TimeZone: "America/Chicago", ShopifyUpdatedAt: day(10)}
	recharge := chat.Customer{RechargeID: "33", Name: "Jane", Email: "j@example.com", RechargeUpdatedAt: day(10)}
	bare := chat.Customer{ShopifyID: "601", Email: "jane@example.com", ShopifyUpdatedAt: day(10)}
	for name, test := range map[string]struct {
		known  chat.Customer
		vendor chat.Vendor
		record chat.CustomerRecord
		change func(*chat.Customer)
		newest bool
	}{
		"first record": {chat.Customer{}, chat.Shopify, chat.CustomerRecord{ID: "601", Name: " Jane  Doe ", Email: " Jane@Example.com", Country: "us", UpdatedAt: day(1)},
			func(c *chat.Customer) {
				*c = chat.Customer{ShopifyID: "601", Name: "Jane Doe", Email: "jane@example.com", Country: "US", ShopifyUpdatedAt: day(1)}
			}, true},
		"newer": {shopify, chat.Shopify, chat.CustomerRecord{ID: "601", Name: "Jane Roe", UpdatedAt: day(11)},
			func(c *chat.Customer) { c.Name, c.ShopifyUpdatedAt = "Jane Roe", day(11) }, true},
		"from the same second": {shopify, chat.Shopify, chat.CustomerRecord{ID: "601", Name: "Jane Roe", UpdatedAt: day(10)},
			func(c *chat.Customer) { c.Name = "Jane Roe" }, true},
		"older": {shopify, chat.Shopify, chat.CustomerRecord{ID: "601", Name: "Jane Roe", Email: "old@example.com", Zip: "10001", UpdatedAt: day(9)}, nil, false},
		"older, with what is missing": {bare, chat.Shopify, chat.CustomerRecord{ID: "601", Name: "Jane Roe", Email: "old@example.com", Country: "US", UpdatedAt: day(9)},
			func(c *chat.Customer) { c.Name, c.Country = "Jane Roe", "US" }, false},
		"part of a newer one": {bare, chat.Shopify, chat.CustomerRecord{ID: "601", Name: "Jane Roe", Email: "new@example.com", Partial: true, UpdatedAt: day(12)},
			func(c *chat.Customer) { c.Name = "Jane Roe" }, true},
		"with a placeholder for a name": {shopify, chat.Shopify, chat.CustomerRecord{ID: "601", Name: "null null", UpdatedAt: day(11)},
			func(c *chat.Customer) { c.ShopifyUpdatedAt = day(11) }, true},
		"a newer one of the other vendor": {shopify, chat.Recharge, chat.CustomerRecord{ID: "33", ShopifyID: "601", Name: "J", Email: "other@example.com", Country: "CA", UpdatedAt: day(20)},
			func(c *chat.Customer) { c.RechargeID, c.RechargeUpdatedAt = "33", day(20) }, true},
		"the other vendor has what is missing": {bare, chat.Recharge, chat.CustomerRecord{ID: "33", ShopifyID: "601", Name: "Jane", Email: "other@example.com", UpdatedAt: day(1)},
			func(c *chat.Customer) { c.RechargeID, c.Name, c.RechargeUpdatedAt = "33", "Jane", day(1) }, true},
		"Shopify's after Recharge's": {recharge, chat.Shopify, chat.CustomerRecord{ID: "601", Name: "Jane Doe", Email: "jane@example.com", UpdatedAt: day(1)},
			func(c *chat.Customer) {
				c.ShopifyID, c.Name, c.Email, c.ShopifyUpdatedAt = "601", "Jane Doe", "jane@example.com", day(1)
			}, true},
		"Recharge's after Recharge's": {recharge, chat.Recharge, chat.CustomerRecord{ID: "33", Email: "new@example.com", UpdatedAt: day(11)},
			func(c *chat.Customer) { c.Email, c.RechargeUpdatedAt = "new@example.com", day(11) }, true},
		"another address without a time zone": {shopify, chat.Shopify, chat.CustomerRecord{ID: "601", Country: "GB", Zip: "N1 9GU", UpdatedAt: day(11)},
			func(c *chat.Customer) {
				c.Country, c.Zip, c.TimeZone, c.ShopifyUpdatedAt = "GB", "N1 9GU", "", day(11)
			}, true},
		"the same address without a time zone": {shopify, chat.Shopify, chat.CustomerRecord{ID: "601", Country: "US", Zip: "78701", UpdatedAt: day(11)},
			func(c *chat.Customer) { c.ShopifyUpdatedAt = day(11) }, true},
		"an older address elsewhere": {chat.Customer{ShopifyID: "601", Country: "US", ShopifyUpdatedAt: day(10)}, chat.Shopify,
			chat.CustomerRecord{ID: "601", Country: "GB", Zip: "N1 9GU", TimeZone: "Europe/London", UpdatedAt: day(9)}, nil, false},
		"without a time": {shopify, chat.Shopify, chat.CustomerRecord{ID: "601", Name: "Jane Roe"}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := test.known
			if test.change != nil {
				test.change(&want)
			}
			got, newest := test.known.Apply(test.vendor, test.record)
			if got != want || newest != test.newest {
				t.Errorf("got %+v, %v\nwant %+v, %v", got, newest, want, test.newest)
			}
			if again, _ := got.Apply(test.vendor, test.record); again != got {
				t.Errorf("applied twice: %+v\nonce: %+v", again, got)
			}
		})
	}
}

// In whatever order whole records come, the newest of Shopify's holds or, without one,
// the newest of Recharge's.
func TestApplyInAnyOrder(t *testing.T) {
	t.Parallel()
	type arrival struct {
		vendor chat.Vendor
		record chat.CustomerRecord
	}
	rapid.Check(t, func(t *rapid.T) {
		var all []arrival
		newest := map[chat.Vendor]chat.CustomerRecord{}
		for n := range rapid.IntRange(1, 8).Draw(t, "records") {
			v := rapid.SampledFrom(chat.Vendors()).Draw(t, "vendor")
			word := string(rune('a' + n))
			r := chat.CustomerRecord{ID: string(v), Name: "Jane " + word, Email: word + "@example.com", Locale: word, Country: "C" + word, Zip: word, TimeZone: "Zone/" + word, UpdatedAt: day(n + 1)}
			all = append(all, arrival{v, r})
			newest[v] = r
		}
		var c chat.Customer
		for _, a := range rapid.Permutation(all).Draw(t, "order") {
			before := c
			c, _ = c.Apply(a.vendor, a.record)
			if c.UpdatedAt(a.vendor).Before(before.UpdatedAt(a.vendor)) {
				t.Fatalf("%+v became older: %+v", before, c)
			}
		}
		holds, ok := newest[chat.Shopify]
		if !ok {
			holds = newest[chat.Recharge]
		}
		if c.Name != holds.Name || c.Email != holds.Email || c.Zip != holds.Zip || c.TimeZone != holds.TimeZone ||
			!c.ShopifyUpdatedAt.Equal(newest[chat.Shopify].UpdatedAt) || !c.RechargeUpdatedAt.Equal(newest[chat.Recharge].UpdatedAt) {
			t.Errorf("got %+v\nwant what %+v has", c, holds)
		}
	})
}
