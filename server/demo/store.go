package demo

import (
	"strconv"
	"time"

	"sidetext/pretend/recharge"
	"sidetext/pretend/shopify"
)

// The access that the shop's owner has made at Shopify and Recharge.
const (
	Store          = "willow-oak.myshopify.com"
	ShopifyClient  = "5d0b4c3a2f1e4d6c8b7a90f1e2d3c4b5"
	ShopifySecret  = "shpss_demo_secret"
	RechargeToken  = "sk_1x1_demo"
	RechargeSecret = "rc_demo_secret"

	// ShopifyVersion is the version of the API that the store is asked for.
	ShopifyVersion = "2026-10"
)

// Customers at Shopify. Aiko and Kenji share a phone.
const (
	jane   = 601
	miguel = 602
	aiko   = 603
	kenji  = 604
)

// The same customers at Recharge.
const (
	janeSubscriber   = 90_001
	miguelSubscriber = 90_002
	kenjiSubscriber  = 90_004
)

// Products, by their variants.
const (
	houseBlend = "55"
	decaf      = "66"
	filters    = "77"
)

// homeOf returns the address of a customer.
func homeOf(customer int64) shopify.Address {
	if customer == kenji {
		home := homeOf(aiko)
		home.FirstName = "Kenji"
		return home
	}
	return map[int64]shopify.Address{
		jane:   {FirstName: "Jane", LastName: "Doe", Address1: "12 Laurel St", City: "San Francisco", Province: "California", ProvinceCode: "CA", Zip: "94118", Country: "United States", TimeZone: "America/Los_Angeles", Phone: "(415) 555-0123"},
		miguel: {FirstName: "Miguel", LastName: "Torres", Address1: "40 Elm St", City: "Austin", Province: "Texas", ProvinceCode: "TX", Zip: "78701", Country: "United States", TimeZone: "America/Chicago"},
		aiko:   {FirstName: "Aiko", LastName: "Tanaka", Address1: "9 Cedar Ave", City: "Oakland", Province: "California", ProvinceCode: "CA", Zip: "94601", Country: "United States", TimeZone: "America/Los_Angeles", Phone: "415.555.0145"},
	}[customer]
}

// customers are known to the store. Kenji's phone is only in an address.
func customers() []shopify.Customer {
	return []shopify.Customer{
		{ID: jane, FirstName: "Jane", LastName: "Doe", Email: "jane@example.com", Phone: "+14155550123", Addresses: []shopify.Address{homeOf(jane)},
			Consent: shopify.Consent{State: "SUBSCRIBED", Level: "SINGLE_OPT_IN", Source: "SHOPIFY", At: ago(60)}, CreatedAt: ago(70)},
		{ID: miguel, FirstName: "Miguel", LastName: "Torres", Email: "miguel@example.com", Phone: "+14155550134", Locale: "es", Addresses: []shopify.Address{homeOf(miguel)}, CreatedAt: ago(50)},
		{ID: aiko, FirstName: "Aiko", LastName: "Tanaka", Email: "aiko@example.com", Phone: "+14155550145", Addresses: []shopify.Address{homeOf(aiko)}, CreatedAt: ago(45)},
		{ID: kenji, FirstName: "Kenji", LastName: "Tanaka", Email: "kenji@example.com", Addresses: []shopify.Address{homeOf(kenji)}, CreatedAt: ago(30)},
	}
}

// orders are the store's past orders: one of a guest, one on its way, and one that has
// not been shipped.
func orders() []shopify.Order {
	guest := shopify.Address{FirstName: "Rosa", LastName: "Lind", Address1: "3 Oak Ln", City: "Portland", Province: "Oregon", ProvinceCode: "OR", Zip: "97201", Phone: "(503) 555-0156"}
	order := func(id, customer int64, days int, email string, items ...shopify.Item) shopify.Order {
		home := homeOf(customer)
		return shopify.Order{ID: id, CustomerID: customer, Email: email, Shipping: &home, Billing: &home, Items: items, CreatedAt: ago(days)}
	}
	delivered := order(4502, jane, 37, "jane@example.com", item(houseBlend, 2), item(filters, 1))
	delivered.Fulfillments = []*shopify.Fulfillment{{Shipment: "delivered", Company: "UPS", Number: "1Z999AA10000004502", URL: "https://tracking.example/1Z999AA10000004502", CreatedAt: ago(36), UpdatedAt: ago(33), DeliveredAt: ago(33)}}
	moving := order(4504, jane, 3, "jane@example.com", item(houseBlend, 2))
	moving.Fulfillments = []*shopify.Fulfillment{{Shipment: "in_transit", Company: "UPS", Number: "1Z999AA10000004504", URL: "https://tracking.example/1Z999AA10000004504", CreatedAt: ago(2), UpdatedAt: ago(1)}}
	return []shopify.Order{
		{ID: 4501, Email: "rosa@example.com", Shipping: &guest, Billing: &guest, Items: []shopify.Item{item(filters, 3)}, CreatedAt: ago(40)},
		delivered,
		order(4503, aiko, 20, "aiko@example.com", item(filters, 2)),
		moving,
		order(4505, miguel, 1, "miguel@example.com", item(decaf, 1)),
	}
}

func item(variant string, quantity int) shopify.Item {
	for _, v := range variants() {
		if v.ID == variant {
			return shopify.Item{ProductID: number(v.ProductID), VariantID: number(v.ID), Title: v.Product, Variant: v.Title, SKU: v.SKU, Price: v.Price, Quantity: quantity}
		}
	}
	return shopify.Item{}
}

func number(id string) int64 {
	n, _ := strconv.ParseInt(id, 10, 64)
	return n
}

func variants() []recharge.Variant {
	return []recharge.Variant{
		{ID: houseBlend, ProductID: "5", Product: "House Blend", Title: "250 g", Price: "14.00", SKU: "HB250"},
		{ID: "56", ProductID: "5", Product: "House Blend", Title: "1 kg", Price: "48.00", SKU: "HB1000"},
		{ID: decaf, ProductID: "6", Product: "Decaf", Title: "250 g", Price: "15.00", SKU: "DC250"},
		{ID: filters, ProductID: "7", Product: "Paper filters", Title: "100", Price: "5.00", SKU: "PF100"},
	}
}

// ago returns the time some days ago.
func ago(days int) time.Time { return time.Now().Add(-time.Duration(days) * 24 * time.Hour) }
