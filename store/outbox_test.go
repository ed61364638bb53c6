package store_test

import (
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// A ready sync becomes urgent when an urgent one is added, and stays so.
func TestSyncBecomesUrgent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		sync := chat.Delivery{Kind: chat.SyncTicket, Account: "gorgias/acme", Lane: "ticket"}
		for i, urgent := range []bool{false, true, false} {
			sync.ID, sync.Urgent, sync.Due = chat.DeliveryID("s"+string(rune('1'+i))), urgent, noon.Add(time.Duration(i)*time.Hour)
			post(h, sync)
		}
		other := sync
		other.ID, other.Lane, other.Due = "o1", "another ticket", noon.Add(-time.Hour)
		post(h, other)
		if got := h.claimed("gorgias/acme", 1, noon); len(got) != 1 || got[0].ID != "s1" || !got[0].Urgent || !got[0].Due.Equal(noon) {
			t.Errorf("first claimed %+v", got)
		}
		if got := h.claimed("gorgias/acme", 9, noon.Add(time.Hour)); len(got) != 1 || got[0].ID != "o1" || got[0].Urgent {
			t.Errorf("then claimed %+v", got)
		}
	})
}

// An attempt has one status check, as early and as urgent as any that was added.
func TestOneStatusCheckPerAttempt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h, other := newShop(t, s, "acme"), newShop(t, s, "other")
		trace := func(due time.Duration, urgent bool) chat.Delivery {
			return chat.Delivery{ID: "attempt", Kind: chat.CheckStatus, Account: "twilio/A", Lane: "a", Place: 1, Due: noon.Add(due), Urgent: urgent}
		}
		post(h, trace(time.Hour, true))
		post(h, trace(2*time.Hour, false))
		post(other, trace(0, false)) // another shop uses the same id
		if got := h.claim("twilio/A", 9, noon.Add(time.Hour-1)); got != nil {
			t.Errorf("too early %v", got)
		}
		post(h, trace(time.Minute, false))
		post(h, trace(2*time.Hour, false))
		claims := h.claimed("twilio/A", 9, noon.Add(time.Minute))
		if len(claims) != 1 || !claims[0].Urgent || claims[0].Shop != h.config.Shop.ID {
			t.Fatalf("claimed %+v", claims)
		}
		post(h, trace(0, true)) // it is running already
		if got := h.claim("twilio/A", 9, noon.Add(time.Hour)); got != nil {
			t.Errorf("it runs twice at once: %v", got)
		}
		if err := s.GiveUp(h.ctx, claims[0], "no"); err != nil {
			t.Fatal(err)
		}
		post(h, trace(0, true)) // after it was given up
		if got := h.claimed("twilio/A", 9, noon.Add(time.Hour)); len(got) != 1 || got[0].Tries != 2 || h.failed() != nil {
			t.Errorf("then claimed %+v", got)
		}
	})
}

// A status check that leaves its lane no longer holds it up.
func TestPostponeLeavesLane(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		trace := chat.Delivery{ID: "t1", Kind: chat.CheckStatus, Account: "twilio/A", Lane: "a", Place: 1}
		post(h, trace, sms("a2", "a", 2))
		claims := h.claimed("twilio/A", 9, noon)
		if len(claims) != 1 || claims[0].ID != "t1" {
			t.Fatalf("first claimed %+v", claims)
		}
		claims[0].Lane = "elsewhere"
		if err := s.Postpone(h.ctx, claims[0], noon.Add(time.Minute), ""); err != nil {
			t.Fatal(err)
		}
		if got := h.claim("twilio/A", 9, noon); !slices.Equal(got, []string{"a2"}) {
			t.Errorf("then claimed %v", got)
		}
		if got := h.claim("twilio/A", 9, noon.Add(time.Minute)); !slices.Equal(got, []string{"t1"}) {
			t.Errorf("at last came %v", got)
		}
	})
}

// Deliveries of one place in a lane run one at a time, in the order of their ids.
func TestOnePlaceOneAtATime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		early := sms("n2", "a", 0)
		early.Due, early.Urgent = noon.Add(-time.Hour), true
		post(h, early, sms("n1", "a", 0))
		for _, want := range []string{"n1", "n2"} {
			claims := h.claimed("twilio/A", 9, noon)
			if len(claims) != 1 || string(claims[0].ID) != want {
				t.Fatalf("claimed %+v, want %s", claims, want)
			}
			if err := s.Finish(h.ctx, claims[0]); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Of deliveries that are not urgent, Claim takes no more than it was allowed.
func TestClaimLeavesRoom(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		var all []chat.Delivery
		for _, id := range []string{"c1", "c2", "c3", "u1", "u2"} {
			d := sms(id, id, 1)
			d.Urgent = id[0] == 'u'
			all = append(all, d)
		}
		post(h, all...)
		claim := func(all, calm int) (ids []string) {
			for _, d := range must[[]chat.Delivery](t)(s.Claim(h.ctx, "twilio/A", all, calm, noon, time.Minute)) {
				ids = append(ids, string(d.ID)[:1])
			}
			slices.Sort(ids)
			return ids
		}
		for _, step := range []struct {
			all, calm int
			want      []string
		}{{1, 5, []string{"u"}}, {3, 1, []string{"c", "u"}}, {3, 0, nil}, {3, -1, nil}, {1, 2, []string{"c"}}} {
			if got := claim(step.all, step.calm); !slices.Equal(got, step.want) {
				t.Errorf("of %d, %d not urgent: %v", step.all, step.calm, got)
			}
		}
	})
}
