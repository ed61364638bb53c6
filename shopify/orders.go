package shopify

import (
	"cmp"

	"sidetext/chat"
)

// An order as the API shows it.
type order struct {
	ID                id            `json:"id"`
	Name              text          `json:"name"`
	Email             text          `json:"email"`
	Phone             text          `json:"phone"`
	Locale            text          `json:"customerLocale"`
	Test              bool          `json:"test"`
	FinancialStatus   text          `json:"displayFinancialStatus"`
	FulfillmentStatus text          `json:"displayFulfillmentStatus"`
	Total             price         `json:"currentTotalPriceSet"`
	Shipping          address       `json:"shippingAddress"`
	Billing           address       `json:"billingAddress"`
	Items             page[item]    `json:"lineItems"`
	Fulfillments      []fulfillment `json:"fulfillments"`
	Customer          customer      `json:"customer"`
	CreatedAt         moment        `json:"createdAt"`
	UpdatedAt         moment        `json:"updatedAt"`
	CancelledAt       moment        `json:"cancelledAt"`
}

type price struct {
	Shop struct {
		Amount   text `json:"amount"`
		Currency text `json:"currencyCode"`
	} `json:"shopMoney"`
}

type item struct {
	Title    text  `json:"title"`
	Variant  text  `json:"variantTitle"`
	Quantity count `json:"currentQuantity"`
}

type fulfillment struct {
	ID            id     `json:"id"`
	Status        text   `json:"status"`
	DisplayStatus text   `json:"displayStatus"`
	CreatedAt     moment `json:"createdAt"`
	UpdatedAt     moment `json:"updatedAt"`
	Tracking      []struct {
		Company text `json:"company"`
		Number  text `json:"number"`
		URL     text `json:"url"`
	} `json:"trackingInfo"`
}

func (in order) record() chat.OrderRecord {
	place := in.Shipping
	if place.country() == "" {
		place = in.Billing
	}
	r := chat.OrderRecord{
		ID: string(in.ID), CustomerID: string(in.Customer.ID), Name: string(in.Name),
		Email:    cmp.Or(in.Email, in.Customer.Email.Address).lower(),
		Customer: cmp.Or(fullName(in.Customer.FirstName, in.Customer.LastName), string(in.Shipping.Name), string(in.Billing.Name)),
		Locale:   string(in.Locale), Country: place.country(), Zip: string(place.Zip),
		Test: in.Test, FinancialStatus: in.FinancialStatus.lower(), FulfillmentStatus: fulfillmentStatus(in.FulfillmentStatus),
		Total: string(in.Total.Shop.Amount), Currency: string(in.Total.Shop.Currency),
		CreatedAt: in.CreatedAt.Time, UpdatedAt: in.UpdatedAt.Time, CancelledAt: in.CancelledAt.Time,
	}
	r.Phones = orderPhones(string(in.Phone), r.Country, string(in.Shipping.Phone), in.Shipping.country(), string(in.Billing.Phone), in.Billing.country())
	for _, one := range in.Items.Nodes {
		if one.Quantity > 0 && one.Title != "" {
			r.Items = append(r.Items, chat.Item{Title: string(one.Title), Variant: string(one.Variant), Quantity: int(one.Quantity)})
		}
	}
	return r
}

// appendTo adds the order, its customer and its shipments to an update.
func (in order) appendTo(u *chat.DirectoryUpdate) {
	u.Orders = append(u.Orders, in.record())
	if in.Customer.ID != "" {
		c := in.Customer.record()
		c.Partial = true
		u.Customers = append(u.Customers, c)
	}
	for _, f := range in.Fulfillments {
		if f.ID != "" {
			u.Fulfillments = append(u.Fulfillments, f.record(in.ID))
		}
	}
}

func (in fulfillment) record(order id) chat.FulfillmentRecord {
	r := chat.FulfillmentRecord{
		ID: string(in.ID), OrderID: string(order), Status: in.Status.lower(), ShipmentStatus: shipmentStatus(in.DisplayStatus),
		CreatedAt: in.CreatedAt.Time, UpdatedAt: in.UpdatedAt.Time,
	}
	for _, one := range in.Tracking {
		r.Company = cmp.Or(r.Company, string(one.Company))
		addTracking(&r, one.Number, one.URL)
	}
	return r
}

// fulfillmentStatus translates a status of the API into the terms of webhooks, which
// have "fulfilled", "partial", "restocked", and nothing for an order that was not sent.
func fulfillmentStatus(t text) string {
	switch s := t.lower(); s {
	case "unfulfilled":
		return ""
	case "partially_fulfilled":
		return "partial"
	default:
		return s
	}
}

// shipmentStatus translates a status of the API into the terms of webhooks, in which a
// shipment has none until the carrier reports one.
func shipmentStatus(t text) string {
	switch s := t.lower(); s {
	case "submitted", "fulfilled", "marked_as_fulfilled", "canceled", "label_voided":
		return ""
	case "not_delivered":
		return "failure"
	default:
		return s
	}
}
