package recharge

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// storeScope is the scope of reading the store. Some tokens call it store_info.
const storeScope = "read_store"

// A Scope is something that a token has to be allowed.
type Scope struct {
	Names []string // any of them will do
	Why   string   // for merchants
}

// Scopes are those that a token needs. Charges are covered by the scopes of orders,
// onetimes by those of subscriptions, addresses by those of customers.
var Scopes = []Scope{
	{[]string{"read_customers", "write_customers"}, "find customers and their addresses"},
	{[]string{"write_customers"}, "change shipping addresses"},
	{[]string{"read_subscriptions", "write_subscriptions"}, "see subscriptions"},
	{[]string{"write_subscriptions"}, "change and end subscriptions"},
	{[]string{"read_orders", "write_orders"}, "see charges and orders"},
	{[]string{"write_orders"}, "skip and move charges"},
	{[]string{"read_products", "write_products"}, "see the intervals that products are offered with"},
	{[]string{"read_payment_methods", "write_payment_methods"}, "see whether a card is about to expire"},
	{[]string{"write_notifications"}, "send the e-mail for changing a card"},
	{[]string{storeScope, "store_info"}, "see the name and the settings of the store"},
}

// TokenInfo describes an API token.
type TokenInfo struct {
	Name, Email string // of the token, and of the person to contact about it
	Scopes      []string
}

// Token reads what the client's token is and may do.
func (c *Client) Token(ctx context.Context) (TokenInfo, error) {
	var t TokenInfo
	err := c.call(ctx, request{"read token", http.MethodGet, "/token_information", nil, nil, ""}, func(response any) error {
		o := asObject(response).object("token_information")
		if o == nil {
			return errShape
		}
		t = TokenInfo{Name: o.text("name"), Email: o.text("contact_email")}
		values, _ := o["scopes"].([]any)
		for _, v := range values {
			if s := textOf(v); s != "" {
				t.Scopes = append(t.Scopes, s)
			}
		}
		return nil
	})
	return t, err
}

// A Store describes the store that a token belongs to.
type Store struct {
	Name      string
	Domain    string // "acme.myshopify.com"
	Currency  string
	TimeZone  string // "America/New_York"
	PortalURL string // of the customer portal
}

// Store reads the store.
func (c *Client) Store(ctx context.Context) (Store, error) {
	var s Store
	err := c.call(ctx, request{"read store", http.MethodGet, "/store", nil, nil, storeScope}, func(response any) error {
		o := asObject(response).object("store")
		if o == nil {
			return errShape
		}
		s = Store{
			Name: o.text("name"), Domain: strings.ToLower(o.text("identifier", "my_shopify_domain", "domain")),
			Currency: o.text("currency"), TimeZone: o.text("timezone.iana_name"), PortalURL: o.text("customer_portal_base_url"),
		}
		return nil
	})
	return s, err
}

// TestRead reads one customer, as a test that the token can be used.
func (c *Client) TestRead(ctx context.Context) error {
	r := request{"read customers", http.MethodGet, "/customers", url.Values{}, nil, "read_customers"}
	_, err := readFirst(ctx, c, r, "customers", "1", newCustomer)
	return err
}

// A RetentionStrategy is a reason for ending a subscription, and what the shop offers
// instead.
type RetentionStrategy struct {
	ID           string
	Reason       string
	Text         string // of the offer, for the customer
	Incentive    string // "delay_subscription", "discount", "skip_charge", "swap_product" or empty
	DiscountCode string
	Flow         string // "subscription", "membership"
}

// RetentionStrategies reads the shop's reasons for ending a subscription.
func (c *Client) RetentionStrategies(ctx context.Context) ([]RetentionStrategy, error) {
	var all []RetentionStrategy
	r := request{"read retention strategies", http.MethodGet, "/retention_strategies", nil, nil, "read_subscriptions"}
	err := c.call(ctx, r, func(response any) error {
		list, ok := response.([]any)
		if !ok {
			list, ok = asObject(response)["retention_strategies"].([]any)
		}
		if !ok {
			return errShape
		}
		all = each(objects(list), func(o object) RetentionStrategy {
			return RetentionStrategy{
				ID: o.id("id"), Reason: o.text("reason"), Text: o.text("prevention_text"), Incentive: o.lower("incentive_type"),
				DiscountCode: o.text("discount_code"), Flow: o.lower("cancellation_flow_type"),
			}
		})
		return nil
	})
	return all, err
}
