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

// slowly answers a request a moment after it was made, without a network.
type slowly struct{ http.Handler }

func (s slowly) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(150 * time.Millisecond)
	answer, asked := httptest.NewRecorder(), r.Clone(r.Context())
	if r.Body == nil {
		asked.Body = http.NoBody
	}
	s.ServeHTTP(answer, asked)
	time.Sleep(150 * time.Millisecond)
	return answer.Result(), nil
}

// Ten minutes of a long backlog in the background, of another app that uses its
// half of what the account takes, and of people who wait for something.
func TestABudgetForThree(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := pretend.New(pretend.Account{Domain: "acme", Email: "ann@acme.com", Key: "key"})
		defer g.Close()
		accounts, err := NewAccounts("http://helpdesk.test/{account}", Limits{})
		if err != nil {
			t.Fatal(err)
		}
		accounts.http.Transport = slowly{g}
		ours, err := accounts.Client("acme", "ann@acme.com", "key")
		if err != nil {
			t.Fatal(err)
		}
		others, err := NewAccounts("http://helpdesk.test/{account}", Limits{PerSecond: 1e6, Burst: 1e6})
		if err != nil {
			t.Fatal(err)
		}
		others.http.Transport = slowly{g}
		theirs, err := others.Client("acme", "ann@acme.com", "key")
		if err != nil {
			t.Fatal(err)
		}

		var all sync.WaitGroup
		begun := time.Now()
		work := func(how func() error) {
			all.Go(func() {
				for time.Since(begun) < 10*time.Minute {
					var late *Error
					if err := how(); errors.As(err, &late) && late.Status == http.StatusTooManyRequests && !late.Written {
						time.Sleep(late.RetryAfter) // as a delivery that is put off
					} else if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		ask := func(c *Client) error { _, err := c.Helpdesk(t.Context()); return err }
		var behind atomic.Int32
		for range 5 {
			work(func() error {
				err := ask(ours.Background())
				if err == nil {
					behind.Add(1)
				}
				return err
			})
		}
		half := rate.NewLimiter(1, 20)
		work(func() error {
			theirs.budget = newBudget(theirs.limits) // it minds nobody
			return errors.Join(half.Wait(t.Context()), ask(theirs))
		})
		var longest time.Duration
		work(func() error {
			time.Sleep(20 * time.Second)
			for range 5 {
				start := time.Now()
				if err := ask(ours); err != nil {
					return err
				}
				longest = max(longest, time.Since(start))
			}
			return nil
		})
		all.Wait()
		for i, r := range g.Requests() {
			if r.Status != http.StatusOK {
				t.Fatalf("request %d was answered with %d", i+1, r.Status)
			}
		}
		if longest > 2*time.Second {
			t.Errorf("somebody waited for %v", longest)
		}
		if n := behind.Load(); n < 450 || n > 620 {
			t.Errorf("%d requests were made in the background, want nearly one a second", n)
		}
	})
}
