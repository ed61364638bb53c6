package onboarding_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
	"sidetext/shopify"
	"sidetext/widget"
)

// A vendorTest is a shop at its vendors.
type vendorTest struct {
	*stage.Offline
	*stage.Vendors
}

func newVendorTest(t *testing.T) vendorTest {
	b := stage.NewOffline(t)
	return vendorTest{b, b.AddVendors()}
}

var shopifyAccess = onboarding.ShopifyAccess{Store: "https://willow.myshopify.com/admin", ClientID: "client-1", Secret: "secret-1"}
var rechargeAccess = onboarding.RechargeAccess{Token: "token-1", Secret: "secret-1"}

// run waits for a job and returns its state and steps, by id.
func (v vendorTest) run(what string, err error) (state string, steps map[string]widget.Step) {
	v.T.Helper()
	stage.Must(v.T, err)
	v.Jobs.Wait()
	setup, err := v.Store.Setup(context.Background(), v.Mine.ID, what)
	stage.Must(v.T, err)
	var all []widget.Step
	stage.Must(v.T, json.Unmarshal(setup.Steps, &all))
	steps = map[string]widget.Step{}
	for _, s := range all {
		steps[s.ID] = s
	}
	return setup.State, steps
}

func (v vendorTest) connectShopify(access onboarding.ShopifyAccess) (string, map[string]widget.Step) {
	v.T.Helper()
	return v.run(onboarding.ShopifyConnect, v.Onboarding.ConnectShopify(v.T.Context(), v.Mine.ID, access))
}

func (v vendorTest) connectRecharge(access onboarding.RechargeAccess) (string, map[string]widget.Step) {
	v.T.Helper()
	return v.run(onboarding.RechargeConnect, v.Onboarding.ConnectRecharge(v.T.Context(), v.Mine.ID, access))
}

func (v vendorTest) webhooks() onboarding.Registered {
	v.T.Helper()
	r, err := onboarding.RegisteredBy(v.Connected(v.Mine.ID, chat.Shopify))
	stage.Must(v.T, err)
	return r
}

func TestConnectShopify(t *testing.T) {
	t.Parallel()
	v := newVendorTest(t)
	v.Vendors.Shopify.Hooks = []shopify.Webhook{
		{ID: "foreign", Topic: "orders/create", Address: "https://erp.example/orders"},
		{ID: "stale", Topic: "orders/create", Address: v.Web.PublicURL + "/hooks/shopify/gone"},
	}
	state, steps := v.connectShopify(shopifyAccess)
	for id, want := range map[string]string{
		"reach": "willow.myshopify.com answers.", "access": "accepts the client ID", "scope/read_orders": "Granted. ", "shop": "Willow, time zone America/New_York, currency USD, plan Grow.",
		"orders": "20 orders read, 19 with a phone", "keep": "Stored encrypted.", "webhooks": " of them new or repaired.", "import": "It has started.",
	} {
		if s := steps[id]; s.State != widget.Done || !strings.Contains(s.Detail, want) {
			t.Errorf("%s: %+v", id, s)
		}
	}
	c := v.Connected(v.Mine.ID, chat.Shopify)
	if state != "done" || c.Account != "willow.myshopify.com" || c.ClientID != "client-1" || c.Secret != "secret-1" || c.Status != chat.ConnectionActive ||
		len(c.Endpoint) < 40 || c.ConnectedAt.IsZero() || c.CheckedAt.IsZero() || !slices.Contains(c.Scopes, "read_orders") {
		t.Errorf("%s, connected as %+v", state, c)
	}
	ours := 0
	for _, w := range v.Vendors.Shopify.Hooks {
		switch {
		case w.Address == v.Web.PublicURL+"/hooks/shopify/"+c.Endpoint:
			ours++
		case w.ID != "foreign":
			t.Errorf("there is %+v", w)
		}
	}
	if registered := len(v.webhooks().Webhooks); ours != registered || ours < 10 || !slices.ContainsFunc(v.Vendors.Shopify.Hooks, func(w shopify.Webhook) bool { return w.ID == "foreign" }) {
		t.Errorf("%d webhooks, %d known, of %+v", ours, registered, v.Vendors.Shopify.Hooks)
	}
	if len(v.Started) != 1 || !v.Started[0].Since.IsZero() || !slices.Contains(v.Started[0].Parts, "orders") {
		t.Errorf("reading has started %+v", v.Started)
	}
}

func TestConnectShopifyFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		with  func(*stage.Vendors)
		step  string // that fails, or warns
		state widget.Progress
		text  []string
		kept  bool
	}{
		"not reachable": {func(v *stage.Vendors) { v.Shopify.Fails["Installation"] = stage.Unreachable }, "reach", widget.Failed, []string{"can’t be reached"}, false},
		"other organization": {func(v *stage.Vendors) {
			v.Shopify.Fails["Installation"] = stage.Refused("token", "The app belongs to another organization than the store.", true)
		}, "access", widget.Failed, []string{"another organization"}, false},
		"a scope is missing": {func(v *stage.Vendors) {
			v.Shopify.Installed.Scopes = slices.DeleteFunc(v.Shopify.Installed.Scopes, func(s string) bool { return s == "read_orders" })
		}, "scope/read_orders", widget.Failed, []string{"Not granted. ", "Dev Dashboard", "Versions", "read_orders", "release"}, false},
		"an optional scope is missing": {func(v *stage.Vendors) {
			v.Shopify.Installed.Scopes = slices.DeleteFunc(v.Shopify.Installed.Scopes, func(s string) bool { return s == "read_all_orders" })
		}, "scope/read_all_orders", widget.Warned, []string{"optional", "60 days"}, true},
		"contacts are hidden": {func(v *stage.Vendors) { v.Shopify.Read = shopify.TestRead{Orders: 20} }, "orders", widget.Warned, []string{"protected customer data"}, true},
		"no orders":           {func(v *stage.Vendors) { v.Shopify.Read = shopify.TestRead{} }, "orders", widget.Done, []string{"no orders yet"}, true},
		"orders are refused": {func(v *stage.Vendors) {
			v.Shopify.Fails["TestRead"] = stage.Refused("scope", "No access to orders.", true)
		}, "orders", widget.Failed, []string{"No access to orders."}, false},
		"webhooks fail": {func(v *stage.Vendors) { v.Shopify.Fails["Webhooks"] = stage.Unreachable }, "webhooks", widget.Warned, []string{"can’t be reached", "tries again"}, true},
		"a webhook is refused": {func(v *stage.Vendors) {
			v.Shopify.Fails["CreateWebhook CUSTOMERS_MERGE"] = stage.Refused("scope", "It needs read_customer_merge.", true)
		}, "webhooks", widget.Warned, []string{"1 webhook could not be registered (customers/merge)", "It needs read_customer_merge."}, true},
		"webhooks time out": {func(v *stage.Vendors) { v.Shopify.Fails["CreateWebhook"] = stage.Unreachable }, "webhooks", widget.Warned, []string{"could not be registered yet"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVendorTest(t)
			test.with(v.Vendors)
			state, steps := v.connectShopify(shopifyAccess)
			s := steps[test.step]
			if s.State != test.state {
				t.Errorf("the step is %+v", s)
			}
			for _, text := range test.text {
				if !strings.Contains(s.Detail+s.Fix, text) {
					t.Errorf("%q is missing in %+v", text, s)
				}
			}
			kept := v.Connected(v.Mine.ID, chat.Shopify).Shop != ""
			if kept != test.kept || (state == "done") != test.kept || (len(v.Started) == 1) != test.kept {
				t.Errorf("%s, kept: %v, reading: %v", state, kept, v.Started)
			}
		})
	}
}

