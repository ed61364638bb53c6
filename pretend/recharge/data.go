package recharge

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Zero ids and times of seeded objects are assigned.

// A Customer is a customer at Recharge. The phone is as the shopper typed it.
type Customer struct {
	ID          int64    `json:"id"`
	Email       Text     `json:"email"`
	FirstName   Text     `json:"first_name"`
	LastName    Text     `json:"last_name"`
	Phone       Text     `json:"phone"`
	External    External `json:"external_customer_id"`
	Hash        Text     `json:"hash"`
	FirstCharge Offset   `json:"first_charge_processed_at"`
	CreatedAt   Naive    `json:"created_at"`
	UpdatedAt   Naive    `json:"updated_at"`
}

// An Address is a postal address; its country's default is "US".
type Address struct {
	ID          int64  `json:"id"`
	CustomerID  int64  `json:"customer_id"`
	MethodID    *int64 `json:"payment_method_id"`
	FirstName   Text   `json:"first_name"`
	LastName    Text   `json:"last_name"`
	Company     Text   `json:"company"`
	Address1    Text   `json:"address1"`
	Address2    Text   `json:"address2"`
	City        Text   `json:"city"`
	Province    Text   `json:"province"`
	Zip         Text   `json:"zip"`
	CountryCode Text   `json:"country_code"`
	Phone       string `json:"phone"` // empty, not null
	Discounts   []Ref  `json:"discounts"`
	OrderNote   Text   `json:"order_note"`
	CreatedAt   Naive  `json:"created_at"`
	UpdatedAt   Naive  `json:"updated_at"`
}

// A Ref names an object by its id.
type Ref struct {
	ID int64 `json:"id"`
}

// A Subscription is a product that is sent regularly. Defaults: active, quantity 1,
// every 30 days.
type Subscription struct {
	ID           int64           `json:"id"`
	AddressID    int64           `json:"address_id"`
	CustomerID   int64           `json:"customer_id"` // of the address
	Status       string          `json:"status"`      // "active", "cancelled", "expired"
	Product      Text            `json:"product_title"`
	Variant      Text            `json:"variant_title"`
	ProductID    External        `json:"external_product_id"`
	VariantID    External        `json:"external_variant_id"`
	Quantity     int             `json:"quantity"`
	Price        Text            `json:"price"`
	SKU          Text            `json:"sku"`
	Unit         string          `json:"order_interval_unit"`
	Every        int             `json:"order_interval_frequency"`
	ChargeEvery  int             `json:"charge_interval_frequency"`
	DayOfMonth   *int            `json:"order_day_of_month"`
	DayOfWeek    *int            `json:"order_day_of_week"` // 0: Monday
	Next         Text            `json:"next_charge_scheduled_at"`
	Prepaid      bool            `json:"is_prepaid"`
	MaxRetries   bool            `json:"max_retries_reached"`
	ExpireAfter  *int            `json:"expire_after_specific_number_of_charges"`
	Properties   json.RawMessage `json:"properties"`
	CancelledAt  Naive           `json:"cancelled_at"`
	Reason       Text            `json:"cancellation_reason"`
	Comments     Text            `json:"cancellation_reason_comments"`
	CreatedAt    Naive           `json:"created_at"`
	UpdatedAt    Naive           `json:"updated_at"`
	formerNext   Text            // of a cancelled one
	skippedDates map[Text]bool
}

// A Onetime is a product that is added to one charge.
type Onetime struct {
	ID         int64           `json:"id"`
	AddressID  int64           `json:"address_id"`
	CustomerID int64           `json:"customer_id"`
	Product    Text            `json:"product_title"`
	Variant    Text            `json:"variant_title"`
	ProductID  External        `json:"external_product_id"`
	VariantID  External        `json:"external_variant_id"`
	Quantity   int             `json:"quantity"`
	Price      Text            `json:"price"`
	SKU        Text            `json:"sku"`
	Next       Text            `json:"next_charge_scheduled_at"`
	Properties json.RawMessage `json:"properties"`
	Cancelled  bool            `json:"is_cancelled"`
	CreatedAt  Naive           `json:"created_at"`
	UpdatedAt  Naive           `json:"updated_at"`
}

