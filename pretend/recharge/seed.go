package recharge

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// seed adds the account's objects and builds the queued charges, without webhooks.
func (r *Recharge) seed() {
	for _, c := range r.account.Customers {
		r.addCustomer(c)
	}
	for _, a := range r.account.Addresses {
		r.addAddress(a)
	}
	for _, p := range r.account.PaymentMethods {
		p.ID, p.UpdatedAt = r.newID(p.ID), Naive{cmpTime(p.UpdatedAt.Time)}
		r.methods = insert(r.methods, &p)
		r.methodsBy[p.CustomerID] = append(r.methodsBy[p.CustomerID], &p)
	}
	for _, s := range r.account.Subscriptions {
		r.addSubscription(s)
	}
	for _, o := range r.account.Onetimes {
		r.addOnetime(o)
	}
	for _, c := range r.account.Charges {
		r.addCharge(c)
		if c.Status == "success" {
			r.addOrder(r.charges[len(r.charges)-1], string(c.OrderID), "")
		}
	}
	for _, a := range r.addresses {
		r.rebuild(a.ID)
	}
	r.pending = nil
}

func (r *Recharge) newID(id int64) int64 {
	if id != 0 {
		r.lastID = max(r.lastID, id)
		return id
	}
	return r.nextID()
}

// cmpTime returns the time, or now if there is none.
func cmpTime(at time.Time) time.Time {
	if at.IsZero() {
		return now()
	}
	return at
}

func (r *Recharge) addCustomer(c Customer) *Customer {
	c.ID = r.newID(c.ID)
	c.CreatedAt.Time = cmpTime(c.CreatedAt.Time)
	c.UpdatedAt.Time = cmpTime(c.UpdatedAt.Time)
	c.Hash = cmp.Or(c.Hash, hashOf(c.ID))
	r.customers = insert(r.customers, &c)
	return &c
}

func (r *Recharge) addAddress(a Address) *Address {
	a.ID = r.newID(a.ID)
	a.CreatedAt.Time, a.UpdatedAt.Time = cmpTime(a.CreatedAt.Time), cmpTime(a.UpdatedAt.Time)
	a.CountryCode = cmp.Or(a.CountryCode, "US")
	a.Discounts = append([]Ref{}, a.Discounts...)
	r.addresses = insert(r.addresses, &a)
	r.addressesBy[a.CustomerID] = append(r.addressesBy[a.CustomerID], &a)
	return &a
}

func (r *Recharge) addSubscription(s Subscription) *Subscription {
	s.ID = r.newID(s.ID)
	if a := find(r.addresses, s.AddressID); a != nil {
		s.CustomerID = a.CustomerID
	}
	s.CreatedAt.Time, s.UpdatedAt.Time = cmpTime(s.CreatedAt.Time), cmpTime(s.UpdatedAt.Time)
	s.Status, s.Unit, s.Price = cmp.Or(s.Status, "active"), cmp.Or(s.Unit, "day"), cmp.Or(s.Price, "0.00")
	s.Quantity, s.Every = cmp.Or(s.Quantity, 1), cmp.Or(s.Every, 30)
	s.ChargeEvery = cmp.Or(s.ChargeEvery, s.Every)
	s.Properties, s.skippedDates = orList(s.Properties), map[Text]bool{}
	r.subscriptions = insert(r.subscriptions, &s)
	t := r.tree(s.AddressID)
	t.subscriptions = append(t.subscriptions, &s)
	return &s
}

func (r *Recharge) addOnetime(o Onetime) *Onetime {
	o.ID = r.newID(o.ID)
	if a := find(r.addresses, o.AddressID); a != nil {
		o.CustomerID = a.CustomerID
	}
	o.CreatedAt.Time, o.UpdatedAt.Time = cmpTime(o.CreatedAt.Time), cmpTime(o.UpdatedAt.Time)
	o.Quantity, o.Properties = cmp.Or(o.Quantity, 1), orList(o.Properties)
	r.onetimes = insert(r.onetimes, &o)
	t := r.tree(o.AddressID)
	t.onetimes = append(t.onetimes, &o)
	return &o
}

func orList(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("[]")
	}
	return raw
}

// addCharge adds a charge of an address and completes it.
func (r *Recharge) addCharge(c Charge) *Charge {
	c.ID = r.newID(c.ID)
	c.CreatedAt.Time, c.UpdatedAt.Time = cmpTime(c.CreatedAt.Time), cmpTime(c.UpdatedAt.Time)
	c.Type, c.Status, c.Currency = cmp.Or(c.Type, "recurring"), cmp.Or(c.Status, "queued"), Text(r.account.Currency)
	c.Original = cmp.Or(c.Original, c.ScheduledAt)
	c.Items = slices.Clone(c.Items)
	for i := range c.Items {
		l := &c.Items[i]
		l.Original, l.Total, l.Properties = cmp.Or(l.Original, l.Price), Text(money(c.Items[i:i+1])), orList(l.Properties)
		if l.Images == nil {
			l.Images = map[string]string{}
		}
	}
	if a := find(r.addresses, c.AddressID); a != nil {
		if p := find(r.customers, a.CustomerID); p != nil {
			c.Customer = ChargedTo{p.ID, p.Email, p.Hash, p.External}
		}
	}
	c.price()
	r.charges = insert(r.charges, &c)
	t := r.tree(c.AddressID)
	t.charges = append(t.charges, &c)
	return &c
}

func (r *Recharge) addOrder(c *Charge, external, number string) *Order {
	o := &Order{
		ID: r.nextID(), AddressID: c.AddressID, Customer: c.Customer, Charge: ChargeRef{c.ID, c.Status}, Status: "success", Type: c.Type,
		ScheduledAt: c.ScheduledAt, ProcessedAt: c.ProcessedAt, External: External(external), Number: External(number),
		Items: slices.Clone(c.Items), Total: c.Total, Currency: c.Currency, CreatedAt: Offset{now()}, UpdatedAt: Offset{now()},
	}
	r.orders = insert(r.orders, o)
	return o
}

func (r *Recharge) tree(address int64) *tree {
	t := r.trees[address]
	if t == nil {
		t = &tree{}
		r.trees[address] = t
	}
	return t
}

func (r *Recharge) addressesOf(customer int64) []*Address     { return r.addressesBy[customer] }
func (r *Recharge) methodsOf(customer int64) []*PaymentMethod { return r.methodsBy[customer] }
