package console_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
	"sidetext/shopify"
)

func TestVendorFormProblems(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	v := b.AddVendors()
	g := b.Merchant(b.Mine)
	shopify := func(change ...string) url.Values {
		form := url.Values{"store": {"willow"}, "client_id": {"0a1b2c"}, "secret": {"shpss_sesame"}}
		for i := 0; i < len(change); i += 2 {
			form.Set(change[i], change[i+1])
		}
		return form
	}
	for name, test := range map[string]struct {
		path string
		form url.Values
		want []string
	}{
		"shopify, nothing":         {"/connect/shopify", nil, []string{"Please enter the address of your store", "Please paste the client ID.", "Please paste the client secret.", "paste the secrets again"}},
		"shopify, another host":    {"/connect/shopify", shopify("store", "https://evil.example/willow.myshopify.com"), []string{"It ends in .myshopify.com", `value="https://evil.example/willow.myshopify.com"`, `value="0a1b2c"`}},
		"shopify, markup":          {"/connect/shopify", shopify("store", `"><script>`, "client_id", `"><script>`), []string{"&#34;&gt;&lt;script&gt;"}},
		"shopify, secret as id":    {"/connect/shopify", shopify("client_id", "shpss_sesame"), []string{"This is the client secret."}},
		"shopify, token as id":     {"/connect/shopify", shopify("client_id", "shpat_sesame"), []string{"This is an older access token.", `value="willow"`}},
		"shopify, token as secret": {"/connect/shopify", shopify("secret", "shpat_sesame"), []string{"This is an access token."}},
		"shopify, both":            {"/connect/shopify", shopify("token", "shpat_sesame"), []string{"not both", `<details class="more" open>`}},
		"shopify, secret as token": {"/connect/shopify", shopify("client_id", "", "token", "shpss_sesame"), []string{"This is a secret. An access token starts with shpat_."}},
		"shopify, spaces":          {"/connect/shopify", shopify("client_id", "0a 1b", "secret", "se same"), []string{"A client ID has no spaces", "This can’t be the client secret"}},
		"shopify, endless":         {"/connect/shopify", shopify("secret", strings.Repeat("sesame", 400)), []string{"This can’t be the client secret"}},
		"recharge, nothing":        {"/connect/recharge", nil, []string{"Please paste the API token.", "Please paste the API client secret."}},
		"recharge, the same twice": {"/connect/recharge", url.Values{"token": {"sk_sesame"}, "secret": {"sk_sesame"}}, []string{"This is the token again."}},
		"recharge, spaces":         {"/connect/recharge", url.Values{"token": {"sk sesame"}, "secret": {"x"}}, []string{"This can’t be the API token"}},
	} {
		status, page := g.Post(test.path, test.form)
		if status != http.StatusBadRequest || !strings.Contains(page, `aria-invalid="true"`) || !strings.Contains(page, `role="alert"`) {
			t.Errorf("%s: answered %d", name, status)
		}
		for _, want := range test.want {
			if !strings.Contains(page, want) {
				t.Errorf("%s: %q is missing", name, want)
			}
		}
		if strings.Contains(page, "sesame") || strings.Contains(page, "<script>") {
			t.Errorf("%s: shows what it must not: %s", name, page)
		}
	}
	if len(v.Shopify.Calls)+len(v.Recharge.Calls) > 0 {
		t.Errorf("vendors got %v and %v", v.Shopify.Calls, v.Recharge.Calls)
	}
}

