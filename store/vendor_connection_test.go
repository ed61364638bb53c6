package store_test

import (
	"errors"
	"reflect"
	"regexp"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

const hour = time.Hour

// A connection is read back as it was saved, by its shop and by its endpoint.
func TestConnection(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		if _, err := s.Connection(h.ctx, shop, chat.Shopify); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("before it is saved: %v", err)
		}
		shopify, recharge := vendorConnection(shop, chat.Shopify, "acme.myshopify.com"), vendorConnection(shop, chat.Recharge, "acme.myshopify.com")
		shopify.Token = "" // with a client id, tokens are requested
		recharge.ClientID, recharge.Status, recharge.Problem = "", chat.ConnectionBroken, chat.Problem{Code: "token", Text: "Recharge refuses the token."}
		for _, c := range []chat.Connection{shopify, recharge} {
			if err := s.SaveConnection(h.ctx, c); err != nil {
				t.Fatal(err)
			}
			if got, err := s.Connection(h.ctx, shop, c.Vendor); err != nil || !reflect.DeepEqual(got, c) {
				t.Errorf("by its shop: %+v %v, want %+v", got, err, c)
			}
			if got, err := s.ConnectionAt(h.ctx, c.Vendor, c.Endpoint); err != nil || !reflect.DeepEqual(got, c) {
				t.Errorf("by its endpoint: %+v %v", got, err)
			}
		}
		if _, err := s.ConnectionAt(h.ctx, chat.Shopify, recharge.Endpoint); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("at the other vendor's endpoint: %v", err)
		}
		if got, err := s.Connections(h.ctx); err != nil || !reflect.DeepEqual(got, []chat.Connection{recharge, shopify}) {
			t.Errorf("all: %+v %v", got, err)
		}
		if config := must[chat.LineConfig](t)(s.LineConfig(h.ctx, h.config.Line.Endpoint)); config.Shopify != "acme.myshopify.com" {
			t.Errorf("the line's Shopify store is %q", config.Shopify)
		}
		if turn := h.turn(h.receive(phone, "SM1", "hello").Conversation.ID, noon, func(*chat.Turn) error { return nil }); turn.Shopify != "acme.myshopify.com" {
			t.Errorf("the turn's Shopify store is %q", turn.Shopify)
		}
	})
}

// A secret that is replaced is accepted for two days; another account starts anew.
func TestReplaceConnection(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		c := vendorConnection(shop, chat.Shopify, "acme.myshopify.com")
		save := func(secret chat.Secret, at time.Time) chat.Connection {
			t.Helper()
			c.Secret, c.ConnectedAt = secret, at
			if err := s.SaveConnection(h.ctx, c); err != nil {
				t.Fatal(err)
			}
			return must[chat.Connection](t)(s.Connection(h.ctx, shop, chat.Shopify))
		}
		save("first", noon)
		if got := save("second", noon.Add(hour)); got.FormerSecret != "first" || !got.FormerUntil.Equal(noon.Add(49*hour)) || got.Secret != "second" {
			t.Errorf("replaced: %+v", got)
		}
		if got := save("second", noon.Add(2*hour)); got.FormerSecret != "first" || !got.FormerUntil.Equal(noon.Add(49*hour)) {
			t.Errorf("saved again: %+v", got)
		}
		if got := save("third", noon.Add(3*hour)); got.FormerSecret != "second" || !got.FormerUntil.Equal(noon.Add(51*hour)) {
			t.Errorf("replaced again: %+v", got)
		}
		fillQueue(h, c)
		c.Account = "other.myshopify.com"
		if got := save("fourth", noon.Add(4*hour)); got.FormerSecret != "" || !got.FormerUntil.IsZero() || got.Account != c.Account {
			t.Errorf("another account: %+v", got)
		}
		checkQueue(h, 0)
	})
}

// fillQueue adds what may wait for a connection: two deliveries, two webhooks and a
// reconciliation.
func fillQueue(h *shopFixture, c chat.Connection) {
	h.Helper()
	if err := h.StartReconciliation(h.ctx, c, []string{"orders"}, noon, noon); err != nil {
		h.Fatal(err)
	}
	later := chat.NewRefreshDelivery(c, "1", noon)
	later.Due = noon.Add(9 * hour)
	post(h, later)
	for _, id := range []string{"1", "2"} {
		addEvent(h, c.Vendor, id, `{}`)
	}
	events := must[[]store.Event](h.T)(h.WaitingEvents(h.ctx, c.Shop, 9))
	if _, err := h.ApplyEvents(h.ctx, c.Shop, []store.AppliedEvent{{ID: events[0].ID, Problem: "unreadable"}}, noon); err != nil {
		h.Fatal(err)
	}
}

// checkQueue checks how many of each thing in fillQueue are left. The delivery that
// applies webhooks stays: it has nothing to do.
func checkQueue(h *shopFixture, each int) {
	h.Helper()
	waiting := len(must[[]store.Event](h.T)(h.WaitingEvents(h.ctx, h.config.Shop.ID, 9)))
	_, failed, err := h.FailedEvents(h.ctx, h.config.Shop.ID, 9)
	if err != nil {
		h.Fatal(err)
	}
	reconciliations := len(must[[]chat.Reconciliation](h.T)(h.Reconciliations(h.ctx, h.config.Shop.ID)))
	deliveries := 0
	for _, d := range must[[]store.StoredDelivery](h.T)(store.Deliveries(h.ctx, h.Store, h.config.Shop.ID)) {
		if d.Kind == chat.Reconcile || d.Kind == chat.RefreshCustomer {
			deliveries++
		}
	}
	if waiting != each || failed != each || reconciliations != each || deliveries != 2*each {
		h.Errorf("%d waiting and %d failed events, %d reconciliations and %d deliveries are left, want %d of each", waiting, failed, reconciliations, deliveries, each)
	}
}

