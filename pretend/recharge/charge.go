package recharge

import (
	"encoding/json"
	"strconv"
)

// A Charge is a payment: past, failed or to come.
type Charge struct {
	ID          int64      `json:"id"`
	AddressID   int64      `json:"address_id"`
	Customer    ChargedTo  `json:"customer"`
	Status      string     `json:"status"` // "queued", "skipped", "success", "error", "refunded" …
	Type        string     `json:"type"`
	ScheduledAt Text       `json:"scheduled_at"`
	Original    Text       `json:"original_scheduled_at"`
	Items       []Line     `json:"line_items"`
	Discounts   []Discount `json:"discounts"`
	Subtotal    Text       `json:"subtotal_price"`
	Off         Text       `json:"total_discounts"`
	Tax         Text       `json:"total_tax"`
	Total       Text       `json:"total_price"`
	Currency    Text       `json:"currency"`
	OrderID     External   `json:"external_order_id"`
	ProcessedAt Offset     `json:"processed_at"`
	RetryDate   Text       `json:"retry_date"`
	Attempts    int        `json:"charge_attempts"`
	Error       Text       `json:"error"`
	ErrorType   Text       `json:"error_type"`
	CreatedAt   Offset     `json:"created_at"`
	UpdatedAt   Offset     `json:"updated_at"`
}

// ChargedTo is the customer of a charge.
type ChargedTo struct {
	ID       int64    `json:"id"`
	Email    Text     `json:"email"`
	Hash     Text     `json:"hash"`
	External External `json:"external_customer_id"`
}

// A Line is a product of a charge.
type Line struct {
	ItemID     int64             `json:"purchase_item_id"`
	ItemType   string            `json:"purchase_item_type"` // "subscription", "onetime"
	Title      Text              `json:"title"`
	Variant    Text              `json:"variant_title"`
	Quantity   int               `json:"quantity"`
	Price      Text              `json:"unit_price"`
	Total      Text              `json:"total_price"`
	Original   Text              `json:"original_price"`
	SKU        Text              `json:"sku"`
	ProductID  External          `json:"external_product_id"`
	VariantID  External          `json:"external_variant_id"`
	Images     map[string]string `json:"images"`
	Properties json.RawMessage   `json:"properties"`
}

// An Order is what a successful charge became.
type Order struct {
	ID          int64     `json:"id"`
	AddressID   int64     `json:"address_id"`
	Customer    ChargedTo `json:"customer"`
	Charge      ChargeRef `json:"charge"`
	Status      string    `json:"status"`
	Type        string    `json:"type"`
	ScheduledAt Text      `json:"scheduled_at"`
	ProcessedAt Offset    `json:"processed_at"`
	External    External  `json:"external_order_id"`
	Number      External  `json:"external_order_number"`
	Items       []Line    `json:"line_items"`
	Total       Text      `json:"total_price"`
	Currency    Text      `json:"currency"`
	CreatedAt   Offset    `json:"created_at"`
	UpdatedAt   Offset    `json:"updated_at"`
}

// A ChargeRef names the charge of an order.
type ChargeRef struct {
	ID     int64  `json:"id"`
	Status string `json:"status"`
}

func (c *Charge) id() int64 { return c.ID }
func (o *Order) id() int64  { return o.ID }

func (c *Charge) field(name string) []string {
	switch name {
	case "customer_id":
		return number(c.Customer.ID)
	case "address_id":
		return number(c.AddressID)
	case "status":
		return []string{c.Status}
	case "external_order_id":
		return []string{string(c.OrderID)}
	case "scheduled_at":
		return []string{string(c.ScheduledAt)}
	case "processed_at":
		return []string{sortable(c.ProcessedAt.Time)}
	case "purchase_item_id":
		return itemIDs(c.Items)
	case "discount_code":
		codes := []string{}
		for _, d := range c.Discounts {
			codes = append(codes, d.Code)
		}
		return codes
	}
	return common(name, c.ID, c.CreatedAt.Time, c.UpdatedAt.Time)
}

func itemIDs(lines []Line) []string {
	ids := []string{}
	for _, l := range lines {
		ids = append(ids, strconv.FormatInt(l.ItemID, 10))
	}
	return ids
}

func (o *Order) field(name string) []string {
	switch name {
	case "customer_id":
		return number(o.Customer.ID)
	case "address_id":
		return number(o.AddressID)
	case "charge_id":
		return number(o.Charge.ID)
	case "status":
		return []string{o.Status}
	case "external_order_id":
		return []string{string(o.External)}
	case "scheduled_at":
		return []string{string(o.ScheduledAt)}
	case "processed_at":
		return []string{sortable(o.ProcessedAt.Time)}
	case "purchase_item_id":
		return itemIDs(o.Items)
	}
	return common(name, o.ID, o.CreatedAt.Time, o.UpdatedAt.Time)
}

// has reports whether the charge has a product in it.
func (c *Charge) has(item int64) bool {
	for _, l := range c.Items {
		if l.ItemID == item {
			return true
		}
	}
	return false
}

// open reports whether the charge is still to be paid.
func (c *Charge) open() bool { return c.Status == "queued" || c.Status == "error" }
