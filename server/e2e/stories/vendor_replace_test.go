package stories

import (
	"net/http"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/pretend/recharge"
	"sidetext/pretend/wire"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
)

// postToRecharge sends a webhook that is signed with a secret, and returns the status.
func postToRecharge(t *testing.T, s *stage.Stage, secret, path, body string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(body))
	stage.Must(t, err)
	r.Header = recharge.Sign(secret, s.App.Store.Now(), []byte(body))
	res, err := http.DefaultClient.Do(r)
	stage.Must(t, err)
	stage.Must(t, res.Body.Close())
	return res.StatusCode
}

// TestReplaceAccess: with another secret, webhooks that were signed with the former one
// are still accepted, the address stays, and no webhook is registered twice.
func TestReplaceAccess(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.ConnectVendors()
	before, hooks := connection(t, s, chat.Recharge), len(s.World.Recharge.Hooks())
	at := "/hooks/recharge/" + before.Endpoint + "/customer/updated"
	s.World.Recharge.RotateSecret("rc_second")
	if got := postToRecharge(t, s, "rc_second", at, `{"customer":{"id":1}}`); got != http.StatusUnauthorized {
		t.Errorf("a secret that is not known yet: %d", got)
	}
	state, steps := connectVendor(t, s, onboarding.RechargeAccess{Token: demo.RechargeToken, Secret: "rc_second"})
	if after := connection(t, s, chat.Recharge); state != "done" || after.Endpoint != before.Endpoint || len(s.World.Recharge.Hooks()) != hooks {
		t.Errorf("%s, %d webhooks: %s", state, len(s.World.Recharge.Hooks()), steps)
	}
	for secret, want := range map[string]int{"rc_second": 200, demo.RechargeSecret: 200, "rc_third": 401} {
		if got := postToRecharge(t, s, secret, at, `{"customer":{"id":1,"note":"`+secret+`"}}`); got != want {
			t.Errorf("%s: %d", secret, got)
		}
	}
	s.World.Shopify.RotateSecret("shpss_second", 0)
	second := byApp
	second.Secret = "shpss_second"
	hooks = len(s.World.Shopify.Subscriptions())
	if state, steps := connectVendor(t, s, second); state != "done" || len(s.World.Shopify.Subscriptions()) != hooks {
		t.Errorf("%s, %d webhooks: %s", state, len(s.World.Shopify.Subscriptions()), steps)
	}
}

// TestDisconnectVendors: what was registered is removed, also after a failed request. With
// the vendor away the connection ends all the same, and the step says what is left.
func TestDisconnectVendors(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.ConnectVendors()
	stage.Must(t, s.App.Onboarding.DisconnectVendor(t.Context(), s.Shop.ID, chat.Shopify))
	endpoint := connection(t, s, chat.Recharge).Endpoint
	s.World.Recharge.Faults.Add(wire.Fault{Act: wire.Answer, Status: http.StatusBadGateway, Method: http.MethodDelete, Times: 1})
	stage.Must(t, s.App.Onboarding.DisconnectVendor(t.Context(), s.Shop.ID, chat.Recharge))
	s.App.Jobs.Wait()
	if n, m := len(s.World.Shopify.Subscriptions()), len(s.World.Recharge.Hooks()); n != 0 || m != 0 {
		t.Errorf("left %d and %d webhooks", n, m)
	}
	if got := postToRecharge(t, s, demo.RechargeSecret, "/hooks/recharge/"+endpoint+"/customer/updated", `{"customer":{"id":1}}`); got != http.StatusNotFound {
		t.Errorf("a webhook after the end: %d", got)
	}
	if state, steps := connectVendor(t, s, byToken); state != "done" {
		t.Fatalf("%s: %s", state, steps)
	}
	s.World.Recharge.Faults.Add(rejected)
	stage.Must(t, s.App.Onboarding.DisconnectVendor(t.Context(), s.Shop.ID, chat.Recharge))
	s.App.Jobs.Wait()
	p, err := s.App.Store.Setup(t.Context(), s.Shop.ID, onboarding.RechargeDisconnect)
	stage.Must(t, err)
	if all, err := s.App.Store.Connections(t.Context()); err != nil || len(all) != 0 || p.State != "done" || !strings.Contains(string(p.Steps), "could not be removed") {
		t.Errorf("%d connections (%v), %s: %s", len(all), err, p.State, p.Steps)
	}
}

// TestWrongStore: a store of another shop, and Recharge of another store, are refused.
// Without access to protected customer data the connection says so.
func TestWrongStore(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.World.Shopify.HidePeople(true)
	state, steps := connectVendor(t, s, byApp)
	if state != "done" || !strings.Contains(steps, "the access to protected customer data is not granted") {
		t.Errorf("%s: %s", state, steps)
	}
	c := connection(t, s, chat.Shopify)
	s.ExecSQL(`UPDATE connections SET account = 'other.myshopify.com'`)
	if state, steps := connectVendor(t, s, byToken); state != "failed" || !strings.Contains(steps, "Both have to be of the same store") {
		t.Errorf("%s: %s", state, steps)
	}
	other, err := s.App.Store.AddShop(t.Context(), "Other", s.App.Store.Now())
	stage.Must(t, err)
	s.ExecSQL(`UPDATE connections SET account = '` + c.Account + `'`)
	stage.Must(t, s.App.Onboarding.ConnectShopify(t.Context(), other.ID, byApp))
	s.App.Jobs.Wait()
	p, err := s.App.Store.Setup(t.Context(), other.ID, onboarding.ShopifyConnect)
	stage.Must(t, err)
	if p.State != "failed" || !strings.Contains(string(p.Steps), "Another shop here is connected") {
		t.Errorf("%s: %s", p.State, p.Steps)
	}
	hooks := len(s.World.Shopify.Subscriptions())
	checkHourly(t, s)
	if len(s.World.Shopify.Subscriptions()) != hooks {
		t.Error("the refused shop changed the webhooks of the other one")
	}
}
