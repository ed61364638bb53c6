package recharge

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Include names objects that are read together with a customer.
type Include string

const (
	Addresses      Include = "addresses"
	Subscriptions  Include = "subscriptions"
	PaymentMethods Include = "payment_methods"
)

func includes(q url.Values, include []Include) url.Values {
	var names []string
	for _, i := range include {
		names = append(names, string(i))
	}
	return put(q, "include", names...)
}

// put sets a parameter to a comma-joined list, unless the list is empty.
func put(q url.Values, name string, values ...string) url.Values {
	if list := strings.Join(values, ","); list != "" {
		q.Set(name, list)
	}
	return q
}

// Customer reads a customer.
func (c *Client) Customer(ctx context.Context, id string, include ...Include) (Customer, error) {
	r := request{"read customer", http.MethodGet, path("customers", id), includes(url.Values{}, include), nil, "read_customers"}
	return readObject(ctx, c, r, "customer", id, newCustomer)
}

// CustomersByEmail finds customers by their e-mail address. Recharge can't find a
// customer by phone.
func (c *Client) CustomersByEmail(ctx context.Context, email string, include ...Include) ([]Customer, error) {
	return c.customers(ctx, "email", email, include, func(c Customer) bool { return !strings.EqualFold(c.Email, email) })
}

// CustomersByShopifyID finds customers by their id in Shopify.
func (c *Client) CustomersByShopifyID(ctx context.Context, id string, include ...Include) ([]Customer, error) {
	return c.customers(ctx, "external_customer_id", id, include, func(c Customer) bool { return c.ShopifyID != id })
}

// customers finds customers and leaves out others, should Recharge return them.
func (c *Client) customers(ctx context.Context, name, value string, include []Include, other func(Customer) bool) ([]Customer, error) {
	r := request{"find customers", http.MethodGet, "/customers", includes(url.Values{name: {value}}, include), nil, "read_customers"}
	if value == "" {
		r.path = "" // would find all customers
	}
	found, err := readList(ctx, c, r, "customers", newCustomer)
	return slices.DeleteFunc(found, other), err
}

// Subscription reads a subscription.
func (c *Client) Subscription(ctx context.Context, id string) (Subscription, error) {
	r := request{"read subscription", http.MethodGet, path("subscriptions", id), nil, nil, "read_subscriptions"}
	return readObject(ctx, c, r, "subscription", id, newSubscription)
}

// Subscriptions reads a customer's subscriptions, of all statuses if none is given.
func (c *Client) Subscriptions(ctx context.Context, customer string, statuses ...string) ([]Subscription, error) {
	r := ofCustomer("read subscriptions", "/subscriptions", customer, "read_subscriptions")
	put(r.query, "status", statuses...)
	return readList(ctx, c, r, "subscriptions", newSubscription)
}

// Charge reads a charge.
func (c *Client) Charge(ctx context.Context, id string) (Charge, error) {
	r := request{"read charge", http.MethodGet, path("charges", id), nil, nil, "read_orders"}
	return readObject(ctx, c, r, "charge", id, newCharge)
}

// Charges reads a customer's charges with the given statuses, the earliest first:
// "queued" ones are to come, "skipped" ones may be unskipped.
func (c *Client) Charges(ctx context.Context, customer string, statuses ...string) ([]Charge, error) {
	r := ofCustomer("read charges", "/charges", customer, "read_orders")
	r.query.Set("sort_by", "scheduled_at-asc")
	put(r.query, "status", statuses...)
	return readList(ctx, c, r, "charges", newCharge)
}

// RecentCharges reads the charges of a customer that changed last, at most n.
func (c *Client) RecentCharges(ctx context.Context, customer string, n int) ([]Charge, error) {
	r := ofCustomer("read charges", "/charges", customer, "read_orders")
	r.query.Set("sort_by", "updated_at-desc")
	return readFirst(ctx, c, r, "charges", strconv.Itoa(n), newCharge)
}

// Orders reads the orders of a customer that were processed last, at most n.
func (c *Client) Orders(ctx context.Context, customer string, n int) ([]Order, error) {
	r := ofCustomer("read orders", "/orders", customer, "read_orders")
	r.query.Set("sort_by", "processed_at-desc")
	return readFirst(ctx, c, r, "orders", strconv.Itoa(n), newOrder)
}

// Onetimes reads the one-time products that a customer has added to coming orders.
func (c *Client) Onetimes(ctx context.Context, customer string) ([]Onetime, error) {
	return readList(ctx, c, ofCustomer("read onetimes", "/onetimes", customer, "read_subscriptions"), "onetimes", newOnetime)
}

// PaymentMethods reads how a customer can pay.
func (c *Client) PaymentMethods(ctx context.Context, customer string) ([]PaymentMethod, error) {
	return readList(ctx, c, ofCustomer("read payment methods", "/payment_methods", customer, "read_payment_methods"), "payment_methods", newPaymentMethod)
}

// Plans reads the ways to subscribe to a product, by Shopify's id.
func (c *Client) Plans(ctx context.Context, product string) ([]Plan, error) {
	r := request{"read plans", http.MethodGet, "/plans", url.Values{"external_product_id": {product}}, nil, "read_products"}
	if !validID(product) {
		r.path = ""
	}
	return readList(ctx, c, r, "plans", newPlan)
}

// ofCustomer returns the request for a list of a customer's objects. Without a valid
// id it would be that of all customers, so it is not made.
func ofCustomer(action, path, customer, scope string) request {
	if !validID(customer) {
		path = ""
	}
	return request{action, http.MethodGet, path, url.Values{"customer_id": {customer}}, nil, scope}
}
