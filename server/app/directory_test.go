package app

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"sidetext/chat"
)

// A directoryFixture is a program that does not run, with a shop that is connected to
// Shopify, and the handlers of its directory.
type directoryFixture struct {
	*testing.T
	*App
	shop chat.Shop
	run  map[chat.DeliveryKind]func(context.Context, chat.Delivery) error
}

func (f *directoryFixture) Handle(k chat.DeliveryKind, run func(context.Context, chat.Delivery) error) {
	f.run[k] = run
}

func newDirectoryFixture(t *testing.T) *directoryFixture {
	t.Helper()
	settings, err := ReadSettings(enough(t, "SIDETEXT_SHOPIFY_URL=http://127.0.0.1:1/{shop}", "SIDETEXT_RECHARGE_URL=http://127.0.0.1:1",
		"SIDETEXT_DATABASE_URL=sqlite:"+filepath.Join(t.TempDir(), "test.db")), Needs{PublicURL: true, Create: true})
	must(t, err)
	f := &directoryFixture{T: t, run: map[chat.DeliveryKind]func(context.Context, chat.Delivery) error{}}
	f.App, err = Open(t.Context(), settings, slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(func() { must(t, f.Close()) })
	f.shop, err = f.Store.AddShop(t.Context(), "Tea", f.Store.Now())
	must(t, err)
	must(t, f.Store.SaveConnection(t.Context(), chat.Connection{
		Shop: f.shop.ID, Vendor: chat.Shopify, Account: "tea.myshopify.com", Token: "shpat_1", Secret: "secret", Endpoint: "endpoint",
		Status: chat.ConnectionActive, ConnectedAt: f.Store.Now(),
	}))
	f.Directory.Register(f)
	return f
}

func (f *directoryFixture) add(key, topic, body string) {
	f.Helper()
	added, err := f.Store.AddEvent(f.Context(), chat.VendorEvent{Shop: f.shop.ID, Vendor: chat.Shopify, Key: key, Topic: topic, Body: []byte(body), ReceivedAt: f.Store.Now()})
	if err != nil || !added {
		f.Fatalf("added %v: %v", added, err)
	}
}

// work runs the shop's deliveries of applying events, and returns how many there were.
func (f *directoryFixture) work() (runs int) {
	f.Helper()
	for ; ; runs++ {
		claimed, err := f.Store.Claim(f.Context(), chat.DirectoryAccount(f.shop.ID), 9, 9, f.Store.Now().Add(time.Second), time.Minute)
		must(f.T, err)
		if len(claimed) == 0 {
			return runs
		}
		must(f.T, f.run[claimed[0].Kind](f.Context(), claimed[0]))
	}
}

// order is a webhook about an order with a phone as it was typed.
func order(id int, phone string) string {
	return fmt.Sprintf(`{"id":%d,"name":"#%d","email":"jane@example.com","created_at":"2026-11-01T10:00:00-05:00","updated_at":"2026-11-01T10:00:01-05:00","currency":"USD","total_price":"49.00",
		"financial_status":"paid","customer":{"id":601,"email":"jane@example.com","first_name":"Jane","last_name":"Doe"},
		"shipping_address":{"phone":%q,"country_code":"US"},"line_items":[{"title":"Coffee","quantity":1}]}`, id, id, phone)
}

// A webhook becomes a shopper's profile. A damaged one is set aside, and those of a paused
// connection wait until it is resumed.
func TestDirectoryOnStore(t *testing.T) {
	t.Parallel()
	f := newDirectoryFixture(t)
	f.add("1", "orders/create", order(1001, "(312) 555-0123"))
	f.add("2", "orders/create", `{"id":`)
	f.add("3", "orders/create", order(1002, "555-555-SHIP"))
	if runs := f.work(); runs != 1 {
		t.Errorf("%d deliveries", runs)
	}
	p, err := f.Store.Profile(t.Context(), f.shop.ID, "+13125550123")
	if err != nil || p.ShopifyID != "601" || p.LastOrder == nil || p.TimeZone != "America/Chicago" {
		t.Errorf("got %+v, %v", p, err)
	}
	failed, total, err := f.Store.FailedEvents(t.Context(), f.shop.ID, 9)
	if err != nil || total != 1 || failed[0].Key != "2" || failed[0].Problem == "" {
		t.Errorf("set aside %+v, %v", failed, err)
	}
	if _, total, err := f.Store.UnreadablePhones(t.Context(), f.shop.ID, 9); err != nil || total != 1 {
		t.Errorf("%d phones can't be read: %v", total, err)
	}

	must(t, f.Store.SetConnectionStatus(t.Context(), f.shop.ID, chat.Shopify, chat.ConnectionPaused, chat.Problem{}, f.Store.Now()))
	f.add("4", "orders/create", order(1003, "(312) 555-0124"))
	f.work()
	if _, err := f.Store.Profile(t.Context(), f.shop.ID, "+13125550124"); err != chat.ErrNotFound {
		t.Errorf("applied while paused: %v", err)
	}
	must(t, f.Store.SetConnectionStatus(t.Context(), f.shop.ID, chat.Shopify, chat.ConnectionActive, chat.Problem{}, f.Store.Now()))
	if runs := f.work(); runs != 1 {
		t.Errorf("%d deliveries after it was resumed", runs)
	}
	if _, err := f.Store.Profile(t.Context(), f.shop.ID, "+13125550124"); err != nil {
		t.Error(err)
	}

	f.add("5", "app/uninstalled", `{"id":1}`)
	f.work()
	if c, err := f.Store.Connection(t.Context(), f.shop.ID, chat.Shopify); err != nil || c.Status != chat.ConnectionBroken || c.Problem.Code != "uninstalled" {
		t.Errorf("got %s, %v", c.Status, err)
	}
}
