package recharge

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

func (r *Recharge) getToken(*request) (int, any, *failure) {
	return http.StatusOK, map[string]any{"token_information": map[string]any{
		"name": r.account.Name, "contact_email": r.account.Email, "client": map[string]any{"name": r.account.Name, "email": r.account.Email},
		"scopes": slices.Clone(r.scopes),
	}}, nil
}

func (r *Recharge) getStore(*request) (int, any, *failure) {
	return http.StatusOK, map[string]any{"store": map[string]any{
		"id": 1, "name": r.account.Name, "email": r.account.Email, "currency": r.account.Currency, "identifier": r.account.Store,
		"external_platform": "shopify", "my_shopify_domain": r.account.Store,
		"timezone":                 map[string]any{"iana_name": "America/New_York", "name": "(GMT-05:00) Eastern Time (US & Canada)"},
		"customer_portal_base_url": "https://" + r.account.Store + "/tools/recurring/portal",
		"created_at":               Naive{time.Now()}, "updated_at": Naive{time.Now()},
	}}, nil
}

// allowed are settings that forbid nothing.
const allowed = `{"settings":{"customer_portal":{
  "edit_shipping_address":1,"discount_input":true,"prevent_address_creation":false,"cancelation_type":"Basic",
  "one_click_cancellation_enabled":false,"onetime":{"enabled":true,"available_products":"all"},
  "subscription":{"cancel_subscription":true,"cancellation_minimum_order_count":0,"cancellation_reason_optional":false,
    "cancellation_enable_pause_options":true,"cancellation_email_contact":"help@example.com","reactivate_subscription":true,
    "skip_scheduled_order":true,"skip_prepaid_order":false,"edit_scheduled_date":true,"edit_order_frequency":"any",
    "change_frequency_recalculate_next_charge":true,"change_product":"all","change_variant":true,"change_quantity":true,
    "add_product":true,"zero_inventory_purchase":false}}}}`

// getSettings handles GET /shop/settings. Whether Recharge accepts the token of the
// Admin API there is not documented.
func (r *Recharge) getSettings(*request) (int, any, *failure) {
	if r.refusesShop {
		return 0, nil, &failure{http.StatusForbidden, "This endpoint needs a customer's session."}
	}
	var out map[string]any
	raw := r.account.Settings
	if raw == nil {
		raw = json.RawMessage(allowed)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return 0, nil, &failure{http.StatusInternalServerError, "The settings are not JSON."}
	}
	if settings, ok := out["settings"].(map[string]any); ok {
		settings["shop_id"], settings["shop_url"] = 1, r.account.Store
	}
	return http.StatusOK, out, nil
}

// listCountries handles GET /shop/shipping_countries. The shape of a country is not
// documented; this one has the names that addresses use.
func (r *Recharge) listCountries(*request) (int, any, *failure) {
	if r.refusesShop {
		return 0, nil, &failure{http.StatusForbidden, "This endpoint needs a customer's session."}
	}
	province := func(code, name string) any { return map[string]any{"code": code, "name": name} }
	return http.StatusOK, map[string]any{"shipping_countries": []any{
		map[string]any{"id": 1, "code": "US", "name": "United States", "provinces": []any{
			province("CA", "California"), province("OR", "Oregon"), province("TX", "Texas"), province("PR", "Puerto Rico"),
		}},
		map[string]any{"id": 2, "code": "CA", "name": "Canada", "provinces": []any{province("ON", "Ontario"), province("QC", "Quebec")}},
	}}, nil
}

// SetSettings sets the response of /shop/settings.
func (r *Recharge) SetSettings(settings json.RawMessage) {
	r.update(func() { r.account.Settings = settings })
}

// RefuseSettings says whether /shop/settings refuses the token.
func (r *Recharge) RefuseSettings(refuse bool) { r.update(func() { r.refusesShop = refuse }) }

func (r *Recharge) listStrategies(*request) (int, any, *failure) {
	out := []any{}
	for _, s := range r.account.Strategies {
		s.FlowTarget = cmp.Or(s.FlowTarget, "subscription")
		out = append(out, s)
	}
	return http.StatusOK, map[string]any{"retention_strategies": out, "next_cursor": nil, "previous_cursor": nil}, nil
}
