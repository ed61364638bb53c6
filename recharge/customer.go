package recharge

import (
	"strings"
	"time"
)

// A Customer is a person who has subscriptions in the store.
type Customer struct {
	ID                  string
	ShopifyID           string // of the same person in Shopify, or empty
	Email               string
	FirstName, LastName string
	Phone               string // as the person typed it
	ActiveSubscriptions int
	ValidPayment        bool // has a payment method that can be charged
	PaymentInDunning    bool // a payment failed, and Recharge asks for another method
	CreatedAt           time.Time
	UpdatedAt           time.Time

	// Objects that were asked for with Include; otherwise empty.
	Addresses      []Address
	Subscriptions  []Subscription
	PaymentMethods []PaymentMethod
}

// Name returns the whole name.
func (c Customer) Name() string { return strings.TrimSpace(c.FirstName + " " + c.LastName) }

func newCustomer(o object) Customer {
	c := Customer{
		ID:        o.id("id"),
		ShopifyID: o.id("external_customer_id.ecommerce", "shopify_customer_id"),
		Email:     o.text("email"), FirstName: o.text("first_name"), LastName: o.text("last_name"),
		Phone:               o.text("phone"),
		ActiveSubscriptions: o.integer("subscriptions_active_count"),
		ValidPayment:        o.boolean("has_valid_payment_method"),
		PaymentInDunning:    o.boolean("has_payment_method_in_dunning"),
		CreatedAt:           o.time("created_at"), UpdatedAt: o.time("updated_at"),
	}
	c.Addresses = each(o.list("include.addresses"), newAddress)
	c.Subscriptions = each(o.list("include.subscriptions"), newSubscription)
	c.PaymentMethods = each(o.list("include.payment_methods"), newPaymentMethod)
	return c
}

// An Address is where orders are delivered. A subscription belongs to one.
type Address struct {
	ID, CustomerID, PaymentMethodID string
	FirstName, LastName, Company    string
	Address1, Address2              string
	City, Province, Zip             string
	Country                         string // "US", or empty
	Phone                           string // as a person typed it
	UpdatedAt                       time.Time
}

func newAddress(o object) Address {
	return Address{
		ID: o.id("id"), CustomerID: o.id("customer_id", "customer.id"), PaymentMethodID: o.id("payment_method_id"),
		FirstName: o.text("first_name"), LastName: o.text("last_name"), Company: o.text("company"),
		Address1: o.text("address1"), Address2: o.text("address2"),
		City: o.text("city"), Province: o.text("province"), Zip: o.text("zip"),
		Country: country(o), Phone: o.text("phone"), UpdatedAt: o.time("updated_at"),
	}
}

// country returns an address's country as two capital letters. Version 2021-01 has the
// country's name, which is not taken for a code.
func country(o object) string {
	for _, name := range []string{"country_code", "country"} {
		s := strings.ToUpper(o.text(name))
		if len(s) == 2 && 'A' <= s[0] && s[0] <= 'Z' && 'A' <= s[1] && s[1] <= 'Z' {
			return s
		}
	}
	return ""
}

// A PaymentMethod is how a customer pays. Its Status is "valid", "invalid" or another
// word, or empty.
type PaymentMethod struct {
	ID, CustomerID    string
	Type              string // "CREDIT_CARD", "PAYPAL", …
	Processor         string // "shopify_payments", …
	Status            string
	Default           bool
	Brand, Last4      string // of a card: "visa", "4242"
	ExpMonth, ExpYear int    // of a card
}

func newPaymentMethod(o object) PaymentMethod {
	return PaymentMethod{
		ID: o.id("id"), CustomerID: o.id("customer_id"),
		Type: o.text("payment_type"), Processor: o.text("processor_name"),
		Status: o.lower("status"), Default: o.boolean("default"),
		Brand: o.text("payment_details.brand"), Last4: o.text("payment_details.last4"),
		ExpMonth: o.integer("payment_details.exp_month"), ExpYear: o.integer("payment_details.exp_year"),
	}
}

// each converts each element of a list.
func each[A, B any](list []A, convert func(A) B) []B {
	var all []B
	for _, a := range list {
		all = append(all, convert(a))
	}
	return all
}
