package chat_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sidetext/chat"
)

const (
	mobile = chat.Phone("+13125550101")
	office = chat.Phone("+13125550102")
)

func TestMergeLinks(t *testing.T) {
	t.Parallel()
	type links = []chat.PhoneLink
	link := func(phone chat.Phone, source chat.PhoneSource, seen int) chat.PhoneLink {
		return chat.PhoneLink{Phone: phone, Customer: "jane", Source: source, SeenAt: day(seen)}
	}
	ended := func(l chat.PhoneLink, at int) chat.PhoneLink {
		l.EndedAt = day(at)
		return l
	}
	own := func(phone chat.Phone) chat.PhoneRecord {
		return chat.PhoneRecord{Phone: phone, Source: chat.ShopifyCustomerPhone}
	}
	at := func(phone chat.Phone, source chat.PhoneSource) chat.PhoneRecord {
		return chat.PhoneRecord{Phone: phone, Source: source}
	}
	const shopify, recharge = chat.ShopifyCustomerPhone, chat.RechargeCustomerPhone
	for name, test := range map[string]struct {
		have   links
		phones []chat.PhoneRecord
		at     int
		whole  bool
		want   links
	}{
		"a new phone":             {nil, []chat.PhoneRecord{own(mobile)}, 5, true, links{link(mobile, shopify, 5)}},
		"an unreadable phone":     {nil, []chat.PhoneRecord{{Raw: "SHIP", Source: shopify, Problem: "No."}}, 5, true, nil},
		"newer evidence":          {links{link(mobile, shopify, 5)}, []chat.PhoneRecord{at(mobile, chat.OrderPhone)}, 7, false, links{link(mobile, shopify, 7)}},
		"older evidence":          {links{link(mobile, shopify, 5)}, []chat.PhoneRecord{at(mobile, chat.OrderPhone)}, 3, false, nil},
		"surer, older evidence":   {links{link(mobile, chat.BillingPhone, 5)}, []chat.PhoneRecord{at(mobile, chat.OrderPhone)}, 3, false, links{link(mobile, chat.OrderPhone, 5)}},
		"the own phone changed":   {links{link(mobile, shopify, 5)}, []chat.PhoneRecord{own(office)}, 7, true, links{ended(link(mobile, shopify, 5), 7), link(office, shopify, 7)}},
		"the own phone is gone":   {links{link(mobile, shopify, 5)}, []chat.PhoneRecord{own("")}, 7, true, links{ended(link(mobile, shopify, 5), 7)}},
		"… in a part of a record": {links{link(mobile, shopify, 5)}, []chat.PhoneRecord{own("")}, 7, false, nil},
		"… at the other vendor":   {links{link(mobile, shopify, 5)}, []chat.PhoneRecord{at("", recharge)}, 7, true, nil},
		"… of Recharge's":         {links{link(mobile, recharge, 5)}, []chat.PhoneRecord{at("", recharge)}, 7, true, links{ended(link(mobile, recharge, 5), 7)}},
		"the own phone can't be read any more": {links{link(mobile, shopify, 5)}, []chat.PhoneRecord{{Raw: "SHIP", Source: shopify, Problem: "No."}}, 7, true,
			links{ended(link(mobile, shopify, 5), 7)}},
		"an order's phone stays":          {links{link(mobile, chat.OrderPhone, 5)}, []chat.PhoneRecord{own(office)}, 7, true, links{link(office, shopify, 7)}},
		"a phone that has moved":          {links{link(mobile, shopify, 5)}, []chat.PhoneRecord{own(office), at(mobile, chat.ShippingPhone)}, 7, true, links{link(mobile, chat.ShippingPhone, 7), link(office, shopify, 7)}},
		"evidence from after the change":  {links{link(mobile, shopify, 9)}, []chat.PhoneRecord{own(office)}, 7, true, links{link(office, shopify, 7)}},
		"in the same second":              {links{link(mobile, shopify, 7)}, []chat.PhoneRecord{own(office)}, 7, true, links{ended(link(mobile, shopify, 7), 7), link(office, shopify, 7)}},
		"… and back":                      {links{ended(link(mobile, shopify, 7), 7), link(office, shopify, 7)}, []chat.PhoneRecord{own(mobile)}, 7, true, links{link(mobile, shopify, 7), ended(link(office, shopify, 7), 7)}},
		"newer than the end":              {links{ended(link(mobile, shopify, 5), 7)}, []chat.PhoneRecord{at(mobile, chat.ShippingPhone)}, 8, false, links{link(mobile, chat.ShippingPhone, 8)}},
		"older than the end":              {links{ended(link(mobile, shopify, 3), 7)}, []chat.PhoneRecord{at(mobile, chat.ShippingPhone)}, 5, false, nil},
		"as old as the end":               {links{ended(link(mobile, shopify, 3), 7)}, []chat.PhoneRecord{at(mobile, chat.ShippingPhone)}, 7, false, nil},
		"an older record with an old one": {links{link(office, shopify, 7)}, []chat.PhoneRecord{own(mobile)}, 5, false, nil},
		"an order that came late":         {links{link(office, shopify, 7)}, []chat.PhoneRecord{at(mobile, chat.OrderPhone)}, 5, false, links{link(mobile, chat.OrderPhone, 5)}},
		"without a time":                  {links{link(mobile, shopify, 5)}, []chat.PhoneRecord{own("")}, 0, true, nil},
		"a list of no vendor":             {links{link(mobile, chat.ListPhone, 5)}, []chat.PhoneRecord{at(office, chat.ListPhone)}, 7, true, links{link(office, chat.ListPhone, 7)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var when time.Time
			if test.at > 0 {
				when = day(test.at)
			}
			before := append(links(nil), test.have...)
			got := chat.MergeLinks("jane", test.have, test.phones, when, test.whole)
			if len(got)+len(test.want) > 0 && !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v\nwant %+v", got, test.want)
			}
			if !reflect.DeepEqual(test.have, before) {
				t.Error("the links that were passed have changed")
			}
		})
	}
}

