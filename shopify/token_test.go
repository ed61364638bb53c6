package shopify_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/chat"
	"sidetext/shopify"
)

// A memoryStore is a store without a network, so that its clock is the test's. Each token
// is valid for life.
type memoryStore struct {
	life time.Duration
	slow time.Duration                 // how long a token takes
	fail func(grant int) (int, string) // status 0: give a token
	api  func(token string) (int, string)

	mu     sync.Mutex
	grants int
	used   []string
}

func (m *memoryStore) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/access_token") {
		m.mu.Lock()
		m.grants++
		n := m.grants
		m.mu.Unlock()
		select {
		case <-time.After(m.slow):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		if m.fail != nil {
			if status, body := m.fail(n); status != 0 {
				return reply(r, status, body), nil
			}
		}
		return reply(r, 200, fmt.Sprintf(`{"access_token":"token-%d","expires_in":%d}`, n, int(m.life.Seconds()))), nil
	}
	token := r.Header.Get("X-Shopify-Access-Token")
	m.mu.Lock()
	m.used = append(m.used, token)
	m.mu.Unlock()
	if m.api != nil {
		status, body := m.api(token)
		return reply(r, status, body), nil
	}
	return reply(r, 200, `{"data":{"orders":{"nodes":[]}}}`), nil
}

func (m *memoryStore) granted() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.grants
}

func (m *memoryStore) lastUsed() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used[len(m.used)-1]
}

func reply(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

func memoryAccounts(t *testing.T, m http.RoundTripper, limits shopify.Limits) *shopify.Accounts {
	t.Helper()
	accounts, err := shopify.NewAccounts(shopify.Template, shopify.Version, limits)
	if err != nil {
		t.Fatal(err)
	}
	accounts.SetTransport(m)
	return accounts
}

func read(t *testing.T, c *shopify.Client) {
	t.Helper()
	if _, err := c.TestRead(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTokenIsRenewedInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &memoryStore{life: 24 * time.Hour}
		accounts := memoryAccounts(t, m, fast)
		for _, step := range []struct {
			after  time.Duration
			grants int
			token  string
		}{
			{0, 1, "token-1"},
			{time.Minute, 1, "token-1"},
			{19 * time.Hour, 1, "token-1"},
			{12 * time.Minute, 2, "token-2"}, // after 19 h 12 min of 24 h
			{12 * time.Hour, 2, "token-2"},
			{72 * time.Hour, 3, "token-3"},
		} {
			time.Sleep(step.after)
			// Each request makes its own client: the token belongs to the connection.
			read(t, clientOf(t, accounts, byApp))
			if m.granted() != step.grants || m.lastUsed() != step.token {
				t.Errorf("after %v: %d tokens, used %s; want %d, %s", step.after, m.granted(), m.lastUsed(), step.grants, step.token)
			}
		}
	})
}

func TestTokenIsRequestedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &memoryStore{life: time.Hour, slow: time.Second}
		accounts := memoryAccounts(t, m, fast)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { read(t, clientOf(t, accounts, byApp)) })
		}
		all.Wait()
		if m.granted() != 1 {
			t.Errorf("%d tokens were requested", m.granted())
		}
		// All requests meet the refusal of the same token.
		m.api = func(token string) (int, string) {
			if token == "token-1" {
				return 401, `{"errors":"expired"}`
			}
			return 200, `{"data":{"orders":{"nodes":[]}}}`
		}
		for range 50 {
			all.Go(func() { read(t, clientOf(t, accounts, byApp)) })
		}
		all.Wait()
		if m.granted() != 2 {
			t.Errorf("%d tokens were requested after a refusal", m.granted())
		}
	})
}

// A refusal that comes late is about the old token, and does not end the new one.
func TestLateRefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := make(chan time.Duration, 4)
		for _, delay := range []time.Duration{0, time.Minute, 0, 0} {
			calls <- delay
		}
		m := &memoryStore{life: time.Hour}
		m.api = func(token string) (int, string) {
			time.Sleep(<-calls)
			if token == "token-1" {
				return 401, `{"errors":"expired"}`
			}
			return 200, `{"data":{"orders":{"nodes":[]}}}`
		}
		c := clientOf(t, memoryAccounts(t, m, shopify.Limits{PerSecond: 1e6, Burst: 1e6, Timeout: 2 * time.Minute}), byApp)
		late, early := make(chan bool), make(chan bool)
		go func() { read(t, c); close(early) }()
		go func() { read(t, c); close(late) }()
		<-early
		<-late
		if m.granted() != 2 {
			t.Errorf("%d tokens were requested", m.granted())
		}
	})
}

