package chat

import "time"

// A DirectoryUpdate is what a vendor says about a shop's customers in one webhook
// or on one page of a list. Records come in any order and more than once; older
// ones than those that are stored change nothing.
type DirectoryUpdate struct {
	Vendor        Vendor
	Customers     []CustomerRecord
	Orders        []OrderRecord
	Fulfillments  []FulfillmentRecord
	Subscriptions []SubscriptionRecord
	Charges       []ChargeRecord
	Consents      []ConsentRecord
	Merges        []CustomerMerge
	Deletions     []Deletion

	// Complete names Recharge customers of whom the update has all subscriptions and
	// queued charges: others that are stored are gone.
	Complete []string
}

// A CustomerRecord is a customer as a vendor shows it.
type CustomerRecord struct {
	ID        string // the vendor's
	ShopifyID string // of a Recharge customer: the Shopify customer it belongs to, or empty
	Name      string
	Email     string
	Phones    []PhoneRecord
	Locale    string // "en-US", or empty
	TimeZone  string // of the default address, as an IANA name, or empty
	Country   string // of the default address: "US"
	Zip       string // of the default address
	// Partial says that the vendor sent a part of the customer, as with an order. Fields
	// that are empty are unknown then, and phones that are missing are not gone.
	Partial   bool
	CreatedAt time.Time
	UpdatedAt time.Time
}

// A PhoneSource is where a phone was written down.
type PhoneSource string

// In the order of how surely the phone is the customer's own.
const (
	ShopifyCustomerPhone  PhoneSource = "shopify_customer"
	OrderPhone            PhoneSource = "order"
	ShippingPhone         PhoneSource = "shipping"
	BillingPhone          PhoneSource = "billing"
	RechargeCustomerPhone PhoneSource = "recharge_customer"
	RechargeAddressPhone  PhoneSource = "recharge_address"
	ListPhone             PhoneSource = "list" // an imported CSV file
)

// A PhoneRecord is a phone as a vendor shows it: often as a person typed it.
type PhoneRecord struct {
	Raw     string
	Country string // of the address it stands in, "US"; empty: unknown
	Source  PhoneSource

	// Phone is Raw in E.164, once Normalize has parsed it; empty if that failed, and
	// Problem says why.
	Phone   Phone
	Problem string
}

// An OrderRecord is an order in the Shopify store.
type OrderRecord struct {
	ID         string // Shopify's number
	CustomerID string // Shopify's, or empty for a guest
	Name       string // "#1001"
	Email      string
	Phones     []PhoneRecord
	Customer   string // the customer's name
	Locale     string
	Country    string // of the shipping address, else of the billing address
	Zip        string

	Test              bool
	FinancialStatus   string // "paid", in lower case
	FulfillmentStatus string // "fulfilled", in lower case; empty: not yet
	Total, Currency   string
	Items             []Item
	CreatedAt         time.Time
	UpdatedAt         time.Time
	CancelledAt       time.Time
}

// Proves reports whether the order proves that the customer has purchased.
func (o OrderRecord) Proves() bool { return !o.Test && o.CancelledAt.IsZero() }

// An Item is a line of an order or a charge.
type Item struct {
	Title    string `json:"title"`
	Variant  string `json:"variant,omitempty"`
	Quantity int    `json:"quantity"`
}

// A FulfillmentRecord is a shipment of an order. A webhook about an event of a
// shipment has only ID, OrderID, ShipmentStatus and UpdatedAt: see Partial.
type FulfillmentRecord struct {
	ID             string
	OrderID        string
	Status         string // "success", "cancelled", …
	ShipmentStatus string // "in_transit", "delivered", … in lower case; empty: unknown
	Company        string
	Numbers        []string // tracking numbers
	URLs           []string // of the tracking pages, one for each number or fewer
	Partial        bool
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// A SubscriptionRecord is a subscription in Recharge.
type SubscriptionRecord struct {
	ID         string
	CustomerID string // Recharge's
	AddressID  string
	Status     string // "active", "cancelled", "expired", in lower case
	Product    string
	Variant    string
	VariantID  string // Shopify's
	ProductID  string // Shopify's
	Quantity   int
	Price      string
	Unit       string // of the interval: "day", "week", "month"
	Every      int    // how many units
	NextCharge string // "2026-12-09", or empty
	Prepaid    bool
	Skippable  bool
	Swappable  bool
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// A ChargeRecord is a payment in Recharge: past, failed or to come.
type ChargeRecord struct {
	ID          string
	CustomerID  string // Recharge's
	ShopifyID   string // the Shopify customer's, or empty
	AddressID   string
	Status      string // "queued", "success", "error", "skipped", "refunded", …
	ScheduledOn string // "2026-12-09"
	Total       string
	Currency    string
	Items       []ChargeItem
	OrderID     string // the Shopify order that it became, or empty
	ErrorType   string // "CUSTOMER_NEEDS_TO_UPDATE_CARD"
	MaxRetries  bool   // Recharge has stopped trying
	ProcessedAt time.Time
	UpdatedAt   time.Time
}

// Proves reports whether the charge proves that the customer has purchased.
func (c ChargeRecord) Proves() bool { return c.Status == "success" }

// A ChargeItem is a line of a charge.
type ChargeItem struct {
	Item
	SubscriptionID string `json:"subscription,omitempty"` // of what is subscribed
	OneTime        bool   `json:"one_time,omitempty"`
}

// A ConsentRecord is a customer's consent to marketing texts, as Shopify has it.
type ConsentRecord struct {
	CustomerID string // Shopify's
	Phone      PhoneRecord
	State      ConsentState
	Level      string // "single_opt_in", …
	Source     string // where it was collected: "shopify", "other"
	At         time.Time
}

// A CustomerMerge says that Shopify has merged a customer into another one.
type CustomerMerge struct{ KeptID, GoneID string }

// A Deletion says that a vendor has deleted an object.
type Deletion struct {
	Kind RecordKind
	ID   string
	At   time.Time // by the vendor's clock; zero: unknown
}

// A RecordKind names a kind of record.
type RecordKind string

const (
	CustomerKind     RecordKind = "customer"
	OrderKind        RecordKind = "order"
	SubscriptionKind RecordKind = "subscription"
	ChargeKind       RecordKind = "charge"
)
