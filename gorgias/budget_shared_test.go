package gorgias

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	pretend "sidetext/pretend/gorgias"
)

// slowTransport passes requests to a handler without a network, with 150 ms each way.
type slowTransport struct{ http.Handler }

func (s slowTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(150 * time.Millisecond)
	answer, asked := httptest.NewRecorder(), r.Clone(r.Context())
	if r.Body == nil {
		asked.Body = http.NoBody
	}
	s.ServeHTTP(answer, asked)
	time.Sleep(150 * time.Millisecond)
	return answer.Result(), nil
}

// TestRateLimitIsShared runs ten minutes of background requests, another app that
// uses half of the account's rate, and foreground requests.
func TestRateLimitIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := pretend.New(pretend.Account{Domain: "acme", Email: "ann@acme.com", Key: "key"})
		defer g.Close()
		accounts, err := NewAccounts("http://helpdesk.test/{account}", Limits{})
		if err != nil {
			t.Fatal(err)
		}
		accounts.http.Transport = slowTransport{g}
		ours, err := accounts.Client("acme", "ann@acme.com", "key")
		if err != nil {
			t.Fatal(err)
		}
		others, err := NewAccounts("http://helpdesk.test/{account}", Limits{PerSecond: 1e6, Burst: 1e6})
		if err != nil {
			t.Fatal(err)
		}
		others.http.Transport = slowTransport{g}
		theirs, err := others.Client("acme", "ann@acme.com", "key")
		if err != nil {
			t.Fatal(err)
		}

		var all sync.WaitGroup
		start := time.Now()
		work := func(how func() error) {
			all.Go(func() {
				for time.Since(start) < 10*time.Minute {
					var late *Error
					if err := how(); errors.As(err, &late) && late.Status == http.StatusTooManyRequests && !late.Written {
						time.Sleep(late.RetryAfter) // as a postponed delivery does
					} else if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		request := func(c *Client) error { _, err := c.Helpdesk(t.Context()); return err }
		var background atomic.Int32
		for range 5 {
			work(func() error {
				err := request(ours.Background())
				if err == nil {
					background.Add(1)
				}
				return err
			})
		}
		half := rate.NewLimiter(1, 20)
		work(func() error {
			theirs.budget = newBudget(theirs.limits) // the other app does not watch the rate limit
			return errors.Join(half.Wait(t.Context()), request(theirs))
		})
		var longest time.Duration
		work(func() error {
			time.Sleep(20 * time.Second)
			for range 5 {
				began := time.Now()
				if err := request(ours); err != nil {
					return err
				}
				longest = max(longest, time.Since(began))
			}
			return nil
		})
		all.Wait()
		for i, r := range g.Requests() {
			if r.Status != http.StatusOK {
				t.Fatalf("request %d: status %d, want 200", i+1, r.Status)
			}
		}
		if longest > 2*time.Second {
			t.Errorf("a foreground request waited %v, want at most 2s", longest)
		}
		if n := background.Load(); n < 450 || n > 620 {
			t.Errorf("%d background requests in 10 minutes, want nearly one per second", n)
		}
	})
}
