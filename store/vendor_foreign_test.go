package store_test

import (
	"cmp"
	"errors"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// vendorCalls returns a call, made as this shop, of each method about vendors, what
// they send and whom they know.
func (h *shopFixture) vendorCalls() map[string]func() (any, error) {
	ctx, s, shop := h.ctx, h.Store, h.config.Shop.ID
	noResult := func(do func() error) func() (any, error) { return func() (any, error) { return nil, do() } }
	request := chat.PrivacyRequest{ID: "request of acme", Shop: shop, CustomerID: "6010000001", Email: "jane@example.com", Phone: phone}
	reconciliation := chat.Reconciliation{Shop: shop, Vendor: chat.Shopify, Part: "orders", StartedAt: noon}
	return map[string]func() (any, error){
		"SaveConnection": noResult(func() error {
			return s.SaveConnection(ctx, vendorConnection(shop, chat.Recharge, h.config.Shop.Name+".myshopify.com"))
		}),
		"Connection": func() (any, error) { return s.Connection(ctx, shop, chat.Shopify) },
		"ConnectionAt": func() (any, error) {
			_, err := s.ConnectionAt(ctx, chat.Shopify, "unknown")
			return nil, ignore(err)
		},
		"Connections":          func() (any, error) { return s.Connections(ctx) },
		"ConnectionTotals":     func() (any, error) { return s.ConnectionTotals(ctx) },
		"OldestReconciliation": func() (any, error) { return s.OldestReconciliation(ctx) },
		"SetConnectionStatus": noResult(func() error {
			return s.SetConnectionStatus(ctx, shop, chat.Shopify, chat.ConnectionActive, chat.Problem{}, noon)
		}),
		"SaveRegistration": noResult(func() error { return s.SaveRegistration(ctx, vendorConnection(shop, chat.Shopify, "x")) }),
		"RemoveConnection": noResult(func() error { return s.RemoveConnection(ctx, shop, chat.Recharge, noon) }),
		"AddEvent": func() (any, error) {
			return s.AddEvent(ctx, chat.VendorEvent{Shop: shop, Vendor: chat.Shopify, Key: "x", Topic: "orders/create", Body: []byte("{}"), ReceivedAt: noon})
		},
		"WaitingEvents": func() (any, error) { return s.WaitingEvents(ctx, shop, 9) },
		"ApplyEvents": func() (any, error) {
			return s.ApplyEvents(ctx, shop, []store.AppliedEvent{{ID: "event of acme"}}, noon)
		},
		"FailedEvents": func() (any, error) { found, _, err := s.FailedEvents(ctx, shop, 9); return found, err },
		"RetryEvents":  func() (any, error) { return s.RetryEvents(ctx, shop, noon) },
		"StartReconciliation": noResult(func() error {
			return s.StartReconciliation(ctx, chat.Connection{Shop: shop, Vendor: chat.Shopify}, []string{"orders"}, time.Time{}, noon)
		}),
		"Reconciliations": func() (any, error) { return s.Reconciliations(ctx, shop) },
		"SavePage":        func() (any, error) { return s.SavePage(ctx, reconciliation, chat.DirectoryUpdate{}, noon) },
		"SaveReconciliationProblem": noResult(func() error {
			return s.SaveReconciliationProblem(ctx, reconciliation, "x")
		}),
		"Consents":             func() (any, error) { return s.Consents(ctx, shop, phone) },
		"MarketingConsent":     func() (any, error) { return s.MarketingConsent(ctx, shop, phone) },
		"AddPrivacyRequest":    noResult(func() error { return s.AddPrivacyRequest(ctx, request) }),
		"PrivacyRequests":      func() (any, error) { return s.PrivacyRequests(ctx, shop) },
		"FinishPrivacyRequest": noResult(func() error { return s.FinishPrivacyRequest(ctx, shop, "request of acme", noon) }),
		"ExportPerson":         func() (any, error) { return s.ExportPerson(ctx, shop, request) },
		// Of a person whom no shop has, so that what the other calls need stays.
		"ErasePerson": noResult(func() error {
			return s.ErasePerson(ctx, shop, chat.PrivacyRequest{ID: "x", CustomerID: "6019999999", Email: "none@example.com", Phone: "+14155550198"}, noon)
		}),
		"EraseVendor": noResult(func() error { return s.EraseVendor(ctx, shop, chat.Recharge, noon) }),
	}
}

// vendorConnection makes a connection with secrets named after its account.
func vendorConnection(shop chat.ShopID, v chat.Vendor, account string) chat.Connection {
	name := string(v) + " of " + account
	return chat.Connection{
		Shop: shop, Vendor: v, Account: account, ClientID: "client of " + account, Token: chat.Secret("token at " + name), Secret: chat.Secret("secret at " + name),
		Endpoint: name, Status: chat.ConnectionActive, Scopes: []string{"read_orders", "read_customers"}, Registered: []byte(`{"a":1}`), Settings: []byte(`{}`),
		ConnectedAt: noon, CheckedAt: noon,
	}
}

// fillVendors gives a shop connections and a row in each table about vendors.
func fillVendors(h *shopFixture) {
	h.Helper()
	shop, name := h.config.Shop.ID, h.config.Shop.Name
	for _, err := range []error{
		h.SaveConnection(h.ctx, vendorConnection(shop, chat.Shopify, name+".myshopify.com")),
		h.SaveConnection(h.ctx, vendorConnection(shop, chat.Recharge, name+".myshopify.com")),
		h.StartReconciliation(h.ctx, chat.Connection{Shop: shop, Vendor: chat.Shopify}, []string{"orders"}, time.Time{}, noon),
		h.AddPrivacyRequest(h.ctx, chat.PrivacyRequest{ID: "request of " + name, Shop: shop, Kind: chat.PrivacyExport, Email: "jane@example.com", At: noon}),
		store.Exec(h.ctx, h.Store, `INSERT INTO events (id, shop, vendor, key, event, topic, body, state, received_at, triggered_at) VALUES ($1, $2, 'shopify', 'k', '', 'orders/create', '{}', 'waiting', 1, 1), ($3, $2, 'shopify', 'l', '', 'orders/create', '{}', 'failed', 1, 1)`,
			"event of "+name, string(shop), "failed of "+name),
	} {
		if err != nil {
			h.Fatal(err)
		}
	}
	addCustomer(h, "6010000001", "9010000001", "Jane Doe", "jane@example.com", phone)
	h.receive(phone, "SM stop", "STOP", func(t *chat.Turn) { t.OptOut("x") })
}

// addCustomer adds a customer with an order, a shipment, a subscription, a charge, a
// phone and one that can't be read. All ids contain the Shopify id.
func addCustomer(h *shopFixture, shopify, recharge, name, email string, phone chat.Phone) {
	h.Helper()
	shop, id := string(h.config.Shop.ID), "customer "+cmp.Or(shopify, recharge, name)
	doc := `{"name":"` + name + `"}`
	for _, insert := range []struct {
		query string
		args  []any
	}{
		{`INSERT INTO customers (id, shop, shopify, recharge, name, email, locale, time_zone, country, zip, shopify_at, recharge_at) VALUES ($1, $2, $3, $4, $5, $6, 'en', '', 'US', '60601', 1, 1)`, []any{id, shop, shopify, recharge, name, email}},
		{`INSERT INTO customer_phones (shop, phone, customer, source, seen_at, ended_at) VALUES ($1, $2, $3, 'shopify_customer', 1, 0)`, []any{shop, string(phone), id}},
		{`INSERT INTO unreadable_phones (shop, customer, source, raw, country, reason, at) VALUES ($1, $2, 'billing', '555-SHIP', 'US', 'x', 1)`, []any{shop, id}},
		{`INSERT INTO orders (shop, id, customer, name, proves, doc, created_at, updated_at) VALUES ($1, $2, $3, '#1001', 1, $4, 1, 1)`, []any{shop, "o" + id, id, doc}},
		{`INSERT INTO fulfillments (shop, order_id, id, doc, updated_at, event_at) VALUES ($1, $2, '1', $3, 1, 1)`, []any{shop, "o" + id, doc}},
		{`INSERT INTO subscriptions (shop, id, customer, status, doc, updated_at) VALUES ($1, $2, $3, 'active', $4, 1)`, []any{shop, "s" + id, id, doc}},
		{`INSERT INTO charges (shop, id, customer, status, scheduled_on, doc, updated_at) VALUES ($1, $2, $3, 'queued', '2026-12-09', $4, 1)`, []any{shop, "c" + id, id, doc}},
	} {
		if err := store.Exec(h.ctx, h.Store, insert.query, insert.args...); err != nil {
			h.Fatalf("%s: %v", insert.query, err)
		}
	}
}

// No method about vendors finds or changes anything of another shop.
func TestVendorsOfOtherShops(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		acme, other := newShop(t, s, "acme"), newShop(t, s, "other")
		fillVendors(acme)
		own, foreign := acme.vendorCalls(), other.vendorCalls()
		before := dump(t, s, acme.config.Shop.ID)
		for _, name := range []string{"Connection", "SetConnectionStatus", "StartReconciliation", "SavePage", "FinishPrivacyRequest", "RemoveConnection"} {
			if got, err := foreign[name](); !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("%s as another shop: %+v %v", name, got, err)
			}
		}
		for name, call := range foreign {
			if _, err := call(); err != nil && !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("%s as another shop: %v", name, err)
			}
		}
		if after := dump(t, s, acme.config.Shop.ID); after != before {
			t.Errorf("another shop's calls changed\n%s\nto\n%s", before, after)
		}
		for _, name := range []string{"Consents", "Reconciliations", "FailedEvents"} {
			if got, err := foreign[name](); err != nil || !isEmpty(got) {
				t.Errorf("%s as another shop returns %+v %v", name, got, err)
			}
		}
		if got, err := other.ExportPerson(other.ctx, other.config.Shop.ID, chat.PrivacyRequest{CustomerID: "6010000001", Email: "jane@example.com", Phone: phone}); err != nil || len(got.Customers)+len(got.Conversations)+len(got.Consents) > 0 {
			t.Errorf("another shop exports %+v %v", got, err)
		}
		erase := chat.PrivacyRequest{ID: "request of acme", CustomerID: "6010000001", Email: "jane@example.com", Phone: phone}
		if err := errors.Join(s.ErasePerson(other.ctx, other.config.Shop.ID, erase, noon), s.EraseVendor(other.ctx, other.config.Shop.ID, chat.Shopify, noon)); err != nil {
			t.Error(err)
		}
		if after := dump(t, s, acme.config.Shop.ID); after != before {
			t.Errorf("another shop's erasure changed\n%s\nto\n%s", before, after)
		}
		for name, call := range own {
			if name == "RemoveConnection" || name == "EraseVendor" {
				continue
			}
			if _, err := call(); err != nil {
				t.Errorf("%s as the same shop: %v", name, err)
			}
		}
	})
}

// eraseAll erases the person of fillVendors, and what is left from both vendors, so
// that the statements of erasing have been run.
func eraseAll(h *shopFixture) {
	h.Helper()
	shop := h.config.Shop.ID
	addCustomer(h, "6010000002", "", "Joe Doe", "joe@example.com", "+14155550177")
	addCustomer(h, "", "9010000003", "Ann Doe", "ann@example.com", "+14155550178")
	addCustomer(h, "6010000004", "9010000004", "Kim Doe", "kim@example.com", "+14155550178")
	for _, err := range []error{
		h.ErasePerson(h.ctx, shop, chat.PrivacyRequest{CustomerID: "6010000001", Email: "jane@example.com", Phone: phone}, noon),
		h.EraseVendor(h.ctx, shop, chat.Shopify, noon), h.EraseVendor(h.ctx, shop, chat.Recharge, noon),
	} {
		if err != nil {
			h.Fatal(err)
		}
	}
}