// While the old token is valid, a slow or failing renewal delays nothing.
func TestTokenRenewalFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &memoryStore{life: time.Hour, fail: func(grant int) (int, string) {
			if grant > 1 {
				return 503, "<html>"
			}
			return 0, ""
		}}
		c := clientOf(t, memoryAccounts(t, m, fast), byApp)
		read(t, c)
		m.slow = 3 * time.Second
		time.Sleep(50 * time.Minute)
		var one, others sync.WaitGroup
		one.Go(func() { read(t, c) })
		synctest.Wait()
		start := time.Now()
		for range 5 {
			others.Go(func() { read(t, c) })
		}
		others.Wait()
		if waited := time.Since(start); waited != 0 {
			t.Errorf("requests with a valid token waited %v for the next one", waited)
		}
		one.Wait()
		if m.granted() != 2 || m.lastUsed() != "token-1" {
			t.Errorf("%d requests for a token, used %s", m.granted(), m.lastUsed())
		}
		read(t, c) // not yet tried again
		if m.granted() != 2 {
			t.Errorf("%d requests for a token within a minute", m.granted())
		}
		time.Sleep(time.Hour)
		_, err := c.TestRead(t.Context())
		if e := sendError(t, err); e.Outcome != chat.NotSent || e.Problem.Code != "unreachable" {
			t.Errorf("with an expired token: %v", err)
		}
	})
}

// Callers that wait for a token that another caller requested do not fail because that
// one gave up.
func TestTokenRequestIsAbandoned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &memoryStore{life: time.Hour, slow: 5 * time.Second}
		c := clientOf(t, memoryAccounts(t, m, fast), byApp)
		ctx, cancel := context.WithCancel(t.Context())
		var first, second sync.WaitGroup
		first.Go(func() {
			_, err := c.TestRead(ctx)
			if e := sendError(t, err); !errors.Is(err, context.Canceled) || e.Outcome != chat.NotSent || e.WholeAccount {
				t.Errorf("the first: %v", err)
			}
		})
		synctest.Wait()
		second.Go(func() { read(t, c) })
		synctest.Wait()
		cancel()
		first.Wait()
		second.Wait()
		if m.granted() != 2 {
			t.Errorf("%d tokens were requested", m.granted())
		}
	})
}

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		code   string
		text   string // a part of it
	}{
		"another organisation": {400, `{"error":"shop_not_permitted","error_description":"Client credentials cannot be performed on this shop."}`, "token", "organisation that owns the store"},
		"not installed":        {400, `{"error":"app_not_installed","error_description":"canary"}`, "token", "install it on this store"},
		"wrong secret":         {401, `{"error":"invalid_client"}`, "token", "copy both again"},
		"wrong secret, 400":    {400, `{"error":"invalid_client"}`, "token", "copy both again"},
		"unknown app":          {400, `{"error":"application_cannot_be_found"}`, "token", "copy both again"},
		"another reason":       {400, `{"error":"canary of the future"}`, "token", "released version"},
		"no such store":        {404, `<html>canary`, "shop_closed", "no store at this address"},
		"frozen":               {402, ``, "shop_closed", "bill"},
		"moved":                {301, ``, "shop_closed", "another address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeStore{grant: always(test.status, test.body)}
			_, err := fake.client(t, byApp).TestRead(t.Context())
			e := sendError(t, err)
			if e.Outcome != chat.Rejected || !e.WholeAccount || e.RetryAfter < time.Minute || e.Problem.Code != test.code || !strings.Contains(e.Problem.Text, test.text) {
				t.Errorf("got %+v", e)
			}
		})
	}
	for name, test := range map[string]struct {
		status int
		body   string
		code   string
	}{
		"throttled":          {429, ``, "throttled"},
		"down":               {503, `<html>`, "unreachable"},
		"not JSON":           {200, `<html>`, "unreadable"},
		"an empty token":     {200, `{"access_token":""}`, "unreadable"},
		"a number for token": {200, `{"access_token":7}`, "unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeStore{grant: always(test.status, test.body)}
			// It is certain that a change was not made, as its request never left.
			err := fake.client(t, byApp).RevokeSMSConsent(t.Context(), "601", noon)
			if e := sendError(t, err); e.Outcome != chat.NotSent || e.Problem.Code != test.code {
				t.Errorf("got %+v: %v", e, err)
			}
		})
	}
}
