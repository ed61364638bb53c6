package fleet_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/server/e2e/harness"
)

// A diary is what a sender was told, and when.
type answerLog struct {
	mu      sync.Mutex
	at      []time.Time
	status  []int
	longest time.Duration
}

func (a *answerLog) add(status int, took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at, a.status, a.longest = append(a.at, time.Now()), append(a.status, status), max(a.longest, took)
}

// count is how many answers of a kind came after a moment, and when the first did.
func (a *answerLog) count(after time.Time, status int) (n int, first time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, at := range a.at {
		if a.status[i] == status && at.After(after) {
			if n++; n == 1 {
				first = at
			}
		}
	}
	return n, first
}

// TestFleetPostgres: PostgreSQL crashes under load, becomes unreachable, and turns
// read-only, as a primary that was replaced does. What was acknowledged is there
// once, requests meanwhile are refused with 503, and the nodes recover by themselves.
func TestFleetPostgres(t *testing.T) {
	t.Parallel()
	s := newFleet(t, harness.Plan{Shoppers: 20, Nodes: 2, Durable: true})
	s.Start()
	ctx, stop := context.WithCancel(t.Context())
	heard := &answerLog{}
	var acknowledged map[string]bool
	var sending sync.WaitGroup
	sending.Go(func() { acknowledged = s.sendTexts(ctx, "pg", 8, 20*time.Millisecond, heard.add) })
	defer func() {
		stop()
		sending.Wait()
	}()
	flows := func(after time.Time) bool { n, _ := heard.count(after, http.StatusOK); return n > 50 }
	refuses := func(after time.Time) bool { n, _ := heard.count(after, http.StatusServiceUnavailable); return n > 10 }
	harness.Until(t, "texts are taken", func() bool { return flows(time.Time{}) })

	crashed := time.Now()
	s.Backend.Postgres.Crash()
	harness.Until(t, "it is said that texts can't be taken", func() bool { return refuses(crashed) })
	s.Backend.Postgres.Restart(t)
	accepts := time.Now()
	harness.Until(t, "texts are taken after the crash", func() bool { return flows(accepts) })
	_, first := heard.count(accepts, http.StatusOK)
	t.Logf("the first text was taken %v after PostgreSQL accepts again", first.Sub(accepts).Round(time.Millisecond))
	harness.CheckDuration(t, "taking texts again", first.Sub(accepts), 3*time.Second+shortTime/2)

	gone := time.Now()
	for _, n := range s.Nodes {
		n.Proxies.Postgres.Drop("upstream", "downstream")
	}
	harness.Until(t, "it is said that texts can't be taken", func() bool { return refuses(gone) })
	s.awaitUnready("the database")
	for _, n := range s.Nodes {
		n.Proxies.Postgres.Clear()
	}
	back := time.Now()
	harness.Until(t, "texts are taken when PostgreSQL can be reached again", func() bool { return flows(back) })
	_, first = heard.count(back, http.StatusOK)
	t.Logf("the first text was taken %v after PostgreSQL can be reached again", first.Sub(back).Round(time.Millisecond))

	// Another machine has taken over, and this one comes back as its copy.
	standby := filepath.Join(s.Backend.Postgres.Dir(), "standby.signal")
	s.Backend.Postgres.Crash()
	harness.Must(t, os.WriteFile(standby, nil, 0o644))
	s.Backend.Postgres.Restart(t)
	turned := time.Now()
	harness.Until(t, "it is said that texts can't be kept", func() bool { return refuses(turned) })
	s.awaitUnready("the database")
	s.Backend.Postgres.Crash()
	harness.Must(t, os.Remove(standby))
	s.Backend.Postgres.Restart(t)
	back = time.Now()
	harness.Until(t, "texts are taken when PostgreSQL can be written again", func() bool { return flows(back) })
	_, first = heard.count(back, http.StatusOK)
	t.Logf("the first text was taken %v after PostgreSQL can be written again", first.Sub(back).Round(time.Millisecond))
	stop()
	sending.Wait()
	for _, n := range s.Nodes {
		harness.Until(t, "a node is ready", n.Ready)
		harness.Must(t, n.Died())
	}
	v := harness.Verdict{}
	v.CheckAcknowledged(s.MustSnapshot(), acknowledged)
	t.Logf("%d acknowledged: %d lost, %d doubled; the longest answer took %v", len(acknowledged), v.Count(harness.Lost), v.Count(harness.Doubled), heard.longest.Round(time.Millisecond))
	if len(v) > 0 {
		t.Error(v)
	}
	harness.CheckDuration(t, "the longest answer", heard.longest, 15*time.Second) // after which Twilio gives up
}

// unready waits until all nodes say why they are not ready.
func (s *fleet) awaitUnready(why string) {
	s.T.Helper()
	for _, n := range s.Nodes {
		harness.Until(s.T, "a node says that it is not ready", func() bool {
			said := n.Readiness()
			return strings.HasPrefix(said, "503 ") && strings.Contains(said, why)
		})
	}
}
