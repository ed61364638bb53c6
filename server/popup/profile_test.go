package popup

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
)

// TestFramesCarryProfile: a frame has what the directory knows of the shopper, also if
// no entry has changed, and null if nothing is known.
func TestFramesCarryProfile(t *testing.T) {
	t.Parallel()
	known := chat.Profile{
		Customer: "internal", ShopifyID: "111", RechargeID: "222", Proof: "order #1001", TimeZone: "America/New_York", Locale: "en-US",
		NextCharge:    &chat.NextCharge{ID: "333", On: "2026-12-09", Total: "49.00", Currency: "USD", Items: []chat.ChargeItem{{Item: chat.Item{Title: "Coffee", Variant: "250 g", Quantity: 2}, SubscriptionID: "444"}}},
		Subscriptions: []chat.Subscription{{ID: "444", Product: "Coffee", Variant: "250 g", Quantity: 2, Unit: "week", Every: 4, Next: "2026-12-09", Prepaid: true}},
		LastOrder: &chat.LastOrder{ID: "555", Name: "#1001", At: time.Date(2026, 11, 28, 15, 0, 0, 0, time.UTC), Status: "On its way",
			Tracking: []chat.Tracking{{Company: "UPS", Number: "1Z999", URL: "https://ups.example/1Z999", Status: "In transit"}, {Number: "2", URL: "http://ups.example/2"}}},
		Others: 1, Marketing: chat.ConsentRevoked,
	}
	for name, test := range map[string]struct {
		directory any
		want      string
	}{
		"all": {known, `{"next_charge":{"on":"2026-12-09","total":"49.00","currency":"USD","items":[{"title":"Coffee","variant":"250 g","quantity":2}]},` +
			`"subscriptions":[{"product":"Coffee","variant":"250 g","quantity":2,"unit":"week","every":4,"next":"2026-12-09","prepaid":true}],` +
			`"last_order":{"name":"#1001","at":"2026-11-28T15:00:00Z","status":"On its way","tracking":[{"company":"UPS","number":"1Z999","url":"https://ups.example/1Z999","status":"In transit"},{"number":"2"}]},` +
			`"others":1,"marketing":"withdrawn"}`},
		"only a failed charge":          {chat.Profile{FailedCharge: &chat.NextCharge{On: "2026-12-01"}}, `{"failed_charge":{"on":"2026-12-01"}}`},
		"nothing that agents would see": {chat.Profile{Customer: "internal", TimeZone: "America/New_York", Marketing: chat.ConsentGiven}, `null`},
		"unreadable":                    {json.RawMessage(`"text"`), `null`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory, err := json.Marshal(test.directory)
			if err != nil {
				t.Fatal(err)
			}
			if got := profileInFrame(t, string(directory)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	if got := profileInFrame(t, ""); got != "null" {
		t.Errorf("not in the directory: got %s", got)
	}
}

// TestProfileInFrameIsBounded: a customer with very many objects does not make frames
// large.
func TestProfileInFrameIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 10_000)
	known := chat.Profile{NextCharge: &chat.NextCharge{}, LastOrder: &chat.LastOrder{Name: long, Status: long}}
	for range 500 {
		known.Subscriptions = append(known.Subscriptions, chat.Subscription{Product: long, Variant: long})
		known.NextCharge.Items = append(known.NextCharge.Items, chat.ChargeItem{Item: chat.Item{Title: long}})
		known.LastOrder.Tracking = append(known.LastOrder.Tracking, chat.Tracking{Company: long, Number: long, URL: "https://ups.example/" + long, Status: long})
	}
	directory, err := json.Marshal(known)
	if err != nil {
		t.Fatal(err)
	}
	got := profileInFrame(t, string(directory))
	if len(got) > 20<<10 || !strings.Contains(got, `"more":490`) || !strings.Contains(got, strings.Repeat("ä", 99)+"…") {
		t.Errorf("got %d bytes: %.500s", len(got), got)
	}
}

func profileInFrame(t *testing.T, directory string) string {
	t.Helper()
	snapshot := chat.Snapshot{Shopper: chat.Shopper{Directory: directory}, Conversation: chat.Conversation{Rev: 4}}
	data, err := (&Rooms{}).changed(3, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	var frame struct {
		Conversation struct{ Profile json.RawMessage }
		Entries      []json.RawMessage
	}
	if err := json.Unmarshal(data, &frame); err != nil || frame.Entries == nil || len(frame.Entries) != 0 {
		t.Fatalf("got %s (%v)", data, err)
	}
	return string(frame.Conversation.Profile)
}
