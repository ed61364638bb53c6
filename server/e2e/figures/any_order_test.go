package figures_test

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sidetext/chat"
	"sidetext/pretend/shopify"
	"sidetext/server/e2e/harness"
	shopifyclient "sidetext/shopify"
	"sidetext/sms"
	"sidetext/store"
)

// Shopify's webhooks and the pages of its lists say the same in different words. In any
// order, and any of them more than once, they make the same directory.
func TestWebhooksAndPagesInAnyOrder(t *testing.T) {
	t.Parallel()
	updates := recordShopify(t)
	url := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	ctx := context.Background()
	s, err := store.Open(ctx, url, make([]byte, 32), slog.New(slog.NewTextHandler(io.Discard, nil)))
	harness.Must(t, err)
	defer s.Close()
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(url, "sqlite:")+"?mode=ro&_pragma=busy_timeout(10000)")
	harness.Must(t, err)
	defer db.Close()
	directoryOf := func(t *rapid.T, updates []chat.DirectoryUpdate) string {
		shop, err := s.AddShop(ctx, "Bench", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range updates {
			if _, err := s.ApplyUpdate(ctx, shop.ID, u, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		return dumpDirectory(t, db, shop.ID)
	}
	want := ""
	rapid.Check(t, func(t *rapid.T) {
		if want == "" {
			want = directoryOf(t, updates)
		}
		order := rapid.Permutation(updates).Draw(t, "order")
		order = append(order, rapid.SliceOfN(rapid.SampledFrom(updates), 0, 3).Draw(t, "again")...)
		if got := directoryOf(t, order); got != want {
			for _, line := range strings.Split(got, "\n") {
				if !slices.Contains(strings.Split(want, "\n"), line) {
					t.Errorf("the directory has %s", line)
				}
			}
			t.Fatalf("the directory is not\n%s", want)
		}
	})
}

// dumpDirectory describes what a shop's directory has. Phones that the customer no
// longer has are left out: of one that a newer record was before, nothing becomes known.
func dumpDirectory(t *rapid.T, db *sql.DB, shop chat.ShopID) string {
	var out []string
	for _, query := range []string{
		`SELECT 'customer', shopify || ' ' || name || ' ' || email || ' ' || locale || ' ' || time_zone || ' ' || country || ' ' || zip || ' ' || shopify_at FROM customers WHERE shop = $1`,
		`SELECT 'phone', c.shopify || ' ' || p.phone || ' ' || p.source || ' ' || p.seen_at FROM customer_phones p JOIN customers c ON c.id = p.customer WHERE p.shop = $1 AND p.ended_at = 0`,
		`SELECT 'order', c.shopify || ' ' || o.doc FROM orders o JOIN customers c ON c.id = o.customer WHERE o.shop = $1`,
		`SELECT 'shipment', order_id || ' ' || doc || ' ' || event FROM fulfillments WHERE shop = $1`,
		`SELECT 'unreadable', source || ' ' || raw FROM unreadable_phones WHERE shop = $1`,
	} {
		rows, err := db.Query(query, string(shop))
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var kind, text string
			if err := rows.Scan(&kind, &text); err != nil {
				t.Fatal(err)
			}
			out = append(out, kind+" "+text)
		}
		_ = rows.Close()
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// recordShopify has things happen at a store, and returns what webhooks and pages say of
// them in the meantime.
func recordShopify(t *testing.T) (updates []chat.DirectoryUpdate) {
	t.Helper()
	s := shopify.New(shopify.Account{Store: worldStore, Token: "shpat_bench", Points: 1e6, Restore: 1e6})
	defer s.Close()
	api := httptest.NewServer(s)
	defer api.Close()
	accounts, err := shopifyclient.NewAccounts(api.URL+"/{shop}", "2026-10", shopifyclient.Limits{})
	harness.Must(t, err)
	defer accounts.Close()
	connection := chat.Connection{Shop: "bench", Vendor: chat.Shopify, Account: worldStore, Token: "shpat_bench"}
	client, err := accounts.Client(connection)
	harness.Must(t, err)
	var mu sync.Mutex
	add := func(u chat.DirectoryUpdate) {
		mu.Lock()
		defer mu.Unlock()
		u.Vendor = chat.Shopify
		u.Normalize(sms.Parse, "US")
		updates = append(updates, u)
	}
	hooks := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		harness.Must(t, err)
		u, err := shopifyclient.ParseEvent(r.Header.Get("X-Shopify-Topic"), body)
		harness.Must(t, err)
		add(u)
	}))
	defer hooks.Close()
	s.Webhooks.Rewrite("https://sms.example", hooks.URL)
	for _, topic := range shopifyclient.Topics {
		_, err := client.CreateWebhook(t.Context(), topic.Name, "https://sms.example/hooks")
		harness.Must(t, err)
	}
	directory := shopifyclient.Directory{Accounts: accounts}
	read := func() {
		for _, part := range directory.Parts() {
			u, _, err := directory.Page(t.Context(), connection, part, "", time.Time{})
			harness.Must(t, err)
			add(u)
		}
	}
	home := shopify.Address{FirstName: "Jane", LastName: "Doe", CountryCode: "US", Zip: "60601", TimeZone: "America/Chicago", Phone: "(415) 555-0101"}
	var jane, order, shipment int64
	for _, act := range []func() error{
		func() error {
			jane = s.AddCustomer(shopify.Customer{FirstName: "Jane", LastName: "Doe", Email: "Jane@example.com", Phone: "+14155550100", Addresses: []shopify.Address{home}})
			return nil
		},
		func() error {
			order = s.PlaceOrder(shopify.Order{CustomerID: jane, Email: "jane@example.com", Shipping: &home, Billing: &home, Items: []shopify.Item{{Title: "Coffee", Variant: "250 g", Price: "49.00"}}})
			return nil
		},
		func() error {
			return s.UpdateCustomer(jane, func(c *shopify.Customer) { c.Phone, c.LastName = "+14155550102", "Roe" })
		},
		func() (err error) { shipment, err = s.Fulfill(order, "UPS", "1Z999"); return err },
		func() error { return s.ShipmentEvent(shipment, "in_transit") },
		func() error { return s.SetTracking(shipment, "FedEx", "77") },
		func() error { return s.ShipmentEvent(shipment, "delivered") },
		func() error {
			s.PlaceOrder(shopify.Order{CustomerID: jane, Email: "jane@example.com", Phone: "555-555-SHIP", Items: []shopify.Item{{Title: "Tea", Price: "5.00"}}})
			return nil
		},
		func() error {
			return s.UpdateCustomer(jane, func(c *shopify.Customer) {
				c.Addresses = []shopify.Address{{CountryCode: "PR", Zip: "00901", TimeZone: "America/Puerto_Rico", Phone: "787-555-0142"}}
			})
		},
		func() error { return s.CancelOrder(order) },
	} {
		harness.Must(t, act())
		read()
		time.Sleep(1100 * time.Millisecond) // times have whole seconds
	}
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(updates)
}
