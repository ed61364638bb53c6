package onboarding_test

import (
	"slices"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/recharge"
	"sidetext/server/e2e/stage"
	"sidetext/widget"
)

func TestConnectRecharge(t *testing.T) {
	t.Parallel()
	v := newVendorTest(t)
	state, steps := v.connectRecharge(rechargeAccess)
	for id, want := range map[string]string{
		"token": "“Sidetext”, anna@example.com.", "scope/read_customers": "Granted. ", "store": "willow.myshopify.com", "settings": "can be read", "read": "can be read",
		"secret": "signed", "keep": "Stored encrypted.", "webhooks": "webhooks in place", "import": "It has started.",
	} {
		if s := steps[id]; s.State != widget.Done || !strings.Contains(s.Detail, want) {
			t.Errorf("%s: %+v", id, s)
		}
	}
	c := v.Connected(v.Mine.ID, chat.Recharge)
	if state != "done" || c.Account != "willow.myshopify.com" || string(c.Settings) != `{"settings":{}}` || c.Token != "token-1" {
		t.Errorf("%s, connected as %+v", state, c)
	}
	for _, w := range v.Vendors.Recharge.Hooks {
		if w.Address != v.Web.PublicURL+"/hooks/recharge/"+c.Endpoint+"/"+w.Topic {
			t.Errorf("%s is sent to %s", w.Topic, w.Address)
		}
	}
	if len(v.Started) != 1 || !slices.Contains(v.Started[0].Parts, "subscriptions") {
		t.Errorf("reading has started %+v", v.Started)
	}
}

func TestConnectRechargeFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		with  func(vendorTest)
		step  string
		state widget.Progress
		text  []string
		kept  bool
	}{
		"not reachable": {func(v vendorTest) { v.Vendors.Recharge.Fails["Token"] = stage.Unreachable }, "token", widget.Failed, []string{"can’t be reached"}, false},
		"wrong token": {func(v vendorTest) {
			v.Vendors.Recharge.Fails["Token"] = stage.Refused("token", "Recharge refuses the token.", true)
		}, "token", widget.Failed, []string{"refuses the token"}, false},
		"scope missing": {func(v vendorTest) {
			v.Vendors.Recharge.Info.Scopes = []string{"read_customers", "store_info", "read_orders"}
		}, "scope/read_subscriptions", widget.Failed, []string{"Not granted", "API tokens", "read_subscriptions"}, false},
		"settings refused": {func(v vendorTest) { v.Vendors.Recharge.Fails["ShopSettings"] = stage.Refused("scope", "No.", false) }, "settings", widget.Warned,
			[]string{"could not read what your customer portal allows; you can set it by hand later"}, true},
		"test read refused": {func(v vendorTest) { v.Vendors.Recharge.Fails["TestRead"] = stage.Refused("scope", "No access.", true) }, "read", widget.Failed, []string{"No access."}, false},
		"another store": {func(v vendorTest) {
			v.Vendors.Recharge.Shop.Domain = "oak.myshopify.com"
			v.connectShopify(shopifyAccess)
		}, "keep", widget.Failed, []string{"oak.myshopify.com", "Shopify is connected to willow.myshopify.com"}, false},
		"no room for webhooks": {func(v vendorTest) {
			for range 10 {
				v.Vendors.Recharge.Hooks = append(v.Vendors.Recharge.Hooks, recharge.Webhook{ID: "x", Topic: "charge/paid", Address: "https://erp.example"})
			}
		}, "webhooks", widget.Warned, []string{"(charge/paid)", "no room"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVendorTest(t)
			test.with(v)
			state, steps := v.connectRecharge(rechargeAccess)
			s := steps[test.step]
			if s.State != test.state {
				t.Errorf("the step is %+v", s)
			}
			for _, text := range test.text {
				if !strings.Contains(s.Detail+s.Fix, text) {
					t.Errorf("%q is missing in %+v", text, s)
				}
			}
			if kept := v.Connected(v.Mine.ID, chat.Recharge).Shop != ""; kept != test.kept || (state == "done") != test.kept {
				t.Errorf("%s, kept: %v", state, kept)
			}
		})
	}
}
