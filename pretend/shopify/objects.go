package shopify

import (
	"cmp"
	"fmt"
	"strings"
)

// customerObject returns a customer for GraphQL, or an untyped nil.
func (s *Shopify) customerObject(x *execution, c *Customer) any {
	if c == nil {
		return nil
	}
	return s.showCustomer(x, c)
}

func (s *Shopify) showCustomer(x *execution, c *Customer) object {
	out := object{
		"id": gid("Customer", c.ID), "legacyResourceId": fmt.Sprint(c.ID), "locale": c.Locale, "state": "DISABLED", "tags": []string{},
		"createdAt": stamp(c.CreatedAt), "updatedAt": stamp(c.UpdatedAt), "displayName": s.personal(c.displayName(), ""),
		"firstName": s.personal(orNull(c.FirstName), nil), "lastName": s.personal(orNull(c.LastName), nil),
		"email": s.personal(orNull(c.Email), nil), "phone": s.personal(orNull(c.Phone), nil),
		"numberOfOrders": func(arguments) any { return fmt.Sprint(len(s.byCustomer[c.ID])) },
		"orders": func(args arguments) any {
			if err := s.allowed("orders", "read_orders"); err != nil {
				return err
			}
			return s.listOrders(x, "customer/orders", args, s.byCustomer[c.ID])
		},
		"addresses":   func(args arguments) any { return s.addresses(c) },
		"addressesV2": func(args arguments) any { return page(s.addresses(c), args) },
	}
	if c.Phone != "" && !s.hidesPeople {
		out["defaultPhoneNumber"] = consentObject(c)
	}
	if c.Email != "" && !s.hidesPeople {
		out["defaultEmailAddress"] = object{"emailAddress": c.Email}
	}
	if all := s.addresses(c); len(all) > 0 {
		out["defaultAddress"] = all[0]
	}
	return out
}

// consentObject is a CustomerPhoneNumber. Until 2026-07 only its own fields say
// whether the customer consents; they spell "never asked" differently.
func consentObject(c *Customer) object {
	state := c.Consent.State
	if state == "NOT_SUBSCRIBED" {
		state = "NEVER_SUBSCRIBED"
	}
	level, source, at := orNull(c.Consent.Level), orNull(c.Consent.Source), stampOrNull(c.Consent.At)
	return object{
		"phoneNumber": c.Phone, "marketingState": c.Consent.State, "marketingOptInLevel": level, "marketingUpdatedAt": at,
		"marketingCollectedFrom": source,
		"smsMarketingConsent":    object{"state": state, "optInLevel": level, "collectedFrom": source, "updatedAt": at},
	}
}

func (c *Customer) displayName() string {
	return cmp.Or(strings.TrimSpace(c.FirstName+" "+c.LastName), c.Email, c.Phone)
}

func (s *Shopify) addresses(c *Customer) []object {
	out := []object{}
	for _, a := range c.Addresses {
		out = append(out, s.addressObject(&a))
	}
	return out
}

func (s *Shopify) addressObject(a *Address) object {
	out := object{"id": gid("MailingAddress", a.ID), "countryCodeV2": a.CountryCode, "timeZone": orNull(a.TimeZone)}
	if s.hidesPeople {
		return out
	}
	for name, value := range map[string]string{
		"firstName": a.FirstName, "lastName": a.LastName, "name": strings.TrimSpace(a.FirstName + " " + a.LastName), "address1": a.Address1,
		"city": a.City, "province": a.Province, "provinceCode": a.ProvinceCode, "zip": a.Zip, "country": a.Country, "phone": a.Phone,
	} {
		out[name] = orNull(value)
	}
	return out
}

func (s *Shopify) orderObject(x *execution, o *Order) object {
	total := object{"amount": o.Total, "currencyCode": s.account.Currency}
	bag := object{"shopMoney": total, "presentmentMoney": total}
	out := object{
		"id": gid("Order", o.ID), "legacyResourceId": fmt.Sprint(o.ID), "name": o.Name(), "number": o.Number, "confirmationNumber": o.Confirmation,
		"email": s.personal(orNull(o.Email), nil), "phone": s.personal(orNull(o.Phone), nil),
		"createdAt": stamp(o.CreatedAt), "updatedAt": stamp(o.UpdatedAt), "processedAt": stamp(o.CreatedAt), "cancelledAt": stampOrNull(o.CancelledAt),
		"test": o.Test, "currencyCode": s.account.Currency, "customerLocale": o.Locale,
		"displayFinancialStatus": o.Financial, "displayFulfillmentStatus": o.displayStatus(),
		"statusPageUrl":        s.statusPage(o),
		"currentTotalPriceSet": bag, "totalPriceSet": bag,
		"lineItems": func(args arguments) any {
			items := []object{}
			for _, i := range o.Items {
				items = append(items, object{
					"id": gid("LineItem", i.ID), "name": i.name(), "title": i.Title, "variantTitle": orNull(i.Variant), "sku": orNull(i.SKU),
					"quantity": i.Quantity, "currentQuantity": i.Quantity,
				})
			}
			return page(items, args)
		},
		"fulfillments": func(args arguments) any {
			all := []object{}
			for _, f := range o.Fulfillments {
				if first := args.number("first"); first == 0 || len(all) < first {
					all = append(all, s.fulfillmentObject(x, o, f))
				}
			}
			return all
		},
		"customer": func(arguments) any {
			if err := s.allowed("customer", "read_customers"); err != nil {
				return err
			}
			return s.customerObject(x, find(s.customers, o.CustomerID))
		},
	}
	if o.Shipping != nil {
		out["shippingAddress"] = s.addressObject(o.Shipping)
	}
	if o.Billing != nil {
		out["billingAddress"] = s.addressObject(o.Billing)
	}
	return out
}

func (s *Shopify) fulfillmentObject(x *execution, o *Order, f *Fulfillment) object {
	status := strings.ToUpper(f.Shipment)
	switch {
	case f.Status == "cancelled":
		status = "CANCELED"
	case status == "":
		status = "FULFILLED"
	}
	tracking := []object{}
	if f.Number != "" {
		tracking = append(tracking, object{"company": orNull(f.Company), "number": f.Number, "url": orNull(f.URL)})
	}
	return object{
		"id": gid("Fulfillment", f.ID), "legacyResourceId": fmt.Sprint(f.ID), "name": o.Name() + ".1", "status": strings.ToUpper(f.Status),
		"displayStatus": status, "createdAt": stamp(f.CreatedAt), "updatedAt": stamp(f.UpdatedAt), "deliveredAt": stampOrNull(f.DeliveredAt),
		"trackingInfo": tracking, "order": func(arguments) any { return s.orderObject(x, o) },
	}
}

func (o *Order) displayStatus() string {
	for _, f := range o.Fulfillments {
		if f.Status == "success" {
			return "FULFILLED"
		}
	}
	return "UNFULFILLED"
}

func (i Item) name() string {
	if i.Variant == "" {
		return i.Title
	}
	return i.Title + " - " + i.Variant
}

func (s *Shopify) statusPage(o *Order) string {
	return fmt.Sprintf("https://%s/%d/orders/%x/authenticate?key=%x", s.account.Store, 1, o.ID, o.ID*7919)
}

// personal returns a value of protected customer data, or its replacement for an app
// without access to it.
func (s *Shopify) personal(value, hidden any) any {
	if s.hidesPeople {
		return hidden
	}
	return value
}

// orNull is null for an empty text.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
