package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
	"sidetext/store"
)

func TestDirectoryPage(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	v := b.AddVendors()
	g := b.Merchant(b.Mine)
	status, page := g.Get("/directory")
	g.Expect(status, page, 200, "Nothing is known from a store yet.", "Connect Shopify", "Connect Recharge", `href="/shoppers"`)
	if strings.Contains(page, "data-watch") || strings.Contains(page, "Privacy requests") {
		t.Errorf("an empty directory is %s", page)
	}
	stage.Must(t, b.Onboarding.ConnectShopify(context.Background(), b.Mine.ID, onboarding.ShopifyAccess{Store: "willow", ClientID: "0a1b2c", Secret: "s"}))
	stage.Must(t, b.Onboarding.ConnectRecharge(context.Background(), b.Mine.ID, onboarding.RechargeAccess{Token: "t", Secret: "s"}))
	b.Jobs.Wait()
	status, page = g.Get("/directory")
	g.Expect(status, page, 200, "Nothing has been read yet.")
	now := b.Store.Now()
	fill(v, b.Mine.ID, now)
	status, page = g.Get("/directory")
	g.Expect(status, page, 200, `data-figure="customers">52,000<`, "Customers from Shopify", "Everything was read.", `data-list="shopify/orders">31,000 read so far<`, "4 minutes ago",
		"Delayed: Recharge does not answer. It goes on by itself.", "Nothing read yet", "data-watch", "1 message from your store could not be applied", "Shopify: orders/updated", "The order has no id.",
		"230 phones can’t be read", "555-000-SHIP", "Customer 0", "Shipping address, United States", "It has letters.", "See all 230",
		"Hand over the data of jane@doe.example", "due by "+now.Add(29*24*time.Hour).UTC().Format("2 January 2006"), "Download (JSON)", "Erased on "+now.Add(-8*24*time.Hour).UTC().Format("2 January 2006"))
	if strings.Contains(page, "555-005-SHIP") {
		t.Error("the page lists all phones")
	}
	status, page = g.Get("/api/directory")
	g.Expect(status, page, 200, `"shopify/orders":"31,000 read so far"`, `"customers":"52,000"`, `"stamp":"`)
	status, page = g.Get("/")
	g.Expect(status, page, 200, "1 message from your store could not be applied.", "1 customer asks for the data")

	stage.Must(t, b.Onboarding.PauseVendor(context.Background(), b.Mine.ID, chat.Shopify))
	stage.Must(t, v.SetConnectionStatus(context.Background(), b.Mine.ID, chat.Recharge, chat.ConnectionBroken, chat.Problem{Code: "token", Text: "Refused."}, now))
	status, page = g.Get("/directory")
	g.Expect(status, page, 200, "Stopped while the connection is paused.", "Stopped, because Recharge refuses requests.")
	if strings.Contains(page, "data-watch") {
		t.Error("the page is kept up to date although nothing is read")
	}
}

// TestDirectoryStamp: the page is loaded again when a list is complete, and not for
// each new figure.
func TestDirectoryStamp(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	v := b.AddVendors()
	stage.Must(t, b.Onboarding.ConnectShopify(context.Background(), b.Mine.ID, onboarding.ShopifyAccess{Store: "willow", ClientID: "0a1b2c", Secret: "s"}))
	b.Jobs.Wait()
	fill(v, b.Mine.ID, b.Store.Now())
	g := b.Merchant(b.Mine)
	stamp := func() string {
		_, answer := g.Get("/api/directory")
		_, stamp, _ := strings.Cut(answer, `"stamp":`)
		return stamp
	}
	first := stamp()
	v.Lists[1].Read, v.Counts.Orders = 40_000, 140_000
	if stamp() != first {
		t.Error("a figure changes the stamp")
	}
	v.Lists[1].EndedAt = b.Store.Now()
	second := stamp()
	v.Events = nil
	if second == first || stamp() == second {
		t.Error("a complete list, or an applied event, does not change the stamp")
	}
}

func TestUnreadablePhonesAreInPages(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	v := b.AddVendors()
	g := b.Merchant(b.Mine)
	status, page := g.Get("/directory/phones")
	g.Expect(status, page, 200, "Every phone could be read.")
	fill(v, b.Mine.ID, b.Store.Now())
	v.Phones[101] = store.UnreadablePhone{PhoneRecord: chat.PhoneRecord{Raw: "<b>&", Source: chat.OrderPhone, Problem: "It is too short."}}
	for name, test := range map[string]struct {
		path    string
		texts   []string
		missing string
	}{
		"first": {"/directory/phones", []string{"1 to 100 of 230", "555-000-SHIP", "555-099-SHIP", "page=2"}, "Earlier"},
		"next":  {"/directory/phones?page=2", []string{"101 to 200 of 230", "555-100-SHIP", "&lt;b&gt;&amp;</bdi></strong> of a customer without a name", "It is too short. Order.", "page=1", "page=3"}, "555-099-SHIP"},
		"last":  {"/directory/phones?page=3", []string{"201 to 230 of 230", "555-229-SHIP", "page=2"}, "rel=\"next\""},
	} {
		status, page := g.Get(test.path)
		g.Expect(status, page, 200, test.texts...)
		if strings.Contains(page, test.missing) {
			t.Errorf("%s: has %q", name, test.missing)
		}
	}
	for path, want := range map[string]int{"?page=4": http.StatusSeeOther, "?page=0": 404, "?page=-1": 404, "?page=x": 404, "?page=101": 404, "?page=99999999999999999999": 404} {
		if status, _ := g.Get("/directory/phones" + path); status != want {
			t.Errorf("%s answered %d", path, status)
		}
	}
}

func TestRetryEvents(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	v := b.AddVendors()
	fill(v, b.Mine.ID, b.Store.Now())
	g := b.Merchant(b.Mine)
	for _, message := range []string{"events-again", "events-gone"} {
		if status, to := g.Post("/directory/events/retry", nil); status != http.StatusSeeOther || to != "/directory?m="+message {
			t.Errorf("answered %d to %s, want %s", status, to, message)
		}
	}
}

func TestPrivacyRequests(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	v := b.AddVendors()
	fill(v, b.Mine.ID, b.Store.Now())
	g := b.Merchant(b.Mine)
	answer := g.Send("GET", "/directory/requests/r2/data", "", nil)
	for name, want := range map[string]string{"Content-Type": "application/json", "Content-Disposition": "attachment; filename=", "Cache-Control": "no-store"} {
		if got := answer.Header.Get(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %q", name, got)
		}
	}
	status, file := g.Read(answer)
	g.Expect(status, file, 200, `"name": "Jane Doe"`)
	for _, id := range []string{"r1", "r3", ""} { // an erasure has no data to hand over
		if status, _ := g.Get("/directory/requests/" + id + "/data"); status != 404 {
			t.Errorf("the data of %q answered %d", id, status)
		}
		if status, _ := g.Post("/directory/requests/"+id+"/done", nil); status != 404 {
			t.Errorf("finishing %q answered %d", id, status)
		}
	}
	status, to := g.Post("/directory/requests/r2/done", nil)
	g.Expect(status, to, http.StatusSeeOther, "/directory?m=request-done")
	status, page := g.Get("/directory")
	g.Expect(status, page, 200, "Done on "+b.Store.Now().UTC().Format("2 January 2006"), "Download (JSON)")
	if strings.Contains(page, ">Done</button>") {
		t.Error("it can be done twice")
	}
}
