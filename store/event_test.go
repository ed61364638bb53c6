package store_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// addEvent adds a webhook with this key and returns whether it is new.
func addEvent(h *shopFixture, v chat.Vendor, key, body string) bool {
	h.Helper()
	return must[bool](h.T)(h.AddEvent(h.ctx, chat.VendorEvent{
		Shop: h.config.Shop.ID, Vendor: v, Key: key, Topic: "orders/create", Body: []byte(body), ReceivedAt: noon, TriggeredAt: noon.Add(-time.Second),
	}))
}

// A webhook is stored once, with one delivery for all that wait.
func TestAddEvent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h, other := newShop(t, s, "acme"), newShop(t, s, "other")
		event := func(shop chat.ShopID, v chat.Vendor, key, id string) chat.VendorEvent {
			return chat.VendorEvent{Shop: shop, Vendor: v, Key: key, EventID: id, Topic: "orders/create", Body: []byte(`{"id":1}`), ReceivedAt: noon, TriggeredAt: noon.Add(-time.Hour)}
		}
		for i, step := range []struct {
			chat.VendorEvent
			added bool
		}{
			{event(h.config.Shop.ID, chat.Shopify, "a", "1"), true},
			{event(h.config.Shop.ID, chat.Shopify, "a", "2"), false}, // repeated
			{event(h.config.Shop.ID, chat.Shopify, "b", "1"), false}, // another subscription's
			{event(h.config.Shop.ID, chat.Shopify, "b", ""), true},
			{event(h.config.Shop.ID, chat.Shopify, "c", ""), true},
			{event(h.config.Shop.ID, chat.Recharge, "a", "1"), true},
			{event(other.config.Shop.ID, chat.Shopify, "a", "1"), true},
		} {
			if added, err := s.AddEvent(h.ctx, step.VendorEvent); added != step.added || err != nil {
				t.Errorf("%d: added %v %v", i, added, err)
			}
		}
		found := must[[]store.Event](t)(s.WaitingEvents(h.ctx, h.config.Shop.ID, 9))
		if len(found) != 4 || !found[0].ReceivedAt.Equal(noon) || !found[0].TriggeredAt.Equal(noon.Add(-time.Hour)) || string(found[0].Body) != `{"id":1}` || found[0].Key != "a" || found[0].EventID != "1" {
			t.Errorf("waiting are %+v", found)
		}
		if !slices.IsSortedFunc(found, func(a, b store.Event) int { return strings.Compare(a.ID, b.ID) }) {
			t.Error("they are not in the order of their receipt")
		}
		if got := must[[]store.Event](t)(s.WaitingEvents(h.ctx, h.config.Shop.ID, 2)); len(got) != 2 || got[1].ID != found[1].ID {
			t.Errorf("the first two are %+v", got)
		}
		account := chat.DirectoryAccount(h.config.Shop.ID)
		if got := h.claim(account, 9, noon); len(got) != 1 {
			t.Errorf("to apply them there are the deliveries %v", got)
		}
		addEvent(h, chat.Shopify, "while the first ones are applied", `{}`)
		if got := must[[]store.StoredDelivery](t)(store.Deliveries(h.ctx, s, h.config.Shop.ID)); len(got) != 2 {
			t.Errorf("after another one the deliveries are %+v", got)
		}
	})
}

