package hooks_test

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
	"sidetext/server/metrics"
)

// TestVendorVectors: the vectors of the vendors' documents are accepted.
func TestVendorVectors(t *testing.T) {
	t.Parallel()
	s := newVendorServer(t)
	if got := signShopify(shopifySecret, shopifyBody); got != shopifySignature {
		t.Errorf("Shopify's signature is %s", got)
	}
	if got := signRecharge(rechargeSecret, rechargeTime, rechargeBody); got != rechargeSignature {
		t.Errorf("Recharge's signature is %s", got)
	}
	for _, v := range chat.Vendors() {
		if status, body := s.send(webhook{vendor: v}); status != 200 || body != "" {
			t.Errorf("%s got %d %q", v, status, body)
		}
	}
	if got := s.waiting(s.shop); len(got) != 2 || string(got[0].Body) != shopifyBody || string(got[1].Body) != rechargeBody || got[1].Topic != "subscription/created" {
		t.Errorf("stored %+v", got)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.woken != 2 {
		t.Errorf("woken %d times", s.woken)
	}
}

// TestVendorAnswers: each kind of request has its status, and only good ones of known
// topics are stored.
func TestVendorAnswers(t *testing.T) {
	t.Parallel()
	s := newVendorServer(t)
	const stored, unknown, unreadable, refused = metrics.WebhookStored, metrics.WebhookUnknownTopic, metrics.WebhookUnreadable, metrics.WebhookRefused
	header := func(name, value string) map[string]string { return map[string]string{name: value} }
	object := func(size int) string { return `{"a":"` + strings.Repeat("x", size-8) + `"}` }
	n := 0
	fresh := func() string { n++; return `{"id":` + strings.Repeat("1", n) + `}` }
	for name, test := range map[string]struct {
		webhook
		status  int
		outcome string
	}{
		"an order":                          {webhook{vendor: chat.Shopify, body: fresh()}, 200, stored},
		"a store in capitals":               {webhook{vendor: chat.Shopify, body: fresh(), header: header("X-Shopify-Shop-Domain", "ACME.myshopify.com")}, 200, stored},
		"an unknown topic":                  {webhook{vendor: chat.Shopify, body: fresh(), header: header("X-Shopify-Topic", "carts/create")}, 200, unknown},
		"no topic":                          {webhook{vendor: chat.Shopify, body: fresh(), header: header("X-Shopify-Topic", "")}, 200, unknown},
		"not JSON":                          {webhook{vendor: chat.Shopify, body: `{"id":`}, 200, unreadable},
		"an array":                          {webhook{vendor: chat.Shopify, body: `[{"id":1}]`}, 200, unreadable},
		"null":                              {webhook{vendor: chat.Shopify, body: `null`}, 200, unreadable},
		"two objects":                       {webhook{vendor: chat.Shopify, body: `{}{}`}, 200, unreadable},
		"2 MB":                              {webhook{vendor: chat.Shopify, body: object(2 << 20)}, 200, stored},
		"no signature":                      {webhook{vendor: chat.Shopify, unsigned: true}, 401, refused},
		"another secret":                    {webhook{vendor: chat.Shopify, secret: "another"}, 401, refused},
		"another body":                      {webhook{vendor: chat.Shopify, signed: `{}`}, 401, refused},
		"another store":                     {webhook{vendor: chat.Shopify, header: header("X-Shopify-Shop-Domain", "other.myshopify.com")}, 401, refused},
		"no store":                          {webhook{vendor: chat.Shopify, header: header("X-Shopify-Shop-Domain", "")}, 401, refused},
		"another shop's endpoint":           {webhook{vendor: chat.Shopify, path: "/hooks/shopify/shopify-other"}, 401, refused},
		"an unknown endpoint":               {webhook{vendor: chat.Shopify, path: "/hooks/shopify/unknown"}, 404, ""},
		"the other vendor's endpoint":       {webhook{vendor: chat.Shopify, path: "/hooks/shopify/recharge-acme"}, 404, ""},
		"no endpoint":                       {webhook{vendor: chat.Shopify, path: "/hooks/shopify/"}, 404, ""},
		"a longer path":                     {webhook{vendor: chat.Shopify, path: "/hooks/shopify/shopify-acme/orders"}, 404, ""},
		"with GET":                          {webhook{vendor: chat.Shopify, method: http.MethodGet}, 404, ""},
		"compressed":                        {webhook{vendor: chat.Shopify, header: header("Content-Encoding", "gzip")}, 400, ""},
		"a subscription":                    {webhook{vendor: chat.Recharge, body: `{"subscription":{"id":1}}`}, 200, stored},
		"its topic in the body":             {webhook{vendor: chat.Recharge, path: "/hooks/recharge/recharge-acme", body: `{"subscription":{"id":2}}`}, 200, stored},
		"a charge with its customer":        {webhook{vendor: chat.Recharge, path: "/hooks/recharge/recharge-acme", body: `{"customer":{"id":2},"charge":{"id":1}}`}, 200, stored},
		"no known object in the body":       {webhook{vendor: chat.Recharge, path: "/hooks/recharge/recharge-acme", body: `{"bundle":{"id":2}}`}, 200, unknown},
		"an unknown topic of Recharge":      {webhook{vendor: chat.Recharge, path: "/hooks/recharge/recharge-acme/bundle/created"}, 200, unknown},
		"Recharge's in another shop":        {webhook{vendor: chat.Recharge, path: "/hooks/recharge/recharge-other/subscription/created"}, 401, refused},
		"Recharge's at no endpoint":         {webhook{vendor: chat.Recharge, path: "/hooks/recharge/unknown/subscription/created"}, 404, ""},
		"Recharge's at Shopify's":           {webhook{vendor: chat.Recharge, path: "/hooks/recharge/shopify-acme/subscription/created"}, 404, ""},
		"Recharge's with another secret":    {webhook{vendor: chat.Recharge, secret: "another"}, 401, refused},
		"Recharge's, signed three days ago": {webhook{vendor: chat.Recharge, at: s.now.Add(-72 * time.Hour)}, 401, refused},
		"Recharge's that is not JSON":       {webhook{vendor: chat.Recharge, body: `hello`}, 200, unreadable},
	} {
		outcomes := map[string]int{}
		for _, outcome := range []string{stored, unknown, unreadable, refused, metrics.WebhookRepeated, metrics.WebhookUnavailable} {
			outcomes[outcome] = -s.counted(test.vendor, outcome)
		}
		before := len(s.allEvents())
		status, body := s.send(test.webhook)
		if status != test.status || body != "" {
			t.Errorf("%s: got %d %q, want %d", name, status, body, test.status)
		}
		for outcome := range outcomes {
			outcomes[outcome] += s.counted(test.vendor, outcome)
		}
		maps.DeleteFunc(outcomes, func(_ string, n int) bool { return n == 0 })
		if want := map[string]int{test.outcome: 1}; test.outcome != "" && !maps.Equal(outcomes, want) || test.outcome == "" && len(outcomes) != 0 {
			t.Errorf("%s: counted %v, want %v", name, outcomes, want)
		}
		if added := len(s.allEvents()) - before; (added == 1) != (test.outcome == stored) {
			t.Errorf("%s: stored %d", name, added)
		}
	}
	if got := s.waiting(s.other); len(got) != 0 {
		t.Errorf("the other shop has %+v", got)
	}
}

// allEvents counts what is stored in both shops, whatever its size.
func (s *vendorServer) allEvents() (ids []string) {
	s.Helper()
	for _, shop := range []chat.ShopID{s.shop, s.other} {
		found := s.waiting(shop)
		for _, e := range found {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// TestVendorEveryByte: a body with one changed byte is refused, wherever it is.
func TestVendorEveryByte(t *testing.T) {
	t.Parallel()
	s := newVendorServer(t)
	for v, good := range map[chat.Vendor]string{chat.Shopify: shopifyBody, chat.Recharge: rechargeBody} {
		for i := range len(good) {
			changed := []byte(good)
			changed[i] ^= 1
			if status, _ := s.send(webhook{vendor: v, body: string(changed), signed: good}); status != 401 {
				t.Errorf("%s: with byte %d changed got %d", v, i, status)
			}
		}
		if got := s.counted(v, metrics.WebhookRefused); got != len(good) {
			t.Errorf("%s: counted %d refused ones of %d", v, got, len(good))
		}
	}
	if got := s.allEvents(); len(got) != 0 {
		t.Errorf("stored %v", got)
	}
	if lines := strings.Count(s.log.String(), "\n"); lines != 2 || strings.Contains(s.log.String(), "bob") {
		t.Errorf("logged %d lines: %s", lines, s.log.String())
	}
	s.setClock(s.now.Add(time.Minute))
	s.send(webhook{vendor: chat.Shopify, unsigned: true})
	if lines := strings.Count(s.log.String(), "\n"); lines != 3 {
		t.Errorf("a minute later it has logged %d lines", lines)
	}
}

// TestVendorSecretReplaced: a replaced secret is accepted for two days.
func TestVendorSecretReplaced(t *testing.T) {
	t.Parallel()
	s := newVendorServer(t)
	begin := s.now
	for _, v := range chat.Vendors() {
		c, err := s.Connection(t.Context(), s.shop, v)
		stage.Must(t, err)
		c.Secret = "fresh"
		stage.Must(t, s.SaveConnection(t.Context(), c))
	}
	former := map[chat.Vendor]string{chat.Shopify: shopifySecret, chat.Recharge: rechargeSecret}
	for _, test := range []struct {
		after  time.Duration
		former int
	}{{0, 200}, {48*time.Hour - time.Second, 200}, {48 * time.Hour, 401}} {
		s.setClock(begin.Add(test.after))
		for v, secret := range former {
			if status, _ := s.send(webhook{vendor: v, secret: "fresh"}); status != 200 {
				t.Errorf("%s after %v with the new secret: %d", v, test.after, status)
			}
			if status, _ := s.send(webhook{vendor: v, secret: secret}); status != test.former {
				t.Errorf("%s after %v with the former secret: %d", v, test.after, status)
			}
		}
	}
}

// TestVendorWithoutSecret: an empty secret verifies nothing.
func TestVendorWithoutSecret(t *testing.T) {
	t.Parallel()
	s := newVendorServer(t)
	for _, v := range chat.Vendors() {
		c, err := s.Connection(t.Context(), s.shop, v)
		stage.Must(t, err)
		stage.Must(t, s.RemoveConnection(t.Context(), s.shop, v, s.now))
		c.Secret = ""
		stage.Must(t, s.SaveConnection(t.Context(), c))
		s.vendors.Connections.Reset()
		// An HTTP client can't leave it empty.
		body := map[chat.Vendor]string{chat.Shopify: shopifyBody, chat.Recharge: rechargeBody}[v]
		signature := map[string]string{"X-Shopify-Hmac-Sha256": signShopify("", body), "X-Recharge-Webhook-Signature": "t=1764000000,v1=" + signRecharge("", rechargeTime, body)}
		if status, _ := s.send(webhook{vendor: v, header: signature}); status != 401 {
			t.Errorf("%s: got %d", v, status)
		}
	}
}

// TestVendorRepeats: what a vendor sends again, one after the other or at the same
// time, is stored once.
func TestVendorRepeats(t *testing.T) {
	t.Parallel()
	s := newVendorServer(t)
	ids := func(webhook, event string) map[string]string {
		return map[string]string{"X-Shopify-Webhook-Id": webhook, "X-Shopify-Event-Id": event}
	}
	topic := func(topic string, header map[string]string) map[string]string {
		header["X-Shopify-Topic"] = topic
		return header
	}
	for name, test := range map[string]struct {
		webhooks []webhook
		stored   int
	}{
		"the same webhook":                     {[]webhook{{header: ids("1", "a")}, {header: ids("1", "a"), body: `{"other":1}`}}, 1},
		"two subscriptions of one event":       {[]webhook{{header: ids("2", "b")}, {header: ids("3", "b")}}, 1},
		"two topics of one event":              {[]webhook{{header: ids("4", "c")}, {header: topic("orders/updated", ids("5", "c"))}}, 2},
		"two events with the same content":     {[]webhook{{header: ids("6", "d")}, {header: ids("7", "e")}}, 2},
		"without ids, the same content":        {[]webhook{{body: `{"f":1}`}, {body: `{"f":1}`}}, 1},
		"without ids, another content":         {[]webhook{{body: `{"g":1}`}, {body: `{"g":2}`}}, 2},
		"without ids, another topic":           {[]webhook{{body: `{"h":1}`}, {body: `{"h":1}`, header: topic("orders/updated", map[string]string{})}}, 2},
		"Recharge's content":                   {[]webhook{{vendor: chat.Recharge, body: `{"i":1}`}, {vendor: chat.Recharge, body: `{"i":1}`}, {vendor: chat.Recharge, body: `{"i":2}`}}, 2},
		"Recharge's content at another topic":  {[]webhook{{vendor: chat.Recharge, body: `{"j":1}`}, {vendor: chat.Recharge, body: `{"j":1}`, path: "/hooks/recharge/recharge-acme/charge/upcoming"}}, 2},
		"Recharge's content at another moment": {[]webhook{{vendor: chat.Recharge, body: `{"k":1}`}, {vendor: chat.Recharge, body: `{"k":1}`, at: s.now.Add(-time.Hour)}}, 1},
	} {
		before := len(s.waiting(s.shop))
		var sending sync.WaitGroup
		for _, w := range append(test.webhooks, test.webhooks...) {
			if w.vendor == "" {
				w.vendor = chat.Shopify
			}
			sending.Go(func() {
				if status, _, err := s.trySend(http.DefaultClient, w); status != 200 || err != nil {
					t.Errorf("%s: got %d %v", name, status, err)
				}
			})
		}
		sending.Wait()
		if stored := len(s.waiting(s.shop)) - before; stored != test.stored {
			t.Errorf("%s: stored %d, want %d", name, stored, test.stored)
		}
	}
	if s.counted(chat.Shopify, metrics.WebhookRepeated) == 0 || s.counted(chat.Recharge, metrics.WebhookRepeated) == 0 {
		t.Error("repeated ones are not counted")
	}
}

// TestVendorStatus: a connection that is paused or broken keeps what comes.
func TestVendorStatus(t *testing.T) {
	t.Parallel()
	s := newVendorServer(t)
	for i, status := range []chat.ConnectionStatus{chat.ConnectionPaused, chat.ConnectionBroken} {
		stage.Must(t, s.SetConnectionStatus(t.Context(), s.shop, chat.Shopify, chat.ConnectionActive, chat.Problem{}, s.now))
		stage.Must(t, s.SetConnectionStatus(t.Context(), s.shop, chat.Shopify, status, chat.Problem{Code: "token"}, s.now))
		s.vendors.Connections.Reset()
		if got, _ := s.send(webhook{vendor: chat.Shopify, body: strings.Repeat(" ", i) + `{}`}); got != 200 {
			t.Errorf("%s: got %d", status, got)
		}
	}
	stage.Must(t, s.SetConnectionStatus(t.Context(), s.shop, chat.Shopify, chat.ConnectionActive, chat.Problem{}, s.now))
	if n := len(s.waiting(s.shop)); n != 2 {
		t.Errorf("active again: %d wait, want 2", n)
	}
	stage.Must(t, s.RemoveConnection(t.Context(), s.shop, chat.Shopify, s.now))
	s.vendors.Connections.Reset()
	if got, _ := s.send(webhook{vendor: chat.Shopify}); got != 404 {
		t.Errorf("after it was removed: got %d", got)
	}
}

// TestVendorWithoutDatabase: without the database the vendor is asked to try again,
// whether the connection is cached or not.
func TestVendorWithoutDatabase(t *testing.T) {
	t.Parallel()
	s := newVendorServer(t)
	s.send(webhook{vendor: chat.Shopify})
	stage.Must(t, s.Close())
	for _, v := range chat.Vendors() {
		if status, body := s.send(webhook{vendor: v}); status != 503 || body != "" {
			t.Errorf("%s: got %d %q", v, status, body)
		}
		if got := s.counted(v, metrics.WebhookUnavailable); got != 1 {
			t.Errorf("%s: counted %d", v, got)
		}
	}
}
