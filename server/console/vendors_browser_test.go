package console_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
	"sidetext/store"
)

// TestVendorsInBrowser: connecting Recharge with its errors in a browser, the pages
// that scripts keep up to date, and what all of it looks like.
func TestVendorsInBrowser(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	b := &stage.Offline{App: s.App, T: t, Mine: s.Shop}
	v := b.AddVendors()
	secret, err := s.App.Store.MakeSignInLink(t.Context(), s.Shop.ID, time.Now())
	stage.Must(t, err)
	page := watched(t, stage.OpenPage(t, stage.NewBrowser(t), s.URL+"/sign-in#"+secret))
	page.MustElement("#sign-in button").MustClick()
	stage.WaitForText(t, page.MustElement("#shop"), "Willow & Oak")
	looks(t, page, s.URL+"/", "vendors-home-none")
	looks(t, page, s.URL+"/directory", "directory-empty")
	looks(t, page, s.URL+"/connect/shopify", "shopify-form")
	looks(t, page, s.URL+"/connect/recharge", "recharge-form")

	// A form that is wrong keeps the older token's part open, and no secret.
	wrong := stage.OpenPage(t, page.Browser(), s.URL+"/connect/shopify")
	wrong.MustElement("details.more summary").MustClick()
	wrong.MustElement("#store").MustInput("willow")
	wrong.MustElement("#token").MustWaitVisible().MustInput("shpss_secret")
	wrong.MustElement("form.card button").MustClick()
	stage.WaitForText(t, wrong.MustElement("#token-problem"), "This is a secret.")
	if kept := wrong.MustElement("#store").MustProperty("value").Str() + wrong.MustElement("#token").MustProperty("value").Str(); kept != "willow" {
		t.Errorf("the form still has %q", kept)
	}
	shot(t, wrong, "shopify-form-wrong")
	wrong.MustClose()

	v.Do(func() { v.Recharge.Info.Scopes = v.Recharge.Info.Scopes[:1] })
	connect := func() {
		page.MustNavigate(s.URL + "/connect/recharge").MustWaitLoad()
		page.MustElement("#token").MustInput("sk_1x1_token")
		page.MustElement("#secret").MustInput("client-secret")
		page.MustElement("form.card button").MustClick()
	}
	title := func(words string) {
		t.Helper()
		stage.Until(t, "the page to say "+words, func() bool {
			title, err := page.Eval("() => document.querySelector('h1').textContent") // fails between two pages
			return err == nil && title.Value.Str() == words
		})
	}
	connect()
	title("Recharge is not connected yet")
	looks(t, page, "", "recharge-scope-missing")
	v.Do(func() {
		v.Recharge.Info.Scopes = onboarding.ScopeNames(chat.Recharge)
		v.Recharge.Fails["ShopSettings"] = stage.Refused("scope", "No.", false)
	})
	connect()
	title("Recharge is connected")
	looks(t, page, "", "recharge-connected")

	now := s.App.Store.Now()
	access := onboarding.ShopifyAccess{Store: "willow", ClientID: "0a1b2c3d4e5f", Secret: "shpss_1"}
	stage.Must(t, s.App.Onboarding.ConnectShopify(t.Context(), s.Shop.ID, access))
	s.App.Jobs.Wait()
	fill(v, s.Shop.ID, now)
	looks(t, page, s.URL+"/connect/shopify", "shopify-connected")
	looks(t, page, s.URL+"/directory", "directory-full")
	v.Do(func() { v.Counts.Customers = 52_001; v.Lists[1].Read = 31_500 })
	stage.WaitForText(t, page.MustElement(`[data-figure="customers"]`), "52,001")
	stage.WaitForText(t, page.MustElement(`[data-list="shopify/orders"]`), "31,500 read so far")
	v.Do(func() { v.Lists[1].EndedAt = now })
	stage.Until(t, "the page to be loaded again", func() bool {
		text, err := page.Eval("() => document.querySelector('#directory').innerText") // fails between two pages
		return err == nil && strings.Contains(text.Value.Str(), "31,500 read, finished")
	})

	stage.Must(t, v.SetConnectionStatus(t.Context(), s.Shop.ID, chat.Shopify, chat.ConnectionBroken, chat.Problem{Code: "scope",
		Text: "Shopify has not granted the scope read_orders. In Shopify’s Dev Dashboard open your app, then Versions. Create a version whose scopes include read_orders, release it, and then update the app on your store."}, now))
	stage.Must(t, v.SetConnectionStatus(t.Context(), s.Shop.ID, chat.Recharge, chat.ConnectionPaused, chat.Problem{}, now))
	looks(t, page, s.URL+"/connect/shopify", "shopify-broken")
	looks(t, page, s.URL+"/connect/recharge", "recharge-paused")
	looks(t, page, s.URL+"/", "vendors-home-broken")
	looks(t, page, s.URL+"/disconnect/shopify", "shopify-disconnect")
	looks(t, page, s.URL+"/directory/phones", "directory-phones")
	page.MustNavigate(s.URL + "/connect/recharge").MustWaitLoad()
	page.MustElement(`form[action$="/resume"] button`).MustClick()
	stage.WaitForText(t, page.MustElement(".flash"), "Resumed.")
}

