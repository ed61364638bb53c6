package recharge

import (
	"cmp"
	"slices"

	"sidetext/chat"
)

// record returns the customer for the directory. Addresses that were read with the
// customer add their phones.
func (c Customer) record() chat.CustomerRecord {
	r := chat.CustomerRecord{
		ID: c.ID, ShopifyID: c.ShopifyID, Name: c.Name(), Email: c.Email,
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	for _, a := range c.Addresses {
		r.Country, r.Zip = cmp.Or(r.Country, a.Country), cmp.Or(r.Zip, a.Zip)
	}
	if c.Phone != "" {
		// The customer's phone has no country of its own.
		r.Phones = append(r.Phones, chat.PhoneRecord{Raw: c.Phone, Country: r.Country, Source: chat.RechargeCustomerPhone})
	}
	for _, a := range c.Addresses {
		r.Phones = append(r.Phones, a.phones()...)
	}
	return r
}

// record returns what an address says about its customer. The name in an address may
// be that of another person, as with a gift, so it is left out.
func (a Address) record() chat.CustomerRecord {
	return chat.CustomerRecord{
		ID: a.CustomerID, Phones: a.phones(), Country: a.Country, Zip: a.Zip,
		Partial: true, UpdatedAt: a.UpdatedAt,
	}
}

func (a Address) phones() []chat.PhoneRecord {
	if a.Phone == "" {
		return nil
	}
	return []chat.PhoneRecord{{Raw: a.Phone, Country: a.Country, Source: chat.RechargeAddressPhone}}
}

func (s Subscription) record() chat.SubscriptionRecord {
	return chat.SubscriptionRecord{
		ID: s.ID, CustomerID: s.CustomerID, AddressID: s.AddressID, Status: s.Status,
		Product: s.Product, Variant: s.Variant, VariantID: s.VariantID, ProductID: s.ProductID,
		Quantity: s.Quantity, Price: s.Price, Unit: s.Interval.Unit, Every: s.Interval.Order,
		NextCharge: s.NextCharge, Prepaid: s.Prepaid, Skippable: s.Skippable, Swappable: s.Swappable,
		CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt,
	}
}

func (c Charge) record() chat.ChargeRecord {
	return chat.ChargeRecord{
		ID: c.ID, CustomerID: c.CustomerID, ShopifyID: c.ShopifyCustomerID, AddressID: c.AddressID,
		Status: c.Status, ScheduledOn: c.ScheduledOn, Total: c.Total, Currency: c.Currency,
		Items: chargeItems(c.Items), OrderID: c.ShopifyOrderID, ErrorType: c.ErrorType,
		ProcessedAt: c.ProcessedAt, UpdatedAt: c.UpdatedAt,
	}
}

func chargeItems(items []Item) []chat.ChargeItem {
	var all []chat.ChargeItem
	for _, i := range items {
		item := chat.ChargeItem{Item: chat.Item{Title: i.Title, Variant: i.Variant, Quantity: i.Quantity}, OneTime: i.Onetime()}
		if !item.OneTime {
			item.SubscriptionID = i.PurchaseID
		}
		all = append(all, item)
	}
	return all
}

// charge returns the record of the charge that paid for a processed order, and whether
// the order says enough about it. A prepaid charge pays for several orders, so none of
// them shows what it was.
//
// Its time is that of the processing, before Recharge changed the charge for the last
// time: a record of the charge itself is newer.
func (o Order) charge() (chat.ChargeRecord, bool) {
	prepaid := slices.ContainsFunc(o.Items, func(i Item) bool {
		return i.PurchaseType == "prepaid" || i.PurchaseType == "prepaid_v2"
	})
	if o.ChargeID == "" || o.ChargeStatus == "" || o.ProcessedAt.IsZero() || prepaid {
		return chat.ChargeRecord{}, false
	}
	return chat.ChargeRecord{
		ID: o.ChargeID, CustomerID: o.CustomerID, ShopifyID: o.ShopifyCustomerID, AddressID: o.AddressID,
		Status: o.ChargeStatus, ScheduledOn: o.ScheduledOn, Total: o.Total, Currency: o.Currency,
		Items: chargeItems(o.Items), OrderID: o.ShopifyID, ProcessedAt: o.ProcessedAt, UpdatedAt: o.ProcessedAt,
	}, true
}
