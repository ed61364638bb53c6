package twilio

import (
	"net/http"
	"slices"
)

// listNumbers answers GET IncomingPhoneNumbers.json?PhoneNumber=.
func (t *Twilio) listNumbers(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []*Number
	for _, n := range t.numbers {
		if want := r.URL.Query().Get("PhoneNumber"); want == "" || want == n.Phone {
			found = append(found, n)
		}
	}
	return http.StatusOK, page(r, "incoming_phone_numbers", found,
		func(n *Number) string { return n.SID }, func(n *Number) any { return t.showNumber(n) }), nil
}

func (t *Twilio) getNumber(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.numbers, func(n *Number) bool { return n.SID == file(r) })
	if i < 0 {
		return 0, nil, notFound(r)
	}
	return http.StatusOK, t.showNumber(t.numbers[i]), nil
}

func (t *Twilio) postNumber(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.numbers, func(n *Number) bool { return n.SID == file(r) })
	if i < 0 {
		return 0, nil, notFound(r)
	}
	n := t.numbers[i]
	set(r, "SmsUrl", &n.SmsURL)
	set(r, "SmsMethod", &n.SmsMethod)
	set(r, "SmsFallbackUrl", &n.SmsFallbackURL)
	set(r, "SmsFallbackMethod", &n.SmsFallbackMethod)
	set(r, "SmsApplicationSid", &n.AppSID)
	t.Bell.Ring()
	return http.StatusOK, t.showNumber(n), nil
}

// listPools answers GET /v1/Services. The newer APIs wrap their pages otherwise
// than the one of 2010 (twilio.com/docs/usage/twilios-response#pagination).
func (t *Twilio) listPools(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	plain := page(r, "services", t.pools,
		func(p *Pool) string { return p.SID }, func(p *Pool) any { return t.showPool(p) })
	whole := func(address any) any {
		if path, ok := address.(string); ok {
			return t.url + path
		}
		return nil
	}
	return http.StatusOK, map[string]any{"services": plain["services"], "meta": map[string]any{
		"key": "services", "page": plain["page"], "page_size": plain["page_size"],
		"url": t.url + r.URL.RequestURI(), "first_page_url": whole(plain["first_page_uri"]),
		"next_page_url": whole(plain["next_page_uri"]), "previous_page_url": whole(plain["previous_page_uri"]),
	}}, nil
}

// getPoolNumber answers GET /v1/Services/{MG}/PhoneNumbers/{PN}: whether a
// number sits in a service.
func (t *Twilio) getPoolNumber(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.numbers, func(n *Number) bool {
		return n.SID == file(r) && n.Pool == r.PathValue("pool")
	})
	if i < 0 {
		return 0, nil, notFound(r)
	}
	n := t.numbers[i]
	return http.StatusOK, map[string]any{
		"sid": n.SID, "account_sid": t.account.SID, "service_sid": n.Pool, "phone_number": n.Phone,
		"country_code": "US", "capabilities": []string{"SMS", "MMS", "Voice"},
	}, nil
}

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
	set(r, "InboundRequestUrl", &p.InboundURL)
	set(r, "FallbackUrl", &p.FallbackURL)
	set(r, "StatusCallback", &p.StatusCallback)
	if r.PostForm.Has("UseInboundWebhookOnNumber") {
		p.UseNumber = r.PostForm.Get("UseInboundWebhookOnNumber") == "true"
	}
	t.Bell.Ring()
	return http.StatusOK, t.showPool(p), nil
}

// set takes over a field that the form has, even when it is empty.
func set(r *http.Request, name string, field *string) {
	if r.PostForm.Has(name) {
		*field = r.PostForm.Get(name)
	}
}

func (t *Twilio) showNumber(n *Number) map[string]any {
	return map[string]any{
		"sid": n.SID, "account_sid": t.account.SID, "phone_number": n.Phone, "friendly_name": n.Phone,
		"capabilities": map[string]bool{"sms": !n.Mute, "mms": !n.Mute, "voice": true, "fax": false},
		"sms_url":      n.SmsURL, "sms_method": orPost(n.SmsMethod),
		"sms_fallback_url": n.SmsFallbackURL, "sms_fallback_method": orPost(n.SmsFallbackMethod),
		"sms_application_sid": n.AppSID, "status_callback": "", "status": "in-use", "api_version": "2010-04-01",
		"uri": "/2010-04-01/Accounts/" + t.account.SID + "/IncomingPhoneNumbers/" + n.SID + ".json",
	}
}

func (t *Twilio) showPool(p *Pool) map[string]any {
	return map[string]any{
		"sid": p.SID, "account_sid": t.account.SID, "friendly_name": "Pretend service",
		"inbound_request_url": orNull(p.InboundURL), "inbound_method": http.MethodPost,
		"fallback_url": orNull(p.FallbackURL), "fallback_method": http.MethodPost, "status_callback": orNull(p.StatusCallback),
		"use_inbound_webhook_on_number": p.UseNumber,
	}
}

func orPost(method string) string {
	if method == "" {
		return http.MethodPost
	}
	return method
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
