package widget_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/widget"
)

func TestCheckErrors(t *testing.T) {
	t.Parallel()
	reply := func(status int, body string, pairs ...string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			for i := 0; i < len(pairs); i += 2 {
				w.Header().Set(pairs[i], pairs[i+1])
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	for name, test := range map[string]struct {
		change     func(*fakeHelpdesk)
		step, code string
		text       string
	}{
		"unknown account": {func(d *fakeHelpdesk) { d.fail["GET /account"] = reply(404, "<html>") }, "account", "no_account", "no helpdesk at acme.gorgias.com"},
		"switched off": {func(d *fakeHelpdesk) {
			d.fail["GET /account"] = reply(200, `{"domain":"acme","deactivated_datetime":"2026-01-01T00:00:00"}`)
		}, "account", "deactivated", "switched off"},
		"wrong key":    {func(d *fakeHelpdesk) { d.fail["GET /account"] = reply(401, `{"error":{"msg":"Unauthorized."}}`) }, "key", "bad_key", "refused the key"},
		"other's key":  {func(d *fakeHelpdesk) { d.email = "bob@acme.com" }, "key", "wrong_email", "doesn't belong to this key"},
		"no admin":     {func(d *fakeHelpdesk) { d.role = "lite-agent" }, "role", "not_admin", "Ann is not an admin"},
		"may not":      {func(d *fakeHelpdesk) { d.fail["GET /users"] = reply(403, `{"error":{"msg":"no"}}`) }, "agents", "forbidden", "isn't allowed"},
		"too many":     {func(d *fakeHelpdesk) { d.fail["GET /users/0"] = reply(429, ``, "Retry-After", "7") }, "key", "busy", "in 7 seconds"},
		"trouble":      {func(d *fakeHelpdesk) { d.fail["GET /account"] = reply(502, ``) }, "account", "helpdesk_trouble", "has problems"},
		"moved":        {func(d *fakeHelpdesk) { d.fail["GET /account"] = reply(302, ``) }, "account", "moved", "has moved"},
		"network down": {func(d *fakeHelpdesk) { d.url = "http://127.0.0.1:1" }, "account", "unreachable", "can't reach acme.gorgias.com"},
		"odd":          {func(d *fakeHelpdesk) { d.fail["GET /account"] = reply(418, ``) }, "account", "refused", "(418)"},
		"plan is empty": {func(d *fakeHelpdesk) {
			d.fail["GET /users"] = reply(403, `{"error":{"msg":"Messaging quota exceeded."}}`)
		}, "agents", "quota", "plan is used up"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newFakeHelpdesk(t)
			d.update(func() { test.change(d) })
			var last widget.Step
			_, err := widget.Check(t.Context(), d.client(t), func(s widget.Step) { last = s })
			var plain *chat.Error
			if !errors.As(err, &plain) || plain.Code != test.code || !strings.Contains(plain.Text, test.text) {
				t.Errorf("got %#v (%v)", plain, err)
			}
			if last.ID != test.step || last.State != widget.Failed || plain != nil && last.Detail != plain.Text {
				t.Errorf("failed at %+v", last)
			}
			if got := d.written(); len(got) > 0 {
				t.Errorf("Check changed %q", got)
			}
		})
	}
	d := newFakeHelpdesk(t)
	if found, err := widget.Check(t.Context(), d.client(t), nil); err != nil || found.Me.ID != 3 || len(d.written()) > 0 {
		t.Errorf("got %+v, %v", found, err)
	}
}

// TestAdviceForOwnUser: a key of a user named Sidetext needs no advice.
func TestAdviceForOwnUser(t *testing.T) {
	t.Parallel()
	for name, advised := range map[string]bool{"Sidetext": false, "sidetext bot": false, "Ann": true, "SMS": true} {
		d := newFakeHelpdesk(t)
		d.name = name
		var key widget.Step
		_, err := widget.Check(t.Context(), d.client(t), func(s widget.Step) {
			if s.ID == "key" {
				key = s
			}
		})
		if err != nil || (key.State == widget.Warned) != advised || strings.Contains(key.Detail, "named Sidetext") != advised || !strings.Contains(key.Detail, name) {
			t.Errorf("%s: %+v, %v", name, key, err)
		}
	}
}
