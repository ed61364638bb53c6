package shopify

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// A Customer is a customer of the store. Zero ids and times are assigned.
type Customer struct {
	ID                  int64
	FirstName, LastName string
	Email               string
	Phone               string // E.164, or empty
	Locale              string // empty: "en"
	Addresses           []Address
	Consent             Consent // to marketing texts
	CreatedAt           time.Time
	UpdatedAt           time.Time
}

// An Address is a postal address. The phone is as the shopper typed it.
type Address struct {
	ID                     int64
	FirstName, LastName    string
	Address1, City         string
	Province, ProvinceCode string
	Zip                    string
	Country, CountryCode   string // the code's default is "US"
	Phone                  string
	TimeZone               string
}

// A Consent is the consent to marketing texts.
type Consent struct {
	State  string // "NOT_SUBSCRIBED" (the default), "SUBSCRIBED", "UNSUBSCRIBED", "PENDING", "REDACTED"
	Level  string // "SINGLE_OPT_IN", "CONFIRMED_OPT_IN", "UNKNOWN" or empty
	Source string // "SHOPIFY", "OTHER" or empty
	At     time.Time
}

// An Order is an order of the store. Zero ids, numbers and times are assigned.
type Order struct {
	ID                int64
	CustomerID        int64 // 0: a guest's
	Number            int
	Confirmation      string
	Email, Phone      string
	Locale            string // empty: "en"
	Shipping, Billing *Address
	Items             []Item
	Test              bool
	Financial         string // empty: "PAID"
	Total             string // empty: of the items
	Source            string // empty: "web"
	CreatedAt         time.Time
	UpdatedAt         time.Time
	CancelledAt       time.Time
	Fulfillments      []*Fulfillment
}

// Name is the order's name: "#1001".
func (o *Order) Name() string { return fmt.Sprintf("#%d", o.Number) }

// An Item is a line of an order.
type Item struct {
	ID                   int64
	ProductID, VariantID int64
	Title, Variant, SKU  string
	Quantity             int    // 0: 1
	Price                string // of one
}

// A Fulfillment is a shipment.
type Fulfillment struct {
	ID                   int64
	Status               string // "success", "cancelled"
	Shipment             string // the newest event's status: "in_transit" …, or empty
	Company, Number, URL string // of tracking; empty: unknown
	CreatedAt, UpdatedAt time.Time
	DeliveredAt          time.Time
}

func (s *Shopify) addCustomer(c Customer) *Customer {
	s.assign(&c.ID, &c.CreatedAt, &c.UpdatedAt)
	c.Locale = cmp.Or(c.Locale, "en")
	c.Consent.State = cmp.Or(c.Consent.State, "NOT_SUBSCRIBED")
	c.Addresses = slices.Clone(c.Addresses)
	for i := range c.Addresses {
		s.completeAddress(&c.Addresses[i])
	}
	s.customers = insert(s.customers, &c)
	return &c
}

func (s *Shopify) addOrder(o Order) *Order {
	s.assign(&o.ID, &o.CreatedAt, &o.UpdatedAt)
	if o.Number == 0 {
		o.Number = 1001 + len(s.orders)
	}
	o.Confirmation = cmp.Or(o.Confirmation, fmt.Sprintf("CN%06d", o.Number))
	o.Locale, o.Financial, o.Source = cmp.Or(o.Locale, "en"), cmp.Or(o.Financial, "PAID"), cmp.Or(o.Source, "web")
	total := new(big.Rat)
	o.Items = slices.Clone(o.Items)
	for i := range o.Items {
		item := &o.Items[i]
		s.assign(&item.ID, nil, nil)
		item.Quantity = cmp.Or(item.Quantity, 1)
		price, _ := new(big.Rat).SetString(cmp.Or(item.Price, "0"))
		if price != nil {
			total.Add(total, price.Mul(price, big.NewRat(int64(item.Quantity), 1)))
		}
	}
	o.Total = cmp.Or(o.Total, total.FloatString(2))
	for _, address := range []**Address{&o.Shipping, &o.Billing} {
		if *address != nil {
			own := **address
			s.completeAddress(&own)
			*address = &own
		}
	}
	shipments := o.Fulfillments
	o.Fulfillments = nil
	for _, f := range shipments {
		own := *f
		s.assign(&own.ID, &own.CreatedAt, &own.UpdatedAt)
		own.Status = cmp.Or(own.Status, "success")
		o.Fulfillments = append(o.Fulfillments, &own)
	}
	s.orders = insert(s.orders, &o)
	if o.CustomerID != 0 {
		s.byCustomer[o.CustomerID] = append(s.byCustomer[o.CustomerID], &o)
	}
	return &o
}

func (s *Shopify) completeAddress(a *Address) {
	s.assign(&a.ID, nil, nil)
	a.CountryCode = cmp.Or(a.CountryCode, "US")
}

// assign fills in an id and times.
func (s *Shopify) assign(id *int64, created, updated *time.Time) {
	if *id == 0 {
		*id = s.nextID()
	}
	if created == nil {
		return
	}
	if created.IsZero() {
		*created = now()
	}
	if updated.IsZero() {
		*updated = *created
	}
}

// now is in whole seconds, like all times of the API.
func now() time.Time { return time.Now().Truncate(time.Second) }

type row interface {
	*Customer | *Order | *Subscription
	id() int64
}

func (c *Customer) id() int64 { return c.ID }
func (o *Order) id() int64    { return o.ID }

// insert keeps rows sorted by id.
func insert[T row](rows []T, r T) []T {
	i, _ := index(rows, r.id())
	return slices.Insert(rows, i, r)
}

func index[T row](rows []T, id int64) (int, bool) {
	return slices.BinarySearchFunc(rows, id, func(r T, id int64) int { return cmp.Compare(r.id(), id) })
}

// find returns the row with an id, or nil.
func find[T row](rows []T, id int64) T {
	if i, ok := index(rows, id); ok {
		return rows[i]
	}
	return nil
}

// fulfillment returns a fulfillment and its order, or nil.
func (s *Shopify) fulfillment(id int64) (*Order, *Fulfillment) {
	for _, o := range s.orders {
		for _, f := range o.Fulfillments {
			if f.ID == id {
				return o, f
			}
		}
	}
	return nil, nil
}
