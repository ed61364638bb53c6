package twilio

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// listPools handles GET /v1/Services.
func (t *Twilio) listPools(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return newPage(t, r, "services", t.pools,
		func(p *Pool) string { return p.SID }, func(p *Pool) any { return t.showPool(p) })
}

// listPoolNumbers handles GET /v1/Services/{MG}/PhoneNumbers.
func (t *Twilio) listPoolNumbers(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pool(r.PathValue("pool")) == nil {
		return 0, nil, notFound(r)
	}
	var found []*Number
	for _, n := range t.numbers {
		if n.Pool == r.PathValue("pool") {
			found = append(found, n)
		}
	}
	return newPage(t, r, "phone_numbers", found,
		func(n *Number) string { return n.SID }, func(n *Number) any { return t.showPoolNumber(n) })
}

// getPoolNumber handles GET /v1/Services/{MG}/PhoneNumbers/{PN}.
func (t *Twilio) getPoolNumber(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.numbers, func(n *Number) bool {
		return n.SID == sidInPath(r) && n.Pool == r.PathValue("pool")
	})
	if i < 0 {
		return 0, nil, notFound(r)
	}
	return http.StatusOK, t.showPoolNumber(t.numbers[i]), nil
}

func (t *Twilio) showPoolNumber(n *Number) map[string]any {
	return map[string]any{
		"sid": n.SID, "account_sid": t.account.SID, "service_sid": n.Pool, "phone_number": n.Phone,
		"country_code": "US", "capabilities": []string{"SMS", "MMS", "Voice"},
		"date_created": formatNewTime(t.started), "date_updated": formatNewTime(t.started),
		"url": t.url + "/v1/Services/" + n.Pool + "/PhoneNumbers/" + n.SID,
	}
}

// formatNewTime formats a time as newer APIs do.
func formatNewTime(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func (t *Twilio) getPool(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.pool(r.PathValue("pool"))
	if p == nil {
		return 0, nil, notFound(r)
	}
	return http.StatusOK, t.showPool(p), nil
}

func (t *Twilio) postPool(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.pool(r.PathValue("pool"))
	if p == nil {
		return 0, nil, notFound(r)
	}
	if code := poolError(r.PostForm); code != 0 {
		return 0, nil, refusalFor(code)
	}
	for _, name := range []string{"InboundMethod", "FallbackMethod"} {
		if r.PostForm.Has(name) && r.PostForm.Get(name) != http.MethodPost {
			return 0, nil, invalid("This simulated Twilio supports only POST for a service's URLs")
		}
	}
	if use := r.PostForm.Get("UseInboundWebhookOnNumber"); use != "" && use != "true" && use != "false" {
		return 0, nil, invalid("The value of UseInboundWebhookOnNumber is neither true nor false")
	}
	setField(r, "FriendlyName", &p.Name)
	setField(r, "InboundRequestUrl", &p.InboundURL)
	setField(r, "FallbackUrl", &p.FallbackURL)
	setField(r, "StatusCallback", &p.StatusCallback)
	if r.PostForm.Has("UseInboundWebhookOnNumber") {
		p.UseNumber = r.PostForm.Get("UseInboundWebhookOnNumber") == "true"
	}
	t.Changes.Notify()
	return http.StatusOK, t.showPool(p), nil
}

func (t *Twilio) showPool(p *Pool) map[string]any {
	address := t.url + "/v1/Services/" + p.SID
	return map[string]any{
		"sid": p.SID, "account_sid": t.account.SID, "friendly_name": cmp.Or(p.Name, "Pretend service"),
		"inbound_request_url": orNull(p.InboundURL), "inbound_method": http.MethodPost,
		"fallback_url": orNull(p.FallbackURL), "fallback_method": http.MethodPost, "status_callback": orNull(p.StatusCallback),
		"use_inbound_webhook_on_number": p.UseNumber,
		"date_created":                  formatNewTime(t.started), "date_updated": formatNewTime(t.started),
		"sticky_sender": true, "mms_converter": true, "smart_encoding": false, "scan_message_content": "inherit",
		"fallback_to_long_code": true, "area_code_geomatch": true, "synchronous_validation": false,
		"validity_period": 36_000, "usecase": "undeclared", "us_app_to_person_registered": false,
		"url": address, "links": map[string]string{"phone_numbers": address + "/PhoneNumbers"},
	}
}
