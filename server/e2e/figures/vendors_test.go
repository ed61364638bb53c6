package figures_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/recharge"
	"sidetext/pretend/shopify"
	"sidetext/server/e2e/harness"
	"sidetext/store"
)

// A vendorWorld is a shop that is connected to a Shopify store and to Recharge, which
// have the same customers. Each has one order there, and one subscription, one charge
// that is paid and one that is queued here. No node runs.
type vendorWorld struct {
	benchServer
	t         testing.TB
	customers int
	shopify   *shopify.Shopify
	recharge  *recharge.Recharge
	shop      chat.ShopID
	url       string // of the database
	env       []string
}

const (
	worldStore = "bench.myshopify.com"
	worldToken = "sk_2x1_bench" // Recharge accepts twice the usual rate
)

// newVendorWorld makes a world with so many customers, on a database of its own if url
// is empty. Without limits, Shopify takes any number of requests.
func newVendorWorld(t testing.TB, url string, customers int, limits bool) *vendorWorld {
	t.Helper()
	w := &vendorWorld{t: t, customers: customers, url: url}
	w.key = bytes.Repeat([]byte{7}, 32)
	if url == "" {
		w.url = "sqlite:" + filepath.Join(t.TempDir(), "bench.db")
	}
	at := shopify.Account{Store: worldStore, Token: "shpat_bench", Secret: "shpss_bench"}
	if !limits {
		at.Points, at.Restore = 1e6, 1e6
	}
	created := time.Now().Add(-24 * time.Hour).Truncate(time.Second)
	for i := range customers {
		at.Customers = append(at.Customers, shopifyCustomer(i, created))
		at.Orders = append(at.Orders, shopify.Order{
			ID: worldOrder(i), CustomerID: worldCustomer(i), Number: 1001 + i, Email: worldEmail(i), Items: []shopify.Item{{Title: "Coffee", Price: "49.00"}},
			CreatedAt: created, UpdatedAt: created,
		})
	}
	w.shopify = shopify.New(at)
	t.Cleanup(w.shopify.Close)
	w.recharge = recharge.New(rechargeAccount(customers, created))
	t.Cleanup(w.recharge.Close)
	first, second := httptest.NewServer(w.shopify), httptest.NewServer(w.recharge)
	t.Cleanup(first.Close)
	t.Cleanup(second.Close)
	w.env = []string{
		"SIDETEXT_DATABASE_URL=" + w.url, "SIDETEXT_SECRET_KEY=" + base64.StdEncoding.EncodeToString(w.key),
		"SIDETEXT_SHOPIFY_URL=" + first.URL + "/{shop}", "SIDETEXT_RECHARGE_URL=" + second.URL,
	}
	w.setUp()
	return w
}

