package chat_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
)

func lastOrder(o chat.OrderRecord, parcels ...chat.FulfillmentRecord) *chat.LastOrder {
	o.ID = "7"
	for i := range parcels {
		if parcels[i].OrderID == "" {
			parcels[i].OrderID = "7"
		}
	}
	p, _ := chat.MakeProfile([]chat.Person{{Customer: chat.Customer{ID: "jane"}, Orders: []chat.OrderRecord{o}, Fulfillments: parcels}}, "UTC")
	return p.LastOrder
}

func TestOrderStatus(t *testing.T) {
	t.Parallel()
	type parcels = []chat.FulfillmentRecord
	in := func(status string) chat.FulfillmentRecord {
		return chat.FulfillmentRecord{ID: status, Status: "success", ShipmentStatus: status}
	}
	for name, test := range map[string]struct {
		order   chat.OrderRecord
		parcels parcels
		want    string
	}{
		"new":                             {chat.OrderRecord{}, nil, "Not shipped yet"},
		"on hold":                         {chat.OrderRecord{FulfillmentStatus: "on_hold"}, nil, "Not shipped yet"},
		"a status of Shopify's next year": {chat.OrderRecord{FulfillmentStatus: "teleporting"}, nil, "Not shipped yet"},
		"cancelled":                       {chat.OrderRecord{CancelledAt: day(3)}, parcels{in("in_transit")}, "Cancelled"},
		"restocked":                       {chat.OrderRecord{FulfillmentStatus: "restocked"}, nil, "Cancelled"},
		"digital":                         {chat.OrderRecord{FulfillmentStatus: "fulfillment_not_required"}, nil, "Nothing to ship"},
		"fulfilled, no parcel yet":        {chat.OrderRecord{FulfillmentStatus: "fulfilled"}, nil, "Shipped"},
		"one of two":                      {chat.OrderRecord{FulfillmentStatus: "partial"}, parcels{in("delivered")}, "Partly shipped"},
		"one of two, from the API":        {chat.OrderRecord{FulfillmentStatus: "partially_fulfilled"}, nil, "Partly shipped"},
		"shipped, nothing known":          {chat.OrderRecord{FulfillmentStatus: "fulfilled"}, parcels{in("")}, "Shipped"},
		"before the order's own webhook":  {chat.OrderRecord{}, parcels{in("")}, "Shipped"},
		"a label":                         {chat.OrderRecord{}, parcels{in("label_purchased")}, "Shipped"},
		"an unknown status":               {chat.OrderRecord{}, parcels{in("teleported")}, "Shipped"},
		"picked up by the carrier":        {chat.OrderRecord{}, parcels{in("carrier_picked_up")}, "On its way"},
		"in transit":                      {chat.OrderRecord{}, parcels{in("in_transit")}, "On its way"},
		"out for delivery":                {chat.OrderRecord{}, parcels{in("out_for_delivery")}, "Out for delivery"},
		"delivered":                       {chat.OrderRecord{}, parcels{in("delivered")}, "Delivered"},
		"attempted":                       {chat.OrderRecord{}, parcels{in("attempted_delivery")}, "Delivery was attempted"},
		"lost":                            {chat.OrderRecord{}, parcels{in("failure")}, "Could not be delivered"},
		"two, one is there":               {chat.OrderRecord{FulfillmentStatus: "fulfilled"}, parcels{in("delivered"), in("in_transit")}, "On its way"},
		"two, one is late":                {chat.OrderRecord{}, parcels{in("out_for_delivery"), in("delayed")}, "Delayed"},
		"a shipment that was cancelled":   {chat.OrderRecord{}, parcels{{ID: "1", Status: "cancelled", ShipmentStatus: "delivered"}}, "Not shipped yet"},
		"a parcel of another order":       {chat.OrderRecord{}, parcels{{ID: "1", OrderID: "8", Status: "success"}}, "Not shipped yet"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := lastOrder(test.order, test.parcels...); got.Status != test.want {
				t.Errorf("got %q, want %q", got.Status, test.want)
			}
		})
	}
}

func TestTracking(t *testing.T) {
	t.Parallel()
	got := lastOrder(chat.OrderRecord{Name: "#1001", CreatedAt: day(3)},
		chat.FulfillmentRecord{ID: "2", Company: "UPS", Numbers: []string{"1Z2", "1Z3"}, URLs: []string{"https://ups.example/track?n=1Z2"}, ShipmentStatus: "in_transit", CreatedAt: day(5)},
		chat.FulfillmentRecord{ID: "1", Company: " DHL ", URLs: []string{" https://dhl.example/7 "}, ShipmentStatus: "delivered", CreatedAt: day(4)},
		chat.FulfillmentRecord{ID: "3", Company: "Bike", CreatedAt: day(6)},
		chat.FulfillmentRecord{ID: "4", Numbers: []string{"X"}, Status: "cancelled", CreatedAt: day(7)},
	)
	want := &chat.LastOrder{ID: "7", Name: "#1001", At: day(3), Status: "Shipped", Tracking: []chat.Tracking{
		{Company: "DHL", URL: "https://dhl.example/7", Status: "Delivered"},
		{Company: "UPS", Number: "1Z2", URL: "https://ups.example/track?n=1Z2", Status: "On its way"}, {Company: "UPS", Number: "1Z3", Status: "On its way"},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// Only links that people can open safely are shown.
func TestTrackingLinks(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://ups.example/1Z":                           "https://ups.example/1Z",
		"http://ups.example/1Z":                            "",
		"javascript:alert(1)":                              "",
		"https://user:secret@ups.example/1":                "",
		"https:///1Z":                                      "",
		"//ups.example/1Z":                                 "",
		"ups.example/1Z":                                   "",
		"https://ups.example/\x00":                         "",
		"https://ups.example/" + strings.Repeat("a", 2000): "",
		"": "",
	} {
		got := lastOrder(chat.OrderRecord{}, chat.FulfillmentRecord{ID: "1", Numbers: []string{"1Z"}, URLs: []string{link}})
		if got.Tracking[0].URL != want {
			t.Errorf("%q is shown as %q", link, got.Tracking[0].URL)
		}
	}
}

// The newest order counts, and no test.
func TestLastOrder(t *testing.T) {
	t.Parallel()
	order := func(id string, at time.Time, test bool) chat.OrderRecord {
		return chat.OrderRecord{ID: id, CreatedAt: at, Test: test}
	}
	p, _ := chat.MakeProfile([]chat.Person{{Customer: chat.Customer{ID: "jane"}, Orders: []chat.OrderRecord{
		order("2", day(5), false), order("1", day(5), false), order("3", day(4), false), order("4", day(6), true),
	}}}, "UTC")
	if p.LastOrder == nil || p.LastOrder.ID != "2" {
		t.Errorf("got %+v", p.LastOrder)
	}
}
