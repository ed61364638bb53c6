package store_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// A reconciliation is saved page by page. A page of one that was started anew changes
// nothing.
func TestReconciliation(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		c := vendorConnection(shop, chat.Shopify, "acme.myshopify.com")
		if err := s.SaveConnection(h.ctx, c); err != nil {
			t.Fatal(err)
		}
		start := func(since, now time.Time, parts ...string) {
			t.Helper()
			if err := s.StartReconciliation(h.ctx, c, parts, since, now); err != nil {
				t.Fatal(err)
			}
		}
		part := func(name string) chat.Reconciliation {
			t.Helper()
			for _, r := range must[[]chat.Reconciliation](t)(s.Reconciliations(h.ctx, shop)) {
				if r.Part == name {
					return r
				}
			}
			t.Fatalf("there is no part %s", name)
			return chat.Reconciliation{}
		}
		page := func(customer string) chat.DirectoryUpdate {
			return chat.DirectoryUpdate{Vendor: chat.Shopify, Customers: []chat.CustomerRecord{{ID: customer, UpdatedAt: noon}}}
		}
		yesterday := noon.Add(-24 * hour)
		start(yesterday, noon, "customers", "orders")
		if d := h.claimed(c.VendorAccount(), 9, noon); len(d) != 1 || d[0].Kind != chat.Reconcile {
			t.Errorf("the deliveries are %+v", d)
		}
		r := part("customers")
		if want := (chat.Reconciliation{Shop: shop, Vendor: chat.Shopify, Part: "customers", Since: yesterday, StartedAt: noon}); !reflect.DeepEqual(r, want) {
			t.Errorf("started %+v, want %+v", r, want)
		}
		if err := s.SaveReconciliationProblem(h.ctx, r, "Shopify does not answer."); err != nil || part("customers").Problem != "Shopify does not answer." || part("orders").Problem != "" {
			t.Errorf("with a problem: %+v %v", part("customers"), err)
		}
		r.Cursor, r.Read = "page 2", 50
		if change, err := s.SavePage(h.ctx, r, page("1"), noon); err != nil || change.Applied != 1 {
			t.Errorf("saved %+v %v", change, err)
		}
		if got := part("customers"); got.Cursor != "page 2" || got.Read != 50 || got.Problem != "" || got.Done() {
			t.Errorf("after a page: %+v", got)
		}
		start(noon, noon.Add(hour), "customers") // still running
		if got := part("customers"); got.Cursor != "page 2" || !got.Since.Equal(yesterday) || !got.StartedAt.Equal(noon) {
			t.Errorf("started while it runs: %+v", got)
		}
		start(time.Time{}, noon.Add(hour), "customers") // all of them
		stale := r
		if got := part("customers"); got.Cursor != "" || got.Read != 0 || !got.Since.IsZero() || !got.StartedAt.Equal(noon.Add(hour)) {
			t.Errorf("started for all: %+v", got)
		}
		stale.Cursor = "page 3"
		if change, err := s.SavePage(h.ctx, stale, page("2"), noon); !errors.Is(err, chat.ErrNotFound) || change.Applied != 0 {
			t.Errorf("a page of the former one: %+v %v", change, err)
		}
		if err := s.SaveReconciliationProblem(h.ctx, stale, "x"); err != nil || part("customers").Problem != "" {
			t.Errorf("a problem of the former one: %+v %v", part("customers"), err)
		}
		if n := must[int](t)(store.CountRows(h.ctx, s, "customers")); n != 1 {
			t.Errorf("the former one's page was applied: %d customers", n)
		}
		r = part("customers")
		r.Cursor, r.Read, r.EndedAt = "", 1, noon.Add(2*hour)
		if _, err := s.SavePage(h.ctx, r, page("2"), noon); err != nil || !part("customers").Done() || part("orders").Done() {
			t.Errorf("at its end: %+v %v", part("customers"), err)
		}
		if _, err := s.SavePage(h.ctx, r, page("3"), noon); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("a page after its end: %v", err)
		}
		start(noon, noon.Add(24*hour), "customers")
		if got := part("customers"); got.Done() || !got.Since.Equal(noon) {
			t.Errorf("started again: %+v", got)
		}
	})
}
