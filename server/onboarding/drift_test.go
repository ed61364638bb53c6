package onboarding_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
	"sidetext/shopify"
)

// TestCheckVendors: what has changed at a vendor is found and mended, or the
// connection's problem says what to do.
func TestCheckVendors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		with    func(vendorTest, *chat.Connection)
		status  chat.ConnectionStatus
		problem string
		fails   bool // and is checked again in the next round
		read    bool // what has changed since
		resumed bool
		asked   bool // Shopify got a request
	}{
		"all is right":     {with: func(vendorTest, *chat.Connection) {}, status: chat.ConnectionActive, asked: true},
		"checked just now": {with: func(v vendorTest, c *chat.Connection) { c.CheckedAt = v.Onboarding.Now().Add(-30 * time.Minute) }, status: chat.ConnectionActive},
		"paused":           {with: func(_ vendorTest, c *chat.Connection) { c.Status = chat.ConnectionPaused }, status: chat.ConnectionPaused},
		"a webhook was deleted": {with: func(v vendorTest, _ *chat.Connection) { v.Vendors.Shopify.Hooks = v.Vendors.Shopify.Hooks[1:] },
			status: chat.ConnectionActive, read: true, resumed: true, asked: true},
		"a wrong address": {with: func(v vendorTest, c *chat.Connection) {
			v.Vendors.Shopify.Hooks[2].Address = "https://old.example/hooks/shopify/" + c.Endpoint
		}, status: chat.ConnectionActive, read: true, resumed: true, asked: true},
		"a scope was taken away": {with: func(v vendorTest, _ *chat.Connection) {
			v.Vendors.Shopify.Installed.Scopes = slices.DeleteFunc(v.Vendors.Shopify.Installed.Scopes, func(s string) bool { return s == "read_orders" })
		}, status: chat.ConnectionBroken, problem: "Shopify has not granted the scope read_orders. In Shopify’s Dev Dashboard", asked: true},
		"the token is refused": {with: func(v vendorTest, _ *chat.Connection) {
			v.Vendors.Shopify.Fails["Installation"] = stage.Refused("token", "Shopify refuses the secret. Enter a new one.", true)
		}, status: chat.ConnectionBroken, problem: "Shopify refuses the secret.", asked: true},
		"frozen while webhooks are read": {with: func(v vendorTest, _ *chat.Connection) {
			v.Vendors.Shopify.Fails["Webhooks"] = stage.Refused("shop_closed", "The store is frozen.", true)
		}, status: chat.ConnectionBroken, problem: "The store is frozen.", asked: true},
		"no answer": {with: func(v vendorTest, _ *chat.Connection) { v.Vendors.Shopify.Fails["Installation"] = stage.Unreachable }, status: chat.ConnectionActive, fails: true, asked: true},
		"no answer while broken": {with: func(v vendorTest, c *chat.Connection) {
			c.Status, c.Problem = chat.ConnectionBroken, chat.Problem{Code: "token", Text: "Refused."}
			v.Vendors.Shopify.Fails["Installation"] = stage.Unreachable
		}, status: chat.ConnectionBroken, problem: "Refused.", fails: true, asked: true},
		"refused after the app was removed": {with: func(v vendorTest, c *chat.Connection) {
			c.Status, c.Problem = chat.ConnectionBroken, chat.Problem{Code: chat.ProblemUninstalled, Text: "The app was removed."}
			v.Vendors.Shopify.Fails["Installation"] = stage.Refused("token", "Another organisation.", true)
		}, status: chat.ConnectionBroken, problem: "The app was removed.", asked: true},
		"works again": {with: func(_ vendorTest, c *chat.Connection) {
			c.Status, c.Problem = chat.ConnectionBroken, chat.Problem{Code: "token", Text: "Refused."}
		}, status: chat.ConnectionActive, read: true, resumed: true, asked: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVendorTest(t)
			v.connectShopify(shopifyAccess)
			var log bytes.Buffer
			v.Onboarding.Log = slog.New(slog.NewTextHandler(&log, nil))
			now := v.Store.Now().Add(3 * time.Hour)
			v.Onboarding.Now = func() time.Time { return now }
			var resumed []string
			v.App.Events.Handlers.On(cluster.AccountResumed, func(e hub.Event) { resumed = append(resumed, e.Subject) })
			complete := v.Store.Now().Add(-24 * time.Hour)
			for _, part := range v.Started[0].Parts {
				v.Lists = append(v.Lists, chat.Reconciliation{Shop: v.Mine.ID, Vendor: chat.Shopify, Part: part, StartedAt: complete, EndedAt: complete.Add(time.Minute)})
			}
			v.Started, v.Vendors.Shopify.Calls = nil, nil
			c := v.Connected(v.Mine.ID, chat.Shopify)
			checked := c.CheckedAt
			test.with(v, &c)
			checked = latest(checked, c.CheckedAt)
			v.Connect(c)
			foreign := shopify.Webhook{ID: "foreign", Topic: "orders/create", Address: "https://erp.example/orders"}
			v.Vendors.Shopify.Hooks = append(v.Vendors.Shopify.Hooks, foreign)

			err := v.Onboarding.CheckVendors(t.Context())
			if (err != nil) != test.fails {
				t.Errorf("answers %v", err)
			}
			after := v.Connected(v.Mine.ID, chat.Shopify)
			if after.Status != test.status || !strings.HasPrefix(after.Problem.Text, test.problem) || (test.problem == "") != (after.Problem.Text == "") {
				t.Errorf("%s: %+v", after.Status, after.Problem)
			}
			if again := after.CheckedAt.Equal(checked); again != (test.fails || !test.asked) {
				t.Errorf("checked at %s, before %s", after.CheckedAt, checked)
			}
			if test.read != (len(v.Started) == 1) || test.read && !v.Started[0].Since.Equal(complete.Add(-time.Hour)) {
				t.Errorf("reading has started %+v", v.Started)
			}
			if test.resumed != slices.Contains(resumed, "shopify/willow.myshopify.com") {
				t.Errorf("resumed are %v", resumed)
			}
			if asked := len(v.Vendors.Shopify.Calls) > 0; asked != test.asked {
				t.Errorf("Shopify got %v", v.Vendors.Shopify.Calls)
			}
			if !slices.Contains(v.Vendors.Shopify.Hooks, foreign) {
				t.Error("another program's webhook is gone")
			}
			if test.asked && test.status == chat.ConnectionActive && !test.fails {
				wanted := len(v.webhooks().Webhooks)
				right := 0
				for _, w := range v.Vendors.Shopify.Hooks {
					if w.Address == v.Web.PublicURL+"/hooks/shopify/"+c.Endpoint {
						right++
					}
				}
				if right != wanted || wanted < 10 {
					t.Errorf("%d webhooks are right, of %d", right, wanted)
				}
			}
			for _, secret := range []string{"secret-1", "willow.myshopify.com", "refuses the secret", "anna@"} {
				if strings.Contains(log.String(), secret) {
					t.Errorf("the log has %q: %s", secret, log.String())
				}
			}
			if sql := strings.Count(strings.Join(v.Vendors.Shopify.Calls, "\n"), "CreateWebhook"); name == "all is right" && sql > 0 {
				t.Errorf("%d webhooks were registered again", sql)
			}
		})
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// TestCheckWaitsForMerchant: a check in the background leaves alone what a merchant's
// job is changing.
func TestCheckWaitsForMerchant(t *testing.T) {
	t.Parallel()
	v := newVendorTest(t)
	v.connectShopify(shopifyAccess)
	v.Onboarding.Now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	held, err := v.Store.AcquireLease(t.Context(), "setup/"+string(v.Mine.ID)+"/shopify", v.Store.Now(), time.Minute)
	stage.Must(t, err)
	if !held.Held {
		t.Fatal("the lease is not free")
	}
	v.Vendors.Shopify.Calls = nil
	other := v.SecondStore(t)
	v.Onboarding.Jobs = onboarding.NewJobs(other, other.Now, slog.New(slog.DiscardHandler))
	stage.Must(t, v.Onboarding.CheckVendors(t.Context()))
	if len(v.Vendors.Shopify.Calls) > 0 {
		t.Errorf("Shopify got %v", v.Vendors.Shopify.Calls)
	}
}