// TestEachMissingScopeIsNamed: all missing scopes are shown at once.
func TestEachMissingScopeIsNamed(t *testing.T) {
	t.Parallel()
	v := newVendorTest(t)
	v.Vendors.Shopify.Installed.Scopes = []string{"read_products"}
	_, steps := v.connectShopify(onboarding.ShopifyAccess{Store: "willow", Token: "shpat_1", Secret: "secret"})
	for _, id := range []string{"scope/read_customers", "scope/write_customers", "scope/read_orders"} {
		if s := steps[id]; s.State != widget.Failed || !strings.Contains(s.Fix, "Develop apps") {
			t.Errorf("%s: %+v", id, s)
		}
	}
	if s := steps["orders"]; s.State != widget.Waiting {
		t.Errorf("afterwards: %+v", s)
	}
}

func TestReplaceShopify(t *testing.T) {
	t.Parallel()
	v := newVendorTest(t)
	v.connectShopify(shopifyAccess)
	before := v.Connected(v.Mine.ID, chat.Shopify)
	hooks := slices.Clone(v.Vendors.Shopify.Hooks)

	next := shopifyAccess
	next.Secret = "secret-2"
	v.connectShopify(next)
	after := v.Connected(v.Mine.ID, chat.Shopify)
	if after.Endpoint != before.Endpoint || after.FormerSecret != "secret-1" || !slices.Equal(v.Vendors.Shopify.Hooks, hooks) {
		t.Errorf("with a new secret: %+v, webhooks %+v", after, v.Vendors.Shopify.Hooks)
	}

	next.Store = "oak"
	_, steps := v.connectShopify(next)
	after = v.Connected(v.Mine.ID, chat.Shopify)
	if after.Endpoint == before.Endpoint || after.Account != "oak.myshopify.com" || steps["former"].State != widget.Done {
		t.Errorf("of another store: %+v, %+v", after, steps["former"])
	}
	for _, w := range v.Vendors.Shopify.Hooks {
		if !strings.HasSuffix(w.Address, after.Endpoint) {
			t.Errorf("there still is %+v", w)
		}
	}

	v.Vendors.Shopify.Fails["Installation"] = stage.Refused("token", "The secret is wrong.", true)
	next.Secret = "wrong"
	v.connectShopify(next)
	if c := v.Connected(v.Mine.ID, chat.Shopify); c.Secret != "secret-2" || c.Status != chat.ConnectionActive {
		t.Errorf("after a failed replacement: %+v", c)
	}
}

func TestConnectRefusesOtherHosts(t *testing.T) {
	t.Parallel()
	v := newVendorTest(t)
	var problem *chat.Error
	for _, store := range []string{"", "https://evil.example/willow.myshopify.com", "willow.myshopify.com.evil.example"} {
		err := v.Onboarding.ConnectShopify(t.Context(), v.Mine.ID, onboarding.ShopifyAccess{Store: store, Token: "shpat_1", Secret: "s"})
		if !errors.As(err, &problem) || problem.Kind != chat.KindInvalid {
			t.Errorf("%q answers %v", store, err)
		}
	}
}

func TestDisconnectVendor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fails string
		state widget.Progress
		left  int
	}{"answers": {"", widget.Done, 1}, "refuses": {"Webhooks", widget.Warned, -1}, "refuses one": {"DeleteWebhook", widget.Warned, -1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVendorTest(t)
			v.Vendors.Shopify.Hooks = []shopify.Webhook{{ID: "foreign", Topic: "orders/create", Address: "https://erp.example/orders"}}
			v.connectShopify(shopifyAccess)
			if test.fails != "" {
				v.Vendors.Shopify.Fails[test.fails] = stage.Refused("token", "Shopify refuses the secret.", true)
			}
			state, steps := v.run(onboarding.ShopifyDisconnect, v.Onboarding.DisconnectVendor(t.Context(), v.Mine.ID, chat.Shopify))
			if state != "done" || steps["webhooks"].State != test.state || steps["forget"].State != widget.Done || v.Connected(v.Mine.ID, chat.Shopify).Shop != "" {
				t.Errorf("%s: %+v", state, steps)
			}
			if test.left > 0 && len(v.Vendors.Shopify.Hooks) != test.left {
				t.Errorf("left are %+v", v.Vendors.Shopify.Hooks)
			}
			if err := v.Onboarding.DisconnectVendor(t.Context(), v.Mine.ID, chat.Shopify); !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("once more: %v", err)
			}
		})
	}
}