func (w *vendorWorld) setUp() {
	w.withStore(func(ctx context.Context, s *store.Store) error {
		shop, err := s.AddShop(ctx, "Bench", time.Now())
		if err != nil {
			return err
		}
		w.shop = shop.ID
		if err := s.SaveLine(ctx, chat.Line{ID: "line", Shop: shop.ID, Number: harness.Number, Provider: "twilio", Account: harness.Account, Token: harness.Token, Endpoint: "bench"}); err != nil {
			return err
		}
		for _, v := range chat.Vendors() {
			c := chat.Connection{
				Shop: shop.ID, Vendor: v, Account: worldStore, Token: "shpat_bench", Secret: "shpss_bench", Endpoint: "bench" + string(v),
				Status: chat.ConnectionActive, ConnectedAt: time.Now(), CheckedAt: time.Now(),
			}
			if v == chat.Recharge {
				c.Token = worldToken
			}
			if err := s.SaveConnection(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func shopifyCustomer(i int, created time.Time) shopify.Customer {
	return shopify.Customer{
		ID: worldCustomer(i), FirstName: "Shopper", LastName: strconv.Itoa(i), Email: worldEmail(i), Phone: worldPhone(i), CreatedAt: created, UpdatedAt: created,
		Addresses: []shopify.Address{{CountryCode: "US", Zip: "60601", TimeZone: "America/Chicago", Phone: worldPhone(i)}},
	}
}

func rechargeAccount(customers int, created time.Time) recharge.Account {
	a := recharge.Account{Store: worldStore, Token: worldToken, ClientSecret: "secret", Leak: 4, Rebuild: -1}
	at, tomorrow := recharge.Naive{Time: created}, recharge.Text(created.Add(72*time.Hour).Format(time.DateOnly))
	for i := range customers {
		id := int64(1 + i)
		a.Customers = append(a.Customers, recharge.Customer{
			ID: id, External: recharge.External(strconv.FormatInt(worldCustomer(i), 10)), Email: recharge.Text(worldEmail(i)),
			FirstName: "Shopper", LastName: recharge.Text(strconv.Itoa(i)), CreatedAt: at, UpdatedAt: at,
		})
		a.Addresses = append(a.Addresses, recharge.Address{ID: 1_000_000 + id, CustomerID: id, Phone: worldPhone(i), CountryCode: "US", CreatedAt: at, UpdatedAt: at})
		a.Subscriptions = append(a.Subscriptions, recharge.Subscription{ID: 2_000_000 + id, AddressID: 1_000_000 + id, Product: "Coffee", Next: tomorrow, CreatedAt: at, UpdatedAt: at})
		a.Charges = append(a.Charges, recharge.Charge{ID: 3_000_000 + id, AddressID: 1_000_000 + id, Status: "success", ScheduledAt: recharge.Text(created.Format(time.DateOnly)), CreatedAt: recharge.Offset{Time: created}, UpdatedAt: recharge.Offset{Time: created}})
	}
	return a
}

func worldCustomer(i int) int64 { return 600_000_000 + int64(i) }
func worldOrder(i int) int64    { return 900_000_000 + int64(i) }
func worldEmail(i int) string   { return fmt.Sprintf("shopper%d@example.com", i) }
func worldPhone(i int) string   { return fmt.Sprintf("+1415%03d%04d", 200+i/10_000, i%10_000) }

// withStore calls work with the database, which no node uses at the same time if it is
// SQLite.
func (w *vendorWorld) withStore(work func(context.Context, *store.Store) error) {
	w.t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, w.url, w.key, slog.New(slog.NewTextHandler(io.Discard, nil)))
	harness.Must(w.t, err)
	harness.Must(w.t, work(ctx, s))
	harness.Must(w.t, s.Close())
}

// reconcile has all lists of the vendors read.
func (w *vendorWorld) reconcile(vendors ...chat.Vendor) {
	w.t.Helper()
	w.withStore(func(ctx context.Context, s *store.Store) error {
		for _, v := range vendors {
			c, err := s.Connection(ctx, w.shop, v)
			if err != nil {
				return err
			}
			parts := []string{"customers", "orders"}
			if v == chat.Recharge {
				parts = []string{"customers", "addresses", "subscriptions", "charges"}
			}
			if err := s.StartReconciliation(ctx, c, parts, time.Time{}, time.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// reader returns a direct connection to the database, which reads what nodes have stored.
func (w *vendorWorld) reader() *sql.DB {
	w.t.Helper()
	driver, address := "pgx", w.url
	if path, ok := strings.CutPrefix(w.url, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, address)
	harness.Must(w.t, err)
	w.t.Cleanup(func() { _ = db.Close() })
	return db
}

// number reads one of the node's metrics.
func (w *benchServer) number(t testing.TB, name string) float64 {
	t.Helper()
	for line := range strings.Lines(w.get(t, "/metrics")) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+" "); ok {
			n, err := strconv.ParseFloat(value, 64)
			harness.Must(t, err)
			return n
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

// listRequests counts requests for pages.
func (w *vendorWorld) listRequests() (n int) {
	for _, r := range w.recharge.Requests() {
		if r.Method == http.MethodGet && r.Status == http.StatusOK {
			n++
		}
	}
	for _, r := range w.shopify.Requests() {
		if strings.HasSuffix(r.Path, "/graphql.json") {
			n++
		}
	}
	return n
}