// An account that another shop is connected to is refused until it is disconnected
// there, also when both connect at the same time.
func TestConnectionTaken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		shops := []*shopFixture{newShop(t, s, "acme"), newShop(t, s, "other")}
		errs := make([]error, 2)
		var saving sync.WaitGroup
		for i, h := range shops {
			saving.Go(func() {
				c := vendorConnection(h.config.Shop.ID, chat.Shopify, "acme.myshopify.com")
				c.Endpoint = h.config.Shop.Name
				errs[i] = s.SaveConnection(h.ctx, c)
			})
		}
		saving.Wait()
		first, second := 0, 1
		if errs[0] != nil {
			first, second = 1, 0
		}
		var taken *chat.Error
		if errs[first] != nil || !errors.As(errs[second], &taken) || taken.Kind != chat.KindConflict || taken.Code != "taken" {
			t.Fatalf("got %v and %v", errs[0], errs[1])
		}
		late := vendorConnection(shops[second].config.Shop.ID, chat.Recharge, "acme.myshopify.com")
		if err := s.SaveConnection(t.Context(), late); err != nil {
			t.Errorf("the same store at the other vendor: %v", err)
		}
		if err := s.RemoveConnection(t.Context(), shops[first].config.Shop.ID, chat.Shopify, noon); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveConnection(t.Context(), vendorConnection(shops[second].config.Shop.ID, chat.Shopify, "acme.myshopify.com")); err != nil {
			t.Errorf("after it was removed elsewhere: %v", err)
		}
	})
}

// A connection that becomes active has its deliveries due now.
func TestConnectionStatus(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		c := vendorConnection(shop, chat.Recharge, "acme.myshopify.com")
		if err := s.SaveConnection(h.ctx, c); err != nil {
			t.Fatal(err)
		}
		postponed := chat.NewRefreshDelivery(c, "1", noon)
		postponed.Due = noon.Add(hour)
		post(h, postponed)
		broken := chat.Problem{Code: "scope", Text: "Allow read_orders."}
		for _, step := range []struct {
			status  chat.ConnectionStatus
			problem chat.Problem
			want    chat.ConnectionStatus
			due     int
		}{
			{chat.ConnectionBroken, broken, chat.ConnectionBroken, 0},
			{chat.ConnectionPaused, chat.Problem{}, chat.ConnectionPaused, 0},
			{chat.ConnectionBroken, broken, chat.ConnectionPaused, 0}, // a request that was under way
			{chat.ConnectionActive, broken, chat.ConnectionActive, 1},
		} {
			if err := s.SetConnectionStatus(h.ctx, shop, c.Vendor, step.status, step.problem, noon); err != nil {
				t.Fatal(err)
			}
			got := must[chat.Connection](t)(s.Connection(h.ctx, shop, c.Vendor))
			if got.Status != step.want || (got.Problem == broken) != (step.want == chat.ConnectionBroken) {
				t.Errorf("after %s: %s, %+v", step.status, got.Status, got.Problem)
			}
			if due := h.claim(c.VendorAccount(), 9, noon); len(due) != step.due {
				t.Errorf("after %s: due are %v", step.status, due)
			}
		}
	})
}

// RemoveConnection deletes what waits for the connection, and nothing else.
func TestRemoveConnection(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		fillVendors(h)
		c := must[chat.Connection](t)(s.Connection(h.ctx, shop, chat.Recharge))
		before := dump(t, s, shop)
		fillQueue(h, c)
		if err := s.RemoveConnection(h.ctx, shop, chat.Recharge, noon); err != nil {
			t.Fatal(err)
		}
		// The delivery that applies webhooks may stay.
		if err := store.Exec(h.ctx, s, `DELETE FROM deliveries WHERE kind = 'events'`); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveConnection(h.ctx, c); err != nil {
			t.Fatal(err)
		}
		got := must[chat.Connection](t)(s.Connection(h.ctx, shop, chat.Recharge))
		if got.FormerSecret != "" {
			t.Errorf("a removed connection leaves %+v", got)
		}
		if after := dump(t, s, shop); withoutSealed(after) != withoutSealed(before) {
			t.Errorf("removing it changed\n%s\nto\n%s", before, after)
		}
	})
}

// SaveRegistration saves what a check found, unless the vendor was connected again.
func TestSaveRegistration(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		c := vendorConnection(shop, chat.Shopify, "acme.myshopify.com")
		if err := s.SaveConnection(h.ctx, c); err != nil {
			t.Fatal(err)
		}
		checked := c
		checked.Registered, checked.Scopes, checked.Settings, checked.CheckedAt = []byte(`["2"]`), []string{"read_orders"}, []byte(`{"skip":true}`), noon.Add(hour)
		if err := s.SaveRegistration(h.ctx, checked); err != nil {
			t.Fatal(err)
		}
		if got := must[chat.Connection](t)(s.Connection(h.ctx, shop, chat.Shopify)); !reflect.DeepEqual(got, checked) {
			t.Errorf("got %+v, want %+v", got, checked)
		}
		stale := checked
		stale.Endpoint, stale.Registered = "former", []byte(`["3"]`)
		if err := s.SaveRegistration(h.ctx, stale); err != nil {
			t.Fatal(err)
		}
		if got := must[chat.Connection](t)(s.Connection(h.ctx, shop, chat.Shopify)); !reflect.DeepEqual(got, checked) {
			t.Errorf("after a check of the former connection: %+v", got)
		}
	})
}

// withoutSealed removes the sealed values of a dump, which differ each time.
func withoutSealed(dump string) string {
	return regexp.MustCompile(`(token|secret)=\S+`).ReplaceAllString(dump, "")
}
