package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/pgtest"
)

// benchSize reads the size of a benchmark's data from the environment.
func benchSize(b *testing.B, name string, size int) int {
	b.Helper()
	if text := os.Getenv(name); text != "" {
		var err error
		if size, err = strconv.Atoi(text); err != nil || size < 1 {
			b.Fatalf("%s is %q", name, text)
		}
	}
	return size
}

// onBoth runs a benchmark on a new store of each engine.
func onBoth(b *testing.B, run func(*testing.B, *store.Store)) {
	b.Run("sqlite", func(b *testing.B) { run(b, open(b, filepath.Join(b.TempDir(), "bench.db"))) })
	b.Run("postgres", func(b *testing.B) { run(b, openURL(b, pgtest.Start(b).Schema(b))) })
}

// BenchmarkDirectoryLookup measures finding one of SIDETEXT_BENCH_SHOPPERS shoppers by
// the phone: the profile, as the card and the figures read it, and the people with all
// that profiles are made of.
func BenchmarkDirectoryLookup(b *testing.B) {
	size := benchSize(b, "SIDETEXT_BENCH_SHOPPERS", 10_000)
	onBoth(b, func(b *testing.B, s *store.Store) {
		config, err := createShop(b.Context(), s, "bench")
		if err != nil {
			b.Fatal(err)
		}
		shop := config.Shop.ID
		fillBench(b, s, shop, size)
		b.Run("profile", func(b *testing.B) {
			lookUp(b, size, func(phone chat.Phone) error { _, err := s.Profile(b.Context(), shop, phone); return err })
		})
		b.Run("people", func(b *testing.B) {
			lookUp(b, size, func(phone chat.Phone) error {
				people, err := s.People(b.Context(), shop, phone)
				if err == nil && len(people) != 1 {
					err = fmt.Errorf("%d people", len(people))
				}
				return err
			})
		})
	})
}

func lookUp(b *testing.B, size int, find func(chat.Phone) error) {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	took := make([]time.Duration, 0, b.N)
	used := cpu(b)
	for b.Loop() {
		phone := chat.Phone(fmt.Sprint("+1", 2_000_000_000+random.IntN(size)))
		began := time.Now()
		if err := find(phone); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	b.ReportMetric(float64((cpu(b)-used).Microseconds())/float64(len(took)), "cpu-µs/lookup")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1000, "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1000, "p99-µs")
}

// fillBench makes this many shoppers whom the directory knows, each with an order and
// every tenth with a subscription, in the tables themselves.
func fillBench(b *testing.B, s *store.Store, shop chat.ShopID, size int) {
	b.Helper()
	profile := `{"customer":"c","shopify":"600000000000","proof":"order #1001","linked_at":"2026-11-01T10:00:00Z","bought_at":"2026-11-01T10:00:00Z","last_order":{"id":"1","name":"#1001","at":"2026-11-01T10:00:00Z","status":"On its way"},"time_zone":"America/Chicago","locale":"en"}`
	order := `{"ID":"1","CustomerID":"1","Name":"#1001","Email":"a@example.com","Customer":"Jane Doe","FinancialStatus":"paid","CreatedAt":"2026-11-01T10:00:00Z","UpdatedAt":"2026-11-01T10:00:00Z","CancelledAt":"0001-01-01T00:00:00Z"}`
	const chunk = 10_000
	for from := 0; from < size; from += chunk {
		for _, insert := range []struct {
			into, values string
			doc          string // $4, if any
		}{
			{`customers (id, shop, shopify, recharge, name, email, locale, time_zone, country, zip, shopify_at, recharge_at)`,
				`'c' || i, $1, '6' || i, CASE WHEN i % 10 = 0 THEN '' || i ELSE '' END, 'Jane Doe', 'jane' || i || '@example.com', 'en', '', 'US', '60601', 1, 1 FROM n`, ""},
			{`customer_phones (shop, phone, customer, source, seen_at, ended_at)`, `$1, '+1' || (2000000000 + i), 'c' || i, 'shopify_customer', 1, 0 FROM n`, ""},
			{`orders (shop, id, customer, name, proves, doc, created_at, updated_at)`, `$1, 'o' || i, 'c' || i, '#1001', 1, $4, 1, 1 FROM n`, order},
			{`subscriptions (shop, id, customer, status, doc, updated_at)`, `$1, 's' || i, 'c' || i, 'active', $4, 1 FROM n WHERE i % 10 = 0`, `{"ID":"1","Status":"active"}`},
			{`shoppers (id, shop, phone, name, email, purchased, customer, directory, proof, person)`,
				`'p' || i, $1, '+1' || (2000000000 + i), 'Jane Doe', 'jane' || i || '@example.com', 0, '', $4, 'order #1001', 'c' || i FROM n`, profile},
		} {
			args := []any{string(shop), int64(from), int64(min(from+chunk, size))}
			if insert.doc != "" {
				args = append(args, insert.doc)
			}
			query := `INSERT INTO ` + insert.into + ` WITH RECURSIVE n(i) AS (
				SELECT CAST($2 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < CAST($3 AS BIGINT)
			) SELECT ` + insert.values
			if err := store.Exec(b.Context(), s, query, args...); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkApplyOrders measures applying SIDETEXT_BENCH_ORDERS orders in batches of 200
// webhooks, each of a new customer with a phone. An order counts once it is durable.
func BenchmarkApplyOrders(b *testing.B) {
	size := benchSize(b, "SIDETEXT_BENCH_ORDERS", 2_000)
	onBoth(b, func(b *testing.B, s *store.Store) {
		for b.Loop() {
			config, err := createShop(b.Context(), s, "bench"+string(chat.NewID[chat.ShopID](time.Now())))
			if err != nil {
				b.Fatal(err)
			}
			began, used := time.Now(), cpu(b)
			for from := 0; from < size; from += 200 {
				var batch []chat.DirectoryUpdate
				for n := from; n < min(from+200, size); n++ {
					batch = append(batch, benchOrder(n))
				}
				if _, err := store.ApplyUpdates(b.Context(), s, config.Shop.ID, began, batch...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpu(b)-used).Microseconds())/float64(size), "cpu-µs/order")
			b.ReportMetric(float64(size)/time.Since(began).Seconds(), "orders/s")
		}
	})
}

func benchOrder(n int) chat.DirectoryUpdate {
	id, phone := fmt.Sprint(6_000_000_000+n), chat.Phone(fmt.Sprint("+1", 2_000_000_000+n))
	email := fmt.Sprint("jane", n, "@example.com")
	return chat.DirectoryUpdate{
		Vendor: chat.Shopify,
		Customers: []chat.CustomerRecord{{
			ID: id, Name: "Jane Doe", Email: email, Phones: own(phone), Partial: true, CreatedAt: at(1), UpdatedAt: at(1),
		}},
		Orders: []chat.OrderRecord{{
			ID: fmt.Sprint(7_000_000_000 + n), CustomerID: id, Name: fmt.Sprint("#", n), Email: email, Customer: "Jane Doe", Country: "US", Zip: "60601",
			Phones:          []chat.PhoneRecord{{Raw: string(phone), Phone: phone, Source: chat.OrderPhone}, {Raw: string(phone), Phone: phone, Country: "US", Source: chat.ShippingPhone}},
			FinancialStatus: "paid", Total: "49.00", Currency: "USD", Items: []chat.Item{{Title: "Coffee", Variant: "250 g", Quantity: 1}},
			CreatedAt: at(1), UpdatedAt: at(1),
		}},
	}
}
