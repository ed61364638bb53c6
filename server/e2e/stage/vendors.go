package stage

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"sidetext/chat"
	"sidetext/recharge"
	"sidetext/server/onboarding"
	"sidetext/shopify"
	"sidetext/store"
)

// Vendors are Shopify and Recharge, and the store of the shops' connections, in memory.
type Vendors struct {
	shop        chat.ShopID // whose directory it is
	mu          sync.Mutex
	connections map[chat.ShopID]map[chat.Vendor]chat.Connection
	ids         int

	Shopify  Shopify
	Recharge Recharge
	Started  []StartedReconciliation

	Lists    []chat.Reconciliation
	Counts   store.DirectoryCounts
	Phones   []store.UnreadablePhone
	Events   []store.Event
	Retried  int
	Requests []chat.PrivacyRequest
	Export   store.PersonExport
}

// A StartedReconciliation is a call of StartReconciliation.
type StartedReconciliation struct {
	Vendor chat.Vendor
	Parts  []string
	Since  time.Time
}

// A Shopify is a store in Shopify.
type Shopify struct {
	Installed shopify.Installation
	Read      shopify.TestRead
	Hooks     []shopify.Webhook
	Fails     map[string]error // by method, or by method and topic or id: "CreateWebhook ORDERS_CREATE"
	Calls     []string
	Tokens    []chat.Secret // of the connections that clients were made for
}

// A Recharge is a store in Recharge.
type Recharge struct {
	Info     recharge.TokenInfo
	Shop     recharge.Store
	Settings string
	Hooks    []recharge.Webhook
	Fails    map[string]error
	Calls    []string
}

// AddVendors gives the server's pages and jobs vendors at which everything is right.
func (b *Offline) AddVendors() *Vendors {
	v := &Vendors{
		shop:        b.Mine.ID,
		connections: map[chat.ShopID]map[chat.Vendor]chat.Connection{},
		Shopify: Shopify{
			Installed: shopify.Installation{Name: "Willow", Domain: "willow.myshopify.com", TimeZone: "America/New_York", Currency: "USD", Plan: "Grow", Scopes: onboarding.ScopeNames(chat.Shopify)},
			Read:      shopify.TestRead{Orders: 20, WithContact: 19}, Fails: map[string]error{},
		},
		Recharge: Recharge{
			Info:     recharge.TokenInfo{Name: "Sidetext", Email: "anna@example.com", Scopes: onboarding.ScopeNames(chat.Recharge)},
			Shop:     recharge.Store{Name: "Willow", Domain: "willow.myshopify.com", TimeZone: "America/New_York", Currency: "USD"},
			Settings: `{"settings":{}}`, Fails: map[string]error{},
		},
	}
	b.Onboarding.Connections = v
	b.Onboarding.Vendors = onboarding.Vendors{
		Shopify: func(c chat.Connection, _ bool) (onboarding.ShopifyClient, error) {
			v.mu.Lock()
			defer v.mu.Unlock()
			v.Shopify.Tokens = append(v.Shopify.Tokens, c.Token)
			return shopifyClient{v}, nil
		},
		Recharge: func(chat.Connection, bool) (onboarding.RechargeClient, error) { return rechargeClient{v}, nil },
	}
	b.Console.Directory = v
	return v
}

// Refused is a refusal by a vendor.
func Refused(code, text string, whole bool) error {
	return &chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: code, Text: text}, WholeAccount: whole, Cause: errors.New("refused")}
}

// Unreachable is a vendor that does not answer.
var Unreachable error = &chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "unreachable", Text: "It can’t be reached right now."}, Cause: errors.New("no connection")}

func (v *Vendors) id() string {
	v.ids++
	return strconv.Itoa(v.ids)
}

// Connected is a shop's connection, or a zero one.
func (v *Vendors) Connected(shop chat.ShopID, vendor chat.Vendor) chat.Connection {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.connections[shop][vendor]
}

// Connect saves a connection as it is.
func (v *Vendors) Connect(c chat.Connection) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.connections[c.Shop] == nil {
		v.connections[c.Shop] = map[chat.Vendor]chat.Connection{}
	}
	v.connections[c.Shop][c.Vendor] = c
}

// Do runs do while no job changes anything.
func (v *Vendors) Do(do func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	do()
}

func (v *Vendors) SaveConnection(_ context.Context, c chat.Connection) error {
	if former := v.Connected(c.Shop, c.Vendor); former.Secret != "" && former.Secret != c.Secret {
		c.FormerSecret, c.FormerUntil = former.Secret, time.Now().Add(48*time.Hour)
	}
	v.Connect(c)
	return nil
}

