package store_test

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"time"

	"pgregory.net/rapid"

	"sidetext/chat"
	"sidetext/store"
)

// This file has what the store should hold after each step of lane_model_test.go.

func (m *lanes) expectAdded(d chat.Delivery) {
	waits, old := m.waiting(d), m.all[d.ID]
	switch {
	case d.Kind == chat.SyncTicket && d.Problem == "" && waits != nil:
		waits.Urgent = waits.Urgent || d.Urgent
	case old != nil:
		old.Urgent = old.Urgent || d.Urgent
		if d.Due.Before(old.Due) {
			old.Due = d.Due
		}
		if old.State == "failed" {
			old.State, old.Problem = "ready", ""
		}
	case d.Problem != "":
		m.all[d.ID] = &store.StoredDelivery{Delivery: d, State: "failed"}
	default:
		m.all[d.ID] = &store.StoredDelivery{Delivery: d, State: "ready"}
	}
}

// waiting returns another sync that is ready in d's lane, or nil.
func (m *lanes) waiting(d chat.Delivery) *store.StoredDelivery {
	for _, k := range m.all {
		if k.Kind == chat.SyncTicket && k.State == "ready" && k.Lane == d.Lane && k.ID != d.ID {
			return k
		}
	}
	return nil
}

func (m *lanes) ids(which func(*store.StoredDelivery) bool) (found []chat.DeliveryID) {
	for id, k := range m.all {
		if which(k) {
			found = append(found, id)
		}
	}
	slices.Sort(found)
	return found
}

// claimable lists the deliveries that may be claimed: the first of each lane, if it
// is due and no other of the lane is running.
func (m *lanes) claimable() []chat.DeliveryID {
	return m.ids(func(k *store.StoredDelivery) bool {
		blocked := slices.ContainsFunc(slices.Collect(maps.Values(m.all)), func(e *store.StoredDelivery) bool {
			before := e.Place < k.Place || e.Place == k.Place && e.ID < k.ID
			return e.Lane == k.Lane && e.ID != k.ID && (e.State == "running" || e.State == "ready" && before)
		})
		return k.State == "ready" && !k.Due.After(m.now) && !blocked
	})
}

func (m *lanes) checkClaim(t *rapid.T, n int, lease time.Duration) {
	may := m.claimable()
	claims, err := m.store.Claim(m.ctx, m.name, n, n, m.now, lease)
	if err != nil {
		t.Fatal(err)
	}
	if len(claims) != min(n, len(may)) {
		t.Fatalf("claimed %d of at most %d; claimable are %v", len(claims), n, may)
	}
	left := 0 // urgent ones that were not claimed
	for _, id := range may {
		if m.all[id].Urgent && !slices.ContainsFunc(claims, func(d chat.Delivery) bool { return d.ID == id }) {
			left++
		}
	}
	for _, d := range claims {
		if !slices.Contains(may, d.ID) || left > 0 && !d.Urgent {
			t.Fatalf("claimed %+v; claimable are %v", d, may)
		}
		k := m.all[d.ID]
		k.State, k.Tries, k.Until = "running", k.Tries+1, m.now.Add(min(lease, store.MaxClaim))
		d.Problem = k.Problem
		if !reflect.DeepEqual(d, k.Delivery) {
			t.Fatalf("claimed %+v, want %+v", d, k.Delivery)
		}
		m.taken = append(m.taken, d)
	}
}

func (m *lanes) checkPostpone(t *rapid.T, d chat.Delivery, k *store.StoredDelivery, due time.Time) {
	m.must(t, m.store.Postpone(m.ctx, d, due, "busy"))
	if k == nil {
		return
	}
	if waits := m.waiting(d); waits != nil && d.Kind == chat.SyncTicket {
		waits.Due, waits.Problem, waits.Tries, waits.Urgent = due, "busy", max(waits.Tries, k.Tries), waits.Urgent || k.Urgent
		delete(m.all, k.ID)
		return
	}
	k.State, k.Until, k.Due, k.Problem, k.Lane = "ready", time.Time{}, due, "busy", d.Lane
}

func (m *lanes) expectRetried(k *store.StoredDelivery) {
	if waits := m.waiting(k.Delivery); waits != nil && k.Kind == chat.SyncTicket {
		waits.Due, waits.Urgent, waits.Tries = m.now, true, max(waits.Tries, k.Tries)
		delete(m.all, k.ID)
		return
	}
	k.State, k.Due, k.Urgent, k.Problem = "ready", m.now, true, ""
}

func (m *lanes) check(t *rapid.T) {
	got, err := store.Deliveries(m.ctx, m.store, m.config.Shop.ID)
	m.must(t, err)
	running := map[string]int{}
	var want []store.StoredDelivery
	for _, k := range m.all {
		want = append(want, *k)
		if k.State == "running" {
			running[k.Lane]++
		}
	}
	slices.SortFunc(want, func(a, b store.StoredDelivery) int {
		return cmp.Or(cmp.Compare(a.Lane, b.Lane), cmp.Compare(a.Place, b.Place), cmp.Compare(a.ID, b.ID))
	})
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got\n%+v\nwant\n%+v", got, want)
	}
	for lane, n := range running {
		if n > 1 {
			t.Fatalf("%d deliveries of lane %s run at once", n, lane)
		}
	}
}

// drain finishes all deliveries, as a worker without faults does while time passes.
func (m *lanes) drain(t *rapid.T) {
	m.repairDueTimes(t)
	for range len(m.all) + 15 { // a delivery is postponed for two hours at most
		m.recoverExpired(t)
		m.checkClaim(t, 9, time.Minute)
		for _, d := range m.taken {
			m.must(t, m.store.Finish(m.ctx, d))
			if k := m.all[d.ID]; k != nil && k.State == "running" && k.Tries == d.Tries {
				delete(m.all, d.ID)
			}
		}
		m.taken = nil
		m.now = m.now.Add(11 * time.Minute)
		m.check(t)
	}
	if left := m.ids(func(k *store.StoredDelivery) bool { return k.State != "failed" }); len(left) > 0 {
		t.Fatalf("never finished: %v", left)
	}
}
