package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
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
func Sign(token, address string, form url.Values) string {
	address, _, _ = strings.Cut(address, "#")
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(address))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(name + form.Get(name)))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
