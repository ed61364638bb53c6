package stories

import (
	"net/http"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/pretend/wire"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
)

// connectVendor connects a vendor on the whole program, and returns the job's state and
// its steps.
func connectVendor(t *testing.T, s *stage.Stage, access any) (state, steps string) {
	t.Helper()
	job := onboarding.RechargeConnect
	s.App.Jobs.Wait()
	switch access := access.(type) {
	case onboarding.ShopifyAccess:
		job = onboarding.ShopifyConnect
		stage.Must(t, s.App.Onboarding.ConnectShopify(t.Context(), s.Shop.ID, access))
	case onboarding.RechargeAccess:
		stage.Must(t, s.App.Onboarding.ConnectRecharge(t.Context(), s.Shop.ID, access))
	}
	s.App.Jobs.Wait()
	p, err := s.App.Store.Setup(t.Context(), s.Shop.ID, job)
	stage.Must(t, err)
	return p.State, string(p.Steps)
}

var (
	byApp    = onboarding.ShopifyAccess{Store: demo.Store, ClientID: demo.ShopifyClient, Secret: demo.ShopifySecret}
	byToken  = onboarding.RechargeAccess{Token: demo.RechargeToken, Secret: demo.RechargeSecret}
	rejected = wire.Fault{Act: wire.Answer, Status: http.StatusServiceUnavailable}
)

// TestConnectRefused: what a store refuses is named with what to do, nothing is kept,
// and the same access connects once the cause is gone.
func TestConnectRefused(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.Log.AddSecrets(demo.ShopifySecret, demo.RechargeToken, demo.RechargeSecret, "shpss_wrong", "sk_1x1_wrong", "shpat_revoked")
	shop, charges := s.World.Shopify, s.World.Recharge
	wrongSecret, unknownApp, old := byApp, byApp, onboarding.ShopifyAccess{Store: demo.Store, Token: "shpat_revoked", Secret: "shpss_1"}
	wrongSecret.Secret, unknownApp.ClientID = "shpss_wrong_one", "00000000000000000000000000000000"
	elsewhere := byApp
	elsewhere.Store = "not-there.myshopify.com"
	none := func() {}
	for name, test := range map[string]struct {
		access  any
		cause   func()
		restore func()
		says    []string
	}{
		"wrong secret":    {wrongSecret, none, none, []string{"does not accept the client ID with this secret", "Dev Dashboard"}},
		"unknown app":     {unknownApp, none, none, []string{"does not accept the client ID"}},
		"old token":       {old, none, none, []string{"refuses the access token"}},
		"no such store":   {elsewhere, none, none, []string{"knows no store at this address"}},
		"not permitted":   {byApp, func() { shop.RefuseShop(true) }, func() { shop.RefuseShop(false) }, []string{"another organisation"}},
		"frozen":          {byApp, func() { shop.SetUnavailable(402) }, func() { shop.SetUnavailable(0) }, []string{"frozen", "Billing"}},
		"locked":          {byApp, func() { shop.SetUnavailable(423) }, func() { shop.SetUnavailable(0) }, []string{"locked"}},
		"Shopify down":    {byApp, func() { shop.Faults.Add(rejected) }, func() { shop.Faults.Clear() }, []string{"problem right now"}},
		"wrong token":     {onboarding.RechargeAccess{Token: "sk_1x1_wrong", Secret: demo.RechargeSecret}, none, none, []string{"refuses the API token"}},
		"token as secret": {onboarding.RechargeAccess{Token: demo.RechargeToken, Secret: demo.RechargeToken}, none, none, []string{"not the token"}},
		"Recharge down":   {byToken, func() { charges.Faults.Add(rejected) }, func() { charges.Faults.Clear() }, []string{"does not answer"}},
	} {
		test.cause()
		state, steps := connectVendor(t, s, test.access)
		test.restore()
		if state != "failed" {
			t.Errorf("%s: %s %s", name, state, steps)
		}
		for _, words := range test.says {
			if !strings.Contains(steps, words) {
				t.Errorf("%s: %q is not in %s", name, words, steps)
			}
		}
	}
	all, err := s.App.Store.Connections(t.Context())
	stage.Must(t, err)
	if len(all) != 0 || len(shop.Subscriptions()) != 0 || len(charges.Hooks()) != 0 {
		t.Errorf("kept %d connections, %d and %d webhooks", len(all), len(shop.Subscriptions()), len(charges.Hooks()))
	}
	for _, access := range []any{byApp, byToken} {
		if state, steps := connectVendor(t, s, access); state != "done" {
			t.Errorf("in the end: %s %s", state, steps)
		}
	}
}

// TestConnectScopes: each needed scope that is missing is named, with where to set it.
func TestConnectScopes(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	optional := map[string]bool{"read_all_orders": true, "read_customer_merge": true}
	implied := map[string]string{"read_customers": "write_customers", "read_subscriptions": "write_subscriptions", "read_orders": "write_orders"}
	for _, scope := range onboarding.ScopeNames(chat.Shopify) {
		s.World.Shopify.RemoveScope(scope)
		if scope == "read_customers" {
			s.World.Shopify.RemoveScope("write_customers")
		}
		state, steps := connectVendor(t, s, byApp)
		if optional[scope] != (state == "done") || !strings.Contains(steps, "Create a version whose scopes include") || !strings.Contains(steps, scope) {
			t.Errorf("Shopify without %s: %s %s", scope, state, steps)
		}
		s.World.Shopify.AddScope(scope)
		if scope == "read_customers" {
			s.World.Shopify.AddScope("write_customers")
		}
	}
	for _, scope := range onboarding.ScopeNames(chat.Recharge) {
		s.World.Recharge.DropScope(scope)
		if implied[scope] != "" {
			s.World.Recharge.DropScope(implied[scope])
		}
		state, steps := connectVendor(t, s, byToken)
		if state != "failed" || !strings.Contains(steps, "Tools \\u0026 apps, API tokens") || !strings.Contains(steps, scope) {
			t.Errorf("Recharge without %s: %s %s", scope, state, steps)
		}
		s.World.Recharge.AddScope(scope)
		if implied[scope] != "" {
			s.World.Recharge.AddScope(implied[scope])
		}
	}
}