// Of webhooks that come at the same time, each is stored once.
func TestAddEventsConcurrently(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		var adding sync.WaitGroup
		var mu sync.Mutex
		added := map[string]int{}
		for range 8 {
			adding.Go(func() {
				for n := range 25 {
					e := chat.VendorEvent{Shop: h.config.Shop.ID, Vendor: chat.Shopify, Key: fmt.Sprint("key ", n), EventID: fmt.Sprint("event ", n), Body: []byte("{}"), ReceivedAt: noon}
					fresh, err := s.AddEvent(h.ctx, e)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					if fresh {
						added[e.Key]++
					}
					mu.Unlock()
				}
			})
		}
		adding.Wait()
		for key, n := range added {
			if n != 1 {
				t.Errorf("%s was added %d times", key, n)
			}
		}
		if found := must[[]store.Event](t)(s.WaitingEvents(h.ctx, h.config.Shop.ID, 999)); len(found) != 25 || len(added) != 25 {
			t.Errorf("%d are stored, %d were added", len(found), len(added))
		}
		if got := h.claim(chat.DirectoryAccount(h.config.Shop.ID), 9, noon); len(got) != 1 {
			t.Errorf("the deliveries are %v", got)
		}
	})
}

// A body of any bytes is stored, and large ones are read a few at a time.
func TestEventBodies(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		large := `{"note":"` + strings.Repeat("é", 1<<20) + `"}`
		for i, body := range []string{"{\"a\":\"\xff\x00é\"}", large, large, large} {
			addEvent(h, chat.Shopify, fmt.Sprint(i), body)
		}
		first := must[[]store.Event](t)(s.WaitingEvents(h.ctx, h.config.Shop.ID, 9))
		if len(first) != 2 || string(first[0].Body) != "{\"a\":\"\uFFFD\uFFFDé\"}" || !bytes.Equal(first[1].Body, []byte(large)) {
			t.Fatalf("the first batch has %d events", len(first))
		}
		if _, err := s.ApplyEvents(h.ctx, h.config.Shop.ID, []store.AppliedEvent{{ID: first[0].ID}, {ID: first[1].ID}}, noon); err != nil {
			t.Fatal(err)
		}
		if next := must[[]store.Event](t)(s.WaitingEvents(h.ctx, h.config.Shop.ID, 9)); len(next) != 1 || len(next[0].Body) != len(large) {
			t.Errorf("the second batch has %d events", len(next))
		}
	})
}

// ApplyEvents applies each waiting webhook once, and sets aside what has a problem.
func TestApplyEvents(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		for _, key := range []string{"good", "bad", "removed"} {
			addEvent(h, chat.Recharge, key, `{"a":1}`)
		}
		events := must[[]store.Event](t)(s.WaitingEvents(h.ctx, shop, 9))
		if err := store.Exec(h.ctx, s, `DELETE FROM events WHERE id = $1`, events[2].ID); err != nil {
			t.Fatal(err)
		}
		update := func(id string) chat.DirectoryUpdate {
			return chat.DirectoryUpdate{Vendor: chat.Recharge, Customers: []chat.CustomerRecord{{ID: id, Name: "Jane", UpdatedAt: noon}}}
		}
		all := []store.AppliedEvent{{ID: events[0].ID, Update: update("1")}, {ID: events[1].ID, Problem: "It has no id."}, {ID: events[2].ID, Update: update("2")}}
		for _, want := range []int{1, 0} { // the second time there is nothing to do
			change, err := s.ApplyEvents(h.ctx, shop, all, noon)
			if err != nil || change.Applied != want {
				t.Errorf("applied %+v %v, want %d", change, err, want)
			}
		}
		if n := must[int](t)(store.CountRows(h.ctx, s, "customers")); n != 1 {
			t.Errorf("there are %d customers", n)
		}
		if addEvent(h, chat.Recharge, "good", `{"a":1}`) {
			t.Error("an applied event is added again")
		}
		if bodies := must[[]string](t)(store.DumpTable(h.ctx, s, "events", shop)); !strings.Contains(bodies[0]+bodies[1], "body= ") {
			t.Errorf("an applied event keeps its body: %q", bodies)
		}
		failed, total, err := s.FailedEvents(h.ctx, shop, 1)
		if err != nil || total != 1 || len(failed) != 1 || failed[0].ID != events[1].ID || failed[0].Problem != "It has no id." || string(failed[0].Body) != `{"a":1}` {
			t.Errorf("failed are %+v of %d, %v", failed, total, err)
		}
		h.claim(chat.DirectoryAccount(shop), 9, noon)
		if n, err := s.RetryEvents(h.ctx, shop, noon); n != 1 || err != nil {
			t.Errorf("retried %d %v", n, err)
		}
		if got := must[[]store.Event](t)(s.WaitingEvents(h.ctx, shop, 9)); len(got) != 1 || got[0].ID != events[1].ID || got[0].Problem != "" {
			t.Errorf("waiting again are %+v", got)
		}
		if n, err := s.RetryEvents(h.ctx, shop, noon); n != 0 || err != nil {
			t.Errorf("retried again %d %v", n, err)
		}
	})
}

