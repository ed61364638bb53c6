package pretend_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"sidetext/pretend"
	"sidetext/pretend/recharge"
	"sidetext/pretend/shopify"
)

type storeState struct {
	Phones []struct {
		Name  string
		Store *struct {
			Subscriptions []struct {
				Product, Unit, Status string
				Quantity, Every       int
			}
			Orders []struct {
				ID                          int64
				Name, Status, Number, Total string
				Items                       []string
			}
			Next, Failed *struct {
				ID        int64
				On, Total string
			}
		}
	}
	Webhooks []webhookState
}

type webhookState struct {
	ID, Vendor, Topic string
	Status            int
}

// startStore starts a world whose Jane has a subscription and an order, with a receiver
// of some of Shopify's webhooks.
func startStore(t *testing.T) *page {
	t.Helper()
	store := seed
	store.Shoppers = []pretend.Shopper{{Name: "Jane", Phone: jane, ShopifyID: 601, RechargeID: 90001}, {Name: "Joe", Phone: "+14155550124"}}
	store.Shopify = shopify.Account{
		Store: "acme.myshopify.com", Token: "shpat_1", Secret: "secret", Customers: []shopify.Customer{{ID: 601, FirstName: "Jane"}, {ID: 602, FirstName: "Max"}},
		Orders: []shopify.Order{
			{ID: 4501, CustomerID: 601, Items: []shopify.Item{{Title: "Coffee", Variant: "250 g", Quantity: 2, Price: "14.00"}, {Title: "Mug", Variant: "Default Title", Price: "9.00"}}},
			{ID: 4502, CustomerID: 602},
		},
	}
	store.Recharge = recharge.Account{
		Store: "acme.myshopify.com", Token: "sk_1", Rebuild: -1, RebuildTakes: -1,
		Customers: []recharge.Customer{{ID: 90001, External: "601"}}, Addresses: []recharge.Address{{ID: 1, CustomerID: 90001}},
		Subscriptions: []recharge.Subscription{{ID: 2, AddressID: 1, Product: "Coffee", Variant: "250 g", Price: "14.00", Quantity: 2, Unit: "week", Every: 4, Next: "2030-12-09"}},
	}
	w, err := pretend.New(store)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w)
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	p := &page{w, t, server.URL + "/demo/world/", server.Client()}
	t.Cleanup(func() { _ = w.Close(); server.Close(); receiver.Close() })
	for _, topic := range []string{"FULFILLMENTS_CREATE", "ORDERS_CREATE"} {
		body := fmt.Sprintf(`{"query":"mutation { webhookSubscriptionCreate(topic: %s, webhookSubscription: {uri: \"%s\"}) { userErrors { message } } }"}`, topic, receiver.URL)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.ShopifyURL()+"/acme.myshopify.com/admin/api/2026-10/graphql.json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Shopify-Access-Token", "shpat_1")
		resp, err := p.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if !strings.Contains(string(answer), `"userErrors":[]`) {
			t.Fatalf("subscribe to %s: %s", topic, answer)
		}
	}
	return p
}

func (p *page) store() (s storeState) {
	p.t.Helper()
	resp, err := p.client.Get(p.url + "state?rev=0")
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *page) untilWebhook(topic string) {
	p.t.Helper()
	err := p.Shopify.Until(p.t.Context(), func() bool {
		return slices.ContainsFunc(p.store().Webhooks, func(w webhookState) bool {
			return w.Vendor == "Shopify" && w.Topic == topic && w.Status == 200 && w.ID != ""
		})
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// TestStore: what happens to a shopper's order and charge is shown, with the webhooks.
func TestStore(t *testing.T) {
	t.Parallel()
	p := startStore(t)
	s := p.store()
	if len(s.Phones) != 2 || s.Phones[0].Store == nil || s.Phones[1].Store != nil || s.Webhooks == nil || len(s.Webhooks) != 0 {
		t.Fatalf("got %+v", s)
	}
	at := s.Phones[0].Store
	if len(at.Subscriptions) != 1 || at.Subscriptions[0].Product != "Coffee 250 g" || at.Subscriptions[0].Every != 4 || len(at.Orders) != 1 ||
		at.Orders[0].Status != "open" || at.Orders[0].Total != "37.00" || strings.Join(at.Orders[0].Items, ", ") != "2 × Coffee 250 g, Mug" ||
		at.Next == nil || at.Next.On != "2030-12-09" || at.Next.Total != "28.00" || at.Failed != nil {
		t.Fatalf("Jane has %+v", *at)
	}

	if got := p.post("ship", `{"object":4501}`); got != 200 {
		t.Errorf("ship: %d", got)
	}
	p.untilWebhook("fulfillments/create")
	if o := p.store().Phones[0].Store.Orders[0]; o.Status != "shipped" || o.Number == "" {
		t.Errorf("shipped: %+v", o)
	}
	if got := p.post("deliver", `{"object":4501}`); got != 200 {
		t.Errorf("deliver: %d", got)
	}
	if o := p.store().Phones[0].Store.Orders[0]; o.Status != "delivered" {
		t.Errorf("delivered: %+v", o)
	}

	if got := p.post("fail", fmt.Sprintf(`{"object":%d}`, at.Next.ID)); got != 200 {
		t.Errorf("fail: %d", got)
	}
	failed := p.store().Phones[0].Store.Failed
	if failed == nil || failed.ID != at.Next.ID {
		t.Fatalf("failed: %+v", failed)
	}
	if got := p.post("charge", fmt.Sprintf(`{"object":%d}`, failed.ID)); got != 200 {
		t.Errorf("charge: %d", got)
	}
	p.untilWebhook("orders/create")
	now := p.store().Phones[0].Store
	if len(now.Orders) != 2 || now.Orders[1].Status != "open" || now.Orders[1].Total != "28.00" || now.Failed != nil || now.Next == nil || now.Next.On != "2031-01-06" {
		t.Errorf("paid: %+v", *now)
	}
}

// TestStoreRefusals: acts on what is not there are refused.
func TestStoreRefusals(t *testing.T) {
	t.Parallel()
	p := startStore(t)
	for _, act := range [][2]string{
		{"ship", `{"object":1}`}, {"ship", `{}`}, {"deliver", `{"object":4501}`}, {"deliver", `{"object":1}`}, {"charge", `{"object":1}`}, {"fail", `{}`},
	} {
		if got := p.post(act[0], act[1]); got != 400 {
			t.Errorf("%s %s: %d", act[0], act[1], got)
		}
	}
}
