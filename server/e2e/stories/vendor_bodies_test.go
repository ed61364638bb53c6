package stories

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/recharge"
	"sidetext/server/e2e/stage"
	"sidetext/shopify"
)

// oddBodies are what a vendor should never send, but for the name of the object in it.
func oddBodies(object string) []string {
	deep := strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000)
	long := strings.Repeat("9", 400)
	wrong := []string{`true`, `[]`, `[[1]]`, `{"id":{}}`, `"x"`, `-1`, `1e999`, `null`, long}
	all := []string{
		``, ` `, `null`, `[]`, `[{"id":1}]`, `"id"`, `{`, `{}`, `{"id":1} trailing`, "\xef\xbb\xbf" + `{"id":1}`, "\x1f\x8b\x08\x00gzip", `{"id":1,"id":2}`,
		deep, `{"id":` + long + `}`, `{"id":-1}`, `{"id":1e400}`, `{"id":"\u0000"}`, "{\"id\":5,\"email\":\"\xff\xfe\"}", `{"id":"gid://shopify/Order/../../1"}`,
		`{"id":1,"created_at":"9999-12-31T23:59:59Z","updated_at":"0000-00-00"}`,
	}
	for _, value := range wrong {
		inner := `{"id":1`
		for _, field := range []string{
			"order_id", "fulfillment_id", "customer", "customer_id", "address_id", "status", "phone", "email", "first_name", "updated_at", "created_at", "line_items", "shipping_address",
			"billing_address", "default_address", "addresses", "test", "total_price", "currency", "fulfillments", "tracking_numbers", "tracking_urls", "sms_marketing_consent",
			"external_customer_id", "external_order_id", "next_charge_scheduled_at", "scheduled_at", "quantity", "properties", "order_interval_frequency", "customer_locale",
			"admin_graphql_api_customer_kept_id", "admin_graphql_api_customer_deleted_id", "shop_id", "shop_domain", "data_request", "orders_to_redact", "current", "previous",
		} {
			inner += fmt.Sprintf(`,%q:%s`, field, value)
		}
		all = append(all, inner+"}", `{"`+object+`":`+inner+`}}`, `{"`+object+`":`+value+`}`)
	}
	return append(all, `{"`+object+`":`+deep+`}`)
}

// TestOddBodies: each odd body of each topic is answered with 200, is applied or set aside,
// and keeps nothing after it from being applied.
func TestOddBodies(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.ConnectVendors()
	send := func(name string, r *http.Request, err error) {
		stage.Must(t, err)
		res, err := http.DefaultClient.Do(r)
		stage.Must(t, err)
		_, err = io.Copy(io.Discard, res.Body)
		stage.Must(t, err)
		if stage.Must(t, res.Body.Close()); res.StatusCode != http.StatusOK {
			t.Errorf("%s: got %d", name, res.StatusCode)
		}
	}
	at := map[chat.Vendor]string{}
	for _, v := range chat.Vendors() {
		at[v] = s.URL + "/hooks/" + string(v) + "/" + connection(t, s, v).Endpoint
	}
	topics := shopify.PrivacyTopics()
	for _, one := range shopify.Topics {
		topics = append(topics, one.Topic)
	}
	for _, topic := range topics {
		if topic == "app/uninstalled" || topic == "shop/redact" || topic == "app/scopes_update" {
			continue // they say what they say, whatever else is in them
		}
		for i, body := range oddBodies("order") {
			r, err := s.World.Shopify.SignedRequest(t.Context(), at[chat.Shopify], topic, []byte(body))
			send(fmt.Sprint(topic, " ", i), r, err)
		}
	}
	for _, topic := range recharge.Topics {
		if topic == recharge.Uninstalled {
			continue
		}
		object, _, _ := strings.Cut(topic, "/")
		for i, body := range oddBodies(object) {
			r, err := s.World.Recharge.SignedRequest(t.Context(), at[chat.Recharge]+"/"+topic, []byte(body))
			send(fmt.Sprint(topic, " ", i), r, err)
		}
	}
	id := s.World.Shopify.OrdersOf(602)[0].ID
	_, err := s.World.Shopify.Fulfill(id, "UPS", "1Z999")
	stage.Must(t, err)
	waitUntilApplied(t, s)
	stage.Until(t, "a good one after them is applied", func() bool {
		p := s.Conversation(stage.Miguel).Shopper.Profile()
		return p.LastOrder != nil && strings.Contains(fmt.Sprintf("%+v", *p.LastOrder), "1Z999")
	})
	if _, failed, err := s.App.Store.FailedEvents(t.Context(), s.Shop.ID, 1); err != nil || failed == 0 {
		t.Errorf("%d are set aside: %v", failed, err)
	}
	for _, v := range chat.Vendors() {
		if c := connection(t, s, v); c.Status != chat.ConnectionActive {
			t.Errorf("%s is %s", v, c.Status)
		}
	}
}
