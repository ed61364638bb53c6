package figures_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"sidetext/chat"
	"sidetext/server/e2e/harness"
	"sidetext/store"
)

// A directoryServer is a node with a shop that is connected to a Shopify store and to
// Recharge, whose APIs accept connections and never answer.
type directoryServer struct {
	benchServer
	db *sql.DB // reads what the node has stored
}

const (
	benchStore  = "bench.myshopify.com"
	benchSecret = "shpss_bench"
)

func newDirectoryServer(b *testing.B) *directoryServer {
	b.Helper()
	w := &directoryServer{}
	w.key = bytes.Repeat([]byte{7}, 32)
	dead := deadVendor(b)
	path := filepath.Join(b.TempDir(), "bench.db")
	ctx := context.Background()
	s, err := store.Open(ctx, "sqlite:"+path, w.key, slog.New(slog.NewTextHandler(io.Discard, nil)))
	harness.Must(b, err)
	shop, err := s.AddShop(ctx, "Bench", time.Now())
	harness.Must(b, err)
	harness.Must(b, s.SaveLine(ctx, chat.Line{ID: "line", Shop: shop.ID, Number: harness.Number, Provider: "twilio", Account: harness.Account, Token: harness.Token, Endpoint: "bench"}))
	for _, v := range chat.Vendors() {
		harness.Must(b, s.SaveConnection(ctx, chat.Connection{
			Shop: shop.ID, Vendor: v, Account: benchStore, Token: "shpat_bench", Secret: benchSecret, Endpoint: "bench" + string(v),
			Status: chat.ConnectionActive, ConnectedAt: time.Now(), CheckedAt: time.Now(),
		}))
	}
	harness.Must(b, s.Close())
	w.Node = harness.StartNode(b, "SIDETEXT_DATABASE_URL=sqlite:"+path, "SIDETEXT_SECRET_KEY="+base64.StdEncoding.EncodeToString(w.key),
		"SIDETEXT_SHOPIFY_URL="+dead+"/{shop}", "SIDETEXT_RECHARGE_URL="+dead)
	w.db, err = sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(10000)")
	harness.Must(b, err)
	b.Cleanup(func() { _ = w.db.Close() })
	return w
}

// deadVendor returns the address of a server that accepts connections and never answers.
func deadVendor(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	harness.Must(b, err)
	var accepting sync.WaitGroup
	accepting.Go(func() {
		var open []net.Conn
		for {
			conn, err := l.Accept()
			if err != nil {
				break
			}
			open = append(open, conn)
		}
		for _, conn := range open {
			_ = conn.Close()
		}
	})
	b.Cleanup(func() { _ = l.Close(); accepting.Wait() })
	return "http://" + l.Addr().String()
}

// order returns the webhook body of an order. Each customer has ten.
func benchOrder(n int) []byte {
	customer := n / 10
	return fmt.Appendf(nil, `{"id":%d,"admin_graphql_api_id":"gid://shopify/Order/%d","name":"#%d","order_number":%d,"test":false,"email":"shopper%d@example.com","phone":null,
		"customer_locale":"en","created_at":"2026-11-01T10:00:00-05:00","updated_at":"2026-11-01T10:00:01-05:00","currency":"USD","total_price":"49.00","financial_status":"paid","fulfillment_status":null,
		"cancelled_at":null,"customer":{"id":%d,"email":"shopper%d@example.com","first_name":"Shopper","last_name":"%d","phone":null,"updated_at":"2026-11-01T10:00:01-05:00"},
		"billing_address":{"phone":"(415) %03d-%04d","country_code":"US"},"shipping_address":{"phone":"","country_code":"US","zip":"60601"},
		"line_items":[{"id":1,"product_id":1,"variant_id":2,"title":"Coffee","quantity":1,"sku":"","properties":[]}]}`,
		900_000_000+n, 900_000_000+n, n, n, customer, 600_000_000+customer, customer, customer, 200+customer/10_000, customer%10_000)
}

// sendOrder posts the webhook of an order, and returns how long the answer took, counted
// from when it was due.
func (w *directoryServer) sendOrder(client *fasthttp.Client, n int, due time.Time) (time.Duration, error) {
	body := benchOrder(n)
	mac := hmac.New(sha256.New, []byte(benchSecret))
	mac.Write(body)
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI("http://" + w.Listen + "/hooks/shopify/benchshopify")
	req.Header.SetMethod(http.MethodPost)
	req.Header.SetContentType("application/json")
	for name, value := range map[string]string{
		"X-Shopify-Hmac-Sha256": base64.StdEncoding.EncodeToString(mac.Sum(nil)), "X-Shopify-Topic": "orders/create",
		"X-Shopify-Shop-Domain": benchStore, "X-Shopify-Webhook-Id": fmt.Sprintf("webhook-%d", n), "X-Shopify-Event-Id": fmt.Sprintf("event-%d", n),
		"X-Shopify-Triggered-At": "2026-11-01T15:00:02.000Z", "X-Shopify-API-Version": "2026-10",
	} {
		req.Header.Set(name, value)
	}
	req.SetBody(body)
	if err := client.Do(req, resp); err != nil {
		return 0, err
	}
	if resp.StatusCode() != http.StatusOK {
		return 0, fmt.Errorf("status %d", resp.StatusCode())
	}
	return time.Since(due), nil
}

