package twilio

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sidetext/chat"
	"sidetext/sms"
)

// The headers of a signed request.
const (
	Signature         = "X-Twilio-Signature"
	SignatureSettings = "X-Twilio-Webhooks-Signature-Settings" // only of a request signed with a shared key
)

// Keys are the keys that may sign requests about a number. An empty key is never
// accepted.
type Keys struct {
	Tokens []chat.Secret // the account's auth tokens: several while they are rotated
	Shared []chat.Secret // the secrets of shared keys
}

// Refusals of a request signed with a shared key.
var (
	ErrNoSharedKey = &chat.Error{Kind: chat.KindForbidden, Code: "no_shared_key",
		Text: "Twilio signed the request with a shared key, and the number has no signing key here."}
	ErrWrongSharedKey = &chat.Error{Kind: chat.KindForbidden, Code: "wrong_shared_key",
		Text: "The request's signature does not match the number's signing key. Either the key or the public address is not the one that Twilio has."}
	ErrAlgorithm = &chat.Error{Kind: chat.KindForbidden, Code: "signature_algorithm",
		Text: "Twilio signed the request with a shared key and an algorithm that is not known here."}
)

// Verify reports whether Twilio signed the request with one of the keys. The error
// is sms.ErrUnsigned, sms.ErrForged or, of a request with SignatureSettings,
// ErrNoSharedKey, ErrWrongSharedKey or ErrAlgorithm.
//
// The signature covers the URL and every parameter, but no time: the caller must ignore
// a message id that it has seen. The caller also compares account and number with the
// line's. (Rules: twilio.com/docs/usage/webhooks/webhooks-security; for the port and
// repeated names: twilio-node.)
//
// A request with SignatureSettings is signed with a shared key in place of the auth
// token, so only Shared is tried, and only with the algorithm that the header names;
// what is signed stays the same (twilio.com/docs/usage/webhooks/webhook-shared-keys,
// twilio-node 6.3). A header without an algorithm is refused, and so are algorithms other
// than HMAC_SHA1 and HMAC_SHA256. The key in the header is only a name, and is ignored.
func Verify(w sms.Webhook, keys Keys) error {
	signature := []byte(w.Header(Signature))
	if len(signature) == 0 {
		return sms.ErrUnsigned
	}
	secrets, newHash, forged := keys.Tokens, sha1.New, error(sms.ErrForged)
	if settings := w.Header(SignatureSettings); settings != "" {
		secrets, newHash, forged = keys.Shared, algorithms[algorithm(settings)], ErrWrongSharedKey
		switch {
		case newHash == nil:
			return ErrAlgorithm
		case !slices.ContainsFunc(secrets, func(s chat.Secret) bool { return s != "" }):
			return ErrNoSharedKey
		}
	}
	address, _, _ := strings.Cut(w.URL, "#") // Twilio does not sign the fragment
	params := ""
	if sum, isHashed := bodyHash(address); isHashed {
		got := sha256.Sum256(w.Body)
		if !hmac.Equal([]byte(hex.EncodeToString(got[:])), []byte(strings.ToLower(sum))) {
			return forged
		}
	} else if w.Method != http.MethodGet {
		params = signedParams(parseFields(w.Body))
	}
	match := false
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		for _, u := range portVariants(address) {
			// All are tried, so that the time does not reveal which one matched.
			match = hmac.Equal(signature, sign(newHash, secret, u+params)) || match
		}
	}
	if !match {
		return forged
	}
	return nil
}

// algorithms are those of shared keys, by their names in SignatureSettings.
var algorithms = map[string]func() hash.Hash{"HMAC_SHA1": sha1.New, "HMAC_SHA256": sha256.New}

// algorithm returns the algorithm in SignatureSettings ("key=…,algorithm=HMAC_SHA256") in
// upper case, or "". As in twilio-node, the first one counts.
func algorithm(settings string) string {
	for part := range strings.SplitSeq(settings, ",") {
		name, value, _ := strings.Cut(part, "=")
		value = strings.TrimSpace(value)
		if strings.TrimSpace(name) == "algorithm" && value != "" {
			return strings.ToUpper(value)
		}
	}
	return ""
}

func sign(newHash func() hash.Hash, key chat.Secret, text string) []byte {
	mac := hmac.New(newHash, []byte(key))
	mac.Write([]byte(text))
	return []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// bodyHash returns the hash of the body that the URL has if the body is not a form.
func bodyHash(address string) (sum string, ok bool) {
	_, query, _ := strings.Cut(address, "?")
	values, _ := url.ParseQuery(query) // an error leaves what could be parsed
	return values.Get("bodySHA256"), values.Has("bodySHA256")
}

// signedParams returns the parameters as they are signed: sorted by name in byte order,
// each name followed by its value. Of a repeated name, which no SMS webhook has, each
// distinct value is signed once, in order, as in twilio-node.
func signedParams(all []field) string {
	slices.SortFunc(all, func(a, b field) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	var signed strings.Builder
	for _, f := range slices.Compact(all) {
		signed.WriteString(f.name + f.value)
	}
	return signed.String()
}

// portVariants returns the URL without and with its port, because Twilio may sign either.
// It does not use net/url, which may write a query in other bytes.
func portVariants(address string) []string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return []string{address}
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	host, path := rest[:end], rest[end:]
	bare := host
	if colon := strings.LastIndexByte(host, ':'); colon > strings.LastIndexAny(host, "]@") {
		bare = host[:colon]
	} else {
		port := ":443"
		if scheme == "http" {
			port = ":80"
		}
		host += port
	}
	return []string{scheme + "://" + bare + path, scheme + "://" + host + path}
}
