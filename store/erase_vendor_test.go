package store_test

import (
	"fmt"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/store"
)

// EraseVendor erases what came from one vendor, in any number, and leaves the texts,
// the opt-outs and what the other vendor knows.
func TestEraseVendor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h, other := newShop(t, s, "acme"), newShop(t, s, "other")
		shop := h.config.Shop.ID
		for _, h := range []*shopFixture{h, other} {
			for _, v := range chat.Vendors() {
				if err := s.SaveConnection(h.ctx, vendorConnection(h.config.Shop.ID, v, h.config.Shop.Name)); err != nil {
					t.Fatal(err)
				}
			}
		}
		// More than one batch of each.
		const many = `WITH RECURSIVE n (i) AS (VALUES (1000) UNION ALL SELECT i + 1 FROM n WHERE i < 1230) SELECT `
		for _, insert := range []string{
			`INSERT INTO customers (id, shop, shopify, recharge, name, email, locale, time_zone, country, zip, shopify_at, recharge_at) ` + many + `'known ' || i, $1, '601000' || i, '', 'Canary', 'canary@example.com', '', '', '', '', 1, 0 FROM n`,
			`INSERT INTO customers (id, shop, shopify, recharge, name, email, locale, time_zone, country, zip, shopify_at, recharge_at) ` + many + `'guest ' || i, $1, '', '', 'Canary', 'canary@example.com', '', '', '', '', 1, 0 FROM n`,
			`INSERT INTO customer_phones (shop, phone, customer, source, seen_at, ended_at) ` + many + `$1, '+1415555' || i, 'known ' || i, 'shopify_customer', 1, 0 FROM n`,
			`INSERT INTO customer_phones (shop, phone, customer, source, seen_at, ended_at) ` + many + `$1, '+1415556' || i, 'guest ' || i, 'order', 1, 0 FROM n`,
			`INSERT INTO orders (shop, id, customer, name, proves, doc, created_at, updated_at) ` + many + `$1, 'order ' || i, 'guest ' || i, '', 1, '"canary"', 1, 1 FROM n`,
			`INSERT INTO fulfillments (shop, order_id, id, doc, updated_at, event_at) ` + many + `$1, 'order ' || i, '1', '"canary"', 1, 1 FROM n`,
			`INSERT INTO shoppers (id, shop, phone, name, email, purchased, customer, directory, proof, person) ` + many + `'shopper ' || i, $1, '+1415555' || i, 'Canary', '', 1, '', '{"canary":1}', 'canary', 'known ' || i FROM n`,
		} {
			if err := store.Exec(h.ctx, s, insert, string(shop)); err != nil {
				t.Fatalf("%s: %v", insert, err)
			}
		}
		addCustomer(h, "6020000000", "9020000000", "Kim", "canary@example.com", "+14155559001")
		addCustomer(h, "", "9020000001", "Ann", "ann@example.com", "+14155559002")
		addCustomer(h, "", "", "Canary guest", "canary@example.com", "+14155559003")
		if err := s.StartReconciliation(h.ctx, vendorConnection(shop, chat.Recharge, "acme"), []string{"customers"}, noon, noon); err != nil {
			t.Fatal(err)
		}
		addCustomer(other, "6030000000", "", "Jane", "jane@example.com", phone)
		theirs := dump(t, s, other.config.Shop.ID)
		for i, c := range []chat.ConsentRecord{{State: chat.ConsentGiven, At: noon}, {State: chat.ConsentRevoked, At: noon.Add(hour)}} {
			c.Phone.Phone = "+14155559003"
			addEvent(h, chat.Shopify, fmt.Sprint(i), `{"canary":1}`)
			event := must[[]store.Event](t)(s.WaitingEvents(h.ctx, shop, 1))[0]
			if _, err := s.ApplyEvents(h.ctx, shop, []store.AppliedEvent{{ID: event.ID, Update: chat.DirectoryUpdate{Vendor: chat.Shopify, Consents: []chat.ConsentRecord{c}}}}, noon); err != nil {
				t.Fatal(err)
			}
		}
		h.receive("+14155551001", "SM1", "hello")
		if err := s.EraseVendor(h.ctx, shop, chat.Shopify, noon.Add(hour)); err != nil {
			t.Fatal(err)
		}
		after := dump(t, s, shop)
		for _, word := range []string{"Canary", "canary", "shopify=6", "vendor=shopify"} {
			if i := strings.Index(after, word); i >= 0 {
				t.Errorf("%q is left: …%s…", word, after[max(i-200, 0):i+50])
			}
		}
		for table, want := range map[string]int{"customers": 2, "customer_phones": 1, "orders": 0, "fulfillments": 0, "subscriptions": 2, "charges": 2, "consents": 1, "conversations": 1, "entries": 1} {
			rows := must[[]string](t)(store.DumpTable(h.ctx, s, table, shop))
			if len(rows) != want {
				t.Errorf("%d rows are left in %s, want %d: %q", len(rows), table, want, rows)
			}
		}
		if got := must[chat.Consent](t)(s.MarketingConsent(h.ctx, shop, "+14155559003")); got.State != chat.ConsentRevoked {
			t.Errorf("the opt-out became %+v", got)
		}
		if r := must[[]chat.Reconciliation](t)(s.Reconciliations(h.ctx, shop)); len(r) != 1 || !r[0].Since.IsZero() || !r[0].StartedAt.Equal(noon.Add(hour)) {
			t.Errorf("the other vendor's lists are read from %+v", r)
		}
		if _, err := s.Connection(h.ctx, shop, chat.Shopify); err != chat.ErrNotFound {
			t.Errorf("the connection: %v", err)
		}
		if dump(t, s, other.config.Shop.ID) != theirs {
			t.Error("another shop was changed")
		}
		if err := s.EraseVendor(h.ctx, shop, chat.Recharge, noon.Add(hour)); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"customers", "customer_phones", "unreadable_phones", "subscriptions", "charges", "connections", "reconciliations"} {
			if rows := must[[]string](t)(store.DumpTable(h.ctx, s, table, shop)); len(rows) != 0 {
				t.Errorf("after both %s has %q", table, rows)
			}
		}
	})
}
