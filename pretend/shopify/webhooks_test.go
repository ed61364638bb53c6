package shopify_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/pretend/shopify"
)

func TestSign(t *testing.T) {
	t.Parallel()
	body := `{"id":450789469,"email":"bob@example.com","phone":"+15551234567"}`
	if got := shopify.Sign("shpss_test_secret", []byte(body)); got != "iN6Ckfw/UAQlKoZNiyhmxP1xloPkggNaqNwXfz2CSTc=" {
		t.Errorf("got %s", got)
	}
}

// A receiver is the network of webhooks: it keeps them and answers with a status.
type receiver struct {
	mu     sync.Mutex
	status int // 0: 200
	got    []received
}

type received struct {
	url, topic, webhook, event, hmac string
	body                             []byte
	header                           http.Header
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	h := req.Header
	r.got = append(r.got, received{req.URL.String(), h.Get("X-Shopify-Topic"), h.Get("X-Shopify-Webhook-Id"), h.Get("X-Shopify-Event-Id"), h.Get("X-Shopify-Hmac-Sha256"), body, h})
	if r.status < 0 {
		return nil, errors.New("no route to host")
	}
	w := httptest.NewRecorder()
	w.WriteHeader(max(r.status, 200))
	return w.Result(), nil
}

func (r *receiver) all() []received { r.mu.Lock(); defer r.mu.Unlock(); return slices.Clone(r.got) }

func (r *receiver) answer(status int) { r.mu.Lock(); defer r.mu.Unlock(); r.status = status }

// subscribed returns a client with subscriptions to topics.
func subscribed(t *testing.T, topics ...string) (*client, *receiver) {
	c, r := open(t, account()), &receiver{}
	c.Webhooks.SetTransport(r)
	for _, topic := range topics {
		if got := c.subscribe(topic, "https://sms.test/hooks"); !strings.Contains(got, `"userErrors":[]`) {
			t.Fatalf("%s: %s", topic, got)
		}
	}
	return c, r
}

func (c *client) subscribe(topic, uri string) string {
	return c.query(`mutation Subscribe($topic: WebhookSubscriptionTopic!, $hook: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $hook) {
    webhookSubscription { id topic uri apiVersion { handle } }
    userErrors { field message }
  }
}`, vars{"topic": topic, "hook": vars{"uri": uri, "format": "JSON"}})
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	if got := c.subscribe("ORDERS_CREATE", "https://sms.test/a"); !strings.Contains(got, `"apiVersion":{"handle":"2026-10"}`) {
		t.Errorf("created: %s", got)
	}
	if got := c.subscribe("ORDERS_CREATE", "https://sms.test/a"); !strings.Contains(got, "has already been taken") || !strings.Contains(got, `"webhookSubscription":null`) {
		t.Errorf("taken: %s", got)
	}
	if got := c.subscribe("ORDERS_CREATE", "http://sms.test/a"); !strings.Contains(got, "Address is invalid") {
		t.Errorf("without TLS: %s", got)
	}
	c.RemoveScope("read_fulfillments")
	if got := c.subscribe("FULFILLMENTS_CREATE", "https://sms.test/a"); !strings.Contains(got, "cannot create a webhook subscription") {
		t.Errorf("without the scope: %s", got)
	}
	if got := c.subscribe("CUSTOMERS_REDACT", "https://sms.test/a"); !strings.Contains(got, `"errors":[`) {
		t.Errorf("compliance topic: %s", got)
	}
	id := vars{"id": "gid://shopify/WebhookSubscription/" + strings.TrimPrefix(idOf(t, c), "gid://shopify/WebhookSubscription/")}
	got := c.query(`mutation($id: ID!) { webhookSubscriptionUpdate(id: $id, webhookSubscription: {uri: "https://sms.test/b"}) { webhookSubscription { uri } userErrors { message } } }`, id)
	if !strings.Contains(got, `"uri":"https://sms.test/b"`) {
		t.Errorf("updated: %s", got)
	}
	const remove = `mutation($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { message } } }`
	if got := c.query(remove, id); !strings.Contains(got, `"userErrors":[]`) || len(c.Subscriptions()) != 0 {
		t.Errorf("deleted: %s", got)
	}
	if got := c.query(remove, id); !strings.Contains(got, "does not exist") {
		t.Errorf("deleted again: %s", got)
	}
}

func idOf(t *testing.T, c *client) string {
	t.Helper()
	var out struct {
		Data struct {
			WebhookSubscriptions struct{ Nodes []struct{ ID, Topic string } }
		}
	}
	got := c.query(`{ webhookSubscriptions(first: 50) { nodes { id topic uri filter includeFields apiVersion { handle } updatedAt } } }`, nil)
	if err := json.Unmarshal([]byte(got), &out); err != nil || len(out.Data.WebhookSubscriptions.Nodes) != 1 {
		t.Fatal(got)
	}
	return out.Data.WebhookSubscriptions.Nodes[0].ID
}

