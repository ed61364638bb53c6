package hooks_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
)

// TestVendorTooLarge: a request that announces more than 2 MB is refused before its
// body arrives.
func TestVendorTooLarge(t *testing.T) {
	t.Parallel()
	s := newVendorServer(t)
	for _, size := range []int{2<<20 + 1, 5 << 20} {
		for _, path := range []string{"/hooks/shopify/shopify-acme", "/hooks/recharge/recharge-acme/subscription/created"} {
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
			stage.Must(t, err)
			defer conn.Close()
			stage.Must(t, conn.SetDeadline(time.Now().Add(stage.Timeout)))
			_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", path, size)
			stage.Must(t, err)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			stage.Must(t, err)
			if response.StatusCode != 413 {
				t.Errorf("%s with %d bytes: got %d", path, size, response.StatusCode)
			}
		}
	}
}

// TestVendorEventTime: the vendor's time is kept, and an unreadable one is unknown.
func TestVendorEventTime(t *testing.T) {
	t.Parallel()
	s := newVendorServer(t)
	for text, want := range map[string]time.Time{
		"2026-12-01T10:00:00.123456789Z": time.Date(2026, 12, 1, 10, 0, 0, 123456000, time.UTC),
		"2026-12-01T05:00:00-05:00":      time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC),
		"yesterday":                      {},
	} {
		s.send(webhook{vendor: chat.Shopify, header: map[string]string{"X-Shopify-Triggered-At": text, "X-Shopify-Webhook-Id": text, "X-Shopify-Event-Id": text}})
		all := s.waiting(s.shop)
		if e := all[len(all)-1]; !e.TriggeredAt.Equal(want) || e.Key != "orders/create/"+text || e.EventID != "orders/create/"+text || !e.ReceivedAt.Equal(s.now) {
			t.Errorf("%s: stored %+v", text, e)
		}
	}
}

// TestVendorLongID: an id that Postgres would refuse to index still recognises a repeated
// webhook.
func TestVendorLongID(t *testing.T) {
	t.Parallel()
	s := newVendorServer(t)
	id := strings.Repeat("a", 2900)
	for _, body := range []string{`{"id":1}`, `{"id":2}`} {
		w := webhook{vendor: chat.Shopify, body: body, header: map[string]string{"X-Shopify-Webhook-Id": id}}
		if status, _ := s.send(w); status != 200 {
			t.Errorf("got %d", status)
		}
	}
	if all := s.waiting(s.shop); len(all) != 1 || len(all[0].Key) > 300 {
		t.Errorf("stored %d", len(all))
	}
}
