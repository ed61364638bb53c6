package store_test

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sidetext/chat"
	"sidetext/store"
)

// Whatever workers do, however late they continue, and however the clock is set: a
// lane's deliveries run one at a time and in order; a delivery whose claim has not
// expired is not claimed again; only the current claim can finish, postpone or give
// up a delivery; and in the end no delivery is left waiting.
func TestLanes(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "test.db"))
	shops := 0
	rapid.Check(t, func(t *rapid.T) {
		shops++
		m := newLanes(t, s, "shop"+strconv.Itoa(shops))
		t.Repeat(map[string]func(*rapid.T){
			"add": m.add, "claim": m.claim, "finish": m.finish, "postpone": m.postpone, "give up": m.giveUp,
			"retry": m.retry, "retry all": m.retryAll, "dismiss": m.dismiss, "recover expired": m.recoverExpired, "repair due times": m.repairDueTimes,
			"time passes":      func(t *rapid.T) { m.moveClock(t, 0, 90*time.Second) },
			"the clock is set": func(t *rapid.T) { m.moveClock(t, -5*time.Hour, 5*time.Hour) },
			"":                 m.check,
		})
		m.drain(t)
	})
}

// lanes is the model: the deliveries that the store should have.
type lanes struct {
	ctx    context.Context
	store  *store.Store
	config chat.LineConfig
	name   string // of the shop, and a prefix of its accounts and lanes
	now    time.Time
	n      int
	all    map[chat.DeliveryID]*store.StoredDelivery
	taken  []chat.Delivery // claims that were given to workers, however long ago
}

func newLanes(t *rapid.T, s *store.Store, name string) *lanes {
	config, err := createShop(context.Background(), s, name)
	if err != nil {
		t.Fatal(err)
	}
	return &lanes{ctx: context.Background(), store: s, config: config, name: name, now: noon, all: map[chat.DeliveryID]*store.StoredDelivery{}}
}

func (m *lanes) moveClock(t *rapid.T, least, most time.Duration) {
	m.now = m.now.Add(time.Duration(rapid.Int64Range(int64(least/time.Second), int64(most/time.Second)).Draw(t, "seconds")) * time.Second)
}

func (m *lanes) dueTime(t *rapid.T) time.Time {
	return m.now.Add(time.Duration(rapid.IntRange(-60, 600).Draw(t, "due in")) * time.Second)
}

func (m *lanes) add(t *rapid.T) {
	kind := rapid.SampledFrom([]chat.DeliveryKind{chat.SendSMS, chat.SyncTicket, chat.CheckStatus, chat.PostNote}).Draw(t, "kind")
	m.n++
	d := chat.Delivery{
		ID: chat.DeliveryID(m.name + "/" + strconv.Itoa(1000+m.n)), Shop: m.config.Shop.ID, Kind: kind, Account: m.name,
		Lane: m.name + rapid.SampledFrom([]string{"/a", "/b"}).Draw(t, "lane"), Urgent: rapid.Bool().Draw(t, "urgent"), At: noon, Due: m.dueTime(t),
	}
	if kind == chat.SendSMS || kind == chat.CheckStatus {
		d.Place = rapid.Int64Range(1, 4).Draw(t, "place")
	}
	checks := m.ids(func(k *store.StoredDelivery) bool { return k.Kind == chat.CheckStatus })
	if kind == chat.CheckStatus && len(checks) > 0 && rapid.Bool().Draw(t, "again") {
		d.ID = rapid.SampledFrom(checks).Draw(t, "status check")
	}
	if rapid.IntRange(0, 9).Draw(t, "fails") == 0 && kind != chat.CheckStatus {
		d.Problem = "refused"
	}
	if _, err := m.store.Receive(m.ctx, m.config, phone, noon, func(t *chat.Turn) error { t.Deliveries = append(t.Deliveries, d); return nil }); err != nil {
		t.Fatal(err)
	}
	m.expectAdded(d)
}

func (m *lanes) claim(t *rapid.T) {
	m.checkClaim(t, rapid.IntRange(0, 4).Draw(t, "n"), time.Duration(rapid.IntRange(1, 300).Draw(t, "lease"))*time.Second)
}

