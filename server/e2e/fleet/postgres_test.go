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

// An answerLog records the status of each answer and when it arrived.
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

// count returns how many answers with a status arrived after a moment, and when the
// first did.
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

// TestFleetPostgres crashes PostgreSQL under load, makes it unreachable, and turns it
// read-only, as a demoted primary is. What was acknowledged is stored once, requests are
// refused with 503 meanwhile, and the nodes recover without help.
func TestFleetPostgres(t *testing.T) {
	t.Parallel()
	s := newFleet(t, harness.Plan{Shoppers: 20, Nodes: 2, Durable: true})
	s.Start()
	ctx, stop := context.WithCancel(t.Context())
	answers := &answerLog{}
	var acknowledged map[string]bool
	var sending sync.WaitGroup
	sending.Go(func() { acknowledged = s.sendTexts(ctx, "pg", 8, 20*time.Millisecond, answers.add) })
	defer func() {
		stop()
		sending.Wait()
	}()
	accepts := func(after time.Time) bool { n, _ := answers.count(after, http.StatusOK); return n > 50 }
	refuses := func(after time.Time) bool { n, _ := answers.count(after, http.StatusServiceUnavailable); return n > 10 }
	harness.Until(t, "texts are accepted", func() bool { return accepts(time.Time{}) })

	crashed := time.Now()
	s.Backend.Postgres.Crash()
	harness.Until(t, "texts are refused after the crash", func() bool { return refuses(crashed) })
	s.Backend.Postgres.Restart(t)
	restarted := time.Now()
	harness.Until(t, "texts are accepted after the crash", func() bool { return accepts(restarted) })
	_, first := answers.count(restarted, http.StatusOK)
	t.Logf("the first text was accepted %v after PostgreSQL accepted connections", first.Sub(restarted).Round(time.Millisecond))
	harness.CheckDuration(t, "accepting texts again", first.Sub(restarted), 3*time.Second+shortTime/2)

	gone := time.Now()
	for _, n := range s.Nodes {
		n.Proxies.Postgres.Drop("upstream", "downstream")
	}
	harness.Until(t, "texts are refused while PostgreSQL is unreachable", func() bool { return refuses(gone) })
	s.awaitUnready("the database")
	for _, n := range s.Nodes {
		n.Proxies.Postgres.Clear()
	}
	back := time.Now()
	harness.Until(t, "texts are accepted when PostgreSQL is reachable again", func() bool { return accepts(back) })
	_, first = answers.count(back, http.StatusOK)
	t.Logf("the first text was accepted %v after PostgreSQL became reachable", first.Sub(back).Round(time.Millisecond))

	// Another machine has become the primary, and this one restarts as a standby.
	standby := filepath.Join(s.Backend.Postgres.Dir(), "standby.signal")
	s.Backend.Postgres.Crash()
	harness.Must(t, os.WriteFile(standby, nil, 0o644))
	s.Backend.Postgres.Restart(t)
	turned := time.Now()
	harness.Until(t, "texts are refused by a standby", func() bool { return refuses(turned) })
	s.awaitUnready("the database")
	s.Backend.Postgres.Crash()
	harness.Must(t, os.Remove(standby))
	s.Backend.Postgres.Restart(t)
	back = time.Now()
	harness.Until(t, "texts are accepted when PostgreSQL is writable again", func() bool { return accepts(back) })
	_, first = answers.count(back, http.StatusOK)
	t.Logf("the first text was accepted %v after PostgreSQL became writable", first.Sub(back).Round(time.Millisecond))
	stop()
	sending.Wait()
	for _, n := range s.Nodes {
		harness.Until(t, "a node is ready", n.Ready)
		harness.Must(t, n.Died())
	}
	v := harness.Verdict{}
	v.CheckAcknowledged(s.MustSnapshot(), acknowledged)
	t.Logf("%d acknowledged: %d lost, %d doubled; the longest answer took %v", len(acknowledged), v.Count(harness.Lost), v.Count(harness.Doubled), answers.longest.Round(time.Millisecond))
	if len(v) > 0 {
		t.Error(v)
	}
	harness.CheckDuration(t, "the longest answer", answers.longest, 15*time.Second) // after which Twilio gives up
}

// awaitUnready waits until all nodes are not ready, for this reason.
func (s *fleet) awaitUnready(reason string) {
	s.T.Helper()
	for _, n := range s.Nodes {
		harness.Until(s.T, "a node is not ready", func() bool {
			answer := n.Readiness()
			return strings.HasPrefix(answer, "503 ") && strings.Contains(answer, reason)
		})
	}
}
