package shopify

// A Topic is a kind of webhook.
type Topic struct {
	Name  string // in the API: "ORDERS_CREATE"
	Topic string // in the webhook's header: "orders/create"
	// Scope is needed to register it. Without an optional one (see Scopes) the topic is
	// left out.
	Scope string
}

// Topics are the topics to register. The webhooks that privacy laws demand are not
// among them: they are set in the app's configuration only (see ParsePrivacy). Nor is
// customers/purchasing_summary, which says nothing that the orders do not.
var Topics = []Topic{
	{"CUSTOMERS_CREATE", "customers/create", "read_customers"},
	{"CUSTOMERS_UPDATE", "customers/update", "read_customers"},
	{"CUSTOMERS_DELETE", "customers/delete", "read_customers"},
	{"CUSTOMERS_MERGE", "customers/merge", "read_customer_merge"},
	{"CUSTOMERS_MARKETING_CONSENT_UPDATE", "customers_marketing_consent/update", "read_customers"},
	{"ORDERS_CREATE", "orders/create", "read_orders"},
	{"ORDERS_UPDATED", "orders/updated", "read_orders"},
	{"ORDERS_PAID", "orders/paid", "read_orders"},
	{"ORDERS_CANCELLED", "orders/cancelled", "read_orders"},
	{"ORDERS_FULFILLED", "orders/fulfilled", "read_orders"},
	{"ORDERS_DELETE", "orders/delete", "read_orders"},
	{"FULFILLMENTS_CREATE", "fulfillments/create", "read_fulfillments"},
	{"FULFILLMENTS_UPDATE", "fulfillments/update", "read_fulfillments"},
	{"FULFILLMENT_EVENTS_CREATE", "fulfillment_events/create", "read_fulfillments"},
	{"APP_UNINSTALLED", "app/uninstalled", ""},
	{"APP_SCOPES_UPDATE", "app/scopes_update", ""},
}

// IsUninstall reports whether a webhook of the topic means that the app was removed from
// the store: its access token no longer works.
func IsUninstall(topic string) bool { return topic == "app/uninstalled" }

// IsScopesUpdate reports whether a webhook of the topic means that the app's access
// scopes changed.
func IsScopesUpdate(topic string) bool { return topic == "app/scopes_update" }

// A Scope is an access scope that the app needs.
type Scope struct {
	Names    []string // any of them
	Why      string   // for people
	Optional bool
}

// Scopes are the access scopes to ask for. A scope to write includes reading.
var Scopes = []Scope{
	{[]string{"read_customers", "write_customers"}, "To know which shopper a phone number belongs to.", false},
	{[]string{"write_customers"}, "To tell Shopify when a shopper opts out of texts.", false},
	{[]string{"read_orders", "write_orders"}, "To see that a shopper has bought something, and what became of the order.", false},
	{[]string{"read_all_orders"}, "To see orders that are older than 60 days. Without it, a shopper with older orders only counts as new.", true},
	{[]string{"read_fulfillments", "write_fulfillments"}, "To tell a shopper that a parcel is on its way, with its tracking link.", false},
	{[]string{"read_products", "write_products"}, "To name products and offer others in a text.", false},
	{[]string{"read_customer_merge", "write_customer_merge"}, "To notice when two customers are merged into one in Shopify. Without it, Sidetext finds out a day later.", true},
}
