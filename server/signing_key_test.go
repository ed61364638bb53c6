package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/store"
)

// deliver has a new phone text the store once, and returns what the webhook
// answered.
func (s *stage) deliver(text string) (phone string, status int) {
	s.t.Helper()
	phone = somebody()
	s.log.private(phone[1:], text)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, calls, err := s.world.Twilio.Deliver(ctx, twilio.Inbound{From: phone, To: demoNumber, Body: text})
	must(s.t, err)
	return phone, calls[len(calls)-1].Status
}

// TestSharedKey is a merchant who makes a webhook rule with a shared key in
// Twilio, and finds out from the console what to do.
func TestSharedKey(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const secret, other = "shared-key-secret-7f3a", "another-secret-91bc"
	s.log.private(secret, other)
	line := string(s.line().ID)
	g := (&booth{server: s.server, t: t, mine: s.shop}).merchant(s.shop)
	said := func(status int, told string) {
		t.Helper()
		phone, got := s.deliver("a text signed with a shared key")
		if got != status || (len(s.heard(phone)) == 1) != (status == http.StatusOK) {
			t.Errorf("answered %d, want %d; kept %v", got, status, s.heard(phone))
		}
		code, page := g.get("/")
		g.wants(code, page, 200)
		for _, words := range refusalWords {
			if strings.Contains(page, words) != (words == told) {
				t.Errorf("the page says %q: %v", words, words != told)
			}
		}
		if strings.Contains(page, "are refused: their signature can’t be verified") != (told != "") {
			t.Errorf("the trouble is not named: %s", page)
		}
	}
	save := func(form url.Values, message string) {
		t.Helper()
		form.Set("line", line)
		status, to := g.post("/connect/number/key", form)
		g.wants(status, to, http.StatusSeeOther, "/?m="+message)
	}

	said(http.StatusOK, "")
	s.world.Twilio.SetSharedKey(twilio.SharedKey{ID: "webhooks_sharedkey_1", Secret: secret})
	said(http.StatusForbidden, refusalWords["no_shared_key"])
	if !strings.Contains(s.log.String(), "the number has no signing key") || strings.Contains(s.log.String(), "check the auth token") {
		t.Error("the log does not say what is wrong")
	}
	for _, page := range []string{"/connect/number", "/"} {
		status, page := g.get(page)
		g.wants(status, page, 200, refusalWords["no_shared_key"], "Signing key: none")
	}

	save(url.Values{"key": {other}}, "key-saved")
	said(http.StatusForbidden, refusalWords["wrong_shared_key"])
	save(url.Values{"key": {" " + secret + " "}}, "key-saved") // as it is pasted
	said(http.StatusOK, "")
	s.world.Twilio.SetSharedKey(twilio.SharedKey{ID: "webhooks_sharedkey_1", Secret: secret, Algorithm: "HMAC_SHA1"})
	said(http.StatusOK, "")
	s.world.Twilio.SetSharedKey(twilio.SharedKey{ID: "webhooks_sharedkey_1", Secret: secret, Algorithm: "HMAC_SHA3"})
	said(http.StatusForbidden, refusalWords["signature_algorithm"])
	save(url.Values{"key": {secret}}, "key-saved")
	s.world.Twilio.SetSharedKey(twilio.SharedKey{}) // the rule is gone, and the token signs again
	said(http.StatusOK, "")

	status, page := g.get("/")
	g.wants(status, page, 200, "Signing key: set")
	if strings.Contains(page, secret) {
		t.Error("the page shows the key")
	}
	save(url.Values{"remove": {"yes"}}, "key-removed")
	s.world.Twilio.SetSharedKey(twilio.SharedKey{ID: "webhooks_sharedkey_1", Secret: secret})
	said(http.StatusForbidden, refusalWords["no_shared_key"])
}

// TestSharedKeyStatus has the news of a text signed with the shared key, too.
func TestSharedKeyStatus(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const secret = "shared-key-secret-55d0"
	s.log.private(secret, s.line().Endpoint)
	key := twilio.SharedKey{ID: "webhooks_sharedkey_1", Secret: secret}
	path := "/hooks/twilio/" + s.line().Endpoint + "/status/none"
	form := url.Values{"MessageSid": {"SM" + strings.Repeat("e", 32)}, "MessageStatus": {"delivered"}, "AccountSid": {demoAccount}}
	shared := func(r *http.Request) {
		signature, settings := key.Sign(s.url+path, form)
		r.Header.Set("X-Twilio-Signature", signature)
		r.Header.Set("X-Twilio-Webhooks-Signature-Settings", settings)
	}
	if got := s.call(hook{path: path, form: form, token: demoToken, change: shared}); got.Status != http.StatusForbidden || got.Body != "" {
		t.Errorf("without a key: %+v", got)
	}
	must(t, s.server.store.SetSigningKey(t.Context(), s.shop.ID, s.line().ID, secret))
	s.server.doors.reset()
	if got := s.call(hook{path: path, form: form, token: demoToken, change: shared}); got.Status != http.StatusNoContent {
		t.Errorf("with the key: %+v", got)
	}
	if got := s.call(hook{path: path, form: form, token: secret}); got.Status != http.StatusForbidden {
		t.Errorf("the key in place of the token: %+v", got)
	}
}

