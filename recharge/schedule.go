package recharge

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// A Schedule is what a customer gets, and when.
type Schedule struct {
	CustomerID string
	Deliveries []Delivery // the earliest first
}

// A Delivery is all that is delivered on one date.
type Delivery struct {
	Date   string // "2026-12-09"
	Orders []DeliveryOrder
}

// A DeliveryOrder is all that is delivered to one address on one date.
type DeliveryOrder struct {
	ChargeID    string // empty: the charge does not exist yet
	AddressID   string
	Subtotal    string
	Currency    string
	Uncommitted bool // see Charge.Uncommitted
	Items       []DeliveryItem
}

// A DeliveryItem is a line of a DeliveryOrder.
type DeliveryItem struct {
	SubscriptionID   string
	Product, Variant string
	Quantity         int
	UnitPrice        string
	Skippable        bool
	Skipped          bool
	Prepaid          bool
}

// Next returns the first delivery of which not everything is skipped.
func (s Schedule) Next() (Delivery, bool) {
	i := slices.IndexFunc(s.Deliveries, func(d Delivery) bool {
		return slices.ContainsFunc(d.Orders, func(o DeliveryOrder) bool {
			return slices.ContainsFunc(o.Items, func(i DeliveryItem) bool { return !i.Skipped })
		})
	})
	if i < 0 {
		return Delivery{}, false
	}
	return s.Deliveries[i], true
}

// Schedule reads when a customer gets what.
func (c *Client) Schedule(ctx context.Context, customer string) (Schedule, error) {
	var s Schedule
	r := request{"read schedule", http.MethodGet, path("customers", customer, "delivery_schedule"), nil, nil, "read_customers"}
	err := c.call(ctx, r, func(response any) error {
		o := asObject(response)
		if inner := o.object("deliverySchedule"); inner != nil {
			o = inner
		}
		if _, ok := o["deliveries"].([]any); !ok {
			return errShape
		}
		s = newSchedule(o)
		if s.CustomerID != "" && s.CustomerID != customer {
			return errShape
		}
		return nil
	})
	if err != nil {
		return Schedule{}, err
	}
	return s, nil
}

func newSchedule(o object) Schedule {
	s := Schedule{CustomerID: o.id("customer.id")}
	for _, d := range o.list("deliveries") {
		s.Deliveries = append(s.Deliveries, Delivery{Date: d.date("date"), Orders: each(d.list("orders"), newDeliveryOrder)})
	}
	slices.SortStableFunc(s.Deliveries, func(a, b Delivery) int {
		return strings.Compare(a.Date, b.Date)
	})
	return s
}

func newDeliveryOrder(o object) DeliveryOrder {
	return DeliveryOrder{
		ChargeID: o.id("charge_id"), AddressID: o.id("address_id"),
		Subtotal: o.text("order_subtotal"), Currency: o.text("currency"), Uncommitted: o.boolean("has_uncommitted_changes"),
		Items: each(o.list("line_items"), func(i object) DeliveryItem {
			return DeliveryItem{
				SubscriptionID: i.id("subscription_id"),
				Product:        i.text("product_title"), Variant: i.text("variant_title"),
				Quantity: i.integer("quantity"), UnitPrice: i.text("unit_price"),
				Skippable: i.boolean("is_skippable"), Skipped: i.boolean("is_skipped"), Prepaid: i.boolean("is_prepaid"),
			}
		}),
	}
}