// count returns how many rows a condition selects.
func (w *directoryServer) count(b *testing.B, from string) (n int) {
	b.Helper()
	harness.Must(b, w.db.QueryRow(`SELECT COUNT(*) FROM `+from).Scan(&n))
	return n
}

// BenchmarkOrderWebhooks imports orders through webhooks: 64 senders, each of which sends
// the next order as soon as the last one is answered. It ends when the directory has all
// of them. BENCH_ORDERS is their number.
func BenchmarkOrderWebhooks(b *testing.B) {
	const senders = 64
	orders := harness.Size(b, "BENCH_ORDERS", 20_000)
	w := newDirectoryServer(b)
	client := w.client()
	w.profile(b, 8)
	before := w.cpuTime(b)
	var next, failed atomic.Int64
	var sending sync.WaitGroup
	begin := time.Now()
	for range senders {
		sending.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= orders {
					return
				}
				if _, err := w.sendOrder(client, n, time.Now()); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	sending.Wait()
	answered := time.Since(begin)
	for w.count(b, `events WHERE state = 'waiting'`) > 0 {
		if time.Since(begin) > 10*time.Minute {
			b.Fatal("the events were not applied in ten minutes")
		}
		time.Sleep(50 * time.Millisecond)
	}
	applied := time.Since(begin)
	if n := w.count(b, `orders`); n != orders-int(failed.Load()) {
		b.Fatalf("the directory has %d orders of %d", n, orders)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(failed.Load()), "failed")
	b.ReportMetric(float64(orders)/answered.Seconds(), "answered/s")
	b.ReportMetric(float64(orders)/applied.Seconds(), "applied/s")
	b.ReportMetric(float64((w.cpuTime(b)-before).Microseconds())/float64(orders), "server-cpu-us/order")
}

// BenchmarkVendorWebhooks sends 500 webhooks a second, without waiting for answers,
// while the vendors' APIs do not answer.
func BenchmarkVendorWebhooks(b *testing.B) {
	const rate, lasts = 500, 20 * time.Second
	w := newDirectoryServer(b)
	client := w.client()
	n := int(rate * lasts.Seconds())
	answered := make([]time.Duration, n)
	var failed atomic.Int64
	var sending sync.WaitGroup
	begin := time.Now().Add(time.Second)
	for i := range n {
		due := begin.Add(time.Duration(i) * time.Second / rate)
		time.Sleep(time.Until(due))
		sending.Go(func() {
			var err error
			if answered[i], err = w.sendOrder(client, i, due); err != nil {
				failed.Add(1)
			}
		})
	}
	sending.Wait()
	slices.Sort(answered)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(failed.Load()), "failed")
	b.ReportMetric(ms(answered[n/2]), "answer-p50-ms")
	b.ReportMetric(ms(answered[n*99/100]), "answer-p99-ms")
}

// BenchmarkTextsBesideBacklog sends 50 texts a second while the webhooks of orders of an
// outage are applied, and as long afterwards. BENCH_BACKLOG is how many there are.
func BenchmarkTextsBesideBacklog(b *testing.B) {
	const rate = 50
	backlog := harness.Size(b, "BENCH_BACKLOG", 10_000)
	w := newVendorWorld(b, "", 0, true)
	w.withStore(func(ctx context.Context, s *store.Store) error {
		harness.InParallel(64, backlog, func(n int) {
			_, err := s.AddEvent(ctx, chat.VendorEvent{Shop: w.shop, Vendor: chat.Shopify, Key: fmt.Sprint(n), Topic: "orders/create", Body: benchOrder(n)})
			harness.Must(b, err)
		})
		return nil
	})
	for i := range 1000 {
		w.phones = append(w.phones, worldPhone(i))
	}
	w.Node = harness.StartNode(b, w.env...)
	db, client := w.reader(), w.client()
	waiting := func() (n int) {
		harness.Must(b, db.QueryRow(`SELECT COUNT(*) FROM events WHERE state = 'waiting'`).Scan(&n))
		return n
	}
	sent := 0
	texts := func(again func() bool) (answered []time.Duration) {
		var mu sync.Mutex
		var sending sync.WaitGroup
		for begin, i := time.Now(), 0; again(); i++ {
			due := begin.Add(time.Duration(i) * time.Second / rate)
			time.Sleep(time.Until(due))
			n := sent
			sent++
			sending.Go(func() {
				took, err := w.sendText(client, n, due)
				harness.Must(b, err)
				mu.Lock()
				defer mu.Unlock()
				answered = append(answered, took)
			})
		}
		sending.Wait()
		slices.Sort(answered)
		return answered
	}
	begin := time.Now()
	var took time.Duration
	applied := make(chan struct{})
	go func() {
		defer close(applied)
		for waiting() > 0 {
			time.Sleep(200 * time.Millisecond)
		}
		took = time.Since(begin)
	}()
	beside := texts(func() bool {
		select {
		case <-applied:
			return false
		default:
			return true
		}
	})
	alone := texts(func() bool { return time.Since(begin) < 2*took })
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(backlog)/took.Seconds(), "applied/s")
	for name, answered := range map[string][]time.Duration{"beside": beside, "alone": alone} {
		b.ReportMetric(ms(answered[len(answered)/2]), name+"-p50-ms")
		b.ReportMetric(ms(answered[len(answered)*99/100]), name+"-p99-ms")
		b.ReportMetric(ms(answered[len(answered)-1]), name+"-max-ms")
	}
}
