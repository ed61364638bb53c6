package stories

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/wire"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
)

// connection returns the shop's connection to a vendor.
func connection(t *testing.T, s *stage.Stage, v chat.Vendor) chat.Connection {
	t.Helper()
	c, err := s.App.Store.Connection(t.Context(), s.Shop.ID, v)
	stage.Must(t, err)
	return c
}

// checkHourly runs the check of the connections, as if the last one was hours ago.
func checkHourly(t *testing.T, s *stage.Stage) {
	t.Helper()
	s.App.Jobs.Wait()
	s.ExecSQL(`UPDATE connections SET checked_at = 0`)
	_ = s.App.Onboarding.CheckVendors(t.Context())
}

// waitForStatus waits until a connection has a status, and for the reason that says.
func waitForStatus(t *testing.T, s *stage.Stage, v chat.Vendor, status chat.ConnectionStatus, says string) {
	t.Helper()
	stage.Until(t, string(v)+" is "+string(status), func() bool { return connection(t, s, v).Status == status })
	if problem := connection(t, s, v).Problem.Text; !strings.Contains(problem, says) || says == "" && problem != "" {
		t.Errorf("%s is %s: %q, want %q", v, status, problem, says)
	}
}

// waitForLists waits until a vendor's lists were read again since a time.
func waitForLists(t *testing.T, s *stage.Stage, v chat.Vendor, since time.Time) {
	t.Helper()
	stage.Until(t, string(v)+"'s lists are read", func() bool {
		lists, err := s.App.Store.Reconciliations(t.Context(), s.Shop.ID)
		stage.Must(t, err)
		n := 0
		for _, one := range lists {
			if one.Vendor == v && (!one.Done() || one.StartedAt.Before(since)) {
				return false
			} else if one.Vendor == v {
				n++
			}
		}
		return n > 0
	})
}

// TestLostWebhooks: webhooks that a vendor has deleted, as after 48 hours of failures,
// are registered again, and what was missed is read.
func TestLostWebhooks(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.ConnectVendors()
	shopify, recharge := len(s.World.Shopify.Subscriptions()), len(s.World.Recharge.Hooks())
	for _, h := range s.World.Recharge.Hooks() {
		s.World.Recharge.DeleteWebhook(h.ID)
	}
	s.World.Shopify.DeleteWebhook(s.World.Shopify.Subscriptions()[3].ID)
	began := s.App.Store.Now()
	checkHourly(t, s)
	if n, m := len(s.World.Shopify.Subscriptions()), len(s.World.Recharge.Hooks()); n != shopify || m != recharge {
		t.Errorf("%d and %d webhooks, want %d and %d", n, m, shopify, recharge)
	}
	for _, v := range chat.Vendors() {
		waitForLists(t, s, v, began)
	}
}

// TestScopeTakenAway: the connection is broken and says which scope to grant where. After
// it is granted, the connection works again and reads what it missed.
func TestScopeTakenAway(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.ConnectVendors()
	s.World.Shopify.RemoveScope("read_fulfillments") // Shopify says so in a webhook
	waitForStatus(t, s, chat.Shopify, chat.ConnectionBroken, "read_fulfillments. In Shopify’s Dev Dashboard")
	s.World.Recharge.DropScope("write_orders")
	checkHourly(t, s)
	waitForStatus(t, s, chat.Recharge, chat.ConnectionBroken, "write_orders. In Recharge open Tools & apps, API tokens")

	began := s.App.Store.Now()
	s.App.Jobs.Wait()
	s.World.Shopify.AddScope("read_fulfillments")
	waitForStatus(t, s, chat.Shopify, chat.ConnectionActive, "")
	s.World.Recharge.AddScope("write_orders")
	checkHourly(t, s)
	waitForStatus(t, s, chat.Recharge, chat.ConnectionActive, "")
	for _, v := range chat.Vendors() {
		waitForLists(t, s, v, began)
	}
}

// TestTokenEnds: an expired token is renewed; a revoked one breaks the connection, which
// makes no requests until the hourly check.
func TestTokenEnds(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.ConnectVendors()
	s.World.Shopify.ExpireTokens()
	s.World.Recharge.SetToken("sk_1x1_other")
	checkHourly(t, s)
	waitForStatus(t, s, chat.Shopify, chat.ConnectionActive, "")
	waitForStatus(t, s, chat.Recharge, chat.ConnectionBroken, "refuses the API token")

	before := len(s.World.Recharge.Requests())
	s.ExecSQL(`UPDATE reconciliations SET started_at = started_at - 90000000000, ended_at = ended_at - 90000000000`)
	stage.Must(t, s.App.Directory.ReconcileDaily(t.Context()))
	stage.Must(t, s.App.Onboarding.CheckVendors(t.Context()))
	sendCharge(t, s)
	waitUntilApplied(t, s)
	if n := len(s.World.Recharge.Requests()) - before; n != 0 {
		t.Errorf("a broken connection made %d requests", n)
	}
	s.World.Recharge.SetToken(demo.RechargeToken)
	checkHourly(t, s)
	waitForStatus(t, s, chat.Recharge, chat.ConnectionActive, "")
}

