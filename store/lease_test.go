package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/pgtest"
)

// together runs test with several stores that share an empty database, for each
// engine.
func together(t *testing.T, n int, test func(t *testing.T, nodes []*store.Store)) {
	all := func(t *testing.T, url string) {
		nodes := make([]*store.Store, n)
		for i := range nodes {
			nodes[i] = openURL(t, url)
		}
		test(t, nodes)
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		all(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		all(t, pgtest.Shared(t).Schema(t))
	})
}

const lease = 10 * time.Second

// A lease is held by one node until it ends, and then by another.
func TestLeaseMovesWhenItEnds(t *testing.T) {
	t.Parallel()
	together(t, 2, func(t *testing.T, nodes []*store.Store) {
		a, b := nodes[0], nodes[1]
		if a.Node() == b.Node() || a.Node() == "" {
			t.Fatalf("two nodes are called %q and %q", a.Node(), b.Node())
		}
		at := func(d time.Duration) time.Time { return noon.Add(d) }
		mine := func(until time.Duration) store.Lease { return store.Lease{Held: true, Until: at(until)} }
		fresh := func(until time.Duration) store.Lease { return store.Lease{Held: true, Fresh: true, Until: at(until)} }
		theirs := func(until time.Duration) store.Lease { return store.Lease{Until: at(until)} }
		for _, step := range []struct {
			what string
			who  *store.Store
			at   time.Duration
			want store.Lease
		}{
			{"it is free", a, 0, fresh(lease)},
			{"another node holds it", b, 0, theirs(lease)},
			{"renewing would be early", a, lease/2 - 1000, mine(lease)},
			{"it is renewed", a, lease / 2, mine(lease + lease/2)},
			{"another node still holds it", b, lease + lease/2 - 1000, theirs(lease + lease/2)},
			{"it ended", b, lease + lease/2, fresh(2*lease + lease/2)},
			{"its former holder has lost it", a, lease + lease/2, theirs(2*lease + lease/2)},
			{"it ended, and no other node took it", b, 9 * lease, mine(10 * lease)},
			{"the clock was set back", a, 9*lease - store.MaxLease - time.Hour, fresh(10*lease - store.MaxLease - time.Hour)},
		} {
			if got := must[store.Lease](t)(step.who.AcquireLease(t.Context(), "it", at(step.at), lease)); got != step.want {
				t.Errorf("%s: %+v, want %+v", step.what, got, step.want)
			}
		}
		if got := must[store.Lease](t)(b.AcquireLease(t.Context(), "other", noon, time.Hour)); got != fresh(store.MaxLease) {
			t.Errorf("for an hour: %+v", got)
		}
	})
}

// A released lease can be taken at once. A node releases only its own.
func TestReleaseLeases(t *testing.T) {
	t.Parallel()
	together(t, 2, func(t *testing.T, nodes []*store.Store) {
		a, b := nodes[0], nodes[1]
		holds := func(s *store.Store, name string) bool {
			t.Helper()
			d := must[store.Lease](t)(s.AcquireLease(t.Context(), name, noon, lease))
			return d.Held && d.Fresh
		}
		for _, name := range []string{"one", "two", "three"} {
			if !holds(a, name) {
				t.Fatalf("%s is taken", name)
			}
		}
		release := func(s *store.Store, names ...string) {
			t.Helper()
			if err := s.ReleaseLeases(t.Context(), names...); err != nil {
				t.Fatal(err)
			}
		}
		release(b, "two")
		release(b)
		if holds(b, "two") {
			t.Error("a lease of another node was released")
		}
		release(a, "one", "never taken")
		if !holds(b, "one") || holds(b, "two") {
			t.Error("the wrong lease was released")
		}
		release(a)
		if !holds(b, "two") || !holds(b, "three") || holds(a, "one") {
			t.Error("all leases were released, but not all are free")
		}
	})
}

