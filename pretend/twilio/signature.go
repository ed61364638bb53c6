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

// Sign makes the X-Twilio-Signature of a request: the base64 of the HMAC-SHA1,
// keyed by the Auth Token, of the whole address followed by the names and
// values of the form, sorted by name. Of an address with a query and no form,
// pass a nil form. A fragment is not part of it.
// (twilio.com/docs/usage/webhooks/webhooks-security)
func Sign(token, address string, form url.Values) string { return sign(sha1.New, token, address, form) }

// A SharedKey signs requests in place of the Auth Token, as a webhook rule says
// (twilio.com/docs/usage/webhooks/webhook-shared-keys).
type SharedKey struct {
	ID        string // "webhooks_sharedkey_…"
	Secret    string
	Algorithm string // "HMAC_SHA256", also when empty, or "HMAC_SHA1"
}

// Sign makes the X-Twilio-Signature of a request as the function Sign does, and
// the X-Twilio-Webhooks-Signature-Settings that go with it.
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
