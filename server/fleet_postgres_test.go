package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A diary is what a sender was told, and when.
type diary struct {
	mu      sync.Mutex
	at      []time.Time
	status  []int
	longest time.Duration
}

func (a *diary) hear(status int, took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at, a.status, a.longest = append(a.at, time.Now()), append(a.status, status), max(a.longest, took)
}

// count is how many answers of a kind came after a moment, and when the first did.
func (a *diary) count(after time.Time, status int) (n int, first time.Time) {
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
// once, whoever asks meanwhile hears a clear no, and all goes on by itself.
func TestFleetPostgres(t *testing.T) {
	t.Parallel()
	s := besiege(t, plan{shoppers: 20, nodes: 2, durable: true})
	s.begin()
	ctx, stop := context.WithCancel(t.Context())
	heard := &diary{}
	var acknowledged map[string]bool
	var sending sync.WaitGroup
	sending.Go(func() { acknowledged = s.steady(ctx, "pg", 8, 20*time.Millisecond, heard.hear) })
	defer func() {
		stop()
		sending.Wait()
	}()
	flows := func(after time.Time) bool { n, _ := heard.count(after, http.StatusOK); return n > 50 }
	refuses := func(after time.Time) bool { n, _ := heard.count(after, http.StatusServiceUnavailable); return n > 10 }
	until(t, 20*time.Second, "texts are taken", func() bool { return flows(time.Time{}) })

	s.base.postgres.Crash()
	<-time.After(time.Second)
	s.base.postgres.Again(t)
	accepts := time.Now()
	until(t, 20*time.Second, "texts are taken after the crash", func() bool { return flows(accepts) })
	_, first := heard.count(accepts, http.StatusOK)
	t.Logf("the first text was taken %v after PostgreSQL accepts again", first.Sub(accepts).Round(time.Millisecond))
	if first.Sub(accepts) > 3*time.Second+soon/2 {
		t.Error("that is too late")
	}

	gone := time.Now()
	for _, n := range s.nodes {
		n.ways.postgres.swallow("upstream", "downstream")
	}
	until(t, 30*time.Second, "it is said that texts can't be taken", func() bool { return refuses(gone) })
	s.unready("the database")
	for _, n := range s.nodes {
		n.ways.postgres.clear()
	}
	back := time.Now()
	until(t, 30*time.Second, "texts are taken when PostgreSQL can be reached again", func() bool { return flows(back) })
	_, first = heard.count(back, http.StatusOK)
	t.Logf("the first text was taken %v after PostgreSQL can be reached again", first.Sub(back).Round(time.Millisecond))

	// Another machine has taken over, and this one comes back as its copy.
	standby := filepath.Join(s.base.postgres.Dir(), "standby.signal")
	s.base.postgres.Crash()
	must(t, os.WriteFile(standby, nil, 0o644))
	s.base.postgres.Again(t)
	turned := time.Now()
	until(t, 30*time.Second, "it is said that texts can't be kept", func() bool { return refuses(turned) })
	s.unready("the database")
	s.base.postgres.Crash()
	must(t, os.Remove(standby))
	s.base.postgres.Again(t)
	back = time.Now()
	until(t, 30*time.Second, "texts are taken when PostgreSQL can be written again", func() bool { return flows(back) })
	_, first = heard.count(back, http.StatusOK)
	t.Logf("the first text was taken %v after PostgreSQL can be written again", first.Sub(back).Round(time.Millisecond))
	stop()
	sending.Wait()
	for _, n := range s.nodes {
		until(t, 20*time.Second, "a node is ready", n.ready)
		must(t, n.died())
	}
	v := verdict{}
	v.holds(s.mustTruth(), acknowledged)
	t.Logf("%d acknowledged: %d lost, %d doubled; the longest answer took %v", len(acknowledged), v.count(lost), v.count(doubled), heard.longest.Round(time.Millisecond))
	if len(v) > 0 {
		t.Error(v)
	}
	if heard.longest > 15*time.Second { // Twilio's own patience
		t.Error("somebody waited too long")
	}
}

// unready waits until all nodes say why they are not ready.
func (s *siege) unready(why string) {
	s.t.Helper()
	for _, n := range s.nodes {
		until(s.t, 20*time.Second, "a node says that it is not ready", func() bool {
			said := n.answer()
			return strings.HasPrefix(said, "503 ") && strings.Contains(said, why)
		})
	}
}
