package shopify_test

import (
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/shopify"
)

// The vector was made with the secret by an independent implementation.
const (
	hookSecret    = "shpss_test_secret"
	hookBody      = `{"id":450789469,"email":"bob@example.com","phone":"+15551234567"}`
	hookSignature = "iN6Ckfw/UAQlKoZNiyhmxP1xloPkggNaqNwXfz2CSTc="
)

func TestVerify(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		secrets   []chat.Secret
		signature string
		body      string
		want      bool
	}{
		"the secret":          {[]chat.Secret{hookSecret}, hookSignature, hookBody, true},
		"the former secret":   {[]chat.Secret{"shpss_new", hookSecret}, hookSignature, hookBody, true},
		"the first of two":    {[]chat.Secret{hookSecret, "shpss_old"}, hookSignature, hookBody, true},
		"another secret":      {[]chat.Secret{"shpss_other"}, hookSignature, hookBody, false},
		"no secrets":          {nil, hookSignature, hookBody, false},
		"no signature":        {[]chat.Secret{hookSecret}, "", hookBody, false},
		"another body":        {[]chat.Secret{hookSecret}, hookSignature, hookBody + " ", false},
		"no body":             {[]chat.Secret{hookSecret}, hookSignature, "", false},
		"not base64":          {[]chat.Secret{hookSecret}, strings.Repeat("!", 44), hookBody, false},
		"in hexadecimal":      {[]chat.Secret{hookSecret}, strings.Repeat("ab", 32), hookBody, false},
		"without padding":     {[]chat.Secret{hookSecret}, strings.TrimSuffix(hookSignature, "="), hookBody, false},
		"with a line break":   {[]chat.Secret{hookSecret}, hookSignature + "\n", hookBody, false},
		"broken into lines":   {[]chat.Secret{hookSecret}, hookSignature[:20] + "\r\n" + hookSignature[20:], hookBody, false},
		"with unused bits":    {[]chat.Secret{hookSecret}, strings.TrimSuffix(hookSignature, "c=") + "d=", hookBody, false},
		"cut":                 {[]chat.Secret{hookSecret}, hookSignature[:40], hookBody, false},
		"of the empty secret": {[]chat.Secret{""}, "thNnmggU2ex3L5XXeMNfxf8Wl8STcVZTxscSFEKSxa0=", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := shopify.Verify(test.secrets, test.signature, []byte(test.body)); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestVerifyChecksEveryByte(t *testing.T) {
	t.Parallel()
	secrets := []chat.Secret{hookSecret}
	for i := range hookBody {
		changed := []byte(hookBody)
		changed[i] ^= 1
		if shopify.Verify(secrets, hookSignature, changed) {
			t.Errorf("byte %d of the body may be changed", i)
		}
	}
	for i := range hookSignature {
		for _, bit := range []byte{1, 2, 4, 32} {
			changed := []byte(hookSignature)
			changed[i] ^= bit
			if shopify.Verify(secrets, string(changed), []byte(hookBody)) {
				t.Errorf("byte %d of the signature may be changed", i)
			}
		}
	}
	for i := range hookSecret {
		changed := []byte(hookSecret)
		changed[i] ^= 1
		if shopify.Verify([]chat.Secret{chat.Secret(changed)}, hookSignature, []byte(hookBody)) {
			t.Errorf("byte %d of the secret may be changed", i)
		}
	}
}