// TestLinksOverTime takes random evidence and checks the invariants after each piece.
func TestLinksOverTime(t *testing.T) {
	t.Parallel()
	phones := []chat.Phone{"", mobile, office, "+13125550103"}
	sources := []chat.PhoneSource{chat.OrderPhone, chat.ShippingPhone, chat.RechargeAddressPhone, chat.ListPhone}
	rapid.Check(t, func(t *rapid.T) {
		known := map[chat.Phone]chat.PhoneLink{}
		newest := map[chat.Vendor]time.Time{} // the newest whole record
		merge := func(records []chat.PhoneRecord, at time.Time, whole bool) {
			for _, l := range chat.MergeLinks("jane", values(known), records, at, whole) {
				before, had := known[l.Phone]
				switch {
				case had && before == l:
					t.Fatalf("reported without a change: %+v", l)
				case l.SeenAt.Before(before.SeenAt):
					t.Fatalf("%+v became older: %+v", before, l)
				case !before.Open() && !l.Open(), !before.Open() && at.Before(before.EndedAt):
					t.Fatalf("after its end %+v became %+v by evidence from %s", before, l, at)
				case !l.Open() && l.SeenAt.After(l.EndedAt):
					t.Fatalf("%+v ended before it was seen", l)
				}
				known[l.Phone] = l
			}
			if again := chat.MergeLinks("jane", values(known), records, at, whole); len(again) > 0 {
				t.Fatalf("the second time it changed %+v", again)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"order": func(t *rapid.T) {
				merge([]chat.PhoneRecord{{Phone: rapid.SampledFrom(phones).Draw(t, "phone"), Source: rapid.SampledFrom(sources).Draw(t, "source")}}, day(rapid.IntRange(1, 20).Draw(t, "day")), false)
			},
			"customer": func(t *rapid.T) {
				v := rapid.SampledFrom(chat.Vendors()).Draw(t, "vendor")
				own, phone, at := v.OwnPhone(), rapid.SampledFrom(phones).Draw(t, "phone"), day(rapid.IntRange(1, 20).Draw(t, "day"))
				records := []chat.PhoneRecord{{Phone: phone, Source: own}}
				if at.Before(newest[v]) {
					merge(records, at, false)
					return
				}
				newest[v] = at
				merge(records, at, true)
				for _, l := range known {
					if l.Phone != phone && l.Open() && l.Source == own && !l.SeenAt.After(at) {
						t.Fatalf("the customer's phone at %s is %q, and still %+v", v, phone, l)
					}
				}
				if l := known[phone]; phone != "" && !l.Open() && !l.EndedAt.After(at) {
					t.Fatalf("the customer's phone at %s is %q, but %+v", v, phone, l)
				}
			},
			"": func(*rapid.T) {},
		})
	})
}

// Evidence that is not the customer's own record may come in any order.
func TestLinksInAnyOrder(t *testing.T) {
	t.Parallel()
	type evidence struct {
		chat.PhoneRecord
		at time.Time
	}
	rapid.Check(t, func(t *rapid.T) {
		var all []evidence
		for range rapid.IntRange(1, 6).Draw(t, "evidence") {
			all = append(all, evidence{chat.PhoneRecord{
				Phone:  rapid.SampledFrom([]chat.Phone{mobile, office}).Draw(t, "phone"),
				Source: rapid.SampledFrom([]chat.PhoneSource{chat.OrderPhone, chat.ShippingPhone, chat.ListPhone}).Draw(t, "source"),
			}, day(rapid.IntRange(1, 9).Draw(t, "day"))})
		}
		after := func(order []evidence) map[chat.Phone]chat.PhoneLink {
			known := map[chat.Phone]chat.PhoneLink{}
			for _, e := range order {
				for _, l := range chat.MergeLinks("jane", values(known), []chat.PhoneRecord{e.PhoneRecord}, e.at, false) {
					known[l.Phone] = l
				}
			}
			return known
		}
		if got, want := after(rapid.Permutation(all).Draw(t, "order")), after(all); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	})
}

func values(known map[chat.Phone]chat.PhoneLink) (all []chat.PhoneLink) {
	for _, l := range known {
		all = append(all, l)
	}
	return all
}

func TestSurerPhoneSource(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b chat.PhoneSource
		want bool
	}{
		{chat.ShopifyCustomerPhone, chat.OrderPhone, true}, {chat.OrderPhone, chat.ShopifyCustomerPhone, false}, {chat.OrderPhone, chat.OrderPhone, false},
		{chat.BillingPhone, chat.RechargeCustomerPhone, true}, {chat.ListPhone, "another", true}, {"another", chat.ListPhone, false},
	} {
		if got := test.a.Surer(test.b); got != test.want {
			t.Errorf("%s is surer than %s: %v", test.a, test.b, got)
		}
	}
}
