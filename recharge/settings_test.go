package recharge

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const settingsBody = `{"settings":{"shop_id":1,"shop_url":"acme.myshopify.com","customer_portal":{
  "edit_shipping_address":1,"discount_input":true,"prevent_address_creation":false,
  "cancelation_type":"Basic","one_click_cancellation_enabled":false,
  "onetime":{"enabled":true,"available_products":"all"},
  "subscription":{"cancel_subscription":true,"cancellation_minimum_order_count":3,"cancellation_reason_optional":false,
    "cancellation_enable_pause_options":true,"cancellation_email_contact":"help@example.com","reactivate_subscription":true,
    "skip_scheduled_order":true,"skip_prepaid_order":false,"edit_scheduled_date":true,"edit_order_frequency":"any",
    "change_frequency_recalculate_next_charge":true,"change_product":"all","change_variant":true,"change_quantity":true,
    "add_product":true,"zero_inventory_purchase":false}}}}`

// refused returns the names of all that the settings do not allow.
func refused(s Settings) string {
	var names []string
	for p := range switches {
		if !s.Allows(p) {
			names = append(names, string(p))
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := ParseSettings([]byte(settingsBody))
	if !s.Known() || refused(s) != "skip_prepaid" || s.MinimumOrders() != 3 || s.ReasonOptional() {
		t.Errorf("got %+v, refused %q", s, refused(s))
	}
	if refused(s) == "" || Settings.Known(Settings{}) || refused(Settings{}) != "" || (Settings{}).MinimumOrders() != 0 {
		t.Error("unknown settings are not all allowed")
	}
	for from, want := range map[string]string{
		`"skip_scheduled_order":true`:    "skip skip_prepaid",
		`"edit_scheduled_date":true`:     "date skip_prepaid",
		`"change_product":"all"`:         "product skip_prepaid",
		`"change_variant":true`:          "skip_prepaid variant",
		`"change_quantity":true`:         "quantity skip_prepaid",
		`"edit_order_frequency":"any"`:   "interval skip_prepaid",
		`"edit_shipping_address":1`:      "address skip_prepaid",
		`"reactivate_subscription":true`: "reactivate skip_prepaid",
		`"enabled":true`:                 "onetime skip_prepaid",
		`"add_product":true`:             "onetime skip_prepaid",
		`"cancel_subscription":true`:     "cancel skip_prepaid",
	} {
		name, _, _ := strings.Cut(from, ":")
		for _, value := range []string{"false", "0", `"0"`, `"off"`, `"Off"`, `"none"`, "null"} {
			body := strings.Replace(settingsBody, from, name+":"+value, 1)
			if got := refused(ParseSettings([]byte(body))); got != want {
				t.Errorf("%s:%s: refused %q, want %q", name, value, got, want)
			}
		}
		for _, value := range []string{"true", "1", `"1"`, `"on"`, `""`, `"same product"`, `[]`, `{}`} {
			body := strings.Replace(settingsBody, from, name+":"+value, 1)
			if got := refused(ParseSettings([]byte(body))); got != "skip_prepaid" {
				t.Errorf("%s:%s: refused %q", name, value, got)
			}
		}
	}
	for _, body := range []string{``, `null`, `[]`, `{}`, `{"settings":{}}`, `{"settings":{"customer_portal":null}}`} {
		if ParseSettings([]byte(body)).Known() {
			t.Errorf("%q is known", body)
		}
	}
	if !ParseSettings([]byte(`{"settings":{"customer_portal":{"subscription":7}}}`)).Allows(MaySkip) {
		t.Error("a missing setting does not allow it")
	}
}

// TestSettingsAreKept: what ShopSettings returns is what ParseSettings reads, without
// the rest of the response.
func TestSettingsAreKept(t *testing.T) {
	t.Parallel()
	c := newClient(t, answer(200, settingsBody))
	kept, err := c.ShopSettings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(ParseSettings(kept)), fmt.Sprint(ParseSettings([]byte(settingsBody))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if strings.Contains(string(kept), "shop_url") {
		t.Errorf("kept %s", kept)
	}
}
