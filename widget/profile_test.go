package widget_test

import (
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/widget"
)

func TestCardShowsProfile(t *testing.T) {
	t.Parallel()
	item := func(quantity int, title string) chat.ChargeItem {
		return chat.ChargeItem{Item: chat.Item{Quantity: quantity, Title: title}}
	}
	charge := func(on, total, currency string, items ...chat.ChargeItem) *chat.NextCharge {
		return &chat.NextCharge{On: on, Total: total, Currency: currency, Items: items}
	}
	coffee := chat.Subscription{Product: "Coffee", Variant: "250 g", Quantity: 1, Unit: "week", Every: 4}
	filter := chat.Subscription{Product: "Filter", Variant: "Default Title", Quantity: 2, Unit: "month", Every: 1, Prepaid: true}
	long := strings.Repeat("Ä", 300)
	cut := strings.Repeat("Ä", 39) + "…"
	order := func(tracking ...chat.Tracking) *chat.LastOrder {
		// The 28th in New York, the 29th in UTC.
		return &chat.LastOrder{Name: "#1001", At: time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC), Status: "On its way", Tracking: tracking}
	}
	for name, test := range map[string]struct {
		profile chat.Profile
		want    widget.Card
	}{
		"nothing":                 {chat.Profile{}, widget.Card{}},
		"next charge":             {chat.Profile{NextCharge: charge("2026-12-09", "49.00", "USD", item(1, "Coffee"), item(1, "Filter"))}, widget.Card{NextCharge: "9 Dec · Coffee, Filter · $49.00"}},
		"two of one, next year":   {chat.Profile{NextCharge: charge("2027-01-01", "1234567.5", "CAD", item(2, "Coffee"))}, widget.Card{NextCharge: "1 Jan 2027 · 2 × Coffee · CA$1,234,567.50"}},
		"nothing but the date":    {chat.Profile{NextCharge: charge("2026-12-09", "", "")}, widget.Card{NextCharge: "9 Dec"}},
		"in another currency":     {chat.Profile{NextCharge: charge("2026-12-09", "49", "chf")}, widget.Card{NextCharge: "9 Dec · 49.00 CHF"}},
		"without a currency":      {chat.Profile{NextCharge: charge("2026-12-09", "49.00", "")}, widget.Card{NextCharge: "9 Dec · 49.00"}},
		"in yen":                  {chat.Profile{NextCharge: charge("2026-12-09", "4900.00", "JPY")}, widget.Card{NextCharge: "9 Dec · ¥4,900"}},
		"not a date, not a sum":   {chat.Profile{NextCharge: charge("soon", "-1e9", "USD")}, widget.Card{NextCharge: "soon · -1e9 USD"}},
		"many items, long names":  {chat.Profile{NextCharge: charge("2026-12-09", "9.00", "GBP", item(1, long), item(1, long), item(1, long), item(1, "d"), item(1, "e"))}, widget.Card{NextCharge: "9 Dec · " + cut + ", " + cut + ", " + cut + ", 2 more · £9.00"}},
		"a failed charge":         {chat.Profile{FailedCharge: charge("2026-11-30", "49.00", "EUR", item(1, "Coffee"))}, widget.Card{FailedCharge: "30 Nov · Coffee · €49.00"}},
		"subscriptions":           {chat.Profile{Subscriptions: []chat.Subscription{coffee, filter}}, widget.Card{Subscriptions: "Coffee 250 g, every 4 weeks; 2 × Filter, every month, prepaid"}},
		"without an interval":     {chat.Profile{Subscriptions: []chat.Subscription{{Product: "Tea", Every: 3}, {Product: "Mug", Unit: "day"}}}, widget.Card{Subscriptions: "Tea; Mug"}},
		"many subscriptions":      {chat.Profile{Subscriptions: []chat.Subscription{coffee, coffee, coffee, coffee, coffee}}, widget.Card{Subscriptions: strings.Repeat("Coffee 250 g, every 4 weeks; ", 3) + "2 more"}},
		"an order":                {chat.Profile{LastOrder: order()}, widget.Card{LastOrder: "#1001 · 28 Nov · On its way"}},
		"an order without a time": {chat.Profile{LastOrder: &chat.LastOrder{Name: "#1001", Status: "Paid"}}, widget.Card{LastOrder: "#1001 · Paid"}},
		"a parcel": {chat.Profile{LastOrder: order(chat.Tracking{Company: "UPS", Number: "1Z999", URL: "https://ups.example/1Z999"})},
			widget.Card{LastOrder: "#1001 · 28 Nov · On its way", Tracking: "UPS 1Z999", TrackingURL: "https://ups.example/1Z999"}},
		"two parcels, one with a link": {chat.Profile{LastOrder: order(chat.Tracking{Company: "UPS", URL: "javascript:alert(1)"}, chat.Tracking{Number: "42", URL: "https://dhl.example/42"})},
			widget.Card{LastOrder: "#1001 · 28 Nov · On its way", Tracking: "UPS, 42", TrackingURL: "https://dhl.example/42"}},
		"an unsafe link":      {chat.Profile{LastOrder: order(chat.Tracking{URL: "http://ups.example"})}, widget.Card{LastOrder: "#1001 · 28 Nov · On its way"}},
		"one other person":    {chat.Profile{Others: 1}, widget.Card{Shared: "1 more person"}},
		"more people":         {chat.Profile{Others: 12}, widget.Card{Shared: "12 more people"}},
		"marketing withdrawn": {chat.Profile{Marketing: chat.ConsentRevoked}, widget.Card{Marketing: "Withdrawn: wants no marketing texts"}},
		"marketing given":     {chat.Profile{Marketing: chat.ConsentGiven}, widget.Card{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation("America/New_York")
			if err != nil {
				t.Fatal(err)
			}
			var got widget.Card
			got.ShowProfile(test.profile, time.Date(2027, 1, 1, 3, 0, 0, 0, time.UTC), zone) // still 2026 in New York
			if got != test.want {
				t.Errorf("got %+v\nwant %+v", got, test.want)
			}
		})
	}
}

// TestProfileOnOneLine: nothing that a vendor sends breaks a card's line or the order of
// its characters.
func TestProfileOnOneLine(t *testing.T) {
	t.Parallel()
	evil := "a\n\u202eb\x00"
	var card widget.Card
	card.ShowProfile(chat.Profile{
		NextCharge: &chat.NextCharge{On: evil, Total: evil, Currency: evil, Items: []chat.ChargeItem{{Item: chat.Item{Title: evil}}}}, FailedCharge: &chat.NextCharge{On: evil},
		Subscriptions: []chat.Subscription{{Product: evil, Unit: evil, Every: 2}}, LastOrder: &chat.LastOrder{Name: evil, Status: evil, Tracking: []chat.Tracking{{Company: evil, Number: evil}}},
	}, noon, time.UTC)
	data, err := card.JSON()
	if err != nil || strings.ContainsAny(string(data), "\u202e") || strings.Contains(string(data), `\n`) || strings.Contains(string(data), `\u0000`) {
		t.Errorf("got %s (%v)", data, err)
	}
}