func TestCheckNow(t *testing.T) {
	t.Parallel()
	v := newVendorTest(t)
	if err := v.Onboarding.CheckVendor(t.Context(), v.Mine.ID, chat.Recharge); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("what is not connected: %v", err)
	}
	v.connectRecharge(rechargeAccess)
	v.Vendors.Recharge.Fails["Token"] = stage.Refused("token", "Recharge refuses the token.", true)
	state, steps := v.run(onboarding.RechargeCheck, v.Onboarding.CheckVendor(t.Context(), v.Mine.ID, chat.Recharge))
	if c := v.Connected(v.Mine.ID, chat.Recharge); state != "failed" || steps["token"].Detail != "Recharge refuses the token." || c.Status != chat.ConnectionBroken {
		t.Errorf("%s: %+v, %s", state, steps["token"], c.Status)
	}
	delete(v.Vendors.Recharge.Fails, "Token")
	state, _ = v.run(onboarding.RechargeCheck, v.Onboarding.CheckVendor(t.Context(), v.Mine.ID, chat.Recharge))
	if c := v.Connected(v.Mine.ID, chat.Recharge); state != "done" || c.Status != chat.ConnectionActive || c.Problem.Text != "" {
		t.Errorf("%s: %+v", state, c.Problem)
	}
}

