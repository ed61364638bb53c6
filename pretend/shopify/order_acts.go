package shopify

import (
	"slices"
	"strings"
)

// PlaceOrder adds an order and returns its id.
func (s *Shopify) PlaceOrder(o Order) (id int64) {
	s.update(func() {
		added := s.addOrder(o)
		id = added.ID
		s.fire("ORDERS_CREATE", s.orderPayload(added))
		if added.Financial == "PAID" {
			s.fire("ORDERS_PAID", s.orderPayload(added))
		}
		if c := find(s.customers, added.CustomerID); c != nil {
			c.UpdatedAt = now()
			s.fire("CUSTOMERS_PURCHASING_SUMMARY", s.summaryPayload(c))
		}
	})
	return id
}

// Order returns an order.
func (s *Shopify) Order(id int64) (Order, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := find(s.orders, id)
	if o == nil {
		return Order{}, false
	}
	return o.copy(), true
}

// OrdersOf returns the orders of a customer, oldest first.
func (s *Shopify) OrdersOf(customer int64) (out []Order) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.byCustomer[customer] {
		out = append(out, o.copy())
	}
	return out
}

// copy returns a copy whose fulfillments do not change.
func (o *Order) copy() Order {
	out := *o
	out.Fulfillments = slices.Clone(o.Fulfillments)
	for i, f := range out.Fulfillments {
		own := *f
		out.Fulfillments[i] = &own
	}
	return out
}

// UpdateOrder changes an order. change must not keep its argument.
func (s *Shopify) UpdateOrder(id int64, change func(*Order)) error {
	return s.onOrder(id, func(o *Order) {
		change(o)
		s.touch(o)
	})
}

// CancelOrder cancels an order.
func (s *Shopify) CancelOrder(id int64) error {
	return s.onOrder(id, func(o *Order) {
		o.CancelledAt, o.Financial = now(), "REFUNDED"
		s.touch(o)
		s.fire("ORDERS_CANCELLED", s.orderPayload(o))
	})
}

func (s *Shopify) onOrder(id int64, work func(*Order)) (err error) {
	s.update(func() {
		if o := find(s.orders, id); o != nil {
			work(o)
			return
		}
		err = errNotFound
	})
	return err
}

// touch marks an order as changed.
func (s *Shopify) touch(o *Order) {
	o.UpdatedAt = now()
	s.fire("ORDERS_UPDATED", s.orderPayload(o))
}

// Fulfill ships an order and returns the fulfillment's id. Without a tracking number,
// it comes with SetTracking later.
func (s *Shopify) Fulfill(order int64, company, number string) (id int64, err error) {
	err = s.onOrder(order, func(o *Order) {
		f := &Fulfillment{Status: "success"}
		s.assign(&f.ID, &f.CreatedAt, &f.UpdatedAt)
		f.setTracking(company, number)
		id, o.Fulfillments = f.ID, append(o.Fulfillments, f)
		s.fire("FULFILLMENTS_CREATE", s.fulfillmentPayload(o, f))
		s.touch(o)
		s.fire("ORDERS_FULFILLED", s.orderPayload(o))
	})
	return id, err
}

func (f *Fulfillment) setTracking(company, number string) {
	f.Company, f.Number, f.URL = company, number, ""
	if number != "" {
		f.URL = "https://tracking.example/" + number
	}
}

// SetTracking sets the tracking number of a fulfillment.
func (s *Shopify) SetTracking(fulfillment int64, company, number string) error {
	return s.onFulfillment(fulfillment, func(_ *Order, f *Fulfillment) { f.setTracking(company, number) })
}

// CancelFulfillment cancels a fulfillment.
func (s *Shopify) CancelFulfillment(fulfillment int64) error {
	return s.onFulfillment(fulfillment, func(_ *Order, f *Fulfillment) { f.Status = "cancelled" })
}

// ShipmentEvent adds an event of a shipment: "in_transit", "out_for_delivery", "delivered" …
func (s *Shopify) ShipmentEvent(fulfillment int64, status string) error {
	return s.onFulfillment(fulfillment, func(o *Order, f *Fulfillment) {
		f.Shipment = strings.ToLower(status)
		if f.Shipment == "delivered" {
			f.DeliveredAt = now()
		}
		s.fire("FULFILLMENT_EVENTS_CREATE", map[string]any{
			"id": s.nextID(), "fulfillment_id": f.ID, "order_id": o.ID, "status": f.Shipment, "message": nil,
			"happened_at": s.local(now()), "estimated_delivery_at": nil, "created_at": s.local(now()), "updated_at": s.local(now()),
		})
	})
}

func (s *Shopify) onFulfillment(id int64, work func(*Order, *Fulfillment)) (err error) {
	s.update(func() {
		o, f := s.fulfillment(id)
		if f == nil {
			err = errNotFound
			return
		}
		work(o, f)
		f.UpdatedAt = now()
		s.fire("FULFILLMENTS_UPDATE", s.fulfillmentPayload(o, f))
		s.touch(o)
	})
	return err
}
