package pretend

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sidetext/pretend/recharge"
	"sidetext/pretend/shopify"
	"sidetext/pretend/wire"
)

// A storeView is what the vendors of the store have of a shopper.
type storeView struct {
	Subscriptions []subscriptionView `json:"subscriptions"`
	Orders        []orderView        `json:"orders"` // oldest first
	Next          *chargeView        `json:"next,omitempty"`
	Failed        *chargeView        `json:"failed,omitempty"`
}

type subscriptionView struct {
	ID       int64  `json:"id"`
	Product  string `json:"product"`
	Quantity int    `json:"quantity"`
	Every    int    `json:"every"`
	Unit     string `json:"unit"`
	Status   string `json:"status"`
}

type orderView struct {
	ID       int64     `json:"id"`
	Name     string    `json:"name"`
	At       time.Time `json:"at"`
	Total    string    `json:"total"`
	Currency string    `json:"currency"`
	Items    []string  `json:"items"`
	Status   string    `json:"status"` // "open", "shipped", "delivered" or "cancelled"
	Company  string    `json:"company,omitempty"`
	Number   string    `json:"number,omitempty"`
}

type chargeView struct {
	ID       int64  `json:"id"`
	On       string `json:"on"` // "2026-12-09"
	Total    string `json:"total"`
	Currency string `json:"currency"`
}

// A webhookView is an attempt to deliver a webhook of the store's vendors.
type webhookView struct {
	ID      string    `json:"id"`
	Vendor  string    `json:"vendor"`
	Topic   string    `json:"topic"`
	Status  int       `json:"status"` // 0: no response
	Problem string    `json:"problem,omitempty"`
	At      time.Time `json:"at"`
}

const maxWebhooks = 8

// store returns what the vendors have of a shopper, or nil if the store does not know the
// shopper.
func (w *World) store(s Shopper) *storeView {
	if s.ShopifyID == 0 {
		return nil
	}
	out := &storeView{Subscriptions: []subscriptionView{}, Orders: []orderView{}}
	for _, sub := range w.Recharge.SubscriptionsOf(s.RechargeID) {
		out.Subscriptions = append(out.Subscriptions, subscriptionView{sub.ID, productName(string(sub.Product), string(sub.Variant)), sub.Quantity, sub.Every, sub.Unit, sub.Status})
	}
	for _, o := range w.Shopify.OrdersOf(s.ShopifyID) {
		out.Orders = append(out.Orders, w.showOrder(o))
	}
	out.Next = earliest(w.Recharge.Charges(s.RechargeID, "queued"))
	out.Failed = earliest(w.Recharge.Charges(s.RechargeID, "error"))
	return out
}

func (w *World) showOrder(o shopify.Order) orderView {
	v := orderView{ID: o.ID, Name: o.Name(), At: o.CreatedAt, Total: o.Total, Currency: cmp.Or(w.seed.Shopify.Currency, "USD"), Items: []string{}, Status: "open"}
	for _, i := range o.Items {
		name := productName(i.Title, i.Variant)
		if i.Quantity > 1 {
			name = fmt.Sprintf("%d × %s", i.Quantity, name)
		}
		v.Items = append(v.Items, name)
	}
	for _, f := range o.Fulfillments {
		if f.Status == "cancelled" {
			continue
		}
		v.Status, v.Company, v.Number = "shipped", f.Company, f.Number
		if f.Shipment == "delivered" {
			v.Status = "delivered"
		}
	}
	if !o.CancelledAt.IsZero() {
		v.Status = "cancelled"
	}
	return v
}

func productName(title, variant string) string {
	if variant == "" || variant == "Default Title" {
		return title
	}
	return title + " " + variant
}

// earliest returns the charge that is due first, or nil.
func earliest(charges []recharge.Charge) *chargeView {
	if len(charges) == 0 {
		return nil
	}
	c := slices.MinFunc(charges, func(a, b recharge.Charge) int {
		return cmp.Or(cmp.Compare(a.ScheduledAt, b.ScheduledAt), cmp.Compare(a.ID, b.ID))
	})
	return &chargeView{c.ID, string(c.ScheduledAt), string(c.Total), string(c.Currency)}
}

// webhooks returns the newest attempts of both vendors, oldest first.
func (w *World) webhooks() []webhookView {
	out := []webhookView{}
	for vendor, calls := range map[string][]wire.WebhookCall{"Shopify": w.Shopify.Webhooks.Calls(), "Recharge": w.Recharge.Webhooks.Calls()} {
		for _, c := range newest(calls, maxWebhooks) {
			id := fmt.Sprintf("%s %d %s %d", vendor, c.Sent.UnixNano(), c.Topic, c.Subscription)
			out = append(out, webhookView{id, vendor, c.Topic, c.Status, c.Problem, c.Sent})
		}
	}
	slices.SortFunc(out, func(a, b webhookView) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return newest(out, maxWebhooks)
}

// shipOrder sends an order on its way, with tracking.
func (w *World) shipOrder(in action) error {
	fulfillment, err := w.Shopify.Fulfill(in.Object, "UPS", fmt.Sprintf("1Z999AA1%010d", in.Object%1e10))
	if err != nil {
		return err
	}
	return w.Shopify.ShipmentEvent(fulfillment, "in_transit")
}

// deliverOrder delivers the newest parcel of an order.
func (w *World) deliverOrder(in action) error {
	o, ok := w.Shopify.Order(in.Object)
	if !ok || len(o.Fulfillments) == 0 {
		return errors.New("This order has not been shipped.")
	}
	return w.Shopify.ShipmentEvent(o.Fulfillments[len(o.Fulfillments)-1].ID, "delivered")
}

// processCharge makes a charge successful: it becomes an order in the store.
func (w *World) processCharge(in action) error {
	customer, c, err := w.findCharge(in.Object)
	if err != nil {
		return err
	}
	order := shopify.Order{CustomerID: customer.ShopifyID, Email: customer.Email, Phone: customer.Phone, Source: "subscription_contract", Total: string(c.Total)}
	for _, l := range c.Items {
		order.Items = append(order.Items, shopify.Item{Title: string(l.Title), Variant: string(l.Variant), Quantity: l.Quantity, Price: string(l.Price)})
	}
	id := w.Shopify.PlaceOrder(order)
	placed, _ := w.Shopify.Order(id)
	return w.Recharge.ProcessCharge(c.ID, strconv.FormatInt(id, 10), strconv.Itoa(placed.Number))
}

// failCharge lets the payment of a charge fail. Recharge tries again.
func (w *World) failCharge(in action) error {
	_, c, err := w.findCharge(in.Object)
	if err != nil {
		return err
	}
	return w.Recharge.FailCharge(c.ID, "Your card was declined.", "CUSTOMER_NEEDS_TO_UPDATE_CARD", false)
}

// findCharge finds an unpaid charge of one of the shoppers.
func (w *World) findCharge(id int64) (Shopper, recharge.Charge, error) {
	for _, s := range w.seed.Shoppers {
		for _, status := range []string{"queued", "error"} {
			for _, c := range w.Recharge.Charges(s.RechargeID, status) {
				if c.ID == id && s.RechargeID != 0 {
					return s, c, nil
				}
			}
		}
	}
	return Shopper{}, recharge.Charge{}, errors.New("There is no such charge any more.")
}