// fill gives a shop's directory some of everything.
func fill(v *stage.Vendors, shop chat.ShopID, now time.Time) {
	v.Do(func() {
		v.Counts = store.DirectoryCounts{Customers: 52_000, WithPhone: 48_210, Purchased: 40_112, Subscriptions: 9_304, Orders: 131_007}
		v.Lists = []chat.Reconciliation{
			{Shop: shop, Vendor: chat.Shopify, Part: "customers", Read: 52_000, StartedAt: now.Add(-20 * time.Minute), EndedAt: now.Add(-4 * time.Minute)},
			{Shop: shop, Vendor: chat.Shopify, Part: "orders", Read: 31_000, StartedAt: now.Add(-4 * time.Minute)},
			{Shop: shop, Vendor: chat.Recharge, Part: "customers", Read: 9_900, StartedAt: now.Add(-4 * time.Minute), Since: now.Add(-24 * time.Hour), Problem: "Recharge does not answer."},
			{Shop: shop, Vendor: chat.Recharge, Part: "subscriptions", StartedAt: now.Add(-4 * time.Minute)},
		}
		for i := range 230 {
			v.Phones = append(v.Phones, store.UnreadablePhone{
				Customer:    chat.Customer{Name: fmt.Sprintf("Customer %d", i)},
				PhoneRecord: chat.PhoneRecord{Raw: fmt.Sprintf("555-%03d-SHIP", i), Country: "US", Source: chat.ShippingPhone, Problem: "It has letters."},
			})
		}
		v.Events = []store.Event{{ID: "1", Problem: "The order has no id.", VendorEvent: chat.VendorEvent{Shop: shop, Vendor: chat.Shopify, Topic: "orders/updated", ReceivedAt: now.Add(-time.Hour)}}}
		v.Requests = []chat.PrivacyRequest{
			{ID: "r1", Shop: shop, Kind: chat.PrivacyErase, At: now.Add(-9 * 24 * time.Hour), Due: now, DoneAt: now.Add(-8 * 24 * time.Hour)},
			{ID: "r2", Shop: shop, Kind: chat.PrivacyExport, Person: "jane@doe.example", At: now.Add(-24 * time.Hour), Due: now.Add(29 * 24 * time.Hour)},
		}
		v.Export = store.PersonExport{Customers: []store.ExportedCustomer{{Name: "Jane Doe"}}}
	})
}

// looks opens an address, if it is one, and takes pictures of the whole page: on a
// computer and on a phone, light and dark.
func looks(t *testing.T, page *rod.Page, url, name string) {
	t.Helper()
	if url != "" {
		page.MustNavigate(url).MustWaitLoad()
	}
	if wide := page.MustEval("() => document.documentElement.scrollWidth - document.documentElement.clientWidth").Int(); wide > 0 {
		t.Errorf("%s: the page is %d pixels too wide", name, wide)
	}
	shot(t, page, name)
	stage.Must(t, page.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: 320, Height: 740, DeviceScaleFactor: 1, Mobile: true}))
	if wide := page.MustEval("() => document.documentElement.scrollWidth - document.documentElement.clientWidth").Int(); wide > 0 {
		t.Errorf("%s: the page is %d pixels too wide for a phone", name, wide)
	}
	if over := page.MustEval("() => [...document.querySelectorAll('main p, main h2, main h3, .integration > div')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent.trim()).join('; ')").Str(); over != "" {
		t.Errorf("%s: on a phone these texts reach over what is beside them: %s", name, over)
	}
	shot(t, page, name+"-phone")
	stage.Must(t, page.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: 1280, Height: 800, DeviceScaleFactor: 1}))
}

// shot saves pictures of the whole page, light and dark, in the folder SCREENSHOTS.
func shot(t *testing.T, page *rod.Page, name string) {
	t.Helper()
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		stage.Must(t, proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}.Call(page))
		picture, err := page.Screenshot(true, nil)
		stage.Must(t, err)
		stage.Must(t, os.WriteFile(filepath.Join(folder, strings.Join([]string{"console", name, scheme}, "-")+".png"), picture, 0o600))
	}
	stage.Must(t, proto.EmulationSetEmulatedMedia{}.Call(page))
}
