// Package shopify simulates a Shopify store: access tokens, the part of the Admin
// GraphQL API about customers, orders and webhooks, and signed webhooks. It is written
// from Shopify's documentation (shopify.dev/docs/api/admin-graphql,
// /docs/apps/build/webhooks) and its published schema, and independent of our client.
package shopify

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"sidetext/pretend/wire"
)

// An Account is the initial state and the configuration of the store and its app.
type Account struct {
	Store    string // "acme-demo.myshopify.com": the first segment of every path; empty: "example.myshopify.com"
	Name     string // of the shop
	Email    string
	TimeZone string // an IANA name; empty: "America/New_York"
	Currency string // empty: "USD"
	Plan     string // empty: "Basic"

	ClientID  string        // of the shop's own app
	Secret    string        // of the app; it signs the webhooks too
	Token     string        // an access token that does not expire, of an older app; empty: none
	TokenLife time.Duration // of the other tokens; 0: 24 h
	Scopes    []string      // nil: AllScopes

	AppVersion    string // of the webhooks' payloads; empty: the newest
	ComplianceURL string // where the app's settings send the compliance topics; empty: nowhere

	Points  float64 // size of the cost bucket; 0: 2000
	Restore float64 // points per second; 0: 100

	Waits []time.Duration // between attempts of a webhook; nil: 8 retries in 4 h

	Customers []Customer
	Orders    []Order

	// Changes is notified of every visible change; nil: a new one.
	Changes *wire.Notifier
}

// AllScopes are the scopes of an app that may do all that the simulator can.
func AllScopes() []string {
	return []string{"read_customers", "write_customers", "read_orders", "read_all_orders", "read_fulfillments", "read_products", "read_customer_merge"}
}

// Shopify is a simulated store with one app.
type Shopify struct {
	Faults   *wire.Faults   // faults of the API
	Webhooks *wire.Webhooks // to look at, hold and repeat what was sent
	Changes  *wire.Notifier // notified of every visible change

	account Account
	gateway wire.Gateway
	handler http.Handler
	workers *wire.Workers
	zone    *time.Location

	mu            sync.Mutex
	pending       []wire.Webhook // to send when mu is released
	lastID        int64
	customers     []*Customer // by id
	orders        []*Order    // by id
	byCustomer    map[int64][]*Order
	sorted        map[string]any // lists in the order of a key, until the next change
	subscriptions []*Subscription
	tokens        map[string]time.Time // → end; zero: never
	scopes        []string
	secret        string // of the app
	signingSecret string // the former one for a while after a rotation
	signingUntil  time.Time
	bucket        bucket
	throttle429   bool
	refusesShop   bool
	hidesPeople   bool
	unavailable   int // HTTP status of every request; 0: available
}

// New returns a running store. The caller must close it.
func New(account Account) *Shopify {
	for value, fallback := range map[*string]string{
		&account.Store: "example.myshopify.com", &account.TimeZone: "America/New_York", &account.Currency: "USD", &account.Plan: "Basic", &account.AppVersion: newest(),
	} {
		if *value == "" {
			*value = fallback
		}
	}
	if account.TokenLife == 0 {
		account.TokenLife = 24 * time.Hour
	}
	if account.Scopes == nil {
		account.Scopes = AllScopes()
	}
	if account.Changes == nil {
		account.Changes = new(wire.Notifier)
	}
	zone, err := time.LoadLocation(account.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	s := &Shopify{
		Changes: account.Changes, account: account, workers: wire.NewWorkers(4096), zone: zone, lastID: 7_000_000_000,
		sorted: map[string]any{}, byCustomer: map[int64][]*Order{}, tokens: map[string]time.Time{}, scopes: slices.Clone(account.Scopes), secret: account.Secret,
	}
	s.bucket = newBucket(account.Points, account.Restore)
	if account.Token != "" {
		s.tokens[account.Token] = time.Time{}
	}
	s.Webhooks = newWebhooks(s)
	for _, c := range account.Customers {
		s.addCustomer(c)
	}
	for _, o := range account.Orders {
		s.addOrder(o)
	}
	s.gateway.Requests = wire.NewLog[wire.Request](20_000)
	s.gateway.WriteError = writeFault
	s.gateway.Context = s.workers.Context()
	s.Faults = &s.gateway.Faults
	s.handler = s.gateway.Handler(s.routes())
	return s
}

// ServeHTTP serves the API at /{store}/admin/….
func (s *Shopify) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close ends all requests and background work, and waits for their end.
func (s *Shopify) Close() {
	s.workers.Close()
	s.gateway.Close()
	s.Webhooks.Close()
}

// Requests returns the newest requests to the API, at least 20,000.
func (s *Shopify) Requests() []wire.Request { return s.gateway.Requests.All() }

// Until waits until ok returns true. It calls ok now and after each change of the
// store's data and each attempt to deliver a webhook.
func (s *Shopify) Until(ctx context.Context, ok func() bool) error { return s.Changes.Until(ctx, ok) }

// update calls work with the lock held, then sends the pending webhooks.
func (s *Shopify) update(work func()) {
	var due []wire.Webhook
	func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		work()
		due, s.pending = s.pending, nil
		clear(s.sorted)
	}()
	s.Changes.Notify()
	for _, h := range due {
		s.Webhooks.Send(h)
	}
}

func (s *Shopify) nextID() int64 {
	s.lastID++
	return s.lastID
}
