package shopify_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/chat"
	"sidetext/shopify"
)

// A meteredStore takes the cost of each request from its points, like Shopify.
type meteredStore struct {
	cost, maximum, restore float64

	mu        sync.Mutex
	points    float64
	at        time.Time
	throttled int
	log       []string // "webhooks 3s": when which request was answered
	began     time.Time
}

func newMeteredStore(cost, maximum, restore float64) *meteredStore {
	return &meteredStore{cost: cost, maximum: maximum, restore: restore, points: maximum, at: time.Now(), began: time.Now()}
}

func (m *meteredStore) RoundTrip(r *http.Request) (*http.Response, error) {
	body := make([]byte, 4096)
	n, _ := r.Body.Read(body)
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.points = min(m.maximum, m.points+now.Sub(m.at).Seconds()*m.restore)
	m.at = now
	data, errs := `{"orders":{"nodes":[]},"webhookSubscriptions":{"nodes":[],"pageInfo":{"hasNextPage":false}}}`, ""
	if m.points < m.cost {
		m.throttled++
		data, errs = "null", `"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],`
	} else {
		m.points -= m.cost
		name := "orders"
		if strings.Contains(string(body[:n]), "webhookSubscriptions") {
			name = "webhooks"
		}
		m.log = append(m.log, fmt.Sprint(name, " ", now.Sub(m.began)))
	}
	return reply(r, 200, fmt.Sprintf(`{"data":%s,%s"extensions":{"cost":{"requestedQueryCost":%v,"throttleStatus":{"maximumAvailable":%v,"currentlyAvailable":%v,"restoreRate":%v}}}}`,
		data, errs, m.cost, m.maximum, m.points, m.restore)), nil
}

// meteredClient returns a client that has made one request, and so knows the rate limit.
func meteredClient(t *testing.T, m *meteredStore) *shopify.Client {
	t.Helper()
	c := clientOf(t, memoryAccounts(t, m, shopify.Limits{Wait: time.Minute}), byToken)
	read(t, c)
	return c
}

func TestRequestsWaitForPoints(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMeteredStore(100, 400, 50)
		c := meteredClient(t, m)
		var all sync.WaitGroup
		for range 13 {
			all.Go(func() { read(t, c) })
		}
		all.Wait()
		// 14 requests of 100 points: 400 are there, 1000 are restored in 20 s.
		if waited := time.Since(m.began); waited < 20*time.Second || waited > 25*time.Second {
			t.Errorf("14 requests took %v", waited)
		}
		if m.throttled != 0 {
			t.Errorf("%d requests were throttled", m.throttled)
		}
	})
}

// Background work waits while less than half of the points is available.
func TestBackgroundLeavesHalf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMeteredStore(100, 1000, 100)
		c := meteredClient(t, m).Background()
		lowest := m.points
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() { read(t, c) })
		}
		for range 60 {
			synctest.Wait()
			m.mu.Lock()
			lowest = min(lowest, m.points)
			m.mu.Unlock()
			time.Sleep(500 * time.Millisecond)
		}
		all.Wait()
		if lowest < 400 {
			t.Errorf("background work used all but %v of 1000 points", lowest)
		}
	})
}

func TestInteractiveGoesFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMeteredStore(500, 1000, 100)
		c := meteredClient(t, m)
		if _, err := c.Webhooks(t.Context()); err != nil { // no points are left
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { read(t, c.Background()) })
		}
		synctest.Wait()
		for range 2 {
			all.Go(func() {
				if _, err := c.Webhooks(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		last := m.log[len(m.log)-3:]
		for _, line := range last {
			if !strings.HasPrefix(line, "orders") {
				t.Errorf("background work was not last: %v", m.log)
			}
		}
	})
}

// After THROTTLED, no request is made until the points are restored.
func TestThrottledPausesAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMeteredStore(100, 1000, 10)
		m.points = 40 // another instance of the app used the rest
		c := clientOf(t, memoryAccounts(t, m, shopify.Limits{Wait: time.Minute}), byToken)
		_, err := c.TestRead(t.Context())
		if e := sendError(t, err); e.Outcome != chat.NotSent || e.RetryAfter != 6*time.Second || !e.WholeAccount {
			t.Errorf("got %+v", e)
		}
		read(t, c)
		if waited := time.Since(m.began); waited < 6*time.Second || waited > 7*time.Second || m.throttled != 1 {
			t.Errorf("the next request waited %v, and %d were throttled", waited, m.throttled)
		}
	})
}

// Answers may overtake each other. What an older one says of the rest is outdated.
func TestOutdatedAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		c := clientOf(t, memoryAccounts(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			left := 0
			if requests.Add(1) == 1 {
				left = 900
				time.Sleep(2 * time.Second)
			}
			return reply(r, 200, fmt.Sprintf(`{"data":{"orders":{"nodes":[]}},"extensions":{"cost":{"requestedQueryCost":100,"throttleStatus":{"maximumAvailable":1000,"currentlyAvailable":%d,"restoreRate":1}}}}`, left)), nil
		}), shopify.Limits{}), byToken)
		var slow sync.WaitGroup
		slow.Go(func() { read(t, c) })
		time.Sleep(time.Second)
		read(t, c)
		slow.Wait()
		_, err := c.TestRead(t.Context())
		if e := sendError(t, err); e.Problem.Code != "throttled" || requests.Load() != 2 {
			t.Errorf("after %d requests: %+v", requests.Load(), e)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A request that would wait for too long fails at once, and does not pause the others.
func TestOwnLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMeteredStore(1000, 1000, 10)
		c := clientOf(t, memoryAccounts(t, m, shopify.Limits{}), byToken)
		read(t, c)
		start := time.Now()
		_, err := c.TestRead(t.Context())
		if e := sendError(t, err); e.Outcome != chat.NotSent || e.Problem.Code != "throttled" || e.WholeAccount || e.RetryAfter < 90*time.Second {
			t.Errorf("got %+v: %v", e, err)
		}
		if time.Since(start) != 0 || m.throttled != 0 {
			t.Errorf("it took %v and %d requests", time.Since(start), m.throttled)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = c.TestRead(ctx)
		if e := sendError(t, err); e.Outcome != chat.NotSent || e.WholeAccount {
			t.Errorf("with an ended context: %+v", e)
		}
	})
}
