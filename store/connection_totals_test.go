package store_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// Connections are counted over all shops, and only lists of those in use can be old.
func TestConnectionTotals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		oldest := func() time.Time { t.Helper(); return must[time.Time](t)(s.OldestReconciliation(h.ctx)) }
		if got := must[[]store.ConnectionTotal](t)(s.ConnectionTotals(h.ctx)); len(got) != 0 || !oldest().IsZero() {
			t.Errorf("without connections: %+v, %v", got, oldest())
		}
		shop := h.config.Shop.ID
		shopify, recharge := vendorConnection(shop, chat.Shopify, "acme.myshopify.com"), vendorConnection(shop, chat.Recharge, "acme")
		for _, c := range []chat.Connection{shopify, recharge} {
			if err := s.SaveConnection(h.ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		for i, c := range []chat.Connection{shopify, recharge} {
			if err := s.StartReconciliation(h.ctx, c, []string{"customers"}, noon, noon.Add(time.Duration(i)*hour)); err != nil {
				t.Fatal(err)
			}
		}
		if !oldest().Equal(noon) {
			t.Errorf("the oldest list is from %v", oldest())
		}
		r := must[[]chat.Reconciliation](t)(s.Reconciliations(h.ctx, shop))[1]
		r.EndedAt = noon.Add(2 * hour)
		if _, err := s.SavePage(h.ctx, r, chat.DirectoryUpdate{}, noon); err != nil || !oldest().Equal(noon.Add(hour)) {
			t.Errorf("after the first was completed the oldest list is from %v, %v", oldest(), err)
		}
		if err := s.SetConnectionStatus(h.ctx, shop, chat.Recharge, chat.ConnectionBroken, chat.Problem{Code: "token"}, noon); err != nil {
			t.Fatal(err)
		}
		want := []store.ConnectionTotal{{Vendor: chat.Recharge, Status: chat.ConnectionBroken, Total: 1}, {Vendor: chat.Shopify, Status: chat.ConnectionActive, Total: 1}}
		if got := must[[]store.ConnectionTotal](t)(s.ConnectionTotals(h.ctx)); !reflect.DeepEqual(got, want) || !oldest().Equal(noon.Add(2*hour)) {
			t.Errorf("with a broken one: %+v, the oldest list is from %v", got, oldest())
		}
	})
}

// The console's lists are read in the order of an index: sorting a large shop's rows
// for each page takes long.
func TestConsoleListsAreNotSorted(t *testing.T) {
	t.Parallel()
	onSQLite(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		_, _, err1 := s.UnreadablePhones(h.ctx, shop, 5)
		_, err2 := s.PrivacyRequests(h.ctx, shop)
		_, _, err3 := s.FailedEvents(h.ctx, shop, 5)
		_, err4 := s.DirectoryCounts(h.ctx, shop)
		if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
			t.Fatal(err1, err2, err3, err4)
		}
		plans := must[map[string][]string](t)(store.Plans(h.ctx, s))
		checked := 0
		for query, steps := range plans {
			plan := strings.Join(steps, "\n\t")
			if strings.Contains(query, "unreadable_phones") || strings.Contains(query, "FROM privacy_requests") || strings.Contains(query, "state = 'failed' ORDER") {
				checked++
				if strings.Contains(plan, "TEMP B-TREE") {
					t.Errorf("%s\n\t%s", query, plan)
				}
			}
			if strings.Contains(query, "COUNT(DISTINCT customer)") && strings.Count(plan, "COVERING INDEX") < 5 {
				t.Errorf("%s\n\t%s", query, plan)
			}
		}
		if checked < 4 {
			t.Errorf("only %d statements were run", checked)
		}
	})
}
