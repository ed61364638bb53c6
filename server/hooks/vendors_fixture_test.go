package hooks_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
	"sidetext/server/hooks"
	"sidetext/server/metrics"
	"sidetext/server/web"
	"sidetext/store"
)

// The vectors of the vendors' documents.
const (
	shopifySecret, shopifyBody = "shpss_test_secret", `{"id":450789469,"email":"bob@example.com","phone":"+15551234567"}`
	shopifySignature           = "iN6Ckfw/UAQlKoZNiyhmxP1xloPkggNaqNwXfz2CSTc="

	rechargeSecret, rechargeBody = "rc_test_secret", `{"subscription":{"id":27363808,"status":"cancelled"}}`
	rechargeTime                 = 1764000000
	rechargeSignature            = "3e6648ae909a18bc95436d12291693fa377d04588446f75f61bbdf34c1446cdb"
)

// A vendorServer serves the webhooks of two shops, each with both vendors, on a
// database of its own.
type vendorServer struct {
	testing.TB
	*store.Store
	vendors     *hooks.Vendors
	url         string
	shop, other chat.ShopID
	log         bytes.Buffer
	mu          sync.Mutex // guards now
	now         time.Time
	woken       int
}

func newVendorServer(t testing.TB) *vendorServer {
	t.Helper()
	s := &vendorServer{TB: t, now: time.Unix(rechargeTime, 0).UTC()}
	log := slog.New(slog.NewTextHandler(&lockedWriter{to: &s.log}, nil))
	var err error
	s.Store, err = store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "hooks.db"), make([]byte, 32), log)
	stage.Must(t, err)
	s.shop, s.other = s.addShop("acme", shopifySecret, rechargeSecret), s.addShop("other", "another", "another")
	s.vendors = &hooks.Vendors{
		Store: s.Store,
		Connections: &hooks.ConnectionCache{Find: func(ctx context.Context, e hooks.VendorEndpoint) (chat.Connection, error) {
			return s.ConnectionAt(ctx, e.Vendor, e.Endpoint)
		}},
		Topics:        map[chat.Vendor][]string{chat.Shopify: {"orders/create", "orders/updated"}, chat.Recharge: {"customer/updated", "subscription/created", "charge/upcoming"}},
		VerifyShopify: verifyShopify, VerifyRecharge: verifyRecharge,
		Wake: func() { s.mu.Lock(); s.woken++; s.mu.Unlock() }, Metrics: metrics.New(), Now: s.clock, Log: log,
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	stage.Must(t, err)
	s.url = "http://" + listener.Addr().String()
	app := web.New(s.url, make([]byte, 32), s.Store, s.clock, log).Serve(s.vendors.Routes)
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	t.Cleanup(func() {
		if err := errors.Join(app.Shutdown(), <-served, s.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// addShop adds a shop that is connected to both vendors, at endpoints named after it.
func (s *vendorServer) addShop(name, shopify, recharge string) chat.ShopID {
	s.Helper()
	shop, err := s.AddShop(s.Context(), name, s.now)
	stage.Must(s, err)
	for v, secret := range map[chat.Vendor]string{chat.Shopify: shopify, chat.Recharge: recharge} {
		stage.Must(s, s.SaveConnection(s.Context(), chat.Connection{
			Shop: shop.ID, Vendor: v, Account: name + ".myshopify.com", Secret: chat.Secret(secret), Endpoint: string(v) + "-" + name, ConnectedAt: s.now,
		}))
	}
	return shop.ID
}

func (s *vendorServer) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *vendorServer) setClock(now time.Time) {
	s.mu.Lock()
	s.now = now
	s.mu.Unlock()
	s.vendors.Connections.Reset()
}

// A webhook is a request of a vendor. Fields that are empty are those of a right one.
type webhook struct {
	vendor   chat.Vendor
	method   string
	path     string
	secret   string
	body     string
	signed   string // what the signature is of, if not of the body
	at       time.Time
	header   map[string]string
	unsigned bool
}

// send sends a webhook and returns the status and the body of the answer.
func (s *vendorServer) send(w webhook) (status int, body string) {
	s.Helper()
	status, body, err := s.trySend(http.DefaultClient, w)
	stage.Must(s, err)
	return status, body
}

func (s *vendorServer) trySend(client *http.Client, w webhook) (status int, body string, err error) {
	if w.method == "" {
		w.method = http.MethodPost
	}
	if w.at.IsZero() {
		w.at = s.clock()
	}
	header := map[string]string{"Content-Type": "application/json"}
	if w.vendor == chat.Shopify {
		orDefault(&w.path, "/hooks/shopify/shopify-acme")
		orDefault(&w.secret, shopifySecret)
		orDefault(&w.body, shopifyBody)
		header["X-Shopify-Topic"], header["X-Shopify-Shop-Domain"] = "orders/create", "acme.myshopify.com"
	} else {
		orDefault(&w.path, "/hooks/recharge/recharge-acme/subscription/created")
		orDefault(&w.secret, rechargeSecret)
		orDefault(&w.body, rechargeBody)
	}
	orDefault(&w.signed, w.body)
	switch {
	case w.unsigned:
	case w.vendor == chat.Shopify:
		header["X-Shopify-Hmac-Sha256"] = signShopify(w.secret, w.signed)
	default:
		header["X-Recharge-Webhook-Signature"] = fmt.Sprintf("t=%d,v1=%s", w.at.Unix(), signRecharge(w.secret, w.at.Unix(), w.signed))
	}
	request, err := http.NewRequestWithContext(s.Context(), w.method, s.url+w.path, strings.NewReader(w.body))
	if err != nil {
		return 0, "", err
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	for name, value := range w.header {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	return response.StatusCode, string(raw), err
}

func orDefault(value *string, other string) {
	if *value == "" {
		*value = other
	}
}

// waiting returns the webhooks of a shop that were stored.
func (s *vendorServer) waiting(shop chat.ShopID) []store.Event {
	s.Helper()
	found, err := s.WaitingEvents(s.Context(), shop, 100_000)
	stage.Must(s, err)
	return found
}

// counted returns how many webhooks had an outcome.
func (s *vendorServer) counted(v chat.Vendor, outcome string) int {
	s.Helper()
	families, err := s.vendors.Metrics.Registry.Gather()
	stage.Must(s, err)
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if labels := m.GetLabel(); family.GetName() == "sidetext_vendor_webhooks_total" && labels[0].GetValue() == outcome && labels[1].GetValue() == string(v) {
				return int(m.GetCounter().GetValue())
			}
		}
	}
	s.Fatalf("no metric for %s %s", v, outcome)
	return 0
}

// The signatures, as the vendors' documents describe them.

func signShopify(secret, body string) string {
	hash := hmac.New(sha256.New, []byte(secret))
	hash.Write([]byte(body))
	return base64.StdEncoding.EncodeToString(hash.Sum(nil))
}

func verifyShopify(secrets []chat.Secret, signature string, body []byte) bool {
	for _, secret := range secrets {
		if hmac.Equal([]byte(signature), []byte(signShopify(string(secret), string(body)))) {
			return true
		}
	}
	return false
}

func signRecharge(secret string, at int64, body string) string {
	hash := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(hash, "%d.%s", at, body)
	return hex.EncodeToString(hash.Sum(nil))
}

func verifyRecharge(secrets []chat.Secret, header func(name string) string, body []byte, now time.Time) error {
	var at int64
	var signature string
	if _, err := fmt.Sscanf(header("X-Recharge-Webhook-Signature"), "t=%d,v1=%s", &at, &signature); err != nil {
		return err
	}
	for _, secret := range secrets {
		if hmac.Equal([]byte(signature), []byte(signRecharge(string(secret), at, string(body)))) && now.Sub(time.Unix(at, 0)).Abs() <= 48*time.Hour {
			return nil
		}
	}
	return errors.New("wrong signature")
}

// A lockedWriter may be used by several goroutines.
type lockedWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}
