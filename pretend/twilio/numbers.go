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
	t.Bell.Ring()
	return http.StatusOK, t.showNumber(n), nil
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
		"capabilities": map[string]bool{"sms": true, "mms": true, "voice": true, "fax": false},
		"sms_url":      n.SmsURL, "sms_method": orPost(n.SmsMethod),
		"sms_fallback_url": n.SmsFallbackURL, "sms_fallback_method": orPost(n.SmsFallbackMethod),
		"sms_application_sid": "", "status_callback": "", "status": "in-use", "api_version": "2010-04-01",
		"uri": "/2010-04-01/Accounts/" + t.account.SID + "/IncomingPhoneNumbers/" + n.SID + ".json",
	}
}

func (t *Twilio) showPool(p *Pool) map[string]any {
	return map[string]any{
		"sid": p.SID, "account_sid": t.account.SID, "friendly_name": "Pretend service",
		"inbound_request_url": orNull(p.InboundURL), "inbound_method": http.MethodPost,
		"fallback_url": nil, "status_callback": orNull(p.StatusCallback),
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
