package chat

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// What people read about an order or a parcel.
const (
	notShipped     = "Not shipped yet"
	partlyShipped  = "Partly shipped"
	shipped        = "Shipped"
	onItsWay       = "On its way"
	delayed        = "Delayed"
	outForDelivery = "Out for delivery"
	notDelivered   = "Could not be delivered"
	attempted      = "Delivery was attempted"
	readyForPickup = "Ready for pickup"
	pickedUp       = "Picked up"
	delivered      = "Delivered"
	cancelled      = "Cancelled"
	nothingToShip  = "Nothing to ship"
)

// shipmentProgress lists the words for a parcel, the furthest from its end first. An
// order with several parcels is as far as the first of them in this list.
var shipmentProgress = [...]string{notDelivered, delayed, shipped, onItsWay, attempted, outForDelivery, readyForPickup, pickedUp, delivered}

// shipmentWords has the words for Shopify's statuses of a shipment. Others say that
// there is a label, or are unknown: the shop has shipped it, and that is all we know.
var shipmentWords = map[string]string{
	"carrier_picked_up": onItsWay, "in_transit": onItsWay, "delayed": delayed, "out_for_delivery": outForDelivery,
	"attempted_delivery": attempted, "ready_for_pickup": readyForPickup, "picked_up": pickedUp, "delivered": delivered,
	"not_delivered": notDelivered, "failure": notDelivered,
}

// orderWords has the words for Shopify's fulfilment statuses of an order without
// parcels, of webhooks and of the API.
var orderWords = map[string]string{
	"fulfilled": shipped, "partial": partlyShipped, "partially_fulfilled": partlyShipped, "restocked": cancelled,
	"fulfillment_not_required": nothingToShip, "not_eligible": nothingToShip,
}

// maxParcels limits the parcels of an order that are shown.
const maxParcels = 10

// parcels returns the shipments of the order that took place, the earliest first.
func (o OrderRecord) parcels(all []FulfillmentRecord) (found []FulfillmentRecord) {
	for _, f := range all {
		if f.OrderID == o.ID && !slices.Contains([]string{"cancelled", "error", "failure"}, f.Status) {
			found = append(found, f)
		}
	}
	slices.SortFunc(found, func(a, b FulfillmentRecord) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return found[:min(len(found), maxParcels)]
}

// statusWords says for people what became of the order.
func (o OrderRecord) statusWords(parcels []FulfillmentRecord) string {
	status := orderWords[o.FulfillmentStatus]
	switch {
	case !o.CancelledAt.IsZero():
		return cancelled
	case len(parcels) == 0:
		return cmp.Or(status, notShipped)
	case status == partlyShipped:
		return partlyShipped
	}
	furthest := len(shipmentProgress) - 1
	for _, f := range parcels {
		furthest = min(furthest, slices.Index(shipmentProgress[:], f.statusWords()))
	}
	return shipmentProgress[furthest]
}

// statusWords says for people where the parcel is.
func (f FulfillmentRecord) statusWords() string {
	return cmp.Or(shipmentWords[f.ShipmentStatus], shipped)
}

// tracking lists the numbers and links of parcels that can be tracked.
func tracking(parcels []FulfillmentRecord) (all []Tracking) {
	for _, f := range parcels {
		for i := range max(len(f.Numbers), len(f.URLs)) {
			t := Tracking{Company: strings.TrimSpace(f.Company), Status: f.statusWords()}
			if i < len(f.Numbers) {
				t.Number = strings.TrimSpace(f.Numbers[i])
			}
			if i < len(f.URLs) {
				t.URL = safeLink(f.URLs[i])
			}
			if t.Number != "" || t.URL != "" {
				all = append(all, t)
			}
		}
	}
	return all[:min(len(all), maxParcels)]
}

// safeLink returns a link that people may open, or "": a shop's staff or an app may have
// entered anything.
func safeLink(link string) string {
	const maxLink = 2000
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(link) > maxLink {
		return ""
	}
	return u.String()
}
