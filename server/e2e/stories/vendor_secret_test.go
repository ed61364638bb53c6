package stories

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
)

// TestWrongRechargeSecret: Recharge offers no way to check a client secret. If webhooks do
// not fit it, the console says so, until one does.
func TestWrongRechargeSecret(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.Log.AddSecrets("rc_mistaken")
	connectVendor(t, s, byApp)
	if state, steps := connectVendor(t, s, onboarding.RechargeAccess{Token: demo.RechargeToken, Secret: "rc_mistaken"}); state != "done" {
		t.Fatalf("%s: %s", state, steps)
	}
	const says = "a signature that does not fit the API client secret"
	merchant := s.Merchant()
	page := func() string {
		res, err := merchant.HTTP.Get(s.URL + "/connect/recharge")
		stage.Must(t, err)
		text, err := io.ReadAll(res.Body)
		stage.Must(t, errors.Join(err, res.Body.Close()))
		return string(text)
	}
	if strings.Contains(page(), says) {
		t.Error("the console complains too early")
	}
	at := "/hooks/recharge/" + connection(t, s, chat.Recharge).Endpoint + "/customer/updated"
	if got := postToRecharge(t, s, demo.RechargeSecret, at, `{"customer":{"id":1}}`); got != http.StatusUnauthorized {
		t.Errorf("got %d", got)
	}
	if text := page(); !strings.Contains(text, says) {
		t.Errorf("the console does not say it: %s", text)
	}
	connectVendor(t, s, byToken)
	if strings.Contains(page(), says) {
		t.Error("the console still complains after the right secret was entered")
	}
	postToRecharge(t, s, "rc_mistaken_again", at, `{"customer":{"id":1}}`)
	if got := postToRecharge(t, s, demo.RechargeSecret, at, `{"customer":{"id":1}}`); got != http.StatusOK {
		t.Errorf("got %d", got)
	}
	if c := connection(t, s, chat.Recharge); !c.RefusedAt.IsZero() {
		t.Error("the refusal is not cleared by a right webhook")
	}
}
