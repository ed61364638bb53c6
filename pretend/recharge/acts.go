package recharge

import (
	"errors"
	"slices"
)

// errNotFound is returned by acts on objects that the store does not have.
var errNotFound = errors.New("recharge: not found")

// act calls work for the row with an id.
func act[T row](r *Recharge, rows func() []T, id int64, work func(T)) (err error) {
	r.update(func() {
		if found := find(rows(), id); found != nil {
			work(found)
			return
		}
		err = errNotFound
	})
	return err
}

// AddCustomer adds a customer with an address and returns both ids.
func (r *Recharge) AddCustomer(c Customer, a Address) (customer, address int64) {
	r.update(func() {
		added := r.addCustomer(c)
		a.CustomerID = added.ID
		to := r.addAddress(a)
		customer, address = added.ID, to.ID
		r.fire("customer/created", "customer", r.showCustomer(added), customer)
		r.fire("address/created", "address", r.showAddress(to), customer)
	})
	return customer, address
}

// UpdateCustomer changes a customer. change must not keep its argument.
func (r *Recharge) UpdateCustomer(id int64, change func(*Customer)) error {
	return act(r, func() []*Customer { return r.customers }, id, func(c *Customer) {
		change(c)
		r.touchCustomer(c, false)
	})
}

// DeleteCustomer deletes a customer with all that belongs to it.
func (r *Recharge) DeleteCustomer(id int64) error {
	return act(r, func() []*Customer { return r.customers }, id, func(c *Customer) {
		r.fire("customer/deleted", "customer", r.showCustomer(c), id)
		for _, a := range r.addressesOf(id) {
			t := r.tree(a.ID)
			for _, s := range t.subscriptions {
				r.subscriptions = remove(r.subscriptions, s)
			}
			for _, o := range t.onetimes {
				r.onetimes = remove(r.onetimes, o)
			}
			for _, charge := range t.charges {
				r.charges = remove(r.charges, charge)
			}
			delete(r.trees, a.ID)
			r.addresses = remove(r.addresses, a)
		}
		delete(r.addressesBy, id)
		r.customers = remove(r.customers, c)
	})
}

// AddSubscription adds a subscription and returns its id. Its charge is queued by the
// rebuild.
func (r *Recharge) AddSubscription(s Subscription) (id int64) {
	r.update(func() {
		added := r.addSubscription(s)
		id = added.ID
		r.fireItem("created", added)
		r.changed(added.AddressID, false)
	})
	return id
}

// UpdateSubscription changes a subscription, as in the customer portal. change must not
// keep its argument.
func (r *Recharge) UpdateSubscription(id int64, change func(*Subscription)) error {
	return act(r, func() []*Subscription { return r.subscriptions }, id, func(s *Subscription) {
		change(s)
		s.UpdatedAt.Time = now()
		r.fireItem("updated", s)
		r.changed(s.AddressID, false)
	})
}

// ProcessCharge processes a charge, which becomes an order with an id and a number in the
// store.
func (r *Recharge) ProcessCharge(id int64, orderID, orderNumber string) error {
	processed := false
	err := act(r, func() []*Charge { return r.charges }, id, func(c *Charge) {
		processed = c.open() && r.process(c, orderID, orderNumber)
	})
	if err == nil && !processed {
		err = errNotFound
	}
	return err
}

// FailCharge fails to process a charge. After the last attempt Recharge stops trying.
func (r *Recharge) FailCharge(id int64, message, errorType string, last bool) error {
	return act(r, func() []*Charge { return r.charges }, id, func(c *Charge) {
		c.Status, c.Error, c.ErrorType, c.RetryDate = "error", Text(message), Text(errorType), addInterval(Text(today()), "day", 1)
		c.Attempts++
		c.UpdatedAt.Time = now()
		if last {
			c.RetryDate = ""
		}
		r.fireCharge("charge/failed", c)
		if !last {
			return
		}
		for _, one := range r.itemsOf(c) {
			if s, ok := one.(*Subscription); ok {
				s.MaxRetries = true
			}
		}
		r.fireCharge("charge/max_retries_reached", c)
	})
}

// RefundCharge refunds a charge.
func (r *Recharge) RefundCharge(id int64) error {
	return act(r, func() []*Charge { return r.charges }, id, func(c *Charge) {
		c.Status, c.UpdatedAt.Time = "refunded", now()
		r.fireCharge("charge/refunded", c)
	})
}

// AnnounceCharge sends charge/upcoming, as some days before a charge.
func (r *Recharge) AnnounceCharge(id int64) error {
	return act(r, func() []*Charge { return r.charges }, id, func(c *Charge) { r.fireCharge("charge/upcoming", c) })
}

// SetPaymentStatus sets the status of a payment method.
func (r *Recharge) SetPaymentStatus(id int64, status string) error {
	return act(r, func() []*PaymentMethod { return r.methods }, id, func(p *PaymentMethod) {
		p.Status, p.UpdatedAt.Time = Text(status), now()
		if c := find(r.customers, p.CustomerID); c != nil {
			r.fire("customer/payment_method_updated", "customer", r.showCustomer(c), c.ID)
		}
	})
}

// RebuildNow runs all rebuilds that are due.
func (r *Recharge) RebuildNow() {
	r.update(func() {
		for id := range r.rebuilds {
			r.rebuild(id)
		}
	})
}

// Lock refuses writes to an address and what belongs to it, as during a rebuild.
func (r *Recharge) Lock(address int64, locked bool) {
	r.update(func() { r.locked[address] = locked })
}

// Subscription returns a subscription.
func (r *Recharge) Subscription(id int64) (Subscription, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := find(r.subscriptions, id); s != nil {
		return *s, true
	}
	return Subscription{}, false
}

// SubscriptionsOf returns the subscriptions of a customer.
func (r *Recharge) SubscriptionsOf(customer int64) (out []Subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.subscriptions {
		if s.CustomerID == customer {
			out = append(out, *s)
		}
	}
	return out
}

// Charges returns the charges of a customer with a status, the earliest first.
func (r *Recharge) Charges(customer int64, status string) (out []Charge) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.charges {
		if c.Customer.ID == customer && c.Status == status {
			out = append(out, *c)
		}
	}
	slices.SortStableFunc(out, func(a, b Charge) int {
		if a.ScheduledAt < b.ScheduledAt {
			return -1
		}
		return 1
	})
	return out
}
