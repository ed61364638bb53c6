package store_test

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// post adds deliveries, in a turn of a new conversation.
func post(h *shopFixture, deliveries ...chat.Delivery) {
	h.Helper()
	if _, err := h.Receive(h.ctx, h.config, phone, noon, func(t *chat.Turn) error {
		for _, d := range deliveries {
			d.Shop = h.config.Shop.ID
			if d.Due.IsZero() {
				d.Due = noon
			}
			t.Deliveries = append(t.Deliveries, d)
		}
		return nil
	}); err != nil {
		h.Fatal(err)
	}
}

func (h *shopFixture) claim(account string, n int, at time.Time) (ids []string) {
	h.Helper()
	for _, d := range h.claimed(account, n, at) {
		ids = append(ids, string(d.ID))
	}
	slices.Sort(ids)
	return ids
}

func (h *shopFixture) claimed(account string, n int, at time.Time) []chat.Delivery {
	h.Helper()
	return must[[]chat.Delivery](h.T)(h.Claim(h.ctx, account, n, n, at, time.Minute))
}

func sms(id, lane string, place int64) chat.Delivery {
	return chat.Delivery{ID: chat.DeliveryID(id), Kind: chat.SendSMS, Account: "twilio/A", Lane: lane, Place: place}
}

func TestClaimKeepsLanes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		late := sms("b1", "b", 1)
		late.Due = noon.Add(time.Hour)
		other := sms("o1", "o", 1)
		other.Account = "twilio/B"
		post(h, sms("a3", "a", 3), sms("a1", "a", 1), sms("a2", "a", 2), late, sms("b2", "b", 2), sms("c1", "c", 1), other)
		if got := must[[]string](t)(s.DueAccounts(h.ctx, noon)); !slices.Equal(got, []string{"twilio/A", "twilio/B"}) {
			t.Errorf("accounts with due deliveries: %v", got)
		}
		if got := must[[]string](t)(s.DueAccounts(h.ctx, noon.Add(-1*time.Second))); len(got) != 0 {
			t.Errorf("accounts before anything is due: %v", got)
		}
		first := h.claimed("twilio/A", 10, noon)
		if len(first) != 2 || h.claim("twilio/A", 10, noon) != nil {
			t.Fatalf("claimed %+v, and then more", first)
		}
		for _, d := range first {
			if (d.ID != "a1" && d.ID != "c1") || d.Tries != 1 || !d.Until.Equal(noon.Add(time.Minute)) {
				t.Errorf("claimed %+v", d)
			}
			if d.ID == "a1" {
				if err := s.Finish(h.ctx, d); err != nil {
					t.Error(err)
				}
			}
		}
		if got := h.claim("twilio/A", 10, noon); !slices.Equal(got, []string{"a2"}) {
			t.Errorf("after a1, claimed %v", got)
		}
		if got := h.claim("twilio/A", 10, noon.Add(time.Hour)); !slices.Equal(got, []string{"b1"}) {
			t.Errorf("an hour later, claimed %v", got)
		}
		if got := h.claim("twilio/B", 10, noon); !slices.Equal(got, []string{"o1"}) {
			t.Errorf("claimed of the other account: %v", got)
		}
		if got := h.claim("twilio/C", 10, noon); got != nil {
			t.Errorf("claimed of an account without deliveries: %v", got)
		}
	})
}

func TestClaimUrgentFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		var all []chat.Delivery
		for i := range 10 {
			d := sms(fmt.Sprint("calm", i), fmt.Sprint("calm", i), 1)
			d.Due = noon.Add(-time.Hour)
			all = append(all, d)
		}
		urgent, sooner := sms("urgent", "u", 1), sms("urgent-sooner", "v", 1)
		urgent.Urgent, sooner.Urgent, sooner.Due = true, true, noon.Add(-time.Second)
		all[7].Due = noon.Add(-2 * time.Hour)
		post(h, append(all, urgent, sooner)...)
		if got := h.claim("twilio/A", 1, noon); !slices.Equal(got, []string{"urgent-sooner"}) {
			t.Errorf("first claimed %v", got)
		}
		if got := h.claim("twilio/A", 2, noon); !slices.Equal(got, []string{"calm7", "urgent"}) {
			t.Errorf("then claimed %v", got)
		}
	})
}

// When many workers claim at once, each delivery is claimed once.
func TestClaimOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		var all []chat.Delivery
		for i := range 100 {
			all = append(all, sms(fmt.Sprint("d", i), fmt.Sprint("lane", i), 1))
		}
		post(h, all...)
		var calling sync.WaitGroup
		var mu sync.Mutex
		claimed := map[chat.DeliveryID]int{}
		for range 8 {
			calling.Go(func() {
				for {
					claims, err := s.Claim(h.ctx, "twilio/A", 7, 7, noon, time.Minute)
					if err != nil {
						t.Error(err)
					}
					if len(claims) == 0 {
						return
					}
					mu.Lock()
					for _, d := range claims {
						claimed[d.ID]++
					}
					mu.Unlock()
				}
			})
		}
		calling.Wait()
		for id, n := range claimed {
			if n != 1 {
				t.Errorf("%s was claimed %d times", id, n)
			}
		}
		if len(claimed) != 100 {
			t.Errorf("%d of 100 claimed", len(claimed))
		}
	})
}

