package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Sign returns the X-Twilio-Signature of a request: base64 of the HMAC-SHA1, with the
// Auth Token as key, of the URL without its fragment, followed by the names and values
// of the form, sorted by name. For a GET pass a nil form.
// (twilio.com/docs/usage/webhooks/webhooks-security)
func Sign(token, address string, form url.Values) string { return sign(sha1.New, token, address, form) }

// A SharedKey signs requests instead of the Auth Token, by a webhook rule
// (twilio.com/docs/usage/webhooks/webhook-shared-keys).
type SharedKey struct {
	ID        string // "webhooks_sharedkey_…"
	Secret    string
	Algorithm string // "HMAC_SHA256" (the default) or "HMAC_SHA1"
}

// Sign returns the X-Twilio-Signature of a request and the corresponding
// X-Twilio-Webhooks-Signature-Settings.
func (k SharedKey) Sign(address string, form url.Values) (signature, settings string) {
	algorithm, newHash := "HMAC_SHA256", sha256.New
	if k.Algorithm != "" {
		algorithm = k.Algorithm
	}
	if algorithm == "HMAC_SHA1" {
		newHash = sha1.New
	}
	return sign(newHash, k.Secret, address, form), "key=" + k.ID + ",algorithm=" + algorithm
}

func sign(newHash func() hash.Hash, key, address string, form url.Values) string {
	address, _, _ = strings.Cut(address, "#")
	mac := hmac.New(newHash, []byte(key))
	mac.Write([]byte(address))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(name + form.Get(name)))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