func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	v := newVendorTest(t)
	ctx := context.Background()
	if err := v.Onboarding.PauseVendor(ctx, v.Mine.ID, chat.Shopify); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("pausing what is not connected: %v", err)
	}
	v.connectShopify(shopifyAccess)
	conflict := func(err error) bool {
		var problem *chat.Error
		return errors.As(err, &problem) && problem.Kind == chat.KindConflict
	}
	if !conflict(v.Onboarding.ResumeVendor(ctx, v.Mine.ID, chat.Shopify)) {
		t.Error("what is not paused is resumed")
	}
	stage.Must(t, v.Onboarding.PauseVendor(ctx, v.Mine.ID, chat.Shopify))
	v.Vendors.Shopify.Calls, v.Started = nil, nil
	if c := v.Connected(v.Mine.ID, chat.Shopify); c.Status != chat.ConnectionPaused {
		t.Errorf("it is %s", c.Status)
	}
	if !conflict(v.Onboarding.PauseVendor(ctx, v.Mine.ID, chat.Shopify)) || !conflict(v.Onboarding.CheckVendor(ctx, v.Mine.ID, chat.Shopify)) {
		t.Error("what is paused is paused again, or checked")
	}
	if len(v.Vendors.Shopify.Calls) > 0 || len(v.Vendors.Shopify.Hooks) == 0 {
		t.Errorf("Shopify got %v; there are %d webhooks", v.Vendors.Shopify.Calls, len(v.Vendors.Shopify.Hooks))
	}
	stage.Must(t, v.Onboarding.ResumeVendor(ctx, v.Mine.ID, chat.Shopify))
	if c := v.Connected(v.Mine.ID, chat.Shopify); c.Status != chat.ConnectionActive || len(v.Started) != 1 {
		t.Errorf("it is %s; reading has started %+v", c.Status, v.Started)
	}
}

// TestCheckVendorsTogether: a vendor that does not answer keeps no other connection from
// being checked.
func TestCheckVendorsTogether(t *testing.T) {
	t.Parallel()
	v := newVendorTest(t)
	for _, vendor := range chat.Vendors() {
		v.Vendors.Connect(chat.Connection{Shop: v.Mine.ID, Vendor: vendor, Account: "willow.myshopify.com", Token: "t", Secret: "s", Endpoint: string(vendor), Status: chat.ConnectionActive})
	}
	var both sync.WaitGroup // ends when both checks have begun
	both.Add(2)
	original := v.Onboarding.Vendors
	v.Onboarding.Vendors = onboarding.Vendors{
		Shopify: func(c chat.Connection, b bool) (onboarding.ShopifyClient, error) {
			both.Done()
			both.Wait()
			return original.Shopify(c, b)
		},
		Recharge: func(c chat.Connection, b bool) (onboarding.RechargeClient, error) {
			both.Done()
			both.Wait()
			return original.Recharge(c, b)
		},
	}
	stage.Must(t, v.Onboarding.CheckVendors(t.Context()))
	for _, vendor := range chat.Vendors() {
		if v.Connected(v.Mine.ID, vendor).CheckedAt.IsZero() {
			t.Errorf("%s was not checked", vendor)
		}
	}
}
