package recharge_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/pretend/recharge"
)

func TestSign(t *testing.T) {
	t.Parallel()
	h := recharge.Sign(secret, time.Unix(1764000000, 0), []byte(`{"subscription":{"id":27363808,"status":"cancelled"}}`))
	for name, want := range map[string]string{
		"X-Recharge-Webhook-Timestamp": "1764000000",
		"X-Recharge-Webhook-Signature": "t=1764000000,v1=3e6648ae909a18bc95436d12291693fa377d04588446f75f61bbdf34c1446cdb",
		"X-Recharge-Hmac-Sha256":       "8548ba13f02117440c8f8091f56b164aa660c27189eec208e2d1aececea1bd1d",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// A receiver is the network of webhooks: it keeps them and answers with a status.
type receiver struct {
	mu     sync.Mutex
	status int // 0: 200
	got    []received
}

type received struct {
	path, body string
	header     http.Header
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, received{req.URL.Path, string(body), req.Header})
	w := httptest.NewRecorder()
	w.WriteHeader(max(r.status, 200))
	return w.Result(), nil
}

func (r *receiver) all() []received { r.mu.Lock(); defer r.mu.Unlock(); return slices.Clone(r.got) }

// subscribed returns a client with a subscription to each topic, with a path of its own.
func subscribed(t *testing.T, status int, topics ...string) (*client, *receiver) {
	a := account()
	a.Rebuild = -1
	c, r := open(t, a), &receiver{status: status}
	c.Webhooks.SetTransport(r)
	for _, topic := range topics {
		c.want("POST /webhooks", fmt.Sprintf(`{"address":"https://sms.test/%s","topic":"%s","version":"2021-11"}`, topic, topic), 200, `"webhook":{"id":`)
	}
	return c, r
}

func TestHooks(t *testing.T) {
	t.Parallel()
	c, _ := subscribed(t, 200, "charge/paid")
	id := c.Hooks()[0].ID
	c.want("GET /webhooks", "", 200, `"topic":"charge/paid"`)
	c.want(fmt.Sprintf("PUT /webhooks/%d", id), `{"address":"https://sms.test/new"}`, 200, `"address":"https://sms.test/new"`, `"topic":"charge/paid"`)
	for body, want := range map[string]string{
		`{"address":"https://sms.test/x","topic":"charge/success"}`: `"topic":["Not a valid choice."]`,
		`{"address":"http://sms.test/x","topic":"charge/paid"}`:     `"address":["Not a valid URL."]`,
	} {
		c.want("POST /webhooks", body, 422, want)
	}
	for range 9 {
		c.want("POST /webhooks", `{"address":"https://sms.test/x","topic":"charge/paid"}`, 200)
	}
	c.want("POST /webhooks", `{"address":"https://sms.test/x","topic":"charge/paid"}`, 422, "maximum")
	c.DropScope("read_customers")
	c.DropScope("write_customers")
	c.want("POST /webhooks", `{"address":"https://sms.test/x","topic":"customer/updated"}`, 403, "read_customers")
	c.want(fmt.Sprintf("DELETE /webhooks/%d", id), "", 204)
	c.want(fmt.Sprintf("GET /webhooks/%d", id), "", 404)
}

// TestTopics lists the topics of each act, and a part of the first payload.
func TestTopics(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		act    func(*client)
		topics string
		part   string
	}{
		"customer":     {func(c *client) { c.AddCustomer(recharge.Customer{Phone: "415 555"}, recharge.Address{}) }, "address/created customer/created", `{"address":{`},
		"phone":        {func(c *client) { _ = c.UpdateCustomer(person, func(c *recharge.Customer) { c.Phone = "1" }) }, "customer/updated", `"phone":"1"`},
		"deleted":      {func(c *client) { _ = c.DeleteCustomer(person) }, "customer/deleted", `{"customer":{`},
		"payment":      {func(c *client) { _ = c.SetPaymentStatus(7, "invalid") }, "customer/payment_method_updated", `"has_valid_payment_method":false`},
		"subscription": {func(c *client) { c.AddSubscription(recharge.Subscription{AddressID: address, Next: day(50)}) }, "charge/created subscription/created", `"status":"queued"`},
		"cancelled":    {func(c *client) { c.want("POST /subscriptions/11/cancel", `{"cancellation_reason":"x"}`, 200) }, "charge/updated subscription/cancelled subscription/updated", `"charge":{`},
		"swapped":      {func(c *client) { c.want("PUT /subscriptions/11", `{"external_variant_id":{"ecommerce":"56"}}`, 200) }, "charge/updated subscription/swapped subscription/updated", `"ecommerce":"56"`},
		"paused": {func(c *client) {
			c.want("POST /subscriptions/11/set_next_charge_date?pause=true", fmt.Sprintf(`{"date":"%s"}`, day(90)), 200)
		}, "charge/created charge/updated subscription/paused subscription/updated", `"queued"`},
		"skipped": {func(c *client) {
			c.want(fmt.Sprintf("POST /charges/%d/skip", c.firstCharge()), `{"purchase_item_ids":[11,12]}`, 200)
		}, "charge/created charge/created charge/updated subscription/skipped subscription/skipped", `"queued"`},
		"upcoming":    {func(c *client) { _ = c.AnnounceCharge(c.firstCharge()) }, "charge/upcoming", `"status":"queued"`},
		"paid":        {func(c *client) { _ = c.ProcessCharge(c.firstCharge(), "4501", "1001") }, "charge/created charge/created charge/paid order/created order/processed subscription/updated subscription/updated", `"queued"`},
		"failed":      {func(c *client) { _ = c.FailCharge(c.firstCharge(), "Declined", "CARD_DECLINED", true) }, "charge/failed charge/max_retries_reached", `"error_type":"CARD_DECLINED"`},
		"refunded":    {func(c *client) { _ = c.RefundCharge(c.firstCharge()) }, "charge/refunded", `"status":"refunded"`},
		"uninstalled": {func(c *client) { c.Uninstall() }, "recharge/uninstalled", "acme.myshopify.com"},
		"test":        {func(c *client) { c.want(fmt.Sprintf("POST /webhooks/%d/test", c.Hooks()[0].ID), "", 200) }, "address/created", `{"address":{"id":1}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, r := subscribed(t, 200, recharge.Topics()...)
				test.act(c)
				synctest.Wait()
				var got []string
				for _, h := range r.all() {
					got = append(got, h.path[1:])
					want := recharge.Sign(secret, time.Now(), []byte(h.body))
					for name := range want {
						if h.header.Get(name) != want.Get(name) {
							t.Errorf("%s: %s is %s", h.path, name, h.header.Get(name))
						}
					}
				}
				slices.Sort(got)
				if strings.Join(got, " ") != test.topics {
					t.Fatalf("got %v, want %s", got, test.topics)
				}
				i := slices.IndexFunc(r.all(), func(h received) bool { return h.path[1:] == got[0] })
				if body := r.all()[i].body; !strings.Contains(body, test.part) {
					t.Errorf("%s is not in %s", test.part, body)
				}
			})
		})
	}
}

func TestIncludedObjects(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, r := subscribed(t, 200)
		c.want("POST /webhooks", `{"address":"https://sms.test/x","topic":"charge/upcoming","included_objects":["customer"]}`, 200)
		_ = c.AnnounceCharge(c.firstCharge())
		synctest.Wait()
		if got := r.all(); len(got) != 1 || !strings.HasPrefix(got[0].body, `{"charge":{`) || !strings.Contains(got[0].body, `},"customer":{"id":33,"email":"jane@example.com","first_name"`) {
			t.Errorf("got %+v", got)
		}
		c.DropScope("read_orders")
		c.DropScope("write_orders")
		_ = c.AnnounceCharge(c.firstCharge())
		synctest.Wait()
		if got := r.all(); len(got) != 1 {
			t.Errorf("sent without the scope: %+v", got)
		}
	})
}

// TestRetries: 20 attempts in 48 hours with the first payload, of which anything but 200
// is a failure. Then the subscription is deleted.
func TestRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, r := subscribed(t, 204, "customer/updated")
		_ = c.UpdateCustomer(person, func(c *recharge.Customer) { c.FirstName = "First" })
		time.Sleep(47 * time.Hour)
		if n := len(r.all()); n != 19 || len(c.Hooks()) != 1 {
			t.Fatalf("after 47 hours: %d attempts, %d subscriptions", n, len(c.Hooks()))
		}
		time.Sleep(2 * time.Hour)
		all := r.all()
		if len(all) != 20 || len(c.Hooks()) != 0 || len(c.Mails()) != 1 {
			t.Fatalf("%d attempts, %d subscriptions, %v", len(all), len(c.Hooks()), c.Mails())
		}
		for _, h := range all {
			if h.body != all[0].body || h.header.Get("X-Recharge-Webhook-Signature") != all[0].header.Get("X-Recharge-Webhook-Signature") {
				t.Errorf("a retry has %+v", h)
			}
		}
	})
}

// TestRedelivery delivers webhooks in reverse, and a week late.
func TestRedelivery(t *testing.T) {
	t.Parallel()
	c, r := subscribed(t, 200, "customer/updated")
	c.Webhooks.Hold(true)
	for _, name := range []recharge.Text{"One", "Two"} {
		_ = c.UpdateCustomer(person, func(c *recharge.Customer) { c.FirstName = name })
	}
	held := c.Webhooks.All()
	if len(held) != 2 || len(r.all()) != 0 {
		t.Fatalf("%d held, %d delivered", len(held), len(r.all()))
	}
	slices.Reverse(held)
	held[1].At = held[1].At.AddDate(0, 0, -7)
	c.Webhooks.Deliver(t.Context(), held...)
	got := r.all()
	if len(got) != 2 || !strings.Contains(got[0].body, `"Two"`) || got[1].header.Get("X-Recharge-Webhook-Timestamp") != fmt.Sprint(held[1].At.Unix()) {
		t.Errorf("got %+v", got)
	}
}

func TestSecretAndToken(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	c.RotateSecret("new")
	r, err := c.SignedRequest(t.Context(), "https://sms.test/x", []byte("{}"))
	if err != nil || r.Header.Get("X-Recharge-Hmac-Sha256") != recharge.Sign("new", time.Now(), []byte("{}")).Get("X-Recharge-Hmac-Sha256") {
		t.Errorf("got %+v, %v", r, err)
	}
	c.SetToken("other")
	c.want("GET /store", "", 401)
}
