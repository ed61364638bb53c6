package popup_test

import (
	"testing"

	"sidetext/chat"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
)

// TestDirectoryInBrowser: what happens in the store reaches the open pop-up, although no
// text was sent, and the card with the ticket's next change.
func TestDirectoryInBrowser(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.ConnectVendors()
	var customer int64
	for _, p := range demo.Seed().Shoppers {
		if chat.Phone(p.Phone) == stage.Miguel {
			customer = p.ShopifyID
		}
	}
	order := s.World.Shopify.OrdersOf(customer)[0] // not shipped
	s.SendText(stage.Miguel, "the mill smells of burnt rubber")
	k := s.WaitForTicket(stage.Miguel)
	page := s.PopupIn(stage.NewBrowser(t), k, "Ben Okafor")
	page.MustElementR(".fact", "^Next: .*15.00$")
	page.MustElementR(".fact", "^"+order.Name()+" Not shipped yet$")

	parcel, err := s.World.Shopify.Fulfill(order.ID, "UPS", "1Z999")
	stage.Must(t, err)
	stage.Must(t, s.World.Shopify.ShipmentEvent(parcel, "in_transit"))
	page.MustElementR(".fact", "^"+order.Name()+" On its way$")
	page.MustElement(".profile-line").MustClick()
	page.MustElement(`.profile-details a[href="https://tracking.example/1Z999"]`)
	stage.Screenshot(t, page, "profile")

	s.SendText(stage.Miguel, "hello?") // the helpdesk fetches the card
	s.WaitForCardField(k, "tracking", "UPS 1Z999")
	s.WaitForCardField(k, "tracking_url", "https://tracking.example/1Z999")
	if card := s.CurrentCard(k); card["last_order"] == "" || card["next_charge"] == "" || card["subscriptions"] == "" {
		t.Errorf("the card has %v", card)
	}
}
