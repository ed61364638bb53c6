package chat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"sidetext/chat"
)

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	const secret, phone = "0123456789abcdef", "+14155550199"
	line := chat.LineConfig{Line: chat.Line{Token: secret, Number: phone}}
	helpdesk := chat.Helpdesk{Key: secret, Secret: secret}
	shopper := chat.Shopper{Phone: phone}
	values := []any{chat.Secret(secret), chat.Phone(phone), line, &line, helpdesk, shopper, chat.Turn{Line: line.Line, Shopper: shopper},
		[]chat.Secret{secret}, map[chat.Phone]chat.Secret{phone: secret}, chat.Incoming{From: phone}, chat.Outgoing{To: phone}}
	for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d %t %5.3v") {
		for _, v := range values {
			wantNoSecret(t, verb, fmt.Sprintf(verb, v))
		}
	}
	var text, lines bytes.Buffer
	for _, log := range []*slog.Logger{slog.New(slog.NewTextHandler(&text, nil)), slog.New(slog.NewJSONHandler(&lines, nil))} {
		log.Info("connected", "token", chat.Secret(secret), "phone", chat.Phone(phone), slog.Group("g", "key", chat.Secret(secret)))
		log.Info("connected", "helpdesk", helpdesk)
	}
	wantNoSecret(t, "slog text", text.String())
	wantNoSecret(t, "slog JSON", lines.String())
	raw, err := json.Marshal(helpdesk)
	if err != nil {
		t.Fatal(err)
	}
	wantNoSecret(t, "JSON", string(raw))
}

func wantNoSecret(t *testing.T, way, printed string) {
	t.Helper()
	for _, secret := range []string{"0123456789abcdef", "4155550199", fmt.Sprintf("%x", "0123456789abcdef"), fmt.Sprintf("%x", "4155550199")} {
		if strings.Contains(strings.ToLower(printed), secret) {
			t.Errorf("%s: got %s", way, printed)
		}
	}
}

// TestSecretsCanBeUsed: the values remain accessible to code that needs them.
func TestSecretsCanBeUsed(t *testing.T) {
	t.Parallel()
	if string(chat.Secret("key")) != "key" {
		t.Error("a secret lost its value")
	}
	raw, err := json.Marshal(chat.Phone("+1415"))
	if err != nil || string(raw) != `"+1415"` {
		t.Errorf("a phone as JSON: %s %v", raw, err)
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for phone, want := range map[chat.Phone]bool{
		"+14155550199": true, "+4930123456": true, "+1234567": true, "+123456789012345": true, "+1234567890123456": false,
		"14155550199": false, "72345": false, "ACME": false, "": false, "+": false, "+1415555019x": false, "+1415 555": false, "+١٤١٥٥٥٥٠": false,
	} {
		if got := phone.Reachable(); got != want {
			t.Errorf("%q: %v", string(phone), got)
		}
	}
}
