package hooks_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sidetext/pretend/twilio"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
)

// TestSharedKey: a merchant makes a webhook rule with a shared key in Twilio,
// and the console says what to do.
func TestSharedKey(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	const secret, other = "shared-key-secret-7f3a", "another-secret-91bc"
	s.Log.AddSecrets(secret, other)
	line := string(s.Line().ID)
	g := (&stage.Offline{App: s.App, T: t, Mine: s.Shop}).Merchant(s.Shop)
	checkResponse := func(status int, refusal string) {
		t.Helper()
		phone, got := s.Deliver("a text signed with a shared key")
		if got != status || (len(s.TextsFrom(phone)) == 1) != (status == http.StatusOK) {
			t.Errorf("answered %d, want %d; stored %v", got, status, s.TextsFrom(phone))
		}
		code, page := g.Get("/")
		g.Expect(code, page, 200)
		for _, words := range stage.RefusalWords {
			if strings.Contains(page, words) != (words == refusal) {
				t.Errorf("the page says %q: %v", words, words != refusal)
			}
		}
		if strings.Contains(page, "are refused: their signature can’t be verified") != (refusal != "") {
			t.Errorf("the trouble is not named: %s", page)
		}
	}
	save := func(form url.Values, message string) {
		t.Helper()
		form.Set("line", line)
		status, to := g.Post("/connect/number/key", form)
		g.Expect(status, to, http.StatusSeeOther, "/?m="+message)
	}

	checkResponse(http.StatusOK, "")
	s.World.Twilio.SetSharedKey(twilio.SharedKey{ID: "webhooks_sharedkey_1", Secret: secret})
	checkResponse(http.StatusForbidden, stage.RefusalWords["no_shared_key"])
	if !strings.Contains(s.Log.String(), "the number has no signing key") || strings.Contains(s.Log.String(), "check the auth token") {
		t.Error("the log does not say what is wrong")
	}
	for _, page := range []string{"/connect/number", "/"} {
		status, page := g.Get(page)
		g.Expect(status, page, 200, stage.RefusalWords["no_shared_key"], "Signing key: none")
	}

	save(url.Values{"key": {other}}, "key-saved")
	checkResponse(http.StatusForbidden, stage.RefusalWords["wrong_shared_key"])
	save(url.Values{"key": {" " + secret + " "}}, "key-saved") // as it is pasted
	checkResponse(http.StatusOK, "")
	s.World.Twilio.SetSharedKey(twilio.SharedKey{ID: "webhooks_sharedkey_1", Secret: secret, Algorithm: "HMAC_SHA1"})
	checkResponse(http.StatusOK, "")
	s.World.Twilio.SetSharedKey(twilio.SharedKey{ID: "webhooks_sharedkey_1", Secret: secret, Algorithm: "HMAC_SHA3"})
	checkResponse(http.StatusForbidden, stage.RefusalWords["signature_algorithm"])
	save(url.Values{"key": {secret}}, "key-saved")
	s.World.Twilio.SetSharedKey(twilio.SharedKey{}) // the rule is gone, and the token signs again
	checkResponse(http.StatusOK, "")

	status, page := g.Get("/")
	g.Expect(status, page, 200, "Signing key: set")
	if strings.Contains(page, secret) {
		t.Error("the page shows the key")
	}
	save(url.Values{"remove": {"yes"}}, "key-removed")
	s.World.Twilio.SetSharedKey(twilio.SharedKey{ID: "webhooks_sharedkey_1", Secret: secret})
	checkResponse(http.StatusForbidden, stage.RefusalWords["no_shared_key"])
}

// TestSharedKeyStatus: status reports are signed with the shared key, too.
func TestSharedKeyStatus(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	const secret = "shared-key-secret-55d0"
	s.Log.AddSecrets(secret, s.Line().Endpoint)
	key := twilio.SharedKey{ID: "webhooks_sharedkey_1", Secret: secret}
	path := "/hooks/twilio/" + s.Line().Endpoint + "/status/none"
	form := url.Values{"MessageSid": {"SM" + strings.Repeat("e", 32)}, "MessageStatus": {"delivered"}, "AccountSid": {demo.TwilioAccount}}
	shared := func(r *http.Request) {
		signature, settings := key.Sign(s.URL+path, form)
		r.Header.Set("X-Twilio-Signature", signature)
		r.Header.Set("X-Twilio-Webhooks-Signature-Settings", settings)
	}
	if got := s.Call(stage.TwilioRequest{Path: path, Form: form, Token: demo.TwilioToken, Change: shared}); got.Status != http.StatusForbidden || got.Body != "" {
		t.Errorf("without a key: %+v", got)
	}
	stage.Must(t, s.App.Store.SetSigningKey(t.Context(), s.Shop.ID, s.Line().ID, secret))
	s.App.Hooks.Lines.Reset()
	if got := s.Call(stage.TwilioRequest{Path: path, Form: form, Token: demo.TwilioToken, Change: shared}); got.Status != http.StatusNoContent {
		t.Errorf("with the key: %+v", got)
	}
	if got := s.Call(stage.TwilioRequest{Path: path, Form: form, Token: secret}); got.Status != http.StatusForbidden {
		t.Errorf("the key in place of the token: %+v", got)
	}
}

// A verified request ends the notice of a refusal before it, and a later refusal
// brings the notice back.
func TestVerifiedRequestEndsRefusal(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	key := twilio.SharedKey{ID: "webhooks_sharedkey_1", Secret: "shared-key-secret-77aa"}
	s.Log.AddSecrets(key.Secret, s.Line().Endpoint)
	path := "/hooks/twilio/" + s.Line().Endpoint + "/status/none"
	form := url.Values{"MessageSid": {"SM" + strings.Repeat("e", 32)}, "MessageStatus": {"delivered"}, "AccountSid": {demo.TwilioAccount}}
	call := func(change func(*http.Request), want int, notice bool) {
		t.Helper()
		if got := s.Call(stage.TwilioRequest{Path: path, Form: form, Token: demo.TwilioToken, Change: change}); got.Status != want {
			t.Errorf("got %d, want %d", got.Status, want)
		}
		found, err := s.App.Store.Refusals(t.Context(), s.Shop.ID)
		stage.Must(t, err)
		if got := found[s.Line().ID].Reason != ""; got != notice || s.Line().SigningKeyRefused != notice {
			t.Errorf("there is a notice: %v, want %v", got, notice)
		}
	}
	shared := func(r *http.Request) {
		signature, settings := key.Sign(s.URL+path, form)
		r.Header.Set("X-Twilio-Signature", signature)
		r.Header.Set("X-Twilio-Webhooks-Signature-Settings", settings)
	}
	forged := func(r *http.Request) { r.Header.Set("X-Twilio-Signature", "forged") }
	call(nil, http.StatusNoContent, false)
	call(shared, http.StatusForbidden, true)
	call(forged, http.StatusForbidden, true)
	call(nil, http.StatusNoContent, false)
	call(shared, http.StatusForbidden, true)
	call(nil, http.StatusNoContent, true) // cleared within the last minute
}