// anyClaim picks a recent or old claim. It also returns the model's delivery, or nil
// if the claim was lost.
func (m *lanes) anyClaim(t *rapid.T) (chat.Delivery, *store.StoredDelivery) {
	if len(m.taken) == 0 {
		t.Skip("there are no claims")
	}
	d := rapid.SampledFrom(m.taken).Draw(t, "claim")
	if k := m.all[d.ID]; k != nil && k.State == "running" && k.Tries == d.Tries {
		return d, k
	}
	return d, nil
}

func (m *lanes) finish(t *rapid.T) {
	d, k := m.anyClaim(t)
	m.must(t, m.store.Finish(m.ctx, d))
	if k != nil {
		delete(m.all, k.ID)
	}
}

func (m *lanes) postpone(t *rapid.T) {
	d, k := m.anyClaim(t)
	if d.Kind == chat.CheckStatus && rapid.Bool().Draw(t, "leaves") {
		d.Lane = "trace/" + string(d.ID)
	}
	m.checkPostpone(t, d, k, m.dueTime(t))
}

func (m *lanes) giveUp(t *rapid.T) {
	d, k := m.anyClaim(t)
	m.must(t, m.store.GiveUp(m.ctx, d, "refused"))
	if k != nil {
		k.State, k.Until, k.Problem = "failed", time.Time{}, "refused"
	}
}

func (m *lanes) anyFailed(t *rapid.T) chat.DeliveryID {
	failed := m.ids(func(k *store.StoredDelivery) bool { return k.State == "failed" })
	if len(failed) == 0 {
		t.Skip("no delivery has failed")
	}
	return rapid.SampledFrom(failed).Draw(t, "which")
}

func (m *lanes) retry(t *rapid.T) {
	id := m.anyFailed(t)
	m.must(t, m.store.Retry(m.ctx, m.config.Shop.ID, id, m.now))
	m.expectRetried(m.all[id])
}

func (m *lanes) retryAll(t *rapid.T) {
	failed := m.ids(func(k *store.StoredDelivery) bool { return k.State == "failed" })
	if n, err := m.store.RetryAll(m.ctx, m.config.Shop.ID, m.now); n != len(failed) || err != nil {
		t.Fatalf("retried %d of %d: %v", n, len(failed), err)
	}
	for _, id := range failed {
		m.expectRetried(m.all[id])
	}
}

func (m *lanes) dismiss(t *rapid.T) {
	id := m.anyFailed(t)
	m.must(t, m.store.Dismiss(m.ctx, m.config.Shop.ID, id))
	delete(m.all, id)
}

// recoverExpired postpones or finishes the deliveries whose claim has expired.
func (m *lanes) recoverExpired(t *rapid.T) {
	expired := m.ids(func(k *store.StoredDelivery) bool {
		return k.State == "running" && (k.Until.Before(m.now) || k.Until.After(m.now.Add(store.MaxClaim)))
	})
	found, err := m.store.ExpiredClaims(m.ctx, m.now)
	m.must(t, err)
	found = slices.DeleteFunc(found, func(d chat.Delivery) bool { return d.Account != m.name })
	var ids []chat.DeliveryID
	for _, d := range found {
		ids = append(ids, d.ID)
	}
	if slices.Sort(ids); !slices.Equal(ids, expired) {
		t.Fatalf("expired claims %v, want %v", ids, expired)
	}
	for _, d := range found {
		if rapid.IntRange(0, 3).Draw(t, "done") > 0 {
			m.checkPostpone(t, d, m.all[d.ID], m.now)
			continue
		}
		m.must(t, m.store.Finish(m.ctx, d))
		delete(m.all, d.ID)
	}
}

func (m *lanes) repairDueTimes(t *rapid.T) {
	m.must(t, m.store.RepairDueTimes(m.ctx, m.now))
	for _, k := range m.all {
		if k.State == "ready" && k.Due.After(m.now.Add(2*time.Hour)) {
			k.Due = m.now
		}
	}
}

func (m *lanes) must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}
