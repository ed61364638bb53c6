package shopify

import (
	"cmp"
	"slices"

	"sidetext/chat"
)

// An order may have thousands of lines and hundreds of shipments. An update has the
// first ones.
const (
	maxItems        = 10
	maxFulfillments = 10
	maxTracking     = 5
)

// An order as webhooks show it.
type eventOrder struct {
	named
	Name              text               `json:"name"`
	Email             text               `json:"email"`
	ContactEmail      text               `json:"contact_email"`
	Phone             text               `json:"phone"`
	Locale            text               `json:"customer_locale"`
	Test              bool               `json:"test"`
	FinancialStatus   text               `json:"financial_status"`
	FulfillmentStatus text               `json:"fulfillment_status"`
	CurrentTotal      text               `json:"current_total_price"`
	Total             text               `json:"total_price"`
	Currency          text               `json:"currency"`
	Customer          eventCustomer      `json:"customer"`
	Shipping          eventAddress       `json:"shipping_address"`
	Billing           eventAddress       `json:"billing_address"`
	Items             []eventItem        `json:"line_items"`
	Fulfillments      []eventFulfillment `json:"fulfillments"`
	CreatedAt         moment             `json:"created_at"`
	UpdatedAt         moment             `json:"updated_at"`
	CancelledAt       moment             `json:"cancelled_at"`
}

type eventItem struct {
	Title           text   `json:"title"`
	Variant         text   `json:"variant_title"`
	Quantity        count  `json:"quantity"`
	CurrentQuantity *count `json:"current_quantity"` // less than Quantity after a refund
}

// readOrderEvent reads an order, what it says of its customer, and its shipments. A
// guest's order has no customer.
func readOrderEvent(body []byte, u *chat.DirectoryUpdate) error {
	var in eventOrder
	if err := parseObject(body, &in); err != nil {
		return err
	}
	if in.id() == "" {
		return errNoID
	}
	order := in.record()
	u.Orders = append(u.Orders, order)
	if order.CustomerID != "" {
		c := in.Customer.record()
		c.Partial, c.Locale = true, order.Locale
		if c.UpdatedAt.IsZero() {
			c.UpdatedAt = order.UpdatedAt
		}
		u.Customers = append(u.Customers, c)
	}
	for _, f := range in.Fulfillments[:min(len(in.Fulfillments), maxFulfillments)] {
		if f.id() != "" {
			f.OrderID = id(order.ID)
			u.Fulfillments = append(u.Fulfillments, f.record())
		}
	}
	return nil
}

func (in eventOrder) record() chat.OrderRecord {
	place := in.Shipping
	if place.country() == "" {
		place = in.Billing
	}
	r := chat.OrderRecord{
		ID: in.id(), CustomerID: in.Customer.id(), Name: string(in.Name),
		Email:    cmp.Or(in.Email, in.ContactEmail, in.Customer.Email).lower(),
		Customer: cmp.Or(fullName(in.Customer.FirstName, in.Customer.LastName), in.Shipping.fullName(), in.Billing.fullName()),
		Locale:   string(in.Locale), Country: place.country(), Zip: string(place.Zip),
		Test: in.Test, FinancialStatus: in.FinancialStatus.lower(), FulfillmentStatus: in.FulfillmentStatus.lower(),
		Total: string(cmp.Or(in.CurrentTotal, in.Total)), Currency: string(in.Currency),
		CreatedAt: in.CreatedAt.Time, UpdatedAt: in.UpdatedAt.Time, CancelledAt: in.CancelledAt.Time,
	}
	r.Phones = orderPhones(string(in.Phone), r.Country, string(in.Shipping.Phone), in.Shipping.country(), string(in.Billing.Phone), in.Billing.country())
	for _, item := range in.Items[:min(len(in.Items), maxItems)] {
		n := item.Quantity
		if item.CurrentQuantity != nil {
			n = *item.CurrentQuantity
		}
		if n > 0 && item.Title != "" {
			r.Items = append(r.Items, chat.Item{Title: string(item.Title), Variant: string(item.Variant), Quantity: int(n)})
		}
	}
	return r
}

// orderPhones returns the phones of an order, the surest first, each once.
func orderPhones(own, country, shipping, shippingCountry, billing, billingCountry string) (phones []chat.PhoneRecord) {
	for _, p := range []chat.PhoneRecord{
		{Raw: own, Country: country, Source: chat.OrderPhone},
		{Raw: shipping, Country: shippingCountry, Source: chat.ShippingPhone},
		{Raw: billing, Country: billingCountry, Source: chat.BillingPhone},
	} {
		same := func(other chat.PhoneRecord) bool { return other.Raw == p.Raw && other.Country == p.Country }
		if p.Raw != "" && !slices.ContainsFunc(phones, same) {
			phones = append(phones, p)
		}
	}
	return phones
}
