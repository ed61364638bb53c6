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

// together runs test on several stores that share an empty database of every kind
// there is.
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

// A duty is one node's until it ends or is let go of, and then another's.
func TestADutyMoves(t *testing.T) {
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
			{"nobody's is taken", a, 0, fresh(lease)},
			{"it is taken", b, 0, theirs(lease)},
			{"it has hardly begun", a, lease/2 - 1000, mine(lease)},
			{"it is renewed", a, lease / 2, mine(lease + lease/2)},
			{"it is still taken", b, lease + lease/2 - 1000, theirs(lease + lease/2)},
			{"it ended", b, lease + lease/2, fresh(2*lease + lease/2)},
			{"whoever had it finds out", a, lease + lease/2, theirs(2*lease + lease/2)},
			{"it ended, and nobody came between", b, 9 * lease, mine(10 * lease)},
			{"the clock was set back", a, 9*lease - store.MaxDuty - time.Hour, fresh(10*lease - store.MaxDuty - time.Hour)},
		} {
			if got := must[store.Lease](t)(step.who.AcquireLease(t.Context(), "it", at(step.at), lease)); got != step.want {
				t.Errorf("%s: %+v, want %+v", step.what, got, step.want)
			}
		}
		if got := must[store.Lease](t)(b.AcquireLease(t.Context(), "other", noon, time.Hour)); got != fresh(store.MaxDuty) {
			t.Errorf("for an hour: %+v", got)
		}
	})
}

// What a node lets go of can be taken at once, and only what is its own.
func TestReleasedDuties(t *testing.T) {
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
			t.Error("somebody else's was let go of")
		}
		release(a, "one", "nobody's")
		if !holds(b, "one") || holds(b, "two") {
			t.Error("another was let go of than was said")
		}
		release(a)
		if !holds(b, "two") || !holds(b, "three") || holds(a, "one") {
			t.Error("all were let go of, and not all are free")
		}
	})
}

// However many ask at the same time for however many duties, each is one node's
// at most, and somebody's.
func TestNeverTwoHolders(t *testing.T) {
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
			now := noon.Add(time.Duration(round) * 2 * lease) // the last ones have ended
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

// Asking again for what one has for long enough changes nothing.
func TestADutyCostsFewWrites(t *testing.T) {
	t.Parallel()
	together(t, 1, func(t *testing.T, nodes []*store.Store) {
		ends := map[time.Time]bool{}
		for i := range 100 {
			ends[must[store.Lease](t)(nodes[0].AcquireLease(t.Context(), "it", noon.Add(time.Duration(i)*lease/10), lease)).Until] = true
		}
		if n := len(ends); n > 21 {
			t.Errorf("having a duty for ten leases took %d writes", n)
		}
	})
}

// Accounts are deserted whose carrier is gone with something in hand, and no
// others; what they had in hand can be seen.
func TestDesertedAccounts(t *testing.T) {
	t.Parallel()
	together(t, 2, func(t *testing.T, nodes []*store.Store) {
		h := newShop(t, nodes[0], "acme")
		at := func(account string, id string) chat.Delivery {
			d := sms(id, id, 1)
			d.Account = account
			return d
		}
		post(h, at("a", "a1"), at("a", "a2"), at("b", "b1"), at("c", "c1"))
		hold := func(s *store.Store, account string, now time.Time) {
			t.Helper()
			if d := must[store.Lease](t)(s.AcquireLease(h.ctx, chat.AccountDuty(account), now, lease)); !d.Held {
				t.Fatalf("%s is somebody else's", account)
			}
		}
		for _, account := range []string{"a", "b", "c"} {
			hold(nodes[0], account, noon)
		}
		h.claimed("a", 9, noon)
		h.claimed("b", 9, noon)
		deserted := func(now time.Time, want ...string) {
			t.Helper()
			if got := must[[]string](t)(nodes[1].Deserted(h.ctx, now)); !slices.Equal(got, want) {
				t.Errorf("deserted are %v, want %v", got, want)
			}
		}
		deserted(noon.Add(lease - 1000))
		deserted(noon.Add(lease), "a", "b")
		hold(nodes[1], "a", noon.Add(lease))
		deserted(noon.Add(lease), "b")
		running := must[[]chat.Delivery](t)(nodes[1].InFlight(h.ctx, "a"))
		if len(running) != 2 || running[0].Account != "a" || running[0].Tries != 1 || running[0].Until.IsZero() {
			t.Errorf("in hand are %+v", running)
		}
		if got := must[[]chat.Delivery](t)(nodes[1].InFlight(h.ctx, "c")); len(got) != 0 {
			t.Errorf("in hand of what nobody claimed are %+v", got)
		}
		for _, d := range running {
			if err := nodes[1].Finish(h.ctx, d); err != nil {
				t.Fatal(err)
			}
		}
		deserted(noon.Add(9*lease), "b")
	})
}

// Where no other node can be, who had duties before is gone.
func TestInherit(t *testing.T) {
	t.Parallel()
	together(t, 2, func(t *testing.T, nodes []*store.Store) {
		inherit(t, nodes[0], nodes[1], strings.HasSuffix(t.Name(), "postgres"))
	})
}

func inherit(t *testing.T, before, after *store.Store, shared bool) {
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
		t.Errorf("what was another's is %+v", d)
	}
	if d := must[store.Lease](t)(before.AcquireLease(h.ctx, "ours", noon, lease)); d.Held {
		t.Errorf("ours was ended: %+v", d)
	}
	for what, young := range map[string]bool{"doing": shared, "done": true} {
		if p := must[store.Setup](t)(after.Setup(h.ctx, h.config.Shop.ID, what)); p.At.Equal(noon) != young {
			t.Errorf("what is %s is of %v", what, p.At)
		}
	}
}
