package recharge

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/chat"
	pretend "sidetext/pretend/recharge"
	"sidetext/pretend/wire"
)

// simulated runs test against a simulated store with a customer who has two
// subscriptions.
func simulated(t *testing.T, test func(*testing.T, *pretend.Recharge, *Client, Directory)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		day := pretend.Text(time.Now().In(eastern()).AddDate(0, 0, 10).Format(time.DateOnly))
		store := pretend.New(pretend.Account{
			Store: "acme.myshopify.com", Name: "Acme", Email: "ada@acme.example", Token: token, ClientSecret: string(testSecret),
			Customers: []pretend.Customer{{ID: 33, Email: "jane@example.com", FirstName: "Jane", LastName: "Doe", Phone: "(415) 555-0123", External: "601"}},
			Addresses: []pretend.Address{{ID: 22, CustomerID: 33, Address1: "1 Main St", City: "Austin", Province: "Texas", Zip: "78701", Phone: "555-0199"}},
			Subscriptions: []pretend.Subscription{
				{ID: 11, AddressID: 22, Product: "Coffee", Variant: "250 g", VariantID: "55", ProductID: "5", Price: "24.50", Quantity: 2, Next: day},
				{ID: 12, AddressID: 22, Product: "Tea", VariantID: "66", ProductID: "6", Price: "9.00", Next: day, Unit: "week", Every: 4},
			},
			PaymentMethods: []pretend.PaymentMethod{{ID: 7, CustomerID: 33, Type: "CREDIT_CARD", Status: "valid"}},
			Plans:          []pretend.Plan{{ID: 3, ProductID: "5", Unit: "week", Every: 2}},
			Variants:       []pretend.Variant{{ID: "56", ProductID: "5", Product: "Coffee", Title: "1 kg", Price: "80.00"}, {ID: "77", ProductID: "8", Product: "Filter", Price: "5.00"}},
			Discounts:      []pretend.Discount{{ID: 5, Code: "SAVE10", Value: "10.00", Type: "percentage"}},
			Strategies:     []pretend.Strategy{{ID: 1, Reason: "Too much", Incentive: "delay_subscription"}},
		})
		t.Cleanup(store.Close)
		_, accounts := newStore(t, Limits{}, store.ServeHTTP)
		test(t, store, clientOf(t, accounts), Directory{accounts})
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestSimulatedReads makes every call that reads.
func TestSimulatedReads(t *testing.T) {
	simulated(t, func(t *testing.T, _ *pretend.Recharge, c *Client, _ Directory) {
		ctx := t.Context()
		must := func(what string, ok bool, err error) {
			t.Helper()
			if err != nil || !ok {
				t.Errorf("%s: %v, %v", what, ok, err)
			}
		}
		token, err := c.Token(ctx)
		must("token", len(token.Scopes) > 5 && token.Email != "", err)
		store, err := c.Store(ctx)
		must("store", store.Domain == "acme.myshopify.com" && store.TimeZone != "", err)
		settings, err := c.ShopSettings(ctx)
		must("settings", ParseSettings(settings).Known() && ParseSettings(settings).Allows(MaySkip), err)
		must("test read", true, c.TestRead(ctx))
		customers, err := c.CustomersByEmail(ctx, "jane@example.com", Addresses, Subscriptions, PaymentMethods)
		must("by e-mail", len(customers) == 1 && len(customers[0].Addresses) == 1 && len(customers[0].Subscriptions) == 2 && len(customers[0].PaymentMethods) == 1, err)
		customers, err = c.CustomersByShopifyID(ctx, "601")
		must("by Shopify id", len(customers) == 1 && customers[0].Name() == "Jane Doe", err)
		subscriptions, err := c.Subscriptions(ctx, "33", "active")
		must("subscriptions", len(subscriptions) == 2 && subscriptions[0].Price != "" && subscriptions[0].Interval.Unit != "", err)
		charges, err := c.Charges(ctx, "33", "queued")
		must("charges", len(charges) > 0 && len(charges[0].Items) == 2 && charges[0].ScheduledOn != "", err)
		charge, err := c.Charge(ctx, charges[0].ID)
		must("charge", charge.Total == charges[0].Total, err)
		_, err = c.RecentCharges(ctx, "33", 50)
		must("recent charges", true, err)
		schedule, err := c.Schedule(ctx, "33")
		next, ok := schedule.Next()
		must("schedule", ok && next.Date == charges[0].ScheduledOn && next.Orders[0].Items[0].Skippable, err)
		_, err = c.Orders(ctx, "33", 3)
		must("orders", true, err)
		_, err = c.Onetimes(ctx, "33")
		must("onetimes", true, err)
		methods, err := c.PaymentMethods(ctx, "33")
		must("payment methods", len(methods) == 1, err)
		plans, err := c.Plans(ctx, "5")
		must("plans", len(plans) == 1 && plans[0].Interval.Unit == "week" && plans[0].Shown, err)
		strategies, err := c.RetentionStrategies(ctx)
		must("strategies", len(strategies) == 1 && strategies[0].Incentive == "delay_subscription", err)
	})
}

// TestSimulatedChanges makes every call that changes something, reads each change back,
// and so waits for the rebuild of the charges after each.
func TestSimulatedChanges(t *testing.T) {
	simulated(t, func(t *testing.T, _ *pretend.Recharge, c *Client, _ Directory) {
		subscription := func(ctx context.Context) (Subscription, error) { return c.Subscription(ctx, "11") }
		queued := func(ctx context.Context) ([]Charge, error) { return c.Charges(ctx, "33", "queued") }
		seen := func(what string, ok bool, err error) {
			t.Helper()
			if err != nil || !ok {
				t.Errorf("%s: seen %v, %v", what, ok, err)
			}
		}
		inDays := func(n int) string { return time.Now().In(eastern()).AddDate(0, 0, n).Format(time.DateOnly) }
		err := c.Change(t.Context(), "33", func(ctx context.Context, w *Writer) error {
			charges, err := queued(ctx)
			if err != nil {
				return err
			}
			first := charges[0]
			_, err = w.Skip(ctx, first.ID, "11", "12")
			seen("skip", true, err)
			_, ok, err := Await(ctx, func(ctx context.Context) ([]Charge, error) { return c.Charges(ctx, "33", "skipped") }, func(l []Charge) bool { return len(l) > 0 })
			seen("skipped", ok, err)
			_, err = w.Unskip(ctx, first.ID, "11", "12")
			seen("unskip", true, err)
			last, ok, err := Await(ctx, queued, func(l []Charge) bool {
				return l[0].ScheduledOn == first.ScheduledOn && len(l[0].Items) == 2 && !l[0].Uncommitted
			})
			seen("unskipped", ok, err)
			_, err = w.MoveCharge(ctx, last[0].ID, inDays(12))
			seen("move", true, err)
			_, ok, err = Await(ctx, queued, func(l []Charge) bool { return l[0].ScheduledOn == inDays(12) })
			seen("moved", ok, err)

			_, err = w.SetNextCharge(ctx, "11", inDays(20), false)
			seen("set next charge", true, err)
			_, ok, err = Await(ctx, subscription, func(s Subscription) bool { return s.NextCharge == inDays(20) })
			seen("next charge", ok, err)
			_, err = w.Later().SetQuantity(ctx, "11", 3)
			seen("set quantity", true, err)
			_, err = w.SetInterval(ctx, "11", Interval{"week", 2, 2})
			seen("set interval", true, err)
			_, err = w.Swap(ctx, "11", "56")
			seen("swap", true, err)
			s, ok, err := Await(ctx, subscription, func(s Subscription) bool { return s.VariantID == "56" && s.Quantity == 3 && s.Interval.Order == 2 })
			seen("swapped", ok && s.Price == "80.00", err)
			_, err = w.Cancel(ctx, "11", Cancellation{Reason: "Too much", Comments: "by SMS"})
			seen("cancel", true, err)
			_, ok, err = Await(ctx, subscription, func(s Subscription) bool { return s.Status == "cancelled" && s.NextCharge == "" })
			seen("cancelled", ok, err)
			_, err = w.Reactivate(ctx, "11")
			seen("reactivate", true, err)
			_, ok, err = Await(ctx, subscription, func(s Subscription) bool { return s.Status == "active" && s.NextCharge != "" })
			seen("active", ok, err)

			o, err := w.AddOnetime(ctx, OnetimeDraft{AddressID: "22", VariantID: "77", Quantity: 1})
			seen("add onetime", o.Product == "Filter", err)
			_, err = w.ChangeOnetime(ctx, o.ID, OnetimeChange{Quantity: 2})
			seen("change onetime", true, err)
			seen("remove onetime", true, w.RemoveOnetime(ctx, o.ID))
			_, err = w.ChangeAddress(ctx, "22", AddressChange{Address1: new("2 Main St"), Address2: new("")})
			seen("address", true, err)
			a, err := w.SetDiscount(ctx, "22", "SAVE10")
			seen("discount", a.Address1 == "2 Main St", err)
			schedule, err := c.Schedule(ctx, "33")
			if len(schedule.Deliveries) > 2 {
				d := schedule.Deliveries[2]
				_, err = w.SkipDate(ctx, "22", d.Date, d.Orders[0].Items[0].SubscriptionID)
			}
			seen("skip date", len(schedule.Deliveries) > 2, err)
			last, err = queued(ctx)
			seen("queued", len(last) > 0, err)
			p, err := w.ProcessCharge(ctx, last[0].ID)
			seen("process", p.Status == "success", err)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if err := c.SendAccountAccess(t.Context(), "33"); err != nil {
			t.Error(err)
		}
		if err := c.SendCardUpdate(t.Context(), "33", "22", "7"); err != nil {
			t.Error(err)
		}
	})
}

// TestSimulatedWebhooks registers all topics, and verifies and parses what arrives.
func TestSimulatedWebhooks(t *testing.T) {
	simulated(t, func(t *testing.T, store *pretend.Recharge, c *Client, d Directory) {
		ctx := t.Context()
		var mu sync.Mutex // webhooks are sent at the same time
		received := map[string]int{}
		store.Webhooks.SetTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			topic := strings.TrimPrefix(r.URL.Path, "/")
			if err := Verify([]chat.Secret{testSecret}, r.Header.Get, body, time.Now()); err != nil {
				t.Errorf("%s: %v", topic, err)
			}
			u, err := d.Parse(topic, body)
			if err != nil {
				t.Errorf("%s: %v", topic, err)
			}
			mu.Lock()
			defer mu.Unlock()
			received[topic] += len(u.Subscriptions) + len(u.Charges) + len(u.Customers)
			return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
		}))
		for _, topic := range Topics {
			if w, err := c.CreateWebhook(ctx, topic, "http://127.0.0.1:1/"+topic); err != nil || w.Topic != topic {
				t.Errorf("%s: got %+v, %v", topic, w, err)
			}
		}
		hooks, err := c.Webhooks(ctx)
		if err != nil || len(hooks) != len(Topics) {
			t.Fatalf("%d webhooks, %v", len(hooks), err)
		}
		err = c.Change(ctx, "33", func(ctx context.Context, w *Writer) error {
			if _, err := w.SetQuantity(ctx, "11", 3); err != nil {
				return err
			}
			_, err := w.Cancel(ctx, "12", Cancellation{Reason: "Too much"})
			return err
		})
		if err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute) // the rebuild, and the webhooks about it
		for _, topic := range []string{"subscription/updated", "subscription/cancelled", "charge/updated"} {
			if func() bool { mu.Lock(); defer mu.Unlock(); return received[topic] == 0 }() {
				t.Errorf("nothing received for %s: %v", topic, received)
			}
		}
		for _, part := range d.Parts() {
			u, next, err := d.Page(ctx, testConnection, part, "", time.Time{})
			if err != nil || next != "" || len(u.Customers)+len(u.Subscriptions)+len(u.Charges) == 0 {
				t.Errorf("%s: got %+v, %q, %v", part, u, next, err)
			}
			if _, _, err := d.Page(ctx, testConnection, part, "bad", time.Now()); err == nil {
				t.Errorf("%s: a page was read with a cursor that is none", part)
			}
		}
		u, err := d.Refresh(ctx, testConnection, "33")
		if err != nil || len(u.Subscriptions) != 2 || len(u.Charges) == 0 {
			t.Errorf("got %+v, %v", u, err)
		}
		if err := c.DeleteWebhook(ctx, hooks[0].ID); err != nil {
			t.Error(err)
		}
		store.DropScope("write_notifications")
		if s := sendErrorOf(t, c.SendAccountAccess(ctx, "33")); s.Problem.Code != "scope" {
			t.Errorf("without the scope: %+v", s)
		}
		store.Faults.Add(wire.Fault{Act: wire.Answer, Status: http.StatusConflict, Times: 2})
		if _, err := c.Charges(ctx, "33"); err != nil {
			t.Error(err)
		}
		store.SetToken("another")
		if s := sendErrorOf(t, c.TestRead(ctx)); s.Problem.Code != "token" || !s.WholeAccount {
			t.Errorf("with another token: %+v", s)
		}
	})
}
