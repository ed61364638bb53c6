package hooks_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/chat"
)

// The benchmarks measure webhooks through HTTP into SQLite at full durability, from
// clients in the same process. They report figures and check nothing.

// benchOrder is a webhook like those of an order, with an id of its own.
func benchOrder(i int) webhook {
	id := fmt.Sprint(i)
	return webhook{
		vendor: chat.Shopify, body: `{"id":` + id + `,"note":"` + strings.Repeat("x", 4000) + `"}`,
		header: map[string]string{"X-Shopify-Webhook-Id": id, "X-Shopify-Event-Id": id},
	}
}

func benchClient(b *testing.B) *http.Client {
	transport := &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256}
	b.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// BenchmarkVendorOpenLoop sends 500 webhooks a second, without waiting for answers.
func BenchmarkVendorOpenLoop(b *testing.B) {
	const rate, lasts = 500, 4 * time.Second
	s, client := newVendorServer(b), benchClient(b)
	n := int(rate * lasts.Seconds())
	answered := make([]time.Duration, n)
	var failed atomic.Int64
	var sending sync.WaitGroup
	begin := time.Now().Add(100 * time.Millisecond)
	for i := range n {
		due := begin.Add(time.Duration(i) * time.Second / rate)
		time.Sleep(time.Until(due))
		sending.Go(func() {
			if status, _, err := s.trySend(client, benchOrder(i)); status != 200 || err != nil {
				failed.Add(1)
			}
			answered[i] = time.Since(due)
		})
	}
	sending.Wait()
	slices.Sort(answered)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(failed.Load()), "failed")
	b.ReportMetric(float64(answered[n/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(answered[n*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkVendorClosedLoop runs 64 senders, each of which sends its next webhook as
// soon as the last one is answered.
func BenchmarkVendorClosedLoop(b *testing.B) {
	const senders, lasts = 64, 4 * time.Second
	s, client := newVendorServer(b), benchClient(b)
	var next, failed atomic.Int64
	var sending sync.WaitGroup
	begin := time.Now()
	for range senders {
		sending.Go(func() {
			for time.Since(begin) < lasts {
				if status, _, err := s.trySend(client, benchOrder(int(next.Add(1)))); status != 200 || err != nil {
					failed.Add(1)
				}
			}
		})
	}
	sending.Wait()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(failed.Load()), "failed")
	b.ReportMetric(float64(next.Load())/time.Since(begin).Seconds(), "webhooks/s")
}
