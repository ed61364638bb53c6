// Package recharge simulates Recharge's Admin API (version 2021-11): customers,
// subscriptions, the charges that are built from them, and signed webhooks. It is
// written from Recharge's documentation (developer.rechargepayments.com/2021-11,
// docs.getrecharge.com) and recorded responses, and independent of our client.
package recharge

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"sidetext/pretend/wire"
)

// An Account is the initial state and the configuration of a store at Recharge.
type Account struct {
	Store    string // "acme.myshopify.com"
	Name     string
	Email    string // of the token's owner
	Currency string // empty: "USD"

	Token        string // of the API
	ClientSecret string // signs the webhooks; on the token's page
	Scopes       []string
	// Settings is the response of /shop/settings; nil: everything is allowed.
	Settings json.RawMessage

	Limit int     // size of the request bucket; 0: 40; negative: no limit
	Leak  float64 // requests per second; 0: 2

	Rebuild      time.Duration   // from a change to the rebuild of the charges; 0: 5 s; negative: none
	RebuildTakes time.Duration   // how long writes are refused meanwhile; 0: 500 ms; negative: none
	Waits        []time.Duration // between attempts of a webhook; nil: 19 retries in 48 h

	Customers      []Customer
	Addresses      []Address
	Subscriptions  []Subscription
	Onetimes       []Onetime
	Charges        []Charge // besides the queued ones, which are built
	PaymentMethods []PaymentMethod
	Plans          []Plan
	Variants       []Variant // of the store's products, to swap to or add
	Discounts      []Discount
	Strategies     []Strategy // reasons to cancel

	// Changes is notified of every visible change; nil: a new one.
	Changes *wire.Notifier
}

// AllScopes are the scopes of a token that may do all that the simulator can.
func AllScopes() []string {
	return []string{
		"read_customers", "write_customers", "read_subscriptions", "write_subscriptions", "read_orders", "write_orders", "read_products",
		"read_discounts", "read_payment_methods", "write_notifications", "read_events", "read_store", "write_payments",
	}
}

// Recharge is a simulated store at Recharge with one token.
type Recharge struct {
	Faults   *wire.Faults   // faults of the API
	Webhooks *wire.Webhooks // to look at, hold and repeat what was sent
	Changes  *wire.Notifier // notified of every visible change

	account Account
	gateway wire.Gateway
	handler http.Handler
	workers *wire.Workers // rebuild charges
	senders *wire.Workers // deliver webhooks, also those of rebuilds
	bucket  bucket

	mu            sync.Mutex
	pending       []wire.Webhook          // to send when mu is released
	later         []func(context.Context) // to run when mu is released
	lastID        int64
	token         string
	secret        string
	scopes        []string
	refusesShop   bool // /shop/settings needs a session token
	customers     []*Customer
	addresses     []*Address
	subscriptions []*Subscription
	onetimes      []*Onetime
	charges       []*Charge
	orders        []*Order
	methods       []*PaymentMethod
	hooks         []*Hook
	trees         map[int64]*tree      // by address
	addressesBy   map[int64][]*Address // by customer
	methodsBy     map[int64][]*PaymentMethod
	sorted        map[string]any // lists in the order of a key, until the next change
	rebuilds      map[int64]bool // addresses whose charges have to be rebuilt
	locked        map[int64]bool // addresses whose charges are being rebuilt
	notices       []Notice
	mails         []string
}

// A tree has what belongs to an address.
type tree struct {
	subscriptions []*Subscription
	onetimes      []*Onetime
	charges       []*Charge
}

// New returns a running store. The caller must close it.
func New(account Account) *Recharge {
	if account.Scopes == nil {
		account.Scopes = AllScopes()
	}
	if account.Changes == nil {
		account.Changes = new(wire.Notifier)
	}
	account.Currency = cmp.Or(account.Currency, "USD")
	account.Rebuild = cmp.Or(account.Rebuild, 5*time.Second)
	account.RebuildTakes = cmp.Or(account.RebuildTakes, 500*time.Millisecond)
	r := &Recharge{
		Changes: account.Changes, account: account, workers: wire.NewWorkers(20_000), senders: wire.NewWorkers(4096), lastID: 300_000_000,
		token: account.Token, secret: account.ClientSecret, scopes: slices.Clone(account.Scopes),
		trees: map[int64]*tree{}, addressesBy: map[int64][]*Address{}, methodsBy: map[int64][]*PaymentMethod{}, sorted: map[string]any{}, rebuilds: map[int64]bool{}, locked: map[int64]bool{},
	}
	r.SetLimit(account.Limit, account.Leak)
	r.Webhooks = newWebhooks(r)
	r.seed()
	r.gateway.Requests = wire.NewLog[wire.Request](20_000)
	r.gateway.WriteError = writeFault
	r.gateway.Context = r.workers.Context()
	r.Faults = &r.gateway.Faults
	r.handler = r.gateway.Handler(r.routes())
	return r
}

// ServeHTTP serves the API.
func (r *Recharge) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.handler.ServeHTTP(w, req) }

// Close ends all requests and background work, and waits for their end.
func (r *Recharge) Close() {
	r.workers.Close()
	r.senders.Close()
	r.gateway.Close()
	r.Webhooks.Close()
}

// Requests returns the newest requests to the API, at least 20,000.
func (r *Recharge) Requests() []wire.Request { return r.gateway.Requests.All() }

// Until waits until ok returns true. It calls ok now and after each change of the
// store's data and each attempt to deliver a webhook.
func (r *Recharge) Until(ctx context.Context, ok func() bool) error {
	return r.Changes.Until(ctx, ok)
}

// update calls work with the lock held, then starts the pending work.
func (r *Recharge) update(work func()) {
	var due []wire.Webhook
	var later []func(context.Context)
	func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		work()
		due, r.pending, later, r.later = r.pending, nil, r.later, nil
		clear(r.sorted)
	}()
	r.Changes.Notify()
	for _, h := range due {
		r.Webhooks.Send(h)
	}
	for _, work := range later {
		r.workers.Go(work)
	}
}

func (r *Recharge) read(work func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	work()
}

func (r *Recharge) nextID() int64 {
	r.lastID++
	return r.lastID
}

// Join returns a handler for several stores, which their tokens tell apart, as at
// Recharge.
func Join(stores ...*Recharge) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		for _, r := range stores {
			if r.owns(req) || r == stores[len(stores)-1] {
				r.ServeHTTP(w, req)
				return
			}
		}
	})
}