// TestActs lists the topics of each act and a part of the first payload.
func TestActs(t *testing.T) {
	t.Parallel()
	topics := []string{"APP_SCOPES_UPDATE", "APP_UNINSTALLED", "CUSTOMERS_CREATE", "CUSTOMERS_DELETE", "CUSTOMERS_MARKETING_CONSENT_UPDATE", "CUSTOMERS_MERGE", "CUSTOMERS_PURCHASING_SUMMARY", "CUSTOMERS_UPDATE", "FULFILLMENTS_CREATE", "FULFILLMENTS_UPDATE", "FULFILLMENT_EVENTS_CREATE", "ORDERS_CANCELLED", "ORDERS_CREATE", "ORDERS_FULFILLED", "ORDERS_PAID", "ORDERS_UPDATED"}
	ship := func(c *client) int64 { id, _ := c.Fulfill(4501, "", ""); return id }
	for name, test := range map[string]struct {
		act    func(*client)
		topics string
		part   string
	}{
		"customer":     {func(c *client) { c.AddCustomer(shopify.Customer{ID: 602, Phone: "+14155550124"}) }, "customers/create", `"default_address":{}`},
		"new phone":    {func(c *client) { _ = c.UpdateCustomer(601, func(c *shopify.Customer) { c.Phone = "+14155550125" }) }, "customers/update", `"phone":"+14155550125"`},
		"merge":        {func(c *client) { c.FailMerge(601, 602) }, "customers/merge", `"status":"failed"`},
		"consent":      {func(c *client) { _ = c.SetConsent(601, shopify.Consent{State: "UNSUBSCRIBED"}) }, "customers_marketing_consent/update", `"sms_marketing_consent":{"consent_collected_from":null,"consent_updated_at":"`},
		"order":        {func(c *client) { c.PlaceOrder(shopify.Order{CustomerID: 601, Email: "a@example.com"}) }, "customers/purchasing_summary orders/create orders/paid", `"amountSpent":{"amount":"49.00","currencyCode":"USD"}`},
		"guest order":  {func(c *client) { c.PlaceOrder(shopify.Order{Phone: "+14155550126"}) }, "orders/create orders/paid", `"phone":"+14155550126"`},
		"cancellation": {func(c *client) { _ = c.CancelOrder(4501) }, "orders/cancelled orders/updated", `"financial_status":"refunded"`},
		"shipment":     {func(c *client) { ship(c) }, "fulfillments/create orders/fulfilled orders/updated", `"order_id":4501`},
		"tracking":     {func(c *client) { _ = c.SetTracking(ship(c), "UPS", "1Z") }, "fulfillments/create fulfillments/update orders/fulfilled orders/updated orders/updated", `"destination":`},
		"delivery":     {func(c *client) { _ = c.ShipmentEvent(ship(c), "delivered") }, "fulfillment_events/create fulfillments/create fulfillments/update orders/fulfilled orders/updated orders/updated", `"status":"delivered"`},
		"scope":        {func(c *client) { c.RemoveScope("read_products") }, "app/scopes_update", `"previous":["read_customers"`},
		"uninstalled":  {func(c *client) { c.Uninstall() }, "app/uninstalled", domain},
		"data request": {func(c *client) { c.SetComplianceURL("https://sms.test/hooks"); c.RequestData(601) }, "customers/data_request", `"orders_requested":[4501]`},
		"redaction":    {func(c *client) { c.SetComplianceURL("https://sms.test/hooks"); c.RedactCustomer(601) }, "customers/redact", `"orders_to_redact":[4501]`},
		"shop":         {func(c *client) { c.SetComplianceURL("https://sms.test/hooks"); c.RedactShop() }, "shop/redact", `{"shop_domain":"acme.myshopify.com","shop_id":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, r := subscribed(t, topics...)
				test.act(c)
				synctest.Wait()
				var got []string
				for _, h := range r.all() {
					got = append(got, h.topic)
					if h.hmac != shopify.Sign(secret, h.body) || h.header.Get("X-Shopify-Shop-Domain") != domain || h.webhook == "" || h.event == "" || h.header.Get("X-Shopify-Triggered-At") == "" {
						t.Errorf("%s has the headers %v", h.topic, h.header)
					}
				}
				slices.Sort(got)
				if strings.Join(got, " ") != test.topics {
					t.Fatalf("got %v, want %s", got, test.topics)
				}
				i := slices.IndexFunc(r.all(), func(h received) bool { return h.topic == got[0] })
				if body := string(r.all()[i].body); !strings.Contains(body, test.part) {
					t.Errorf("%s is not in %s", test.part, body)
				}
			})
		})
	}
}

// TestRetries: a retry has the payload and the address of the first attempt. After the
// last one the subscription is removed.
func TestRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, r := subscribed(t, "CUSTOMERS_UPDATE")
		r.answer(503)
		_ = c.UpdateCustomer(601, func(c *shopify.Customer) { c.FirstName = "First" })
		time.Sleep(time.Minute)
		c.query(`mutation($id: ID!) { webhookSubscriptionUpdate(id: $id, webhookSubscription: {uri: "https://sms.test/new"}) { userErrors { message } } }`, vars{"id": idOf(t, c)})
		time.Sleep(5 * time.Hour)
		all := r.all()
		if len(all) != 9 || len(c.Subscriptions()) != 0 {
			t.Fatalf("%d attempts, %d subscriptions", len(all), len(c.Subscriptions()))
		}
		for _, h := range all {
			if h.url != "https://sms.test/hooks" || string(h.body) != string(all[0].body) || h.webhook != all[0].webhook {
				t.Errorf("a retry has %+v", h)
			}
		}
		calls := c.Webhooks.Calls()
		if took := calls[8].Sent.Sub(calls[0].Sent); took < 3*time.Hour || took > 4*time.Hour {
			t.Errorf("the retries took %v", took)
		}
	})
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := subscribed(t, "CUSTOMERS_UPDATE")
		c.Webhooks.SetTransport(slow{})
		_ = c.UpdateCustomer(601, func(*shopify.Customer) {})
		time.Sleep(30 * time.Second)
		if calls := c.Webhooks.Calls(); len(calls) != 1 || calls[0].Took != 5*time.Second || calls[0].Problem == "" {
			t.Errorf("got %+v", calls)
		}
	})
}

type slow struct{}

func (slow) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestRedelivery delivers webhooks twice, in reverse, and at another address.
func TestRedelivery(t *testing.T) {
	t.Parallel()
	c, r := subscribed(t, "CUSTOMERS_UPDATE")
	c.Webhooks.Hold(true)
	for _, name := range []string{"One", "Two"} {
		_ = c.UpdateCustomer(601, func(c *shopify.Customer) { c.FirstName = name })
	}
	held := c.Webhooks.All()
	if len(held) != 2 || len(r.all()) != 0 {
		t.Fatalf("%d held, %d delivered", len(held), len(r.all()))
	}
	slices.Reverse(held)
	again := held[0]
	again.Address = "https://other.test/hooks"
	calls := c.Webhooks.Deliver(t.Context(), held[0], held[1], again)
	got := r.all()
	if len(calls) != 3 || !strings.Contains(string(got[0].body), `"Two"`) || got[2].url != again.Address || got[2].webhook != got[0].webhook {
		t.Errorf("got %+v", got)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, r := subscribed(t, "CUSTOMERS_UPDATE")
		c.RotateSecret("new", time.Hour)
		for range 2 {
			_ = c.UpdateCustomer(601, func(*shopify.Customer) {})
			time.Sleep(time.Hour)
		}
		got := r.all()
		if got[0].hmac != shopify.Sign(secret, got[0].body) || got[1].hmac != shopify.Sign("new", got[1].body) {
			t.Error("the signatures are not those of the former and of the new secret")
		}
		if status, _ := c.grant("grant_type=client_credentials&client_id=client&client_secret=" + secret); status != 401 {
			t.Errorf("the former secret: got %d", status)
		}
	})
}

func TestSignedRequest(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	r, err := c.SignedRequest(t.Context(), "https://sms.test/hooks", "orders/create", []byte("{}"))
	if err != nil || r.Header.Get("X-Shopify-Hmac-Sha256") != shopify.Sign(secret, []byte("{}")) || r.Header.Get("X-Shopify-Topic") != "orders/create" {
		t.Errorf("got %+v, %v", r, err)
	}
}

// TestCloseEndsRetries: Close does not wait for the retries of hours.
func TestCloseEndsRetries(t *testing.T) {
	t.Parallel()
	c, r := subscribed(t, "CUSTOMERS_UPDATE")
	r.answer(-1)
	_ = c.UpdateCustomer(601, func(*shopify.Customer) {})
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	if err := c.Until(ctx, func() bool { return len(c.Webhooks.Calls()) == 1 }); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if calls := c.Webhooks.Calls(); len(calls) != 1 || calls[0].Problem == "" {
		t.Errorf("got %+v", calls)
	}
}
