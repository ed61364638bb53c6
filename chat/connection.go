package chat

import (
	"slices"
	"time"
)

// A Vendor is a service that knows a shop's customers.
type Vendor string

const (
	Shopify  Vendor = "shopify"
	Recharge Vendor = "recharge"
)

// Vendors lists all vendors.
func Vendors() []Vendor { return []Vendor{Shopify, Recharge} }

// Known reports whether v is one of Vendors.
func (v Vendor) Known() bool { return slices.Contains(Vendors(), v) }

// Name is the vendor's name as people write it.
func (v Vendor) Name() string {
	if v == Recharge {
		return "Recharge"
	}
	return "Shopify"
}

// A Connection is a shop's access to a vendor.
type Connection struct {
	Shop    ShopID
	Vendor  Vendor
	Account string // the store, the same name at both vendors: "acme.myshopify.com"

	// ClientID names the shop's own Shopify app. With it, access tokens are requested
	// with Secret; without it, Token is an access token that was pasted. Recharge
	// always has a Token.
	ClientID string
	Token    Secret
	Secret   Secret // signs the vendor's webhooks

	// FormerSecret is the secret before the last replacement. Webhooks signed with it
	// are accepted until FormerUntil, because a vendor goes on using it for a while.
	FormerSecret Secret
	FormerUntil  time.Time

	Endpoint string // the random part of our webhook addresses
	Status   ConnectionStatus
	Problem  Problem // of one that is broken: why, and what to do

	Scopes     []string // that the vendor has granted, at the last check
	Registered []byte   // what we registered at the vendor, as JSON in the format of its package
	Settings   []byte   // what the shop allows its customers there, as the vendor's JSON; may be empty

	ConnectedAt time.Time
	CheckedAt   time.Time // when registrations and scopes were last compared with what is needed
	RefusedAt   time.Time // when a webhook came whose signature is wrong, if none with a right one came since
}

// A ConnectionStatus says whether a connection is used.
type ConnectionStatus string

const (
	ConnectionActive ConnectionStatus = "active"
	ConnectionPaused ConnectionStatus = "paused" // by the merchant: webhooks are kept, nothing is requested
	ConnectionBroken ConnectionStatus = "broken" // the vendor refuses requests; Problem says why
)

// ProblemUninstalled is the code of a connection's problem after a webhook said that
// Sidetext was removed from the store.
const ProblemUninstalled = "uninstalled"

// VendorAccount is the Delivery.Account of requests to the vendor.
func (c Connection) VendorAccount() string { return string(c.Vendor) + "/" + c.Account }

// Secrets returns the secrets with which a webhook may be signed now.
func (c Connection) Secrets(now time.Time) []Secret {
	if c.FormerSecret != "" && now.Before(c.FormerUntil) {
		return []Secret{c.Secret, c.FormerSecret}
	}
	return []Secret{c.Secret}
}

// A VendorEvent is a webhook that a vendor has sent, as it arrived.
type VendorEvent struct {
	Shop   ShopID
	Vendor Vendor
	// Key identifies the webhook: by the vendor's id where there is one, else by its
	// content. An event whose Key or EventID is stored is not stored again.
	Key     string
	EventID string // the vendor's id that all webhooks of one event share, or empty
	Topic   string // "orders/create", in the vendor's spelling
	Body    []byte

	ReceivedAt  time.Time
	TriggeredAt time.Time // by the vendor's clock; zero: unknown
}

// A Registration is a webhook that a vendor has to send us.
type Registration struct {
	Topic   string // "orders/create"
	Address string // where to
}