// When many callers acquire many leases at the same time, each lease gets exactly
// one holder.
func TestLeaseHasOneHolder(t *testing.T) {
	t.Parallel()
	together(t, 3, func(t *testing.T, nodes []*store.Store) {
		const callers, names, rounds = 8, 12, 4
		type claim struct {
			node  string
			until time.Time
		}
		var mu sync.Mutex
		taken := map[string][]claim{}
		fresh := map[string]int{}
		for round := range rounds {
			now := noon.Add(time.Duration(round) * 2 * lease) // the leases of the last round have ended
			var asking sync.WaitGroup
			for caller := range callers {
				asking.Go(func() {
					s := nodes[caller%len(nodes)]
					for i := range names {
						name := fmt.Sprint((i*5 + caller) % names) // each in an order of its own
						d, err := s.AcquireLease(t.Context(), name, now, lease)
						mu.Lock()
						if key := fmt.Sprint(name, " in round ", round); err != nil {
							t.Errorf("%s: %v", key, err)
						} else if d.Held {
							taken[key] = append(taken[key], claim{s.Node(), d.Until})
							if d.Fresh {
								fresh[key]++
							}
						} else if !d.Until.Equal(now.Add(lease)) {
							t.Errorf("%s is another's until %v", key, d.Until)
						}
						mu.Unlock()
					}
				})
			}
			asking.Wait()
		}
		for key, claims := range taken {
			if slices.ContainsFunc(claims, func(c claim) bool { return c != claims[0] }) || fresh[key] > 1 {
				t.Errorf("%s was taken by %v, %d times freshly", key, claims, fresh[key])
			}
		}
		if len(taken) != names*rounds {
			t.Errorf("%d were taken, want %d", len(taken), names*rounds)
		}
	})
}

// A lease that still lasts for more than half its time is not written again.
func TestLeaseCostsFewWrites(t *testing.T) {
	t.Parallel()
	together(t, 1, func(t *testing.T, nodes []*store.Store) {
		ends := map[time.Time]bool{}
		for i := range 100 {
			ends[must[store.Lease](t)(nodes[0].AcquireLease(t.Context(), "it", noon.Add(time.Duration(i)*lease/10), lease)).Until] = true
		}
		if n := len(ends); n > 21 {
			t.Errorf("holding a lease for ten times its length took %d writes", n)
		}
	})
}

// InFlight lists what is running, and nothing else.
func TestInFlight(t *testing.T) {
	t.Parallel()
	together(t, 2, func(t *testing.T, nodes []*store.Store) {
		h := newShop(t, nodes[0], "acme")
		post(h, sms("a1", "a", 1), sms("a2", "a", 2), sms("b1", "b", 1))
		h.claimed("twilio/A", 2, noon)
		running := must[[]chat.Delivery](t)(nodes[1].InFlight(h.ctx))
		if len(running) != 2 || running[0].Account != "twilio/A" || running[0].Tries != 1 || running[0].Until.IsZero() {
			t.Errorf("running are %+v", running)
		}
		for _, d := range running {
			if err := nodes[1].Finish(h.ctx, d); err != nil {
				t.Fatal(err)
			}
		}
		if got := must[[]chat.Delivery](t)(nodes[1].InFlight(h.ctx)); len(got) != 0 {
			t.Errorf("after they are done, running are %+v", got)
		}
	})
}

// A process that has the database to itself ends the leases of its predecessor.
func TestDropStaleLeases(t *testing.T) {
	t.Parallel()
	together(t, 2, func(t *testing.T, nodes []*store.Store) {
		dropStaleLeases(t, nodes[0], nodes[1], strings.HasSuffix(t.Name(), "postgres"))
	})
}

func dropStaleLeases(t *testing.T, before, after *store.Store, shared bool) {
	h := newShop(t, before, "acme")
	must[store.Lease](t)(before.AcquireLease(h.ctx, "theirs", noon, lease))
	must[store.Lease](t)(after.AcquireLease(h.ctx, "ours", noon, lease))
	for what, state := range map[string]string{"doing": "doing", "done": "done"} {
		if err := before.SaveSetup(h.ctx, h.config.Shop.ID, what, store.Setup{State: state, Steps: []byte("[]"), At: noon}); err != nil {
			t.Fatal(err)
		}
	}
	if err := after.DropStaleLeases(h.ctx); err != nil {
		t.Fatal(err)
	}
	if d := must[store.Lease](t)(after.AcquireLease(h.ctx, "theirs", noon, lease)); d.Held == shared {
		t.Errorf("the lease of another node is %+v", d)
	}
	if d := must[store.Lease](t)(before.AcquireLease(h.ctx, "ours", noon, lease)); d.Held {
		t.Errorf("our own lease was ended: %+v", d)
	}
	for what, young := range map[string]bool{"doing": shared, "done": true} {
		if p := must[store.Setup](t)(after.Setup(h.ctx, h.config.Shop.ID, what)); p.At.Equal(noon) != young {
			t.Errorf("the set-up that is %s is dated %v", what, p.At)
		}
	}
}
