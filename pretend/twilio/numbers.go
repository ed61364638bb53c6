package twilio

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// listNumbers handles GET IncomingPhoneNumbers.json. PhoneNumber may be a part of a
// number, with "*" for any digit.
func (t *Twilio) listNumbers(r *http.Request) (int, any, *refusal) {
	query := r.URL.Query()
	pattern := regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(query.Get("PhoneNumber")), `\*`, "[0-9]"))
	if beta := query.Get("Beta"); beta != "" && beta != "true" && beta != "false" {
		return 0, nil, invalid("The value of Beta is neither true nor false")
	}
	if origin := query.Get("Origin"); origin != "" && origin != "twilio" && origin != "hosted" {
		return 0, nil, invalid("The value of Origin is neither twilio nor hosted")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []*Number
	for _, n := range t.numbers {
		if pattern.MatchString(n.Phone) && matches(query.Get("FriendlyName"), n.name()) &&
			matches(query.Get("Beta"), "false") && matches(query.Get("Origin"), "twilio") {
			found = append(found, n)
		}
	}
	return page(r, "incoming_phone_numbers", found,
		func(n *Number) string { return n.SID }, func(n *Number) any { return t.showNumber(n) })
}

func (n *Number) name() string { return cmp.Or(n.Name, n.Phone) }

func (t *Twilio) getNumber(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.numbers, func(n *Number) bool { return n.SID == sidInPath(r) })
	if i < 0 {
		return 0, nil, notFound(r)
	}
	return http.StatusOK, t.showNumber(t.numbers[i]), nil
}

func (t *Twilio) postNumber(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.numbers, func(n *Number) bool { return n.SID == sidInPath(r) })
	if i < 0 {
		return 0, nil, notFound(r)
	}
	n := t.numbers[i]
	if code := numberError(*n, r.PostForm); code != 0 {
		return 0, nil, refusalFor(code)
	}
	setField(r, "FriendlyName", &n.Name)
	setField(r, "SmsUrl", &n.SmsURL)
	setField(r, "SmsMethod", &n.SmsMethod)
	setField(r, "SmsFallbackUrl", &n.SmsFallbackURL)
	setField(r, "SmsFallbackMethod", &n.SmsFallbackMethod)
	setField(r, "SmsApplicationSid", &n.AppSID)
	setField(r, "StatusCallback", &n.StatusCallback)
	setField(r, "StatusCallbackMethod", &n.StatusCallbackMethod)
	t.Changes.Notify()
	return http.StatusOK, t.showNumber(n), nil
}

// setField copies a parameter to a field if the form has it, even an empty one.
func setField(r *http.Request, name string, field *string) {
	if r.PostForm.Has(name) {
		*field = r.PostForm.Get(name)
	}
}

func (t *Twilio) showNumber(n *Number) map[string]any {
	return map[string]any{
		"sid": n.SID, "account_sid": t.account.SID, "phone_number": n.Phone, "friendly_name": n.name(),
		"capabilities": map[string]bool{"sms": !n.NoSMS, "mms": !n.NoSMS, "voice": true, "fax": false},
		"sms_url":      n.SmsURL, "sms_method": orPost(n.SmsMethod),
		"sms_fallback_url": n.SmsFallbackURL, "sms_fallback_method": orPost(n.SmsFallbackMethod),
		"sms_application_sid": n.AppSID, "status_callback": n.StatusCallback, "status_callback_method": orPost(n.StatusCallbackMethod),
		"status": "in-use", "api_version": "2010-04-01", "origin": "twilio", "beta": false, "type": "local",
		"date_created": formatTime(t.started), "date_updated": formatTime(t.started),
		"voice_url": "", "voice_method": http.MethodPost, "voice_fallback_url": nil, "voice_fallback_method": http.MethodPost,
		"voice_application_sid": nil, "voice_caller_id_lookup": false, "voice_receive_mode": "voice", "trunk_sid": nil,
		"address_sid": nil, "address_requirements": "none", "identity_sid": nil, "bundle_sid": nil,
		"emergency_status": "Inactive", "emergency_address_sid": nil, "emergency_address_status": "unregistered",
		"uri": "/2010-04-01/Accounts/" + t.account.SID + "/IncomingPhoneNumbers/" + n.SID + ".json",
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
