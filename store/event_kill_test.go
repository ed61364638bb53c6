package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// addEvents adds webhooks for ever, and applies some of them meanwhile. It prints the
// key of each once it is stored.
func addEvents(s *store.Store, config chat.LineConfig) error {
	ctx, shop := context.Background(), config.Shop.ID
	var printing sync.Mutex
	var adding sync.WaitGroup
	errs := make([]error, 4)
	for caller := range errs {
		adding.Go(func() {
			for n := 0; errs[caller] == nil; n++ {
				key := fmt.Sprintf("%d-%d-%d", os.Getpid(), caller, n)
				added, err := s.AddEvent(ctx, chat.VendorEvent{Shop: shop, Vendor: chat.Recharge, Key: key, Topic: "customer/updated", Body: []byte(key)})
				if err == nil && !added {
					err = errors.New(key + " is there already")
				}
				if err == nil && n%10 == 9 {
					err = applySome(ctx, s, shop)
				}
				errs[caller] = err
				printing.Lock()
				fmt.Println(key)
				printing.Unlock()
			}
		})
	}
	adding.Wait()
	return errors.Join(errs...)
}

// applySome applies a few webhooks: each is a customer whose id is its key.
func applySome(ctx context.Context, s *store.Store, shop chat.ShopID) error {
	found, err := s.WaitingEvents(ctx, shop, 5)
	var applied []store.AppliedEvent
	for _, e := range found {
		update := chat.DirectoryUpdate{Vendor: chat.Recharge, Customers: []chat.CustomerRecord{{ID: e.Key, UpdatedAt: time.Now()}}}
		applied = append(applied, store.AppliedEvent{ID: e.ID, Update: update})
	}
	if err == nil {
		_, err = s.ApplyEvents(ctx, shop, applied, time.Now())
	}
	return err
}

// However often the process is killed, each acknowledged webhook is there once: either
// it waits, with a delivery that applies it, or it was applied, and never half.
func TestKilledWhileAddingEvents(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	acknowledged := killRepeatedly(t, "events", database, 8)
	s := open(t, database)
	h := &shopFixture{t, s, t.Context(), must[chat.LineConfig](t)(s.LineConfig(t.Context(), "line-acme"))}
	shop := h.config.Shop.ID
	waiting, customers := map[string]bool{}, map[string]bool{}
	for _, e := range must[[]store.Event](t)(s.WaitingEvents(h.ctx, shop, 1_000_000)) {
		waiting[e.Key] = true
	}
	for _, row := range must[[]string](t)(store.DumpTable(h.ctx, s, "customers", shop)) {
		_, id, _ := strings.Cut(row, "recharge=")
		id, _, _ = strings.Cut(id, " ")
		customers[id] = true
	}
	if len(acknowledged) == 0 || len(waiting) == 0 || len(customers) == 0 {
		t.Fatalf("%d were acknowledged, %d wait, %d were applied", len(acknowledged), len(waiting), len(customers))
	}
	for _, key := range acknowledged {
		if waiting[key] == customers[key] {
			t.Errorf("%s waits: %v, and was applied: %v", key, waiting[key], customers[key])
		}
		if added, err := s.AddEvent(h.ctx, chat.VendorEvent{Shop: shop, Vendor: chat.Recharge, Key: key}); added || err != nil {
			t.Errorf("%s is added again: %v", key, err)
		}
	}
	if got := h.claim(chat.DirectoryAccount(shop), 9, time.Now().Add(time.Hour)); len(got) != 1 {
		t.Errorf("to apply them there are the deliveries %v", got)
	}
}

// An erasure of a vendor that is interrupted goes on where it was.
func TestEraseVendorInterrupted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		fillVendors(h)
		const many = `WITH RECURSIVE n (i) AS (VALUES (1000) UNION ALL SELECT i + 1 FROM n WHERE i < 1990) SELECT `
		if err := store.Exec(h.ctx, s, `INSERT INTO customers (id, shop, shopify, recharge, name, email, locale, time_zone, country, zip, shopify_at, recharge_at) `+many+`'known ' || i, $1, '601000' || i, '', '', '', '', '', '', '', 1, 0 FROM n`, string(shop)); err != nil {
			t.Fatal(err)
		}
		all := must[int](t)(store.CountRows(h.ctx, s, "customers"))
		ctx, interrupt := context.WithCancel(h.ctx)
		ended := make(chan error, 1)
		go func() { ended <- s.EraseVendor(ctx, shop, chat.Shopify, noon) }()
		for must[int](t)(store.CountRows(h.ctx, s, "customers")) == all && len(ended) == 0 {
		}
		interrupt()
		<-ended // with or without an error, as it was faster or not
		if err := s.EraseVendor(h.ctx, shop, chat.Shopify, noon); err != nil {
			t.Fatal(err)
		}
		if rows := must[[]string](t)(store.DumpTable(h.ctx, s, "customers", shop)); len(rows) != 1 || !strings.Contains(rows[0], "shopify= ") {
			t.Errorf("%d customers are left: %.200q", len(rows), rows)
		}
	})
}
