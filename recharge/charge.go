package recharge

import "time"

// A Charge is a payment of all that is delivered to one address on one date.
type Charge struct {
	ID, AddressID, CustomerID string
	ShopifyCustomerID         string // or empty
	Status                    string // "queued", "success", "error", "skipped", …
	Type                      string // "recurring", "checkout"
	ScheduledOn               string // "2026-12-09"
	Items                     []Item
	Subtotal, Discounts       string // "49.00"
	Total, Currency           string
	ShopifyOrderID            string // of the order that it became, or empty
	ErrorType                 string // "CUSTOMER_NEEDS_TO_UPDATE_CARD"
	Attempts                  int
	RetryOn                   string // when Recharge tries again, or empty
	// Uncommitted says that Recharge will rebuild the charge in a few seconds, because
	// of a change.
	Uncommitted bool
	ProcessedAt time.Time
	UpdatedAt   time.Time
}

// An Item is a line of a charge or an order.
type Item struct {
	PurchaseID           string // of the subscription or onetime
	PurchaseType         string // "subscription", "onetime", "prepaid", …
	Title, Variant       string
	ProductID, VariantID string // Shopify's
	Quantity             int
	UnitPrice, Total     string
}

// Onetime reports whether the item is not subscribed.
func (i Item) Onetime() bool { return i.PurchaseType == "onetime" }

func newCharge(o object) Charge {
	return Charge{
		ID: o.id("id"), AddressID: o.id("address_id"), CustomerID: o.id("customer.id", "customer_id"),
		ShopifyCustomerID: o.id("customer.external_customer_id.ecommerce", "shopify_customer_id"),
		Status:            o.lower("status"), Type: o.lower("type"), ScheduledOn: o.date("scheduled_at"),
		Items:    each(o.list("line_items"), newItem),
		Subtotal: o.text("subtotal_price"), Discounts: o.text("total_discounts"),
		Total: o.text("total_price"), Currency: o.text("currency"),
		ShopifyOrderID: o.id("external_order_id.ecommerce", "shopify_order_id"),
		ErrorType:      o.text("error_type"), Attempts: o.integer("charge_attempts"), RetryOn: o.date("retry_date"),
		Uncommitted: o.boolean("has_uncommitted_changes"),
		ProcessedAt: o.time("processed_at"), UpdatedAt: o.time("updated_at"),
	}
}

func newItem(o object) Item {
	i := Item{
		PurchaseID: o.id("purchase_item_id", "subscription_id"), PurchaseType: o.lower("purchase_item_type"),
		Title: o.text("title", "product_title"), Variant: o.text("variant_title"),
		ProductID: o.id("external_product_id.ecommerce", "shopify_product_id"),
		VariantID: o.id("external_variant_id.ecommerce", "shopify_variant_id"),
		Quantity:  o.integer("quantity"), UnitPrice: o.text("unit_price", "price"), Total: o.text("total_price"),
	}
	if i.PurchaseType == "" {
		i.PurchaseType = o.lower("type") // in version 2021-01
	}
	return i
}

// An Order is what was delivered, or will be. A prepaid charge has several.
type Order struct {
	ID, AddressID, CustomerID string
	ShopifyCustomerID         string // or empty
	ChargeID, ChargeStatus    string
	Status                    string // "success", "error", "queued", "cancelled", …
	Type                      string
	ScheduledOn               string
	Items                     []Item
	Total, Currency           string
	ShopifyID                 string // of the order in Shopify, or empty
	ShopifyNumber             string // "1001", or empty
	ProcessedAt               time.Time
	UpdatedAt                 time.Time
}

func newOrder(o object) Order {
	return Order{
		ID: o.id("id"), AddressID: o.id("address_id"), CustomerID: o.id("customer.id", "customer_id"),
		ShopifyCustomerID: o.id("customer.external_customer_id.ecommerce", "shopify_customer_id"),
		ChargeID:          o.id("charge.id", "charge_id"), ChargeStatus: o.object("charge").lower("status"),
		Status: o.lower("status"), Type: o.lower("type"), ScheduledOn: o.date("scheduled_at"),
		Items: each(o.list("line_items"), newItem),
		Total: o.text("total_price"), Currency: o.text("currency"),
		ShopifyID:     o.id("external_order_id.ecommerce", "shopify_order_id"),
		ShopifyNumber: o.text("external_order_number.ecommerce", "shopify_order_number"),
		ProcessedAt:   o.time("processed_at"), UpdatedAt: o.time("updated_at"),
	}
}