func TestSaveSigningKey(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	b.furnish(b.mine, "willow", "+14155550144")
	b.furnish(b.its, "canary", "+14155550166")
	g := b.merchant(b.mine)
	line := func(shop chat.Shop) chat.Line {
		doors, err := b.store.LineConfigs(context.Background(), shop.ID)
		must(t, err)
		return doors[0].Line
	}
	const secret = "kept"
	must(t, b.store.SetSigningKey(t.Context(), b.mine.ID, line(b.mine).ID, secret))
	for typed, message := range map[string]string{
		"": "key-missing", " \t": "key-missing", "two words": "key-odd", "a\x00b": "key-odd", "schlüssel": "key-odd",
		strings.Repeat("k", maxSigningKey+1): "key-odd", "webhooks_sharedkey_01kq3v9d6n": "key-name",
	} {
		status, to := g.post("/connect/number/key", url.Values{"line": {string(line(b.mine).ID)}, "key": {typed}})
		g.wants(status, to, http.StatusSeeOther, "/?m="+message)
		if flashes[message] == nil || string(line(b.mine).SigningKey) != secret {
			t.Errorf("%q: the key is another now, or nothing is said", typed)
		}
	}
	for _, id := range []string{string(line(b.its).ID), "", "nonsense"} {
		status, page := g.post("/connect/number/key", url.Values{"line": {id}, "key": {"mine"}})
		g.wants(status, page, http.StatusNotFound)
	}
	if line(b.its).SigningKey != "" {
		t.Error("another shop's key was changed")
	}
}

// A refusal is shown for a day.
func TestOldRefusal(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	b.furnish(b.mine, "willow", "+14155550144")
	doors, err := b.store.LineConfigs(context.Background(), b.mine.ID)
	must(t, err)
	g := b.merchant(b.mine)
	for age, shown := range map[time.Duration]bool{time.Minute: true, refusalLasts - time.Minute: true, refusalLasts + time.Minute: false} {
		must(t, b.store.SaveRefusal(t.Context(), doors[0].Line, store.Refusal{Reason: "no_shared_key", At: b.now().Add(-age)}))
		status, page := g.get("/")
		g.wants(status, page, 200)
		if strings.Contains(page, refusalWords["no_shared_key"]) != shown {
			t.Errorf("after %v it is shown: %v", age, !shown)
		}
	}
}

// A verified request ends the notice of a refusal before it, and a later refusal
// brings the notice back.
func TestVerifiedRequestEndsRefusal(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	key := twilio.SharedKey{ID: "webhooks_sharedkey_1", Secret: "shared-key-secret-77aa"}
	s.log.private(key.Secret, s.line().Endpoint)
	path := "/hooks/twilio/" + s.line().Endpoint + "/status/none"
	form := url.Values{"MessageSid": {"SM" + strings.Repeat("e", 32)}, "MessageStatus": {"delivered"}, "AccountSid": {demoAccount}}
	call := func(change func(*http.Request), want int, notice bool) {
		t.Helper()
		if got := s.call(hook{path: path, form: form, token: demoToken, change: change}); got.Status != want {
			t.Errorf("got %d, want %d", got.Status, want)
		}
		found, err := s.server.store.Refusals(t.Context(), s.shop.ID)
		must(t, err)
		if got := found[s.line().ID].Reason != ""; got != notice || s.line().Refused != notice {
			t.Errorf("there is a notice: %v, want %v", got, notice)
		}
	}
	shared := func(r *http.Request) {
		signature, settings := key.Sign(s.url+path, form)
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

func TestRefusalsAreSavedSeldom(t *testing.T) {
	t.Parallel()
	var r refusals
	now := time.Now()
	for i, step := range []struct {
		reason string
		after  time.Duration
		want   bool
	}{{"a", 0, true}, {"a", time.Second, false}, {"b", 2 * time.Second, true}, {"b", 3 * time.Second, false}, {"b", 12 * time.Second, true}, {"b", time.Second, true}} {
		if got := r.due("l", step.reason, now.Add(step.after)); got != step.want {
			t.Errorf("%d: got %v", i, got)
		}
	}
	for after, want := range []bool{0: true, 1: false, 2: true, 3: false} {
		if got := r.mayClear("l", now.Add(time.Duration(after)*clearEvery/2)); got != want {
			t.Errorf("after %d half minutes it may be cleared: %v", after, got)
		}
	}
	if r.forget("l"); !r.due("l", "b", now.Add(time.Second)) {
		t.Error("after the key was changed nothing is saved")
	}
}