// sendCharge sends a webhook of Recharge's about a customer who has to be read again.
func sendCharge(t *testing.T, s *stage.Stage) {
	t.Helper()
	at := s.URL + "/hooks/recharge/" + connection(t, s, chat.Recharge).Endpoint + "/charge/upcoming"
	body := `{"charge":{"id":77,"address_id":1,"status":"queued","scheduled_at":"2027-01-09","updated_at":"2026-12-01T00:00:00","customer":{"id":90001},"line_items":[]}}`
	r, err := s.World.Recharge.SignedRequest(t.Context(), at, []byte(body))
	stage.Must(t, err)
	res, err := http.DefaultClient.Do(r)
	stage.Must(t, err)
	if stage.Must(t, res.Body.Close()); res.StatusCode != http.StatusOK {
		t.Errorf("the webhook got %d", res.StatusCode)
	}
}

// waitUntilApplied waits until the shop's webhooks are applied.
func waitUntilApplied(t *testing.T, s *stage.Stage) {
	t.Helper()
	stage.Until(t, "the webhooks are applied", func() bool {
		waiting, err := s.App.Store.WaitingEvents(t.Context(), s.Shop.ID, 1)
		stage.Must(t, err)
		return len(waiting) == 0
	})
}

// TestPausedVendors: a paused connection makes no requests, whatever is due. What arrives
// meanwhile is applied when it is resumed.
func TestPausedVendors(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.ConnectVendors()
	s.WaitUntilIdle()
	for _, v := range chat.Vendors() {
		stage.Must(t, s.App.Onboarding.PauseVendor(t.Context(), s.Shop.ID, v))
	}
	shopify, recharge := len(s.World.Shopify.Requests()), len(s.World.Recharge.Requests())
	order := s.World.Shopify.OrdersOf(602)[0]
	parcel, err := s.World.Shopify.Fulfill(order.ID, "UPS", "1Z9")
	stage.Must(t, err)
	stage.Must(t, s.World.Shopify.ShipmentEvent(parcel, "in_transit"))
	sendCharge(t, s)
	s.SendText(stage.Miguel, "STOP")
	s.ExecSQL(`UPDATE reconciliations SET started_at = started_at - 90000000000, ended_at = ended_at - 90000000000`)
	stage.Must(t, s.App.Directory.ReconcileDaily(t.Context()))
	checkHourly(t, s)
	stage.Until(t, "the webhooks arrive", func() bool { return len(s.World.Shopify.Webhooks.Calls()) >= 3 })
	s.SendText(stage.Jane, "my grinder is loud")
	s.WaitForTicket(stage.Jane) // by then the courier has had its rounds
	if n, m := len(s.World.Shopify.Requests())-shopify, len(s.World.Recharge.Requests())-recharge; n != 0 || m != 0 {
		t.Errorf("paused connections made %d and %d requests", n, m)
	}
	for _, v := range chat.Vendors() {
		stage.Must(t, s.App.Onboarding.ResumeVendor(t.Context(), s.Shop.ID, v))
	}
	waitUntilApplied(t, s)
	stage.Until(t, "Shopify knows of the opt-out", func() bool {
		c, _ := s.World.Shopify.Customer(602)
		return c.Consent.State == "UNSUBSCRIBED"
	})
	stage.Until(t, "Recharge is read after it was resumed", func() bool { return len(s.World.Recharge.Requests()) > recharge })
}

// TestHangingRecharge: while Recharge does not answer, Shopify's webhooks are applied and
// texts reach the helpdesk.
func TestHangingRecharge(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.ConnectVendors()
	s.World.Recharge.Faults.Add(wire.Fault{Act: wire.Hang})
	defer s.World.Recharge.Faults.Clear()
	for range 20 {
		sendCharge(t, s)
	}
	began := time.Now()
	_, err := s.World.Shopify.Fulfill(s.World.Shopify.OrdersOf(602)[0].ID, "UPS", "1Z9")
	stage.Must(t, err)
	s.SendText(stage.Miguel, "where is it?")
	s.WaitForTicket(stage.Miguel)
	waitUntilApplied(t, s)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}
