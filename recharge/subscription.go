package recharge

import "time"

// A Subscription is a product that is delivered again and again.
type Subscription struct {
	ID, AddressID, CustomerID string
	Status                    string // "active", "cancelled", "expired", …
	Product, Variant          string // titles
	ProductID, VariantID      string // Shopify's
	Quantity                  int
	Price                     string // "49.00"
	Interval                  Interval
	NextCharge                string // "2026-12-09"; empty if cancelled or expired
	Prepaid                   bool
	Skippable                 bool
	Swappable                 bool // follows the setting of the customer portal
	CancelledAt               time.Time
	CancellationReason        string
	CreatedAt                 time.Time
	UpdatedAt                 time.Time
}

// An Interval is how often a subscription is delivered and paid. The two differ for
// prepaid subscriptions.
type Interval struct {
	Unit   string // "day", "week", "month"
	Order  int    // units between two deliveries: 1 to 1000
	Charge int    // units between two payments
}

func newSubscription(o object) Subscription {
	return Subscription{
		ID: o.id("id"), AddressID: o.id("address_id"), CustomerID: o.id("customer_id", "customer.id"),
		Status:  o.lower("status"),
		Product: o.text("product_title"), Variant: o.text("variant_title"),
		ProductID: o.id("external_product_id.ecommerce", "shopify_product_id"),
		VariantID: o.id("external_variant_id.ecommerce", "shopify_variant_id"),
		Quantity:  o.integer("quantity"), Price: o.text("price"),
		Interval: Interval{
			Unit: o.lower("order_interval_unit"), Order: o.integer("order_interval_frequency"),
			Charge: o.integer("charge_interval_frequency"),
		},
		NextCharge: o.date("next_charge_scheduled_at"),
		Prepaid:    o.boolean("is_prepaid"), Skippable: o.boolean("is_skippable"), Swappable: o.boolean("is_swappable"),
		CancelledAt: o.time("cancelled_at"), CancellationReason: o.text("cancellation_reason"),
		CreatedAt: o.time("created_at"), UpdatedAt: o.time("updated_at"),
	}
}

// A Onetime is a product that is added to one order.
type Onetime struct {
	ID, AddressID, CustomerID string
	Product, Variant          string
	ProductID, VariantID      string // Shopify's
	Price                     string
	Quantity                  int
	NextCharge                string // the date of the order
	Cancelled                 bool
}

func newOnetime(o object) Onetime {
	return Onetime{
		ID: o.id("id"), AddressID: o.id("address_id"), CustomerID: o.id("customer_id"),
		Product: o.text("product_title"), Variant: o.text("variant_title"),
		ProductID: o.id("external_product_id.ecommerce"), VariantID: o.id("external_variant_id.ecommerce"),
		Price: o.text("price"), Quantity: o.integer("quantity"),
		NextCharge: o.date("next_charge_scheduled_at"), Cancelled: o.boolean("is_cancelled"),
	}
}

// A Plan is a way to subscribe to a product.
type Plan struct {
	ID, Type   string
	Interval   Interval
	Shown      bool     // in the customer portal; only these may be offered
	VariantIDs []string // Shopify's; empty: all variants of the product
}

func newPlan(o object) Plan {
	return Plan{
		ID: o.id("id"), Type: o.lower("type"),
		Interval: Interval{
			Unit:   o.lower("subscription_preferences.interval_unit"),
			Order:  o.integer("subscription_preferences.order_interval_frequency"),
			Charge: o.integer("subscription_preferences.charge_interval_frequency"),
		},
		Shown:      !off(o.object("channel_settings.customer_portal"), "display"),
		VariantIDs: o.ids("external_variant_ids"),
	}
}