// A PaymentMethod is how a customer pays.
type PaymentMethod struct {
	ID         int64          `json:"id"`
	CustomerID int64          `json:"customer_id"`
	Type       string         `json:"payment_type"`
	Processor  string         `json:"processor_name"`
	Default    bool           `json:"default"`
	Status     Text           `json:"status"`
	Details    map[string]any `json:"payment_details"`
	UpdatedAt  Naive          `json:"updated_at"`
}

// A Plan is an interval that shoppers may choose for a product.
type Plan struct {
	ID        int64
	ProductID string // Shopify's
	Unit      string
	Every     int
	Hidden    bool // not shown in the customer portal
}

// A Variant is a variant of a product of the store.
type Variant struct{ ID, ProductID, Product, Title, Price, SKU string }

// A Discount is a discount code.
type Discount struct {
	ID    int64  `json:"id"`
	Code  string `json:"code"`
	Value string `json:"value"`
	Type  string `json:"value_type"` // "percentage", "fixed_amount"
}

// A Strategy is a reason to cancel with the offer that is made for it.
type Strategy struct {
	ID         int64  `json:"id"`
	Reason     string `json:"reason"`
	Text       Text   `json:"prevention_text"`
	Incentive  Text   `json:"incentive_type"`
	Code       Text   `json:"discount_code"`
	FlowTarget string `json:"cancellation_flow_type"` // empty: "subscription"
}

// A Notice is an e-mail that Recharge was asked to send to a customer.
type Notice struct {
	Customer int64
	Template string
	Vars     map[string]any
	At       time.Time
}

func (c *Customer) id() int64      { return c.ID }
func (a *Address) id() int64       { return a.ID }
func (s *Subscription) id() int64  { return s.ID }
func (o *Onetime) id() int64       { return o.ID }
func (p *PaymentMethod) id() int64 { return p.ID }

func (c *Customer) field(name string) []string {
	switch name {
	case "email":
		return []string{string(c.Email)}
	case "external_customer_id":
		return []string{string(c.External)}
	case "hash":
		return []string{string(c.Hash)}
	}
	return common(name, c.ID, c.CreatedAt.Time, c.UpdatedAt.Time)
}

func (a *Address) field(name string) []string {
	if name == "customer_id" {
		return number(a.CustomerID)
	}
	return common(name, a.ID, a.CreatedAt.Time, a.UpdatedAt.Time)
}

func (s *Subscription) field(name string) []string {
	switch name {
	case "customer_id":
		return number(s.CustomerID)
	case "address_id":
		return number(s.AddressID)
	case "status":
		return []string{s.Status}
	case "external_variant_id":
		return []string{string(s.VariantID)}
	}
	return common(name, s.ID, s.CreatedAt.Time, s.UpdatedAt.Time)
}

func (o *Onetime) field(name string) []string {
	switch name {
	case "customer_id":
		return number(o.CustomerID)
	case "address_id":
		return number(o.AddressID)
	case "external_variant_id":
		return []string{string(o.VariantID)}
	}
	return common(name, o.ID, o.CreatedAt.Time, o.UpdatedAt.Time)
}

func (p *PaymentMethod) field(name string) []string {
	if name == "customer_id" {
		return number(p.CustomerID)
	}
	return common(name, p.ID, p.UpdatedAt.Time, p.UpdatedAt.Time)
}

// common returns the fields that all objects have. The id is padded so that texts sort
// like numbers.
func common(name string, id int64, created, updated time.Time) []string {
	switch name {
	case "id":
		return number(id)
	case "created_at":
		return []string{sortable(created)}
	case "updated_at":
		return []string{sortable(updated)}
	}
	return nil
}

func number(n int64) []string { return []string{strconv.FormatInt(n, 10)} }

func hashOf(id int64) Text { return Text(fmt.Sprintf("%012x", uint64(id)*2654435761%(1<<48))) }
