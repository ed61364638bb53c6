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

// Whatever workers do, however late they wake up, and wherever the clock is set
// to: of a lane one delivery is worked on at a time, in order; a lease that has
// not ended is nobody else's; nothing is removed, put off or given up but by who
// holds it; and in the end nothing is left waiting.
func TestLanes(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "test.db"))
	shops := 0
	rapid.Check(t, func(t *rapid.T) {
		shops++
		m := newLanes(t, s, "shop"+strconv.Itoa(shops))
		t.Repeat(map[string]func(*rapid.T){
			"add": m.add, "claim": m.claim, "finish": m.finish, "put off": m.putOff, "give up": m.giveUp,
			"retry": m.retry, "retry all": m.retryAll, "let go": m.letGo, "sweep": m.sweep, "mend": m.mend,
			"time passes":      func(t *rapid.T) { m.pass(t, 0, 90*time.Second) },
			"the clock is set": func(t *rapid.T) { m.pass(t, -5*time.Hour, 5*time.Hour) },
			"":                 m.check,
		})
		m.drain(t)
	})
}

// lanes is what there should be, next to what there is.
type lanes struct {
	ctx   context.Context
	store *store.Store
	door  chat.LineConfig
	name  string // of the shop; what belongs to it begins with it
	now   time.Time
	n     int
	all   map[chat.DeliveryID]*store.StoredDelivery
	given []chat.Delivery // to workers, some of whom have slept for long
}

func newLanes(t *rapid.T, s *store.Store, name string) *lanes {
	door, err := createShop(context.Background(), s, name)
	if err != nil {
		t.Fatal(err)
	}
	return &lanes{ctx: context.Background(), store: s, door: door, name: name, now: noon, all: map[chat.DeliveryID]*store.StoredDelivery{}}
}

func (m *lanes) pass(t *rapid.T, least, most time.Duration) {
	m.now = m.now.Add(time.Duration(rapid.Int64Range(int64(least/time.Second), int64(most/time.Second)).Draw(t, "seconds")) * time.Second)
}

func (m *lanes) soon(t *rapid.T) time.Time {
	return m.now.Add(time.Duration(rapid.IntRange(-60, 600).Draw(t, "due in")) * time.Second)
}

func (m *lanes) add(t *rapid.T) {
	kind := rapid.SampledFrom([]chat.DeliveryKind{chat.SendSMS, chat.SyncTicket, chat.CheckStatus, chat.PostNote}).Draw(t, "kind")
	m.n++
	d := chat.Delivery{
		ID: chat.DeliveryID(m.name + "/" + strconv.Itoa(1000+m.n)), Shop: m.door.Shop.ID, Kind: kind, Account: m.name,
		Lane: m.name + rapid.SampledFrom([]string{"/a", "/b"}).Draw(t, "lane"), Urgent: rapid.Bool().Draw(t, "urgent"), At: noon, Due: m.soon(t),
	}
	if kind == chat.SendSMS || kind == chat.CheckStatus {
		d.Place = rapid.Int64Range(1, 4).Draw(t, "place")
	}
	if traces := m.ids(func(k *store.StoredDelivery) bool { return k.Kind == chat.CheckStatus }); kind == chat.CheckStatus && len(traces) > 0 && rapid.Bool().Draw(t, "again") {
		d.ID = rapid.SampledFrom(traces).Draw(t, "trace")
	}
	if rapid.IntRange(0, 9).Draw(t, "poison") == 0 && kind != chat.CheckStatus {
		d.Problem = "refused"
	}
	if _, err := m.store.Receive(m.ctx, m.door, phone, noon, func(t *chat.Turn) error { t.Deliveries = append(t.Deliveries, d); return nil }); err != nil {
		t.Fatal(err)
	}
	m.added(d)
}

func (m *lanes) claim(t *rapid.T) {
	m.claimed(t, rapid.IntRange(0, 4).Draw(t, "n"), time.Duration(rapid.IntRange(1, 300).Draw(t, "lease"))*time.Second)
}

// hand picks a delivery that was given to a worker, lately or long ago, and says
// what it is if the worker still holds it.
func (m *lanes) hand(t *rapid.T) (chat.Delivery, *store.StoredDelivery) {
	if len(m.given) == 0 {
		t.Skip("nobody was given anything")
	}
	d := rapid.SampledFrom(m.given).Draw(t, "whose")
	if k := m.all[d.ID]; k != nil && k.State == "running" && k.Tries == d.Tries {
		return d, k
	}
	return d, nil
}

func (m *lanes) finish(t *rapid.T) {
	d, k := m.hand(t)
	m.must(t, m.store.Finish(m.ctx, d))
	if k != nil {
		delete(m.all, k.ID)
	}
}

func (m *lanes) putOff(t *rapid.T) {
	d, k := m.hand(t)
	if d.Kind == chat.CheckStatus && rapid.Bool().Draw(t, "leaves") {
		d.Lane = "trace/" + string(d.ID)
	}
	m.putsOff(t, d, k, m.soon(t))
}

func (m *lanes) giveUp(t *rapid.T) {
	d, k := m.hand(t)
	m.must(t, m.store.GiveUp(m.ctx, d, "refused"))
	if k != nil {
		k.State, k.Until, k.Problem = "failed", time.Time{}, "refused"
	}
}

func (m *lanes) failure(t *rapid.T) chat.DeliveryID {
	failed := m.ids(func(k *store.StoredDelivery) bool { return k.State == "failed" })
	if len(failed) == 0 {
		t.Skip("nothing has failed")
	}
	return rapid.SampledFrom(failed).Draw(t, "which")
}

func (m *lanes) retry(t *rapid.T) {
	id := m.failure(t)
	m.must(t, m.store.Retry(m.ctx, m.door.Shop.ID, id, m.now))
	m.retried(m.all[id])
}

func (m *lanes) retryAll(t *rapid.T) {
	failed := m.ids(func(k *store.StoredDelivery) bool { return k.State == "failed" })
	if n, err := m.store.RetryAll(m.ctx, m.door.Shop.ID, m.now); n != len(failed) || err != nil {
		t.Fatalf("retried %d of %d: %v", n, len(failed), err)
	}
	for _, id := range failed {
		m.retried(m.all[id])
	}
}

func (m *lanes) letGo(t *rapid.T) {
	id := m.failure(t)
	m.must(t, m.store.Dismiss(m.ctx, m.door.Shop.ID, id))
	delete(m.all, id)
}

// sweep takes up what lapsed: it is tried again, or done.
func (m *lanes) sweep(t *rapid.T) {
	lapsed := m.ids(func(k *store.StoredDelivery) bool {
		return k.State == "running" && (k.Until.Before(m.now) || k.Until.After(m.now.Add(store.MaxClaim)))
	})
	found, err := m.store.ExpiredClaims(m.ctx, m.now)
	m.must(t, err)
	found = slices.DeleteFunc(found, func(d chat.Delivery) bool { return d.Account != m.name })
	var ids []chat.DeliveryID
	for _, d := range found {
		ids = append(ids, d.ID)
	}
	if slices.Sort(ids); !slices.Equal(ids, lapsed) {
		t.Fatalf("overdue %v, want %v", ids, lapsed)
	}
	for _, d := range found {
		if rapid.IntRange(0, 3).Draw(t, "done") > 0 {
			m.putsOff(t, d, m.all[d.ID], m.now)
			continue
		}
		m.must(t, m.store.Finish(m.ctx, d))
		delete(m.all, d.ID)
	}
}

func (m *lanes) mend(t *rapid.T) {
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