func TestExpiredClaims(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		post(h, sms("a1", "a", 1))
		claims := h.claimed("twilio/A", 1, noon)
		if got := must[[]chat.Delivery](t)(s.ExpiredClaims(h.ctx, noon.Add(time.Minute))); len(got) != 0 {
			t.Errorf("expired at the end of its time: %+v", got)
		}
		late := must[[]chat.Delivery](t)(s.ExpiredClaims(h.ctx, noon.Add(time.Minute+time.Microsecond)))
		if !reflect.DeepEqual(late, claims) {
			t.Fatalf("expired %+v, want %+v", late, claims)
		}
		if got := h.claim("twilio/A", 1, noon.Add(time.Hour)); got != nil {
			t.Errorf("an expired claim was claimed again: %v", got)
		}
		if err := s.Postpone(h.ctx, late[0], noon.Add(time.Hour), ""); err != nil {
			t.Fatal(err)
		}
		again := h.claimed("twilio/A", 1, noon.Add(time.Hour))
		if len(again) != 1 || again[0].Tries != 2 {
			t.Fatalf("claimed again %+v", again)
		}
		// The first claim was lost, and changes nothing any more.
		if err := s.Postpone(h.ctx, claims[0], noon, "late"); err != nil {
			t.Error(err)
		}
		if err := s.GiveUp(h.ctx, claims[0], "late"); err != nil {
			t.Error(err)
		}
		if got := must[[]store.Backlog](t)(s.Backlogs(h.ctx, h.config.Shop.ID)); !slices.Equal(got, []store.Backlog{{Account: "twilio/A", Kind: chat.SendSMS, Running: 1}}) {
			t.Errorf("backlogs %+v", got)
		}
	})
}

func TestGiveUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		post(h, sms("a1", "a", 1), sms("a2", "a", 2))
		if err := s.GiveUp(h.ctx, h.claimed("twilio/A", 1, noon)[0], "no such number"); err != nil {
			t.Fatal(err)
		}
		if got := h.claim("twilio/A", 2, noon); !slices.Equal(got, []string{"a2"}) {
			t.Errorf("after it, claimed %v", got)
		}
		want := []store.Backlog{{Account: "twilio/A", Kind: chat.SendSMS, Running: 1, Failed: 1}}
		if got := must[[]store.Backlog](t)(s.Backlogs(h.ctx, h.config.Shop.ID)); !slices.Equal(got, want) {
			t.Errorf("backlogs %+v", got)
		}
		if got := must[[]string](t)(s.DueAccounts(h.ctx, noon)); len(got) != 0 {
			t.Errorf("accounts with due deliveries: %v", got)
		}
	})
}

// A postponed sync is merged with one that was added meanwhile.
func TestPostponeMergesSyncs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn := h.receive(phone, "SM1", "help", func(t *chat.Turn) { t.Escalate(chat.AskedForPerson, "", 0) })
		h.receive(phone, "SM2", "help") // needs no second sync
		claims := h.claimed("gorgias/acme", 5, noon)
		if len(claims) != 1 {
			t.Fatalf("claimed %+v", claims)
		}
		h.receive(phone, "SM3", "help") // needs one: the running sync may have read the entries already
		if got := h.claim("gorgias/acme", 5, noon); got != nil {
			t.Errorf("two of a lane run at once: %v", got)
		}
		if err := s.Postpone(h.ctx, claims[0], noon.Add(time.Minute), "429"); err != nil {
			t.Fatal(err)
		}
		want := []store.Backlog{{Account: "gorgias/acme", Kind: chat.SyncTicket, Ready: 1, Problem: "429"}}
		if got := must[[]store.Backlog](t)(s.Backlogs(h.ctx, h.config.Shop.ID)); !slices.Equal(got, want) {
			t.Errorf("backlogs %+v", got)
		}
		if got := h.claim("gorgias/acme", 5, noon); got != nil {
			t.Errorf("the other sync was not postponed: %v", got)
		}
		again := h.claimed("gorgias/acme", 5, noon.Add(time.Minute))
		if len(again) != 1 || again[0].ID == claims[0].ID || again[0].Tries != 2 || again[0].Conversation != turn.Conversation.ID {
			t.Errorf("then claimed %+v", again)
		}
		// Without another sync it is postponed itself.
		if err := s.Postpone(h.ctx, again[0], noon.Add(time.Hour), "429"); err != nil {
			t.Fatal(err)
		}
		if got := h.claimed("gorgias/acme", 5, noon.Add(time.Hour)); len(got) != 1 || got[0].ID != again[0].ID || got[0].Tries != 3 {
			t.Errorf("at last claimed %+v", got)
		}
	})
}