// TestVendorPages: the story of a connection, page by page.
func TestVendorPages(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	v := b.AddVendors()
	g := b.Merchant(b.Mine)
	status, page := g.Get("/")
	g.Expect(status, page, 200, "Optional: Sidetext then knows your customers", `href="/connect/shopify"`, `href="/connect/recharge"`)
	status, page = g.Get("/connect/shopify")
	g.Expect(status, page, 200, "Connect Shopify</h1>", "read_orders", "I have an older token")

	form := url.Values{"store": {"willow"}, "token": {"shpat_sesame"}, "secret": {"sesame"}}
	v.Shopify.Fails["Installation"] = stage.Refused("token", "Shopify refuses the token.", true)
	status, to := g.Post("/connect/shopify", form)
	g.Expect(status, to, http.StatusSeeOther, "/connect/shopify/progress")
	b.Jobs.Wait()
	status, page = g.Get("/connect/shopify/progress")
	g.Expect(status, page, 200, "Shopify is not connected yet", "willow.myshopify.com answers.", "Shopify refuses the token.", "Change and try again")
	status, page = g.Get("/connect/shopify")
	g.Expect(status, page, 200, `value="willow"`, `<details class="more" open>`)
	if strings.Contains(page, "sesame") {
		t.Error("the form shows a secret")
	}
	for name, value := range g.Cookies {
		if strings.Contains(value, "sesame") {
			t.Errorf("the cookie %s has a secret", name)
		}
	}

	delete(v.Shopify.Fails, "Installation")
	v.Shopify.Read = shopify.TestRead{Orders: 20}
	g.Post("/connect/shopify", form)
	b.Jobs.Wait()
	status, page = g.Get("/connect/shopify/progress")
	g.Expect(status, page, 200, "Shopify is connected", "protected customer data", `data-tone="warn"`, "Watch the import", "plan Grow and higher")
	status, page = g.Get("/connect/shopify")
	g.Expect(status, page, 200, ">Connected</span>", "willow.myshopify.com", "scopes granted", "orders/create", "Check now", "Pause", "Disconnect …", "Replace the access", "protected customer data")
	if strings.Contains(page, "sesame") || strings.Contains(page, v.Connected(b.Mine.ID, chat.Shopify).Endpoint) {
		t.Error("the page shows a secret")
	}
	status, page = g.Get("/")
	g.Expect(status, page, 200, "keeps data from arriving", "They are read from your store.", ">Details")

	steps := []struct{ path, to, page, text string }{
		{"/connect/shopify/pause", "/connect/shopify?m=paused", "/connect/shopify", "nothing is requested from it"},
		{"/connect/shopify/pause", "/connect/shopify?m=vendor-changed", "/connect/shopify?m=vendor-changed", "Nothing was changed"},
		{"/connect/shopify/check", "/connect/shopify?m=is-paused", "/connect/shopify", ">Resume</button>"},
		{"/connect/shopify/resume", "/connect/shopify?m=resumed", "/connect/shopify?m=resumed", "What arrived meanwhile is being applied."},
		{"/connect/shopify/resume", "/connect/shopify?m=vendor-changed", "/connect/shopify", ">Pause</button>"},
		{"/connect/shopify/check", "/connect/shopify/check", "/connect/shopify/check", "Shopify works"},
		{"/connect/recharge/check", "/connect/recharge?m=no-vendor", "/connect/recharge?m=no-vendor", "This is not connected."},
		{"/connect/recharge/pause", "/connect/recharge?m=no-vendor", "/connect/recharge", "Connect Recharge</h1>"},
		{"/disconnect/recharge", "/connect/recharge?m=no-vendor", "/directory", "Connect Recharge"},
	}
	for _, step := range steps {
		if status, to := g.Post(step.path, nil); status != http.StatusSeeOther || to != step.to {
			t.Errorf("%s: %d to %s", step.path, status, to)
		}
		b.Jobs.Wait()
		status, page := g.Get(step.page)
		g.Expect(status, page, 200, step.text)
	}

	v.Shopify.Fails["Installation"] = stage.Refused("token", "Shopify refuses the token now. Paste a new one.", true)
	g.Post("/connect/shopify/check", nil)
	b.Jobs.Wait()
	status, page = g.Get("/connect/shopify/check")
	g.Expect(status, page, 200, "Shopify could not be used", "Paste a new one.", "To the connection")
	status, page = g.Get("/connect/shopify")
	g.Expect(status, page, 200, ">Refused</span>", "Paste a new one.", "Then choose “Check now”")
	status, page = g.Get("/")
	g.Expect(status, page, 200, "Shopify refuses requests", "See what to do")

	status, page = g.Get("/disconnect/shopify")
	g.Expect(status, page, 200, "Disconnect Shopify?", "willow.myshopify.com", "Keep it")
	status, to = g.Post("/disconnect/shopify", nil)
	g.Expect(status, to, http.StatusSeeOther, "/disconnect/shopify/progress")
	b.Jobs.Wait()
	status, page = g.Get("/disconnect/shopify/progress")
	g.Expect(status, page, 200, "Shopify is disconnected", "Deleted. What Sidetext knows of your customers stays.")
	for _, path := range []string{"/connect/shopify/progress", "/disconnect/shopify"} {
		if status, _ := g.Get(path); status != http.StatusSeeOther {
			t.Errorf("%s answered %d after disconnecting", path, status)
		}
	}
}

// TestVendorsOfOtherShop: a merchant can neither see nor change another shop's
// connections.
func TestVendorsOfOtherShop(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	v := b.AddVendors()
	stage.Must(t, b.Onboarding.ConnectShopify(context.Background(), b.Mine.ID, onboarding.ShopifyAccess{Store: "willow", ClientID: "0a1b2c", Secret: "s"}))
	stage.Must(t, b.Onboarding.ConnectRecharge(context.Background(), b.Mine.ID, onboarding.RechargeAccess{Token: "t", Secret: "s"}))
	b.Jobs.Wait()
	fill(v, b.Mine.ID, b.Store.Now())
	v.Shopify.Calls, v.Recharge.Calls = nil, nil
	other := b.Merchant(b.Other)
	gets, posts := b.PrivateRoutes()
	for _, path := range append(gets, "/directory/requests/r2/data") {
		_, page := other.Get(path)
		for _, word := range []string{"willow", "52,000", "52000", "-ship", "jane@doe.example", "orders/updated"} {
			if strings.Contains(strings.ToLower(page), word) {
				t.Errorf("%s shows %q of another shop", path, word)
			}
		}
	}
	before := []chat.Connection{v.Connected(b.Mine.ID, chat.Shopify), v.Connected(b.Mine.ID, chat.Recharge)}
	for _, path := range append(posts, "/directory/requests/r2/done") {
		if path != "/connect/shopify" && path != "/connect/recharge" {
			other.Post(path, nil)
		}
	}
	b.Jobs.Wait()
	for i, vendor := range chat.Vendors() {
		if after := v.Connected(b.Mine.ID, vendor); after.Status != before[i].Status || after.Endpoint != before[i].Endpoint {
			t.Errorf("%s is %+v now", vendor, after)
		}
	}
	if len(v.Shopify.Calls)+len(v.Recharge.Calls) > 0 || len(v.Events) != 1 || slices.ContainsFunc(v.Requests, func(r chat.PrivacyRequest) bool { return r.ID == "r2" && !r.DoneAt.IsZero() }) {
		t.Errorf("vendors got %v and %v; events %v, requests %v", v.Shopify.Calls, v.Recharge.Calls, v.Events, v.Requests)
	}
	if status, _ := other.Get("/directory/requests/r2/data"); status != http.StatusNotFound {
		t.Errorf("the data of another shop's customer answered %d", status)
	}
}