// Customers to read again get a delivery, if Recharge is connected and in use.
func TestApplyEventsRefreshes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		c := vendorConnection(shop, chat.Recharge, "acme.myshopify.com")
		// Two different records of one time.
		update := chat.DirectoryUpdate{Vendor: chat.Recharge}
		for _, id := range []string{"1", "2"} {
			for _, name := range []string{"Jane", "Jane Doe"} {
				update.Customers = append(update.Customers, chat.CustomerRecord{ID: id, Name: name, UpdatedAt: noon})
			}
		}
		for i, step := range []struct {
			before func() error
			want   int
		}{
			{func() error { return nil }, 0},
			{func() error { return s.SaveConnection(h.ctx, c) }, 2},
			{func() error {
				return s.SetConnectionStatus(h.ctx, shop, chat.Recharge, chat.ConnectionPaused, chat.Problem{}, noon)
			}, 2},
		} {
			addEvent(h, chat.Recharge, fmt.Sprint(i), "{}")
			events := must[[]store.Event](t)(s.WaitingEvents(h.ctx, shop, 9))
			if err := step.before(); err != nil {
				t.Fatal(err)
			}
			if _, err := s.ApplyEvents(h.ctx, shop, []store.AppliedEvent{{ID: events[0].ID, Update: update}}, noon); err != nil {
				t.Fatal(err)
			}
			refreshes := 0
			for _, d := range must[[]store.StoredDelivery](t)(store.Deliveries(h.ctx, s, shop)) {
				if d.Kind == chat.RefreshCustomer && d.Account == c.VendorAccount() {
					refreshes++
				}
			}
			if refreshes != step.want {
				t.Errorf("%d: there are %d refreshes, want %d", i, refreshes, step.want)
			}
		}
	})
}

// An applied webhook keeps its keys for eight days, a failed one stays for ninety.
func TestDeleteExpiredEvents(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		later := time.Date(2126, 1, 1, 12, 0, 0, 0, time.UTC)
		const days = 24 * time.Hour
		for name, age := range map[string]time.Duration{"applied old": 9 * days, "applied young": 7 * days, "failed old": 91 * days, "failed young": 89 * days, "waiting old": 99 * days} {
			state, _, _ := strings.Cut(name, " ")
			if err := store.Exec(h.ctx, s, `INSERT INTO events (id, shop, vendor, key, event, topic, body, state, received_at, triggered_at) VALUES ($1, $2, 'shopify', $3, '', '', '', $4, 1, 1)`,
				chat.FirstID[string](later.Add(-age)), string(h.config.Shop.ID), name, state); err != nil {
				t.Fatal(err)
			}
		}
		if got := must[store.Deleted](t)(s.DeleteExpired(h.ctx, later)); got.Events != 2 {
			t.Errorf("deleted %+v", got)
		}
		left := strings.Join(must[[]string](t)(store.DumpTable(h.ctx, s, "events", h.config.Shop.ID)), "\n")
		for name, want := range map[string]bool{"applied old": false, "applied young": true, "failed old": false, "failed young": true, "waiting old": true} {
			if strings.Contains(left, name) != want {
				t.Errorf("%s is left: %v", name, !want)
			}
		}
	})
}
