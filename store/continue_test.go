package store_test

import (
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// A delivery that goes on as another one keeps its lane, needs no second one where one
// waits already, and is not replaced by a run that has lost its claim.
func TestContinueDelivery(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		events := func(at time.Time) chat.Delivery { return chat.NewEventsDelivery(h.config.Shop.ID, at) }
		post(h, events(noon))
		account := chat.DirectoryAccount(h.config.Shop.ID)
		claim := func(at time.Time) chat.Delivery {
			t.Helper()
			claims := h.claimed(account, 9, at)
			if len(claims) != 1 || claims[0].Tries != 1 {
				t.Fatalf("claimed %+v", claims)
			}
			return claims[0]
		}
		first := claim(noon)
		later := noon.Add(time.Minute)
		second := events(later)
		if err := s.Continue(h.ctx, first, second, later); err != nil {
			t.Fatal(err)
		}
		got := claim(later)
		if got.ID != second.ID || got.Lane != first.Lane {
			t.Fatalf("went on as %+v", got)
		}
		// The first run goes on although it has lost its claim.
		if err := s.Continue(h.ctx, first, events(later), later); err != nil {
			t.Fatal(err)
		}
		if more := h.claimed(account, 9, later); len(more) != 0 {
			t.Fatalf("a lost claim added %+v", more)
		}
		waits := events(later.Add(time.Second))
		post(h, waits)
		if err := s.Continue(h.ctx, got, events(later.Add(2*time.Second)), later.Add(2*time.Second)); err != nil {
			t.Fatal(err)
		}
		if last := claim(later.Add(2 * time.Second)); last.ID != waits.ID {
			t.Errorf("claimed %+v, want the one that waited", last)
		}
		if more := h.claimed(account, 9, later.Add(time.Hour)); len(more) != 0 {
			t.Errorf("then claimed %+v", more)
		}
	})
}
