package chat_test

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"sidetext/chat"
)

func person(id string, change func(*chat.Person)) chat.Person {
	p := chat.Person{Customer: chat.Customer{ID: chat.CustomerID(id)}, Link: chat.PhoneLink{Phone: mobile, Customer: chat.CustomerID(id), Source: chat.ShippingPhone, SeenAt: day(1)}}
	if change != nil {
		change(&p)
	}
	return p
}

func subscriber(p *chat.Person) {
	p.Subscriptions = []chat.SubscriptionRecord{{ID: "s", Status: "active"}}
}

func TestPreferredPerson(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		people []chat.Person
		want   int
	}{
		"no people":                          {nil, -1},
		"only people with another phone now": {[]chat.Person{person("a", func(p *chat.Person) { p.Link.EndedAt = day(2) })}, -1},
		"one":                                {[]chat.Person{person("a", nil)}, 0},
		"the subscriber before a newer purchase": {[]chat.Person{
			person("a", func(p *chat.Person) { p.LastOrderAt = day(9) }), person("b", subscriber)}, 1},
		"not one whose subscription has ended": {[]chat.Person{
			person("a", nil), person("b", func(p *chat.Person) { p.Subscriptions = []chat.SubscriptionRecord{{ID: "s", Status: "cancelled"}} })}, 0},
		"the newest purchase": {[]chat.Person{
			person("a", func(p *chat.Person) { p.LastOrderAt, p.Link.Source = day(3), chat.ShopifyCustomerPhone }),
			person("b", func(p *chat.Person) { p.LastOrderAt = day(4) }), person("c", nil)}, 1},
		"the surest source": {[]chat.Person{
			person("a", nil), person("b", func(p *chat.Person) { p.Link.Source = chat.OrderPhone }), person("c", nil)}, 1},
		"the oldest":                         {[]chat.Person{person("b", nil), person("a", nil)}, 1},
		"not one who has another number now": {[]chat.Person{person("a", func(p *chat.Person) { subscriber(p); p.Link.EndedAt = day(2) }), person("b", nil)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, got := chat.MakeProfile(test.people, "America/Chicago")
			if got != test.want {
				t.Fatalf("preferred %d, want %d", got, test.want)
			}
			if got >= 0 && p.Customer != test.people[got].Customer.ID {
				t.Errorf("the profile is that of %s", p.Customer)
			}
		})
	}
}

// Whatever the order of the people, the same one is preferred and the rest is counted.
func TestPreferenceIsTotal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var people []chat.Person
		open := 0
		for n := range rapid.IntRange(0, 6).Draw(t, "people") {
			people = append(people, person(fmt.Sprint("c", n), func(p *chat.Person) {
				if rapid.Bool().Draw(t, "subscribes") {
					subscriber(p)
				}
				if rapid.Bool().Draw(t, "bought") {
					p.LastOrderAt = day(rapid.IntRange(1, 2).Draw(t, "day"))
				}
				p.Link.Source = rapid.SampledFrom([]chat.PhoneSource{chat.OrderPhone, chat.ShippingPhone}).Draw(t, "source")
				if rapid.IntRange(0, 3).Draw(t, "ended") == 0 {
					p.Link.EndedAt = day(9)
				} else {
					open++
				}
			}))
		}
		want, at := chat.MakeProfile(people, "UTC")
		if (at < 0) != (open == 0) || at >= 0 && want.Others != open-1 {
			t.Errorf("preferred %d and %d others of %d", at, want.Others, open)
		}
		if got, _ := chat.MakeProfile(rapid.Permutation(people).Draw(t, "order"), "UTC"); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	})
}