func (v *Vendors) Connection(_ context.Context, shop chat.ShopID, vendor chat.Vendor) (chat.Connection, error) {
	if c := v.Connected(shop, vendor); c.Shop != "" {
		return c, nil
	}
	return chat.Connection{}, chat.ErrNotFound
}

func (v *Vendors) ConnectionAt(_ context.Context, vendor chat.Vendor, endpoint string) (chat.Connection, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, all := range v.connections {
		if c, ok := all[vendor]; ok && c.Endpoint == endpoint {
			return c, nil
		}
	}
	return chat.Connection{}, chat.ErrNotFound
}

func (v *Vendors) Connections(context.Context) (found []chat.Connection, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, all := range v.connections {
		for _, c := range all {
			found = append(found, c)
		}
	}
	return found, nil
}

func (v *Vendors) change(shop chat.ShopID, vendor chat.Vendor, do func(*chat.Connection)) error {
	c := v.Connected(shop, vendor)
	if c.Shop == "" {
		return chat.ErrNotFound
	}
	do(&c)
	v.Connect(c)
	return nil
}

func (v *Vendors) SetConnectionStatus(_ context.Context, shop chat.ShopID, vendor chat.Vendor, status chat.ConnectionStatus, problem chat.Problem, _ time.Time) error {
	return v.change(shop, vendor, func(c *chat.Connection) { c.Status, c.Problem = status, problem })
}

func (v *Vendors) SaveRegistration(_ context.Context, n chat.Connection) error {
	return v.change(n.Shop, n.Vendor, func(c *chat.Connection) {
		if c.Endpoint == n.Endpoint {
			c.Registered, c.Scopes, c.Settings, c.CheckedAt = n.Registered, n.Scopes, n.Settings, n.CheckedAt
		}
	})
}

func (v *Vendors) RemoveConnection(_ context.Context, shop chat.ShopID, vendor chat.Vendor, _ time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.connections[shop], vendor)
	return nil
}

func (v *Vendors) StartReconciliation(_ context.Context, c chat.Connection, parts []string, since, _ time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.Started = append(v.Started, StartedReconciliation{c.Vendor, parts, since})
	return nil
}

func (v *Vendors) Reconciliations(_ context.Context, shop chat.ShopID) (found []chat.Reconciliation, err error) {
	for _, r := range v.Lists {
		if r.Shop == shop {
			found = append(found, r)
		}
	}
	return found, nil
}

func (v *Vendors) DirectoryCounts(_ context.Context, shop chat.ShopID) (store.DirectoryCounts, error) {
	if shop != v.shop {
		return store.DirectoryCounts{}, nil
	}
	return v.Counts, nil
}

func (v *Vendors) UnreadablePhones(_ context.Context, shop chat.ShopID, limit int) ([]store.UnreadablePhone, int, error) {
	if shop != v.shop {
		return nil, 0, nil
	}
	return v.Phones[:min(limit, len(v.Phones))], len(v.Phones), nil
}

func (v *Vendors) FailedEvents(_ context.Context, shop chat.ShopID, limit int) (found []store.Event, total int, err error) {
	for _, e := range v.Events {
		if e.Shop == shop {
			total++
			if len(found) < limit {
				found = append(found, e)
			}
		}
	}
	return found, total, nil
}

func (v *Vendors) RetryEvents(_ context.Context, shop chat.ShopID, _ time.Time) (n int, err error) {
	v.Events = slices.DeleteFunc(v.Events, func(e store.Event) bool {
		if e.Shop == shop {
			n++
		}
		return e.Shop == shop
	})
	return n, nil
}

func (v *Vendors) PrivacyRequests(_ context.Context, shop chat.ShopID) (found []chat.PrivacyRequest, err error) {
	for _, r := range v.Requests {
		if r.Shop == shop {
			found = append(found, r)
		}
	}
	return found, nil
}

func (v *Vendors) FinishPrivacyRequest(_ context.Context, shop chat.ShopID, id string, now time.Time) error {
	for i, r := range v.Requests {
		if r.Shop == shop && r.ID == id {
			v.Requests[i].DoneAt = now
			return nil
		}
	}
	return chat.ErrNotFound
}

func (v *Vendors) ExportPerson(_ context.Context, _ chat.ShopID, r chat.PrivacyRequest) (store.PersonExport, error) {
	return v.Export, nil
}