func TestProfileOfSubscriber(t *testing.T) {
	t.Parallel()
	coffee := chat.ChargeItem{Item: chat.Item{Title: "Coffee", Variant: "250 g", Quantity: 2}, SubscriptionID: "1"}
	jane := person("jane", func(p *chat.Person) {
		p.Customer.ShopifyID, p.Customer.RechargeID, p.Customer.Locale = "601", "33", "en-US"
		p.Proof, p.LastOrderAt, p.Link.SeenAt = "order #1001", day(20), day(21)
		p.Subscriptions = []chat.SubscriptionRecord{
			{ID: "3", Status: "active", Product: "Tea", Quantity: 1},
			{ID: "2", Status: "active", Product: "Filter", Quantity: 1, NextCharge: "2026-12-24", Unit: "month", Every: 2, Prepaid: true},
			{ID: "4", Status: "cancelled", Product: "Mug"},
			{ID: "1", Status: "active", Product: "Coffee", Variant: "250 g", Quantity: 2, NextCharge: "2026-12-09", Unit: "day", Every: 30},
		}
		p.Charges = []chat.ChargeRecord{
			{ID: "90", Status: "error", ScheduledOn: "2026-11-18"}, {ID: "91", Status: "error", ScheduledOn: "2026-11-22", Total: "12.00", Currency: "USD"},
			{ID: "93", Status: "queued", ScheduledOn: "2026-12-24"}, {ID: "92", Status: "queued", ScheduledOn: "2026-12-09", Total: "49.00", Currency: "USD", Items: []chat.ChargeItem{coffee}},
			{ID: "94", Status: "skipped", ScheduledOn: "2026-12-01"},
		}
	})
	got, _ := chat.MakeProfile([]chat.Person{jane}, "America/Chicago")
	want := chat.Profile{
		Customer: "jane", ShopifyID: "601", RechargeID: "33", Proof: "order #1001", LinkedAt: day(21), BoughtAt: day(20), TimeZone: "America/Chicago", Locale: "en-US",
		NextCharge:   &chat.NextCharge{ID: "92", On: "2026-12-09", Total: "49.00", Currency: "USD", Items: []chat.ChargeItem{coffee}},
		FailedCharge: &chat.NextCharge{ID: "91", On: "2026-11-22", Total: "12.00", Currency: "USD"},
		Subscriptions: []chat.Subscription{
			{ID: "1", Product: "Coffee", Variant: "250 g", Quantity: 2, Unit: "day", Every: 30, Next: "2026-12-09"},
			{ID: "2", Product: "Filter", Quantity: 1, Unit: "month", Every: 2, Next: "2026-12-24", Prepaid: true}, {ID: "3", Product: "Tea", Quantity: 1},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	jane.Charges, jane.Customer.TimeZone = nil, "America/Puerto_Rico"
	got, _ = chat.MakeProfile([]chat.Person{jane}, "America/Chicago")
	want.NextCharge = &chat.NextCharge{On: "2026-12-09", Items: []chat.ChargeItem{coffee}}
	want.FailedCharge, want.TimeZone = nil, "America/Puerto_Rico"
	if !reflect.DeepEqual(got, want) {
		t.Errorf("without charges: got %+v\nwant %+v", got, want)
	}
	jane.Subscriptions = jane.Subscriptions[:1]
	if got, _ = chat.MakeProfile([]chat.Person{jane}, ""); got.NextCharge != nil {
		t.Errorf("without a date: next charge %+v", got.NextCharge)
	}
}

// A charge that failed is forgotten once the person has purchased again.
func TestFailedChargeEnds(t *testing.T) {
	t.Parallel()
	for bought, want := range map[int]bool{0: true, 8: true, 9: true, 10: false} {
		one := person("a", func(p *chat.Person) {
			p.Charges = []chat.ChargeRecord{{ID: "9", Status: "error", ScheduledOn: "2026-11-09"}}
			if bought > 0 {
				p.LastOrderAt = day(bought)
			}
		})
		if p, _ := chat.MakeProfile([]chat.Person{one}, "UTC"); (p.FailedCharge != nil) != want {
			t.Errorf("bought on day %d: failed charge %+v", bought, p.FailedCharge)
		}
	}
}

// TestProfileIsStored: what is kept with the shopper is what was made.
func TestProfileIsStored(t *testing.T) {
	t.Parallel()
	one := person("a", func(p *chat.Person) {
		subscriber(p)
		p.Orders = []chat.OrderRecord{{ID: "7", Name: "#1001", CreatedAt: day(3)}}
	})
	made, _ := chat.MakeProfile([]chat.Person{one}, "UTC")
	if got := (chat.Shopper{Directory: chat.EncodePayload(made)}).Profile(); !reflect.DeepEqual(got, made) {
		t.Errorf("got %+v\nwant %+v", got, made)
	}
	var none chat.Profile
	for _, text := range []string{"", "{", `{"linked_at":7}`} {
		if got := (chat.Shopper{Directory: text}).Profile(); !reflect.DeepEqual(got, none) {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}
